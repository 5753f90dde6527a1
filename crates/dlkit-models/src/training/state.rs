//! State of a training between two epochs.

use serde::{Deserialize, Serialize};

use super::monitor::{EarlyStopping, Monitor};
use super::plateau::Plateau;

/// State of a training between two epochs: the part of a checkpoint that is not a tensor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainingState {
    /// Epochs finished.
    pub epoch: usize,
    /// Steps taken.
    pub step: usize,
    /// The best value of the monitored metric, and its epoch.
    pub best: Option<Best>,
    /// Epochs since the monitored metric last improved enough for early stopping.
    pub stale_epochs: usize,
    /// The value early stopping compares with.
    pub stale_reference: Option<f64>,
    /// What the schedule "plateau" has seen.
    #[serde(default)]
    pub plateau: Plateau,
    /// Whether early stopping ended the training after this epoch.
    pub stopped_early: bool,
}

/// The best epoch so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The value of the monitored metric.
    pub value: f64,
}

impl TrainingState {
    /// The same with early stopping forgotten: a training that is resumed gets a new chance.
    pub(crate) fn resumed(self) -> Self {
        if self.stopped_early {
            Self { stopped_early: false, stale_epochs: 0, ..self }
        } else {
            self
        }
    }

    /// Takes a finished epoch into account, its last step and the value of its monitored metric.
    pub(crate) fn advance(
        &mut self,
        (epoch, step): (usize, usize),
        monitor: Monitor,
        value: f64,
        rule: Option<EarlyStopping>,
    ) {
        self.epoch = epoch;
        self.step = step;
        if self.best.is_none_or(|best| monitor.improves(value, best.value, 0.0)) {
            self.best = Some(Best { epoch, value });
        }
        let margin = rule.map_or(0.0, |rule| rule.minimum_change);
        if self.stale_reference.is_none_or(|reference| monitor.improves(value, reference, margin)) {
            self.stale_reference = Some(value);
            self.stale_epochs = 0;
        } else {
            self.stale_epochs += 1;
        }
        self.stopped_early = rule.is_some_and(|rule| self.stale_epochs > rule.patience);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advanced(values: &[f64], rule: EarlyStopping) -> TrainingState {
        let mut state = TrainingState::default();
        for (index, &value) in values.iter().enumerate() {
            let place = (index + 1, 10 * (index + 1));
            state.advance(place, Monitor::ValidationLoss, value, Some(rule));
        }
        state
    }

    #[test]
    fn stops_after_more_epochs_without_improvement_than_patience() {
        let rule = EarlyStopping { patience: 1, minimum_change: 0.1 };
        let state = advanced(&[1.0, 0.5, 0.45], rule);
        assert_eq!(state.best, Some(Best { epoch: 3, value: 0.45 }));
        assert_eq!((state.stale_epochs, state.stopped_early), (1, false));
        let state = advanced(&[1.0, 0.5, 0.45, 0.44], rule);
        assert!(state.stopped_early);
        assert_eq!((state.epoch, state.step), (4, 40));
        let resumed = state.resumed();
        assert_eq!((resumed.stale_epochs, resumed.stopped_early, resumed.epoch), (0, false, 4));
    }

    #[test]
    fn the_first_of_equal_epochs_is_the_best() {
        let rule = EarlyStopping { patience: 9, minimum_change: 0.0 };
        assert_eq!(advanced(&[0.5, 0.5], rule).best, Some(Best { epoch: 1, value: 0.5 }));
    }
}
