//! Thresholds and the scores that they come from.

use serde::{Deserialize, Serialize};

use super::rate::Rate;
use super::scores::Scores;

/// What is asked about a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Face,
    Known,
}

/// Scores of held-out pictures by what they show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Populations {
    /// Other pictures of people that were fitted.
    pub(super) known: Scores,
    /// Pictures of people that were not fitted.
    pub(super) new: Scores,
    /// Pictures that are not faces.
    pub(super) others: Scores,
}

/// A threshold and how often it errs on pictures that were held out. Each score is judged by the
/// threshold that the other people give, so that the rates are those of new people.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Scores up to this value are accepted.
    pub value: f64,
    /// How it was chosen.
    pub rule: ThresholdRule,
    /// Share of new pictures of fitted people that are rejected.
    pub known_rejected: Option<Rate>,
    /// Share of pictures of new people that are rejected: for "is it a face".
    pub new_rejected: Option<Rate>,
    /// Share of pictures of new people that are accepted: for "is it a known face".
    pub new_accepted: Option<Rate>,
    /// Share of pictures that are not faces that are accepted.
    pub others_accepted: Option<Rate>,
}

/// How a threshold was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThresholdRule {
    /// Both error rates are equal.
    EqualError,
    /// 95 % of the scores to accept are accepted; there were no scores to reject.
    AcceptsMost,
    /// 5 % of the scores to reject are accepted; there were no scores to accept.
    AcceptsFew,
    /// At most a given share of the scores to reject is accepted.
    AcceptRate,
    /// Given as a number.
    Given,
}
