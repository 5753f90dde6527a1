//! Measures of layers from input to output, runs beside each other.

use dlkit_models::training::{Diagnosis, LayerMeasure};

use super::layer_measure::{measure_factor, measure_label, measure_scale, measure_title};
use crate::plot::{Colour, LineChart, Series, Style};

/// A chart for each measure, named after it: a line for each run, a point for each layer.
pub(crate) fn layer_profiles(runs: &[(String, Diagnosis)]) -> Vec<(&'static str, LineChart)> {
    let charts = LayerMeasure::ALL.map(|measure| (measure.name(), profile(measure, runs)));
    charts.into_iter().filter(|(_, chart)| !chart.series.is_empty()).collect()
}

fn profile(measure: LayerMeasure, runs: &[(String, Diagnosis)]) -> LineChart {
    let lines = runs.iter().enumerate().map(|(index, (name, diagnosis))| Series {
        name: name.clone(),
        points: points(measure, diagnosis),
        style: Style::Solid,
        colour: Colour::Apart(index),
        band: None,
        markers: true,
    });
    LineChart {
        title: measure_title(measure).to_owned(),
        x_label: "dense and convolution layers, from input to output".to_owned(),
        y_label: measure_label(measure).to_owned(),
        series: lines.filter(|line| !line.points.is_empty()).collect(),
        y_scale: measure_scale(measure),
        integer_x: true,
    }
}

/// The dense layers and convolutions, counted from 1, and their figures.
fn points(measure: LayerMeasure, diagnosis: &Diagnosis) -> Vec<(f64, f64)> {
    let weighted = diagnosis.layers.iter().filter(|layer| layer.weighted);
    (1_u32..)
        .zip(weighted)
        .filter_map(|(place, layer)| {
            Some((f64::from(place), layer.figure(measure)? * measure_factor(measure)))
        })
        .collect()
}
