//! What the losses of the epochs say.

use super::evidence::Evidence;
use crate::network::{LayerSpec, Role};
use crate::training::{Finding, Symptom};
use crate::value::number::float;

/// Fewest epochs whose course can be told.
const FEWEST: usize = 3;
/// A loss that rises by more than this share of what it falls in all jumps about.
const LARGEST_RISE: f64 = 0.5;
/// A validation loss this much above its best is that of samples learned by heart, if it is also by this share
/// of the loss of guessing.
const LARGEST_EXCESS: [f64; 2] = [1.25, 0.1];
/// A loss that falls by at least this share of its whole fall in the second half is still falling.
const STILL_FALLING: f64 = 0.3;
/// Weights that change by less than this share of themselves at a step hardly move.
const SLOW: f64 = 3e-4;

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

/// The loss of guessing, or else the loss of the first epoch.
fn scale(evidence: &Evidence<'_>, curve: &[f64]) -> f64 {
    let chance = evidence.training.as_ref().and_then(|skill| skill.chance);
    chance.or_else(|| curve.first().copied()).unwrap_or(f64::NAN)
}

/// The loss jumps up and down, rises, or is above that of guessing.
pub(super) fn high_learning_rate(evidence: &Evidence<'_>) -> Option<Finding> {
    let curve = evidence.curve("train_loss");
    let (&first, &last) = (curve.first()?, curve.last()?);
    let fall = first - least(&curve);
    let rises: f64 = curve.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).sum();
    let jumps = curve.len() > FEWEST
        && rises > LARGEST_RISE * fall.max(f64::MIN_POSITIVE)
        && rises > 0.05 * first.abs();
    let chance = evidence.training.as_ref().and_then(|skill| skill.chance);
    let worse = chance.filter(|chance| last > 1.1 * chance);
    let seen = match worse {
        Some(chance) => {
            format!("the training loss, {last:.4}, is above that of guessing, {chance:.4}")
        }
        None if jumps => format!(
            "the training loss jumps: from {first:.4} it fell by {fall:.4}, and rose by {rises:.4} in between"
        ),
        None => return None,
    };
    let clipping = "training.gradient_clipping = { kind = \"norm\", limit = 1.0 }".to_owned();
    let remedies = [evidence.rate(0.1), clipping];
    Some(Evidence::finding(Symptom::HighLearningRate, last, seen, remedies))
}

/// The loss is far higher with dropout than without.
pub(super) fn strong_dropout(evidence: &Evidence<'_>) -> Option<Finding> {
    let skill = evidence.training.as_ref()?;
    let last = evidence.last("train_loss")?;
    let dropout: Vec<&str> = evidence
        .network()
        .layers()
        .iter()
        .filter(|layer| layer.description().starts_with("dropout"))
        .map(LayerSpec::name)
        .collect();
    let excess = last - skill.loss;
    let large = excess > 0.1 * scale(evidence, &evidence.curve("train_loss"));
    if dropout.is_empty() || !large || skill.gain > 0.9 {
        return None;
    }
    let seen = format!(
        "dropout hides most of what there is to learn: loss {last:.4} with it, {:.4} without ({})",
        skill.loss,
        dropout.join(", ")
    );
    let remedies = ["a smaller rate of dropout".to_owned(), "more units".to_owned()];
    Some(Evidence::finding(Symptom::StrongDropout, excess, seen, remedies))
}

/// The loss is far higher by running statistics than by those of batches.
pub(super) fn lagging_statistics(evidence: &Evidence<'_>) -> Option<Finding> {
    let skill = evidence.training.as_ref()?;
    let last = evidence.last("train_loss")?;
    let normalizes = evidence.network().layers().iter().any(LayerSpec::is_batch_normalization);
    let excess = skill.loss - last;
    if !normalizes || excess < 0.25 * scale(evidence, &evidence.curve("train_loss")) {
        return None;
    }
    let seen = format!(
        "training samples have loss {:.4} by the running statistics of batch normalization, but {last:.4} by \
         those of batches: after {} steps the former lag behind, or batches are too small",
        skill.loss,
        evidence.steps()
    );
    let remedies = ["more training.epochs".to_owned(), "a larger training.batch_size".to_owned()];
    Some(Evidence::finding(Symptom::LaggingStatistics, excess, seen, remedies))
}

