//! What a network has learned, or has not.

use super::evidence::{Evidence, rounded};
use super::skill::Skill;
use crate::network::Role;
use crate::training::{Finding, Symptom, share_of_usual_weights};
use crate::value::Shape;

/// A share of zero weights above this leaves little to learn with.
const MOST_ZEROS: f64 = 0.9;
/// Weights below this part of their usual size are held down.
const HELD_DOWN: f64 = 0.2;
/// The largest class counts as this many times the smallest before weights are proposed.
const IMBALANCE: f64 = 4.0;
/// A class that is recognized less often than this is lost.
const LOST: f64 = 0.2;

/// A penalty, or weight decay, leaves nothing of the weights, and the network learns little.
pub(super) fn strong_penalty(evidence: &Evidence<'_>) -> Option<Finding> {
    let look = evidence.look.as_ref()?;
    if evidence.training.as_ref()?.gain > 0.5 {
        return None;
    }
    let config = evidence.config();
    let penalty = config.penalty.filter(|penalty| penalty.l1 > 0.0 || penalty.l2 > 0.0);
    let decay = config.training.optimizer.weight_decay();
    if penalty.is_none() && decay == 0.0 {
        return None;
    }
    let zeros = evidence.last("zero_weights").unwrap_or(0.0);
    let layers = evidence.network().layers().iter();
    let mut sizes: Vec<f64> = layers
        .filter_map(|layer| {
            let norm = look.figures.get(&format!("weight_norm.{}", layer.name()))?;
            share_of_usual_weights(layer, *norm)
        })
        .collect();
    sizes.sort_by(f64::total_cmp);
    let size = *sizes.get(sizes.len() / 2)?;
    if zeros < MOST_ZEROS && size > HELD_DOWN {
        return None;
    }
    let weaker = |value: f64| rounded(value / 100.0);
    let (what, remedies) = if let Some(penalty) = penalty {
        let factors = [("l1", penalty.l1), ("l2", penalty.l2)].into_iter();
        let active = factors.filter(|(_, value)| *value > 0.0);
        let remedies = active.map(|(key, value)| format!("penalty.{key} = {}", weaker(value)));
        ("the penalty", remedies.collect())
    } else {
        let (kind, decay) = (config.training.optimizer.name(), weaker(decay));
        let optimizer = format!("{{ kind = \"{kind}\", weight_decay = {decay} }}");
        ("weight decay", vec![format!("training.optimizer = {optimizer}")])
    };
    let seen = format!(
        "{what} leaves too little of the weights: {:.0} % are zero, the others have {:.0} % of their usual size",
        100.0 * zeros,
        100.0 * size
    );
    Some(Evidence::finding(Symptom::StrongPenalty, size, seen, remedies))
}

/// Labels have nothing to do with the inputs: neither neighbors nor new samples are told.
pub(super) fn unrelated_labels(evidence: &Evidence<'_>) -> Option<Finding> {
    let neighbors = evidence.neighbors?;
    let fails = evidence.validation.as_ref().is_none_or(Skill::is_guessing);
    if !neighbors.know_nothing() || !fails {
        return None;
    }
    let seen = format!(
        "labels have nothing to do with the inputs: the nearest samples are of the same class as often ({:.0} %) \
         as any two ({:.0} %), and validation samples are guessed",
        100.0 * neighbors.same,
        100.0 * neighbors.chance
    );
    let remedies = ["the labels: they may be shuffled, or belong to other samples".to_owned()];
    Some(Evidence::finding(Symptom::UnrelatedLabels, neighbors.same, seen, remedies))
}

/// Rare classes are not recognized, because the frequent ones outweigh them.
pub(super) fn imbalanced_classes(evidence: &Evidence<'_>) -> Option<Finding> {
    if evidence.config().training.class_weights.is_some() {
        return None;
    }
    let skill = evidence.validation.as_ref().or(evidence.training.as_ref())?;
    let largest = skill.classes.iter().map(|class| class.share).fold(0.0, f64::max);
    let lost: Vec<_> = skill
        .classes
        .iter()
        .filter(|class| class.recall < LOST && IMBALANCE * class.share < largest)
        .collect();
    let rarest = lost.iter().map(|class| class.share).fold(f64::INFINITY, f64::min);
    if lost.is_empty() {
        return None;
    }
    let names: Vec<&str> = lost.iter().map(|class| class.name.as_str()).collect();
    let seen = format!(
        "rare classes are hardly ever predicted ({}): they have {:.1} % of the samples, the largest class {:.0} %",
        names.join(", "),
        100.0 * rarest,
        100.0 * largest
    );
    let remedies = ["training.class_weights = \"balanced\"".to_owned()];
    Some(Evidence::finding(Symptom::ImbalancedClasses, largest / rarest, seen, remedies))
}

/// A hidden layer is too narrow to tell the classes apart.
pub(super) fn narrow_layer(evidence: &Evidence<'_>) -> Option<Finding> {
    let skill = evidence.training.as_ref()?;
    let weighted: Vec<_> = evidence
        .network()
        .layers()
        .iter()
        .filter(|layer| matches!(layer.behavior().role, Role::Weights { .. }))
        .collect();
    let (_, hidden) = weighted.split_last()?;
    let units = |shape: Shape| match shape {
        Shape::Features(features) => features,
        Shape::Maps { channels, .. } => channels,
    };
    let narrow = hidden.iter().min_by_key(|layer| units(layer.output()))?;
    let (width, classes) = (units(narrow.output()), skill.classes.len());
    if width > 2 || classes < 2 * width + 1 || skill.gain > 0.8 {
        return None;
    }
    let seen = format!(
        "`{}` has only {width} units, through which {classes} classes must pass",
        narrow.name()
    );
    let remedies = [format!("{} units in that layer", 4 * classes)];
    let finding = Evidence::finding(Symptom::NarrowLayer, 0.0, seen, remedies);
    Some(Finding { layers: vec![narrow.name().to_owned()], ..finding })
}

/// No better than guessing, for no reason that was found.
pub(super) fn at_chance(evidence: &Evidence<'_>) -> Option<Finding> {
    let skill = evidence.training.as_ref()?;
    if !skill.is_guessing() {
        return None;
    }
    let seen = format!(
        "the network guesses: on its own training samples it is {:.0} % of the way from guessing to all right",
        100.0 * skill.gain
    );
    let remedies = [evidence.rate(0.1), evidence.rate(10.0), "more units".to_owned()];
    Some(Evidence::finding(Symptom::AtChance, skill.gain, seen, remedies))
}
