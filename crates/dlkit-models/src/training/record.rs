//! The figures of an epoch.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The figures of one epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// Steps taken since the start.
    pub step: usize,
    /// Learning rate of the last step.
    pub learning_rate: f64,
    /// Wall time of the epoch in seconds, validation included.
    pub seconds: f64,
    /// Training samples per second of training.
    pub samples_per_second: f64,
    /// What was measured, such as `train_loss`, `validation_accuracy` (a share from 0 to 1). Measures
    /// of layers may be undefined, which JSON writes as `null`.
    #[serde(flatten, serialize_with = "nullable", deserialize_with = "undefined_if_null")]
    pub metrics: BTreeMap<String, f64>,
}

fn nullable<S: Serializer>(
    metrics: &BTreeMap<String, f64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let finite = |value: f64| value.is_finite().then_some(value);
    serializer.collect_map(metrics.iter().map(|(name, &value)| (name, finite(value))))
}

fn undefined_if_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, f64>, D::Error> {
    let metrics = BTreeMap::<String, Option<f64>>::deserialize(deserializer)?;
    Ok(metrics.into_iter().map(|(name, value)| (name, value.unwrap_or(f64::NAN))).collect())
}
