//! How much better than guessing a network is.

use crate::tasks::TaskReport;
use crate::tasks::classification::ClassificationReport;
use crate::training::Loss;
use crate::value::number::float;

/// How much better than guessing a network is on a part of the data.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Skill {
    /// The mean loss, without dropout and without penalty.
    pub(super) loss: f64,
    /// The loss of guessing: of naming each class as often as it occurs; none where it is not known.
    pub(super) chance: Option<f64>,
    /// 0 for guessing, 1 for answers that are all right: of the classes' mean recall, or R squared.
    pub(super) gain: f64,
    /// How far the gain of guessing may be from 0 by chance (two standard errors).
    pub(super) doubt: f64,
    /// Of each class that has samples: its name, its share of the samples and its recall.
    pub(super) classes: Vec<ClassSkill>,
}

/// How well a class is recognized.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ClassSkill {
    pub(super) name: String,
    pub(super) share: f64,
    pub(super) recall: f64,
}

impl Skill {
    /// The skill that a report tells; none where the task has no guess to compare with.
    pub(super) fn of(report: &TaskReport, loss: Loss) -> Option<Self> {
        match report {
            TaskReport::Classification(report) => Some(Self::of_classes(report, loss)),
            TaskReport::Regression(report) => Some(Self {
                loss: report.loss,
                chance: None,
                gain: report.r2?,
                doubt: 2.0 / float(report.samples).sqrt(),
                classes: Vec::new(),
            }),
            TaskReport::Colorization(_) => None,
        }
    }

    fn of_classes(report: &ClassificationReport, loss: Loss) -> Self {
        let samples = float(report.samples);
        let present = report.classes.iter().filter(|class| class.support > 0);
        let classes: Vec<ClassSkill> = present
            .map(|class| ClassSkill {
                name: class.class.clone(),
                #[expect(clippy::cast_precision_loss, reason = "far fewer samples than 2^52")]
                share: class.support as f64 / samples,
                recall: class.recall.unwrap_or(0.0),
            })
            .collect();
        let guess = 1.0 / float(classes.len().max(1));
        let recall = classes.iter().map(|class| class.recall).sum::<f64>() * guess;
        let entropy: f64 = classes.iter().map(|class| -class.share * class.share.ln()).sum();
        let of_entropy =
            matches!(loss, Loss::CrossEntropy { label_smoothing } if label_smoothing == 0.0);
        // The variance of the mean of recalls, each of a part of the samples.
        let variance: f64 =
            classes.iter().map(|class| guess * (1.0 - guess) / (class.share * samples)).sum();
        let scale = (1.0 - guess).max(f64::EPSILON);
        Self {
            loss: report.loss,
            chance: of_entropy.then_some(entropy),
            gain: (recall - guess) / scale,
            doubt: 2.0 * variance.sqrt() * guess / scale,
            classes,
        }
    }

    /// Whether it is no better than guessing, as far as the samples can tell.
    pub(super) fn is_guessing(&self) -> bool {
        self.gain < self.doubt.max(0.05)
    }
}
