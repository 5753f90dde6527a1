//! What the recipe or the inputs contradict.

use super::evidence::{Evidence, rounded};
use crate::network::Role;
use crate::recipe::Task;
use crate::training::InputRange;
use crate::training::{Finding, GradientClipping, Symptom};

/// Inputs whose mean or deviation is beyond this are unscaled; those of shipped recipes are between 0.1 and 3.
const LARGEST_INPUT: f64 = 10.0;
/// Inputs whose deviation is below this hardly differ.
const SMALLEST_INPUT: f64 = 0.01;
/// Features whose deviations differ by more than this factor need scaling.
const LARGEST_RATIO: f64 = 100.0;
/// A share of saturated values above this stands out.
const LARGEST_SATURATED: f64 = 0.5;
/// A limit below this share of the gradient's norm clips nearly all of it.
const SMALLEST_CLIPPED: f64 = 0.01;

/// All samples are the same to the network.
pub(super) fn constant_inputs(evidence: &Evidence<'_>) -> Option<Finding> {
    let ranges = &evidence.look.as_ref()?.inputs;
    let largest = ranges.iter().map(|range| range.deviation()).fold(0.0, f64::max);
    let size = ranges.iter().map(|range| range.mean().abs()).fold(0.0, f64::max);
    if ranges.is_empty() || largest > 1e-6 * size.max(f64::MIN_POSITIVE) {
        return None;
    }
    let seen = format!("all inputs have the same value, {}: the data says nothing", rounded(size));
    Some(Evidence::finding(Symptom::ConstantInputs, largest, seen, []))
}

/// Inputs are far from 0 and 1.
pub(super) fn unscaled_inputs(evidence: &Evidence<'_>) -> Option<Finding> {
    let ranges = &evidence.look.as_ref()?.inputs;
    let all = InputRange::all(ranges);
    let (mean, deviation) = (all.mean(), all.deviation());
    let deviations = ranges.iter().map(|range| range.deviation()).filter(|each| *each > 0.0);
    let (least, most) = deviations
        .fold((f64::INFINITY, 0.0_f64), |(least, most), each| (least.min(each), most.max(each)));
    let beyond = deviation > LARGEST_INPUT || mean.abs() > LARGEST_INPUT;
    let uneven = most > LARGEST_RATIO * least;
    let flat = deviation > 0.0 && deviation < SMALLEST_INPUT;
    if !(beyond || flat || uneven) {
        return None;
    }
    let seen = if uneven && !beyond {
        format!(
            "features differ {} times in size, so that the smaller ones hardly count",
            rounded(most / least)
        )
    } else {
        format!(
            "inputs are not scaled: mean {}, deviation {}, where 0 and 1 are usual",
            rounded(mean),
            rounded(deviation)
        )
    };
    let remedies = match evidence.config().data.images() {
        Some(images) => vec![
            format!("data.mean = {}", rounded(images.mean + mean * images.deviation)),
            format!("data.deviation = {}", rounded(images.deviation * deviation)),
        ],
        None => vec!["data.standardise = true".to_owned()],
    };
    let remedies = if remedies.len() == 2 { vec![remedies.join(" with ")] } else { remedies };
    Some(Evidence::finding(Symptom::UnscaledInputs, deviation, seen, remedies))
}

/// Batch normalization of features in batches of one sample.
pub(super) fn batch_of_one(evidence: &Evidence<'_>) -> Option<Finding> {
    let batch = evidence.config().training.batch_size.min(evidence.samples.unwrap_or(usize::MAX));
    let layer = evidence.network().normalizes_features()?;
    if batch > 1 {
        return None;
    }
    let seen = format!(
        "`{}` normalizes batches of one sample, which leaves nothing of them",
        layer.name()
    );
    let remedies = ["training.batch_size = 32".to_owned(), "network.batch_norm = false".to_owned()];
    Some(Evidence::finding(Symptom::BatchOfOne, 1.0, seen, remedies))
}

