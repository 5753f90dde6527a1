//! Charts over epochs.

use std::collections::BTreeSet;

use dlkit_models::network::NetworkSpec;
use dlkit_models::run::EpochRecord;
use dlkit_models::training::{Diagnosis, LayerMeasure};

use super::layer_measure::measure_chart;
use crate::plot::{Color, LineChart, Scale, Series, Style};

/// A chart over epochs with its file stem and heading.
pub(crate) struct Curve {
    pub(crate) stem: String,
    pub(crate) chart: LineChart,
}

/// One chart for each metric with parts (loss, accuracy), for the learning rate, and for each measure of
/// layers.
pub(crate) fn curves(network: &NetworkSpec, records: &[EpochRecord]) -> Vec<Curve> {
    let measures: BTreeSet<&str> = records
        .iter()
        .flat_map(|record| record.metrics.keys())
        .filter_map(|name| name.strip_prefix("train_"))
        .collect();
    let mut curves: Vec<Curve> =
        measures.into_iter().rev().map(|measure| measure_curve(measure, records)).collect();
    curves.extend(learning_rate_curve(records));
    curves.extend(penalty_curves(records));
    curves.extend(layer_curves(network, records));
    curves
}

/// Charts of the penalty, if any, and of its effect on the weights.
fn penalty_curves(records: &[EpochRecord]) -> impl Iterator<Item = Curve> {
    let layers = |measure: &str| -> Vec<Series> {
        let prefix = format!("{measure}.");
        let names = records.first().into_iter().flat_map(|record| record.metrics.keys());
        let names: Vec<&String> = names.filter(|name| name.starts_with(&prefix)).collect();
        let count = names.len();
        let line = |(index, name): (usize, &&String)| {
            let values =
                points(records, |record| record.metrics.get(*name).map(|share| 100.0 * share));
            let color = Color::Ordered { index, count };
            series(name.strip_prefix(&prefix).unwrap_or(name), values, color, Style::Solid)
        };
        names.iter().enumerate().map(line).collect()
    };
    let penalty = points(records, |record| record.metrics.get("penalty").copied());
    let penalty = series("penalty", penalty, Color::Apart(0), Style::Solid);
    let charts = [
        ("penalty", chart("Penalty", "penalty", vec![penalty])),
        (
            "zero_weights",
            chart("Weights that are zero", "zero weights in %", layers("zero_weights")),
        ),
        ("dead_neurons", chart("Dead neurons", "dead neurons in %", layers("dead_neurons"))),
    ];
    let drawn = |chart: &LineChart| chart.series.iter().any(|series| !series.points.is_empty());
    charts
        .into_iter()
        .filter(move |(_, chart)| drawn(chart))
        .map(|(stem, chart)| Curve { stem: stem.to_owned(), chart })
}

/// Charts of the measures of layers, if recorded, with a line for each layer.
fn layer_curves(network: &NetworkSpec, records: &[EpochRecord]) -> Vec<Curve> {
    let diagnoses: Vec<Diagnosis> =
        records.iter().filter_map(|record| Diagnosis::new(network, record)).collect();
    LayerMeasure::ALL.into_iter().filter_map(|measure| layer_curve(measure, &diagnoses)).collect()
}

fn layer_curve(measure: LayerMeasure, diagnoses: &[Diagnosis]) -> Option<Curve> {
    let measured = diagnoses.first()?.layers.iter().enumerate();
    let shown: Vec<_> = measured.filter(|(_, row)| row.charted(measure).is_some()).collect();
    let count = shown.len();
    let lines: Vec<Series> = shown
        .into_iter()
        .enumerate()
        .map(|(index, (row, layer))| {
            let value = |diagnosis: &Diagnosis| {
                #[expect(clippy::cast_precision_loss, reason = "epochs are far below 2^52")]
                let epoch = diagnosis.epoch as f64;
                Some((epoch, diagnosis.layers.get(row)?.charted(measure)?))
            };
            let points = diagnoses.iter().filter_map(value).collect();
            series(&layer.layer, points, Color::Ordered { index, count }, Style::Solid)
        })
        .collect();
    (!lines.is_empty()).then(|| Curve {
        stem: measure.name().to_owned(),
        chart: measure_chart(measure, chart("", "", lines)),
    })
}

/// Ratio of the largest to the smallest learning rate above which a logarithmic axis is clearer.
const WIDE_RATIO: f64 = 30.0;

/// Chart of the learning rate, if it changed.
fn learning_rate_curve(records: &[EpochRecord]) -> Option<Curve> {
    let rates = records.iter().map(|record| record.learning_rate);
    let (low, high) = (rates.clone().fold(f64::MAX, f64::min), rates.fold(0.0, f64::max));
    if high <= low {
        return None;
    }
    let points = points(records, |record| Some(record.learning_rate));
    let series = vec![series("learning rate", points, Color::Apart(0), Style::Solid)];
    let mut chart = chart("Learning rate", "learning rate", series);
    if high > WIDE_RATIO * low {
        chart.y_scale = Scale::Log10;
    }
    Some(Curve { stem: "learning_rate".to_owned(), chart })
}

fn measure_curve(measure: &str, records: &[EpochRecord]) -> Curve {
    let share = measure == "accuracy";
    let factor = if share { 100.0 } else { 1.0 };
    let part = |name: &str, color, style| {
        let key = format!("{name}_{measure}");
        let values = points(records, |record| record.metrics.get(&key).map(|value| value * factor));
        series(name, values, color, style)
    };
    let parts = vec![
        part("train", Color::Apart(0), Style::Dashed),
        part("validation", Color::Apart(1), Style::Solid),
    ];
    let parts = parts.into_iter().filter(|series| !series.points.is_empty()).collect();
    let mut title = measure.replace('_', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let label = if share { "accuracy in %".to_owned() } else { measure.replace('_', " ") };
    Curve { stem: measure.to_owned(), chart: chart(&title, &label, parts) }
}

fn points(records: &[EpochRecord], value: impl Fn(&EpochRecord) -> Option<f64>) -> Vec<(f64, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "epochs are far below 2^52")]
    let point = |record: &EpochRecord| Some((record.epoch as f64, value(record)?));
    records.iter().filter_map(point).collect()
}

fn series(name: &str, points: Vec<(f64, f64)>, color: Color, style: Style) -> Series {
    Series { name: name.to_owned(), points, style, color, band: None, markers: true }
}

fn chart(title: &str, y_label: &str, series: Vec<Series>) -> LineChart {
    LineChart {
        title: title.to_owned(),
        x_label: "epoch".to_owned(),
        y_label: y_label.to_owned(),
        series,
        y_scale: Scale::Linear,
        integer_x: true,
    }
}
