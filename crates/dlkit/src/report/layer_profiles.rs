//! Charts of measures of layers from input to output.

use dlkit_models::training::{Diagnosis, LayerMeasure};

use super::layer_measure::measure_chart;
use crate::plot::{Color, LineChart, Scale, Series, Style};

/// One chart for each measure, with a line for each run and a point for each layer.
pub(crate) fn layer_profiles(runs: &[(String, Diagnosis)]) -> Vec<(&'static str, LineChart)> {
    let charts = LayerMeasure::ALL.map(|measure| (measure.name(), profile(measure, runs)));
    charts.into_iter().filter(|(_, chart)| !chart.series.is_empty()).collect()
}

fn profile(measure: LayerMeasure, runs: &[(String, Diagnosis)]) -> LineChart {
    let lines = runs.iter().enumerate().map(|(index, (name, diagnosis))| Series {
        name: name.clone(),
        points: points(measure, diagnosis),
        style: Style::Solid,
        color: Color::Apart(index),
        band: None,
        markers: true,
    });
    let chart = LineChart {
        title: String::new(),
        x_label: "layers, from input to output".to_owned(),
        y_label: String::new(),
        series: lines.filter(|line| !line.points.is_empty()).collect(),
        y_scale: Scale::Linear,
        integer_x: true,
    };
    measure_chart(measure, chart)
}

/// The layers with a value, counted from 1.
fn points(measure: LayerMeasure, diagnosis: &Diagnosis) -> Vec<(f64, f64)> {
    let figures = diagnosis.layers.iter().filter_map(|layer| layer.charted(measure));
    (1_u32..).map(f64::from).zip(figures).collect()
}