/// The learning rate rises during all of the training.
pub(super) fn long_warm_up(evidence: &Evidence<'_>) -> Option<Finding> {
    let training = &evidence.config().training;
    let epochs = training.epochs;
    #[expect(clippy::cast_precision_loss, reason = "far fewer epochs than 2^52")]
    let long = training.warmup_epochs > 0.0 && training.warmup_epochs >= epochs as f64;
    if !long || evidence.has_learned() {
        return None;
    }
    let seen = format!(
        "the learning rate rises for {} epochs, but there are only {epochs}; it came to {}",
        training.warmup_epochs,
        rounded(evidence.last_rate())
    );
    let remedies = ["training.warmup_epochs = 1".to_owned(), "more training.epochs".to_owned()];
    Some(Evidence::finding(Symptom::LongWarmUp, training.warmup_epochs, seen, remedies))
}

/// All units of a layer are the same.
pub(super) fn equal_units(evidence: &Evidence<'_>) -> Option<Finding> {
    let layers = &evidence.look.as_ref()?.equal;
    if layers.is_empty() {
        return None;
    }
    let seen = format!(
        "all units have the same weights, so that they learn the same ({})",
        layers.join(", ")
    );
    let remedies = ["network.initializer = \"he-normal\"".to_owned()];
    let finding = Evidence::finding(Symptom::EqualUnits, 0.0, seen, remedies);
    Some(Finding { layers: layers.clone(), ..finding })
}

/// Gradients are clipped to a small part of themselves.
pub(super) fn tight_clipping(evidence: &Evidence<'_>) -> Option<Finding> {
    let norm = evidence.look.as_ref()?.gradient_norm;
    let Some(GradientClipping::Norm { limit }) = evidence.config().training.gradient_clipping
    else {
        return None;
    };
    // Optimizers that divide by the size of gradients do not notice the limit.
    let divides = !evidence.config().training.optimizer.follows_size();
    if divides || limit > SMALLEST_CLIPPED * norm || evidence.has_learned() {
        return None;
    }
    let seen = format!(
        "gradients of norm {} are clipped to {}, so that steps are tiny",
        rounded(norm),
        rounded(limit)
    );
    let remedy =
        format!("training.gradient_clipping = {{ kind = \"norm\", limit = {} }}", rounded(norm));
    Some(Evidence::finding(Symptom::TightClipping, limit / norm, seen, [remedy]))
}

/// The outputs pass an activation that cannot be negative.
pub(super) fn rectified_output(evidence: &Evidence<'_>) -> Option<Finding> {
    let last = evidence.network().last_computing_layer()?;
    let Role::Activation { rectifies: true, .. } = last.behavior().role else { return None };
    if evidence.config().task == Task::Colorization || evidence.has_learned() {
        return None;
    }
    let seen = format!("`{}` makes all outputs 0 or more", last.name());
    let remedies = ["activation = \"none\" for the last layer".to_owned()];
    let finding = Evidence::finding(Symptom::RectifiedOutput, 0.0, seen, remedies);
    Some(Finding { layers: vec![last.name().to_owned()], ..finding })
}

/// An activation is at its limits for most samples.
pub(super) fn saturated_units(evidence: &Evidence<'_>) -> Option<Finding> {
    let saturated = &evidence.look.as_ref()?.saturated;
    let beyond: Vec<&(String, f64)> =
        saturated.iter().filter(|(_, share)| *share > LARGEST_SATURATED).collect();
    let most = beyond.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    if beyond.is_empty() || evidence.has_learned() {
        return None;
    }
    let layers: Vec<String> = beyond.into_iter().map(|(name, _)| name.clone()).collect();
    let seen = format!(
        "up to {:.0} % of a layer's values are at the limits of its activation, where it has no slope ({})",
        100.0 * most,
        layers.join(", ")
    );
    let remedies = [
        evidence.rate(0.1),
        "network.batch_norm = true".to_owned(),
        "network.activation = \"relu\"".to_owned(),
    ];
    let finding = Evidence::finding(Symptom::SaturatedUnits, most, seen, remedies);
    Some(Finding { layers, ..finding })
}
