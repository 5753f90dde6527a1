//! What is known of a training.

use std::fmt::Write as _;

use burn::tensor::Device;

use super::neighbors::Neighbors;
use super::skill::Skill;
use crate::data::Part;
use crate::network::{Network, NetworkSpec};
use crate::recipe::{Experiment, ExperimentConfig, Task};
use crate::tasks::TaskError;
use crate::tasks::session::Session;
use crate::training::{EpochRecord, Finding, Look, Symptom};

/// What is known of a training.
pub(super) struct Evidence<'a> {
    experiment: &'a Experiment,
    epochs: &'a [EpochRecord],
    /// Network and training samples.
    pub(super) look: Option<Look>,
    /// On training samples.
    pub(super) training: Option<Skill>,
    /// On validation samples.
    pub(super) validation: Option<Skill>,
    /// Of training samples.
    pub(super) neighbors: Option<Neighbors>,
    /// Training samples of the run.
    pub(super) samples: Option<usize>,
}

impl<'a> Evidence<'a> {
    pub(super) const fn new(experiment: &'a Experiment, epochs: &'a [EpochRecord]) -> Self {
        let (look, training, validation, neighbors) = (None, None, None, None);
        Self { experiment, epochs, look, training, validation, neighbors, samples: None }
    }

    /// Looks at a network, on an autodiff device and on a device without gradients, with the data it learned
    /// from.
    pub(super) fn look_at(
        &mut self,
        session: &Session,
        (network, plain): (Network, Network),
        device: &Device,
    ) -> Result<(), TaskError> {
        self.look = Some(session.look(&network, device)?);
        self.samples = session.samples().get(Part::Train.name()).copied();
        if self.config().task == Task::Colorization {
            return Ok(());
        }
        let loss = self.config().training.loss;
        let skill = |part| -> Result<Option<Skill>, TaskError> {
            let report = session.evaluate_some(plain.clone(), part, device)?;
            Ok(report.and_then(|report| Skill::of(&report, loss)))
        };
        self.training = skill(Part::Train)?;
        self.validation = skill(Part::Validation)?;
        self.neighbors = session
            .labeled_inputs(device)?
            .and_then(|(inputs, classes)| Neighbors::new(inputs, &classes));
        Ok(())
    }

    pub(super) fn config(&self) -> &'a ExperimentConfig {
        self.experiment.config()
    }

    pub(super) fn network(&self) -> &'a NetworkSpec {
        self.experiment.network()
    }

    /// A figure of all epochs, such as `train_loss`; empty where an epoch lacks it.
    pub(super) fn curve(&self, name: &str) -> Vec<f64> {
        let values = self.epochs.iter().map(|record| record.metrics.get(name).copied());
        values.collect::<Option<Vec<f64>>>().unwrap_or_default()
    }

    /// A figure of the last epoch.
    pub(super) fn last(&self, name: &str) -> Option<f64> {
        self.epochs.last()?.metrics.get(name).copied()
    }

    /// The number of steps of the training.
    pub(super) fn steps(&self) -> usize {
        self.epochs.last().map_or(0, |record| record.step)
    }

    /// The learning rate of the last step.
    pub(super) fn last_rate(&self) -> f64 {
        self.epochs.last().map_or(f64::NAN, |record| record.learning_rate)
    }

    /// Whether the network learned most of what its training samples tell.
    pub(super) fn has_learned(&self) -> bool {
        self.training.as_ref().is_some_and(|skill| skill.gain > 0.8)
    }

    /// Whether the recipe says this already.
    pub(super) fn has(&self, remedy: &str) -> bool {
        let Some((key, value)) = remedy.split_once(" = ") else { return false };
        let Ok(text) = self.experiment.to_toml() else { return false };
        let Ok(recipe) = text.parse::<toml::Table>() else { return false };
        let mut found = Some(&toml::Value::Table(recipe)).cloned();
        for name in key.split('.') {
            found = found.and_then(|table| table.get(name).cloned());
        }
        found.is_some_and(|found| {
            found.to_string() == value
                || found.get("kind").is_some_and(|kind| kind.to_string() == value)
        })
    }

    /// How far the training came, in one line.
    pub(super) fn summary(&self) -> Option<String> {
        let curve = self.curve("train_loss");
        let (first, last) = (curve.first()?, curve.last()?);
        let mut text = format!("training loss {first:.4} -> {last:.4}");
        if let Some(loss) = self.last("validation_loss") {
            let _ = write!(text, ", validation {loss:.4}");
        }
        if let Some(chance) = self.training.as_ref().and_then(|skill| skill.chance) {
            let _ = write!(text, ", guessing {chance:.4}");
        }
        for (part, skill) in [("training", &self.training), ("validation", &self.validation)] {
            let Some(skill) = skill else { continue };
            let what = if skill.classes.is_empty() { "R2" } else { "skill" };
            let _ = write!(text, "; {what} on the {part} part {:.2}", skill.gain);
        }
        Some(text)
    }

    /// A finding of the training as a whole.
    pub(super) fn finding(
        symptom: Symptom,
        figure: f64,
        seen: String,
        remedies: impl IntoIterator<Item = String>,
    ) -> Finding {
        let remedies = remedies.into_iter().collect();
        Finding { symptom, layers: Vec::new(), figure, seen, remedies }
    }

    /// A learning rate this many times the present one, as a remedy.
    pub(super) fn rate(&self, factor: f64) -> String {
        let rate = self.config().training.learning_rate * factor;
        format!("training.learning_rate = {}", rounded(rate))
    }
}

/// A number with two digits, as a recipe has it.
pub(super) fn rounded(value: f64) -> String {
    let value: f64 = format!("{value:.1e}").parse().unwrap_or(value);
    if value == 0.0 || (1e-3..1e4).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn numbers_are_short() {
        let found = [0.0, 1e-6, 0.000_304_9, 0.0123, 30.04, 123_456.0].map(rounded);
        assert_eq!(found, ["0", "1e-6", "3e-4", "0.012", "30", "1.2e5"]);
    }
}
