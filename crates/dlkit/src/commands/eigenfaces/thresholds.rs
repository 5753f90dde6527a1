//! Thresholds given when a model is used.

use anyhow::{Context, Result};
use dlkit_vision::eigenfaces::{Eigenfaces, Metric, Rule};

use crate::report::{counted, percent};

/// Thresholds in place of those of the model.
#[derive(Debug, clap::Args)]
pub(super) struct ThresholdOptions {
    /// Share of strangers that may be taken for known people; sets the threshold of known faces.
    #[arg(
        long,
        value_name = "SHARE",
        conflicts_with = "known_threshold",
        help_heading = "Thresholds"
    )]
    accept_rate: Option<f64>,
    /// Face score above which a picture is not a face.
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true, help_heading = "Thresholds")]
    face_threshold: Option<f64>,
    /// Distance from the nearest known face above which a face is unknown, by --metric.
    #[arg(
        long,
        value_name = "DISTANCE",
        allow_negative_numbers = true,
        help_heading = "Thresholds"
    )]
    known_threshold: Option<f64>,
}

impl ThresholdOptions {
    /// Replaces the thresholds of a model.
    ///
    /// Returns a note if held-out people say that even the strictest threshold accepts more strangers
    /// than asked for.
    pub(super) fn apply(&self, model: &mut Eigenfaces, metric: Metric) -> Result<Option<String>> {
        let calibration = model.calibration_mut();
        if let Some(share) = self.accept_rate {
            calibration.set_accept_rate(share)?;
        }
        if let Some(score) = self.face_threshold {
            calibration.set_face_threshold(score).context("--face-threshold")?;
        }
        if let Some(distance) = self.known_threshold {
            calibration.set_known_threshold(metric, distance).context("--known-threshold")?;
        }
        let known = calibration.known[Rule::Nearest(metric).index()];
        let Some((share, accepted)) =
            self.accept_rate.zip(known.and_then(|known| known.new_accepted))
        else {
            return Ok(None);
        };
        Ok((accepted.share > share).then(|| {
            format!(
                "--accept-rate {share}: not reached; {} of {} tell no more than that the strictest threshold \
                 accepts {} of strangers; fit more people, or give --known-threshold",
                counted(accepted.pictures, "held-out picture"),
                if accepted.people == 1 { "1 person".to_owned() } else { format!("{} people", accepted.people) },
                percent(accepted.share)
            )
        }))
    }
}
