//! How measures of layers are shown.

use dlkit_models::training::LayerMeasure;

use crate::plot::Scale;

/// Title of a chart.
pub(crate) const fn measure_title(measure: LayerMeasure) -> &'static str {
    match measure {
        LayerMeasure::GradientNorm => "Gradient norm by layer",
        LayerMeasure::WeightNorm => "Weight norm by layer",
        LayerMeasure::UpdateRatio => "Update to weight ratio by layer",
        LayerMeasure::DeadUnits => "Dead units by layer",
    }
}

/// Title of a column or an axis.
pub(crate) const fn measure_label(measure: LayerMeasure) -> &'static str {
    match measure {
        LayerMeasure::GradientNorm => "gradient norm",
        LayerMeasure::WeightNorm => "weight norm",
        LayerMeasure::UpdateRatio => "update ratio",
        LayerMeasure::DeadUnits => "dead units in %",
    }
}

/// What a figure is multiplied by to be shown.
pub(crate) const fn measure_factor(measure: LayerMeasure) -> f64 {
    match measure {
        LayerMeasure::DeadUnits => 100.0,
        _ => 1.0,
    }
}

/// How an axis spaces the figures.
pub(crate) const fn measure_scale(measure: LayerMeasure) -> Scale {
    match measure {
        LayerMeasure::DeadUnits => Scale::Linear,
        _ => Scale::Log10,
    }
}

/// A figure in a table.
pub(crate) fn measure_cell(measure: LayerMeasure, figure: Option<f64>) -> String {
    match (measure, figure) {
        (_, None) => "-".to_owned(),
        (LayerMeasure::DeadUnits, Some(share)) => format!("{:.1}", 100.0 * share),
        (LayerMeasure::WeightNorm, Some(norm)) => format!("{norm:.3}"),
        (_, Some(value)) => format!("{value:.2e}"),
    }
}
