//! What one batch is measured by, and its mean over an epoch.

use std::collections::BTreeMap;

use burn::tensor::ExecutionError;
use burn::train::ItemLazy;
use burn::train::metric::state::{FormatOptions, NumericMetricState};
use burn::train::metric::{
    Adaptor, Metric, MetricAttributes, MetricMetadata, MetricName, Numeric, NumericAttributes,
    NumericEntry, SerializedEntry,
};

/// What was measured on one batch: means over its samples. The first is the loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Names and means, such as `("loss", 0.3)`.
    pub values: Vec<(&'static str, f64)>,
    /// Samples in the batch.
    pub samples: usize,
}

impl Measured {
    /// The loss.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.values.first().map_or(f64::NAN, |(_, loss)| *loss)
    }

    fn value(&self, name: &str) -> f64 {
        self.values.iter().find(|(known, _)| *known == name).map_or(f64::NAN, |(_, value)| *value)
    }
}

impl ItemLazy for Measured {
    fn sync(self) -> Result<Self, ExecutionError> {
        Ok(self)
    }
}

impl Adaptor<Self> for Measured {
    fn adapt(&self) -> Self {
        self.clone()
    }
}

/// Sums over an epoch, each batch weighted by its samples.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    sums: BTreeMap<&'static str, f64>,
    samples: usize,
}

impl Sums {
    pub(crate) fn add(&mut self, measured: &Measured) {
        #[expect(clippy::cast_precision_loss, reason = "batches are far below 2^52")]
        let weight = measured.samples as f64;
        for &(name, value) in &measured.values {
            *self.sums.entry(name).or_insert(0.0) += value * weight;
        }
        self.samples += measured.samples;
    }

    pub(crate) const fn samples(&self) -> usize {
        self.samples
    }

    /// The means over all samples.
    pub(crate) fn means(&self) -> BTreeMap<&'static str, f64> {
        #[expect(clippy::cast_precision_loss, reason = "epochs are far below 2^52 samples")]
        let samples = self.samples as f64;
        self.sums.iter().map(|(name, sum)| (*name, sum / samples)).collect()
    }
}

/// A value of [`Measured`] as Burn's dashboard wants it.
#[derive(Clone)]
pub(crate) struct DashboardMetric {
    key: &'static str,
    higher_is_better: bool,
    state: NumericMetricState,
}

impl DashboardMetric {
    pub(crate) fn new(key: &'static str, higher_is_better: bool) -> Self {
        Self { key, higher_is_better, state: NumericMetricState::default() }
    }

    fn format(&self) -> FormatOptions {
        FormatOptions::new(self.name()).precision(4)
    }
}

impl Metric for DashboardMetric {
    type Input = Measured;

    fn name(&self) -> MetricName {
        self.key.to_owned().into()
    }

    fn attributes(&self) -> MetricAttributes {
        NumericAttributes { unit: None, higher_is_better: self.higher_is_better }.into()
    }

    fn update(
        &mut self,
        input: &Measured,
        _: &MetricMetadata,
    ) -> Result<SerializedEntry, burn::tensor::TensorReadError> {
        self.state.update(input.value(self.key), input.samples);
        Ok(self.state.compute_update(self.format()))
    }

    fn compute(&mut self) -> Result<SerializedEntry, burn::tensor::TensorReadError> {
        Ok(self.state.compute_final(self.format()))
    }

    fn clear(&mut self) {
        self.state.reset();
    }
}

impl Numeric for DashboardMetric {
    fn value(&self) -> Option<NumericEntry> {
        Some(self.state.current_value())
    }

    fn running_value(&self) -> Option<NumericEntry> {
        Some(self.state.running_value())
    }

    fn final_value(&self) -> NumericEntry {
        self.state.final_value()
    }
}