/// The validation loss rises while that of training falls.
pub(super) fn overfitting(evidence: &Evidence<'_>) -> Option<Finding> {
    let (train, validation) = (evidence.curve("train_loss"), evidence.curve("validation_loss"));
    let (&train_last, &last) = (train.last()?, validation.last()?);
    let best = least(&validation);
    let [factor, share] = LARGEST_EXCESS;
    let rises = validation.len() >= FEWEST
        && last > factor * best
        && last - best > share * scale(evidence, &train);
    let gap = match (&evidence.training, &evidence.validation) {
        (Some(known), Some(new)) => known.gain - new.gain - new.doubt > 0.25,
        _ => false,
    };
    if !(rises || gap) || train_last > last {
        return None;
    }
    let epoch = validation.iter().position(|&loss| loss <= best).map_or(0, |index| index + 1);
    let seen = format!(
        "training samples are learned by heart: their loss is {train_last:.4}, that of validation {last:.4} \
         (best {best:.4} in epoch {epoch})"
    );
    let remedies = [
        evidence.config().data.images().map_or("more data", |images| match images.augmentation {
            None => "changed pictures ([data.augmentation])",
            Some(_) => "more data",
        }),
        "dropout",
        "penalty.l2 = 0.001",
        "training.early_stopping = { patience = 3 }",
    ];
    let remedies = remedies.map(str::to_owned).into_iter().filter(|remedy| {
        let layers = evidence.network().layers();
        let drops = layers.iter().any(|layer| layer.description().starts_with("dropout"));
        match remedy.as_str() {
            "dropout" => !drops,
            remedy if remedy.starts_with("penalty") => evidence.config().penalty.is_none(),
            remedy if remedy.contains("early") => {
                evidence.config().training.early_stopping.is_none()
            }
            _ => true,
        }
    });
    Some(Evidence::finding(Symptom::Overfitting, last / best, seen, remedies))
}

/// How far the loss falls in the second half of the epochs, as a share of its whole fall.
fn late_fall(curve: &[f64]) -> Option<f64> {
    if curve.len() < FEWEST {
        return None;
    }
    let (first, middle, last) = (curve.first()?, curve.get(curve.len() / 2)?, curve.last()?);
    (first > last).then(|| (middle - last) / (first - last))
}

/// The loss still falls, by steps that are too small.
pub(super) fn low_learning_rate(evidence: &Evidence<'_>) -> Option<Finding> {
    let falling = late_fall(&evidence.curve("train_loss"))?;
    let step = typical_step(evidence)?;
    if falling < STILL_FALLING || step > SLOW || evidence.has_learned() {
        return None;
    }
    let seen = format!(
        "the training loss falls evenly and slowly; a step changes weights by about {step:.1e} of their size, \
         where 1e-3 is usual"
    );
    let remedies = [evidence.rate(10.0)];
    Some(Evidence::finding(Symptom::LowLearningRate, step, seen, remedies))
}

/// By what share of their size the weights of layers change at a step, at the full learning rate.
fn typical_step(evidence: &Evidence<'_>) -> Option<f64> {
    let look = evidence.look.as_ref()?;
    let training = &evidence.config().training;
    let layers = evidence.network().layers().iter();
    let steps = layers.filter(|layer| matches!(layer.behavior().role, Role::Weights { .. }));
    let mut steps: Vec<f64> = steps
        .filter_map(|layer| {
            let figure = |name: &str| look.figures.get(&format!("{name}.{}", layer.name()));
            let (gradient, weights) = (figure("gradient_norm")?, figure("weight_norm")?);
            // Optimizers that divide by the size of gradients move each weight by about the rate.
            let moved = if training.optimizer.follows_size() {
                *gradient
            } else {
                float(layer.parameters()).sqrt()
            };
            Some(training.learning_rate * moved / weights)
        })
        .collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied()
}

/// The loss still falls at the end.
pub(super) fn few_epochs(evidence: &Evidence<'_>) -> Option<Finding> {
    let curve = evidence.curve("train_loss");
    let falling = late_fall(&curve).unwrap_or(1.0);
    let short = curve.len() < FEWEST && evidence.steps() < 200;
    if evidence.has_learned() || (falling < STILL_FALLING && !short) {
        return None;
    }
    let last = curve.last()?;
    let seen = format!(
        "the training ended while its loss was falling: {last:.4} after {} steps in {} epochs",
        evidence.steps(),
        curve.len()
    );
    let remedies = [format!("training.epochs = {}", 3 * evidence.config().training.epochs)];
    Some(Evidence::finding(Symptom::FewEpochs, falling, seen, remedies))
}
