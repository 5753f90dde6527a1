//! What was measured of a layer.

use serde::Serialize;

use super::measure::LayerMeasure;
use crate::network::LayerSpec;
use crate::training::record::EpochRecord;

/// Statistics of a layer; see [`LayerMeasure`]. A value is undefined (NaN) if it overflowed at some
/// step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerDiagnosis {
    /// Name of the layer.
    pub layer: String,
    /// Whether it is a dense layer or a convolution.
    #[serde(skip)]
    pub weighted: bool,
    /// Norm of the gradient; absent for a layer without trained parameters, as the next two.
    pub gradient_norm: Option<f64>,
    /// Norm of the parameters.
    pub weight_norm: Option<f64>,
    /// Norm of a step over that of the parameters.
    pub update_ratio: Option<f64>,
    /// Share of dead units, of the layer's own activation or of an activation layer.
    pub dead_units: Option<f64>,
}

impl LayerDiagnosis {
    pub(super) fn new(spec: &LayerSpec, record: &EpochRecord) -> Self {
        let figure = |measure: LayerMeasure| measure.of(record, spec.name());
        Self {
            layer: spec.name().to_owned(),
            weighted: spec.summed_inputs().is_some(),
            gradient_norm: figure(LayerMeasure::GradientNorm),
            weight_norm: figure(LayerMeasure::WeightNorm),
            update_ratio: figure(LayerMeasure::UpdateRatio),
            dead_units: figure(LayerMeasure::DeadUnits),
        }
    }

    /// The figure of a measure.
    #[must_use]
    pub const fn figure(&self, measure: LayerMeasure) -> Option<f64> {
        match measure {
            LayerMeasure::GradientNorm => self.gradient_norm,
            LayerMeasure::WeightNorm => self.weight_norm,
            LayerMeasure::UpdateRatio => self.update_ratio,
            LayerMeasure::DeadUnits => self.dead_units,
        }
    }

    /// The figure of a measure if the layer has a place beside others in a chart: scales, shifts and
    /// slopes are too unlike weights.
    #[must_use]
    pub fn charted(&self, measure: LayerMeasure) -> Option<f64> {
        self.figure(measure).filter(|_| self.weighted || measure == LayerMeasure::DeadUnits)
    }
}
