//! The learning rate over time.

use burn::lr_scheduler::{LrScheduler, LrSchedulerRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::Problem;
use crate::value::number::float;
use crate::value::range::{not_negative, positive};

/// How the learning rate changes over epochs. Every kind but "step" and "plateau" changes it after each step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// Constant learning rate.
    Constant {},
    /// Multiplies the rate by `factor` after every `every` epochs.
    Step {
        /// Epochs between two changes.
        every: usize,
        /// The factor.
        #[serde(default = "step_factor")]
        factor: f64,
    },
    /// Multiplies the rate by `factor` per epoch.
    Exponential {
        /// The factor.
        factor: f64,
    },
    /// Follows half a cosine from the learning rate to `minimum` (Loshchilov and Hutter, 2017).
    Cosine {
        /// Epochs until the minimum; the rate then stays there. Default: `training.epochs`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epochs: Option<usize>,
        /// Final learning rate.
        #[serde(default)]
        minimum: f64,
    },
    /// Multiplies the rate by `factor` when the monitored metric has not improved for more than `patience`
    /// epochs.
    Plateau {
        /// The factor.
        #[serde(default = "step_factor")]
        factor: f64,
        /// Epochs without improvement before a reduction.
        #[serde(default = "patience")]
        patience: usize,
        /// Smallest change that counts as improvement, as a share of the best value.
        #[serde(default = "minimum_change")]
        minimum_change: f64,
        /// Smallest learning rate.
        #[serde(default)]
        minimum: f64,
    },
}

/// PyTorch's.
const fn patience() -> usize {
    10
}

/// PyTorch's.
const fn minimum_change() -> f64 {
    1e-4
}

const fn step_factor() -> f64 {
    0.1
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Constant {}
    }
}

impl Schedule {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        match *self {
            Self::Constant {} => Ok(()),
            Self::Step { every: 0, .. } => Err(Problem::new("every", "must be 1 or more, not 0")),
            Self::Step { factor, .. } | Self::Exponential { factor } => positive("factor", factor),
            Self::Cosine { epochs: Some(0), .. } => {
                Err(Problem::new("epochs", "must be 1 or more, not 0"))
            }
            Self::Cosine { minimum, .. } => not_negative("minimum", minimum),
            Self::Plateau { factor, minimum_change, minimum, .. } => {
                if !(factor > 0.0 && factor < 1.0) {
                    let reason = format!("must be above 0 and below 1, not {factor}");
                    return Err(Problem::new("factor", reason));
                }
                not_negative("minimum_change", minimum_change)?;
                not_negative("minimum", minimum)
            }
        }
    }

    /// The learning rate after `epoch` epochs (a whole number and a part).
    fn rate(&self, base: f64, epoch: f64, total: usize) -> f64 {
        match *self {
            // Reductions of a plateau depend on metrics, which the trainer knows.
            Self::Constant {} | Self::Plateau { .. } => base,
            Self::Step { every, factor } => base * factor.powf((epoch / float(every)).floor()),
            Self::Exponential { factor } => base * factor.powf(epoch),
            Self::Cosine { epochs, minimum } => {
                let length = float(epochs.unwrap_or(total));
                let share = (epoch / length).min(1.0);
                minimum + (base - minimum) * 0.5 * (1.0 + (std::f64::consts::PI * share).cos())
            }
        }
    }
}

/// A schedule that counts steps, as Burn's learner asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Scheduler {
    schedule: Schedule,
    base: f64,
    warmup_epochs: f64,
    total_epochs: usize,
    steps_per_epoch: usize,
    step: usize,
}

impl Scheduler {
    /// The schedule of `total_epochs` epochs from a learning rate, before its first step.
    pub(crate) const fn new(
        schedule: Schedule,
        base: f64,
        warmup_epochs: f64,
        total_epochs: usize,
        steps_per_epoch: usize,
    ) -> Self {
        Self { schedule, base, warmup_epochs, total_epochs, steps_per_epoch, step: 0 }
    }

    /// The learning rate of step `step`, counted from 0 over the whole training.
    fn rate(&self, step: usize) -> f64 {
        let epochs = |steps: usize| float(steps) / float(self.steps_per_epoch);
        let rate = self.schedule.rate(self.base, epochs(step), self.total_epochs);
        // The first step already moves: warm-up counts the step that is being taken.
        let warm = epochs(step + 1) / self.warmup_epochs;
        if warm < 1.0 { rate * warm } else { rate }
    }
}

impl LrScheduler for Scheduler {
    fn step(&mut self) -> f64 {
        let rate = self.rate(self.step);
        self.step += 1;
        rate
    }

    fn to_record(&self) -> LrSchedulerRecord {
        LrSchedulerRecord::new().with_scalar("step", self.step as u64)
    }

    fn load_record(&mut self, record: LrSchedulerRecord) {
        if let Some(step) = record.scalar::<u64>("step").and_then(|step| step.try_into().ok()) {
            self.step = step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(schedule: Schedule, warmup_epochs: f64, steps: usize) -> Vec<f64> {
        let scheduler = Scheduler {
            schedule,
            base: 1.0,
            warmup_epochs,
            total_epochs: 2,
            steps_per_epoch: 2,
            step: 0,
        };
        (0..steps).map(|step| scheduler.rate(step)).collect()
    }

    fn assert_close(given: &[f64], expected: &[f64]) {
        assert_eq!(given.len(), expected.len());
        for (given, expected) in given.iter().zip(expected) {
            assert!((given - expected).abs() < 1e-12, "{given} is not {expected}");
        }
    }

    #[test]
    fn step_changes_only_between_epochs() {
        let schedule = Schedule::Step { every: 1, factor: 0.1 };
        assert_close(&rates(schedule, 0.0, 5), &[1.0, 1.0, 0.1, 0.1, 0.01]);
    }

    #[test]
    fn exponential_changes_within_an_epoch() {
        let schedule = Schedule::Exponential { factor: 0.25 };
        assert_close(&rates(schedule, 0.0, 4), &[1.0, 0.5, 0.25, 0.125]);
    }

    #[test]
    fn cosine_reaches_its_minimum_and_stays() {
        let schedule = Schedule::Cosine { epochs: None, minimum: 0.2 };
        let middle = 0.2 + 0.8 * 0.5;
        let given = rates(schedule, 0.0, 7);
        assert_close(&[given[0], given[2], given[4], given[6]], &[1.0, middle, 0.2, 0.2]);
    }

    #[test]
    fn warmup_rises_linearly_to_the_schedule() {
        assert_close(&rates(Schedule::Constant {}, 2.0, 6), &[0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
    }

    #[test]
    fn rejects_a_step_of_zero_epochs() {
        let problem = Schedule::Step { every: 0, factor: 0.1 }.check().unwrap_err();
        assert_eq!(problem.to_string(), "`every` must be 1 or more, not 0");
    }
}
