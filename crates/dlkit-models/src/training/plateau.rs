//! A learning rate that falls when the monitored metric no longer improves.

use serde::{Deserialize, Serialize};

use super::monitor::Monitor;
use super::schedule::Schedule;
use crate::value::number::float;

/// What the schedule "plateau" has seen, as PyTorch's `ReduceLROnPlateau` counts it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plateau {
    /// The best value that improved enough on the one before.
    pub best: Option<f64>,
    /// Epochs since then, or since the last reduction.
    pub stale_epochs: usize,
    /// Reductions of the learning rate.
    pub reductions: usize,
}

impl Plateau {
    /// Takes an epoch into account; other schedules look at none.
    pub(crate) fn advance(&mut self, schedule: Schedule, monitor: Monitor, value: f64) {
        let Schedule::Plateau { patience, minimum_change, .. } = schedule else { return };
        // A share of the best value, whatever its sign; the metrics of dlkit are never below zero.
        let improves = |best: f64| monitor.improves(value, best, minimum_change * best.abs());
        if self.best.is_none_or(improves) {
            self.best = Some(value);
            self.stale_epochs = 0;
        } else {
            self.stale_epochs += 1;
        }
        if self.stale_epochs > patience {
            self.reductions += 1;
            self.stale_epochs = 0;
        }
    }

    /// A learning rate after all reductions.
    pub(crate) fn reduced(&self, schedule: Schedule, rate: f64) -> f64 {
        match schedule {
            Schedule::Plateau { factor, minimum, .. } if self.reductions > 0 => {
                (rate * factor.powf(float(self.reductions))).max(minimum.min(rate))
            }
            _ => rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rates of
    /// `ReduceLROnPlateau(SGD([torch.zeros(1)], lr=1.0), factor=0.5, patience=1, threshold=0.1, min_lr=0.2, mode=mode)`
    /// after each `step(value)`, as PyTorch 2.15.0 gives them.
    #[test]
    fn rates_fall_as_those_of_pytorch() {
        let schedule =
            Schedule::Plateau { factor: 0.5, patience: 1, minimum_change: 0.1, minimum: 0.2 };
        let rates = |monitor: Monitor, values: &[f64]| -> Vec<f64> {
            let mut plateau = Plateau::default();
            values
                .iter()
                .map(|&value| {
                    plateau.advance(schedule, monitor, value);
                    plateau.reduced(schedule, 1.0)
                })
                .collect()
        };
        let losses = [1.0, 0.95, 0.91, 0.8, 0.85, 0.75, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.1];
        assert_eq!(
            rates(Monitor::ValidationLoss, &losses),
            [1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2]
        );
        let accuracies = [0.5, 0.54, 0.56, 0.6, 0.6, 0.7, 0.7, 0.7, 0.7];
        assert_eq!(
            rates(Monitor::ValidationAccuracy, &accuracies),
            [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25]
        );
        let constant = Schedule::default();
        let mut plateau = Plateau::default();
        for _ in 0..9 {
            plateau.advance(constant, Monitor::ValidationLoss, 1.0);
        }
        assert_eq!(plateau, Plateau::default());
    }
}
