//! Titles and charts of measures of layers.

use dlkit_models::training::LayerMeasure;

use super::figures::{figure, percent};
use crate::plot::{LineChart, Scale};

/// Title of a chart.
const fn measure_title(measure: LayerMeasure) -> &'static str {
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
        LayerMeasure::DeadUnits => "dead units",
    }
}

/// Finishes the chart of a measure. The logarithmic axis shows zeros at the bottom, and the label says so.
pub(crate) fn measure_chart(measure: LayerMeasure, chart: LineChart) -> LineChart {
    let mut chart = LineChart {
        title: measure_title(measure).to_owned(),
        y_label: measure_label(measure).to_owned(),
        ..chart
    };
    if measure == LayerMeasure::DeadUnits {
        chart.y_label += " in %";
        for (_, share) in chart.series.iter_mut().flat_map(|line| &mut line.points) {
            *share *= 100.0;
        }
        return chart;
    }
    chart.y_scale = Scale::Log10;
    let values = chart.series.iter().flat_map(|line| &line.points).map(|(_, value)| *value);
    let smallest = values.clone().filter(|&value| value > 0.0).fold(f64::MAX, f64::min);
    if smallest < f64::MAX && values.clone().any(|value| value == 0.0) {
        chart.y_label += ", zeros at the bottom";
        for (_, value) in chart.series.iter_mut().flat_map(|line| &mut line.points) {
            *value = value.max(smallest / 10.0);
        }
    }
    chart
}

/// A value for a table.
pub(crate) fn measure_cell(measure: LayerMeasure, value: Option<f64>) -> String {
    match (measure, value) {
        (_, None) => "-".to_owned(),
        (LayerMeasure::DeadUnits, Some(share)) => percent(share),
        (LayerMeasure::WeightNorm, Some(norm)) => figure(norm, 3),
        (_, Some(0.0)) => "0".to_owned(),
        (_, Some(value)) => format!("{value:.2e}"),
    }
}
