//! Charts of a regression and its data.

use dlkit_models::tasks::regression::RegressionReport;

use crate::plot::{Color, LineChart, Scale, Series, Style};

/// With one feature, charts measured and predicted values over it; with several, predictions over measured
/// values. Draws `parts` in order, the last on top.
pub(crate) fn fit_chart(parts: &[(&str, &RegressionReport)]) -> Option<LineChart> {
    let (_, first) = parts.first()?;
    let series = |name: String, points, style, color| Series {
        name,
        points,
        style,
        color: Color::Apart(color),
        band: None,
        markers: false,
    };
    let dots =
        |index: usize, part: &str, points| series(part.to_owned(), points, Style::Dots, index);
    let points = parts.iter().enumerate();
    #[expect(clippy::single_match_else, reason = "both cases are of the same weight")]
    let (mut lines, x_label, y_label): (Vec<Series>, _, _) = match &first.feature {
        Some(feature) => {
            let all = || parts.iter().flat_map(|(_, report)| &report.fitted);
            let mut fit: Vec<(f64, f64)> = all()
                .filter_map(|sample| {
                    Some((*sample.features.first()?, *sample.predictions.first()?))
                })
                .collect();
            fit.sort_by(|left, right| left.0.total_cmp(&right.0));
            let measured = points.map(|(index, (part, report))| {
                let points = report.fitted.iter();
                let points = points.filter_map(|sample| {
                    Some((*sample.features.first()?, *sample.targets.first()?))
                });
                dots(index, &format!("measured, {part} part"), points.collect())
            });
            let lines = std::iter::once(series("fit".to_owned(), fit, Style::Solid, parts.len()));
            (lines.chain(measured).collect(), feature.clone(), first.target.clone())
        }
        None => {
            let predicted = points.map(|(index, (part, report))| {
                dots(index, &format!("{part} part"), scaled(report, first).collect())
            });
            let targets = || parts.iter().flat_map(|(_, report)| scaled(report, first));
            let low = targets().map(|(target, _)| target).fold(f64::INFINITY, f64::min);
            let high = targets().map(|(target, _)| target).fold(f64::NEG_INFINITY, f64::max);
            let diagonal = vec![(low, low), (high, high)];
            let diagonal = series("equal".to_owned(), diagonal, Style::Dashed, parts.len());
            let lines = std::iter::once(diagonal).chain(predicted).collect();
            let several = first.targets.len() > 1;
            let unit = if several { ", standard deviations" } else { "" };
            let target = if several { "targets" } else { &first.target };
            (lines, format!("{target}, measured{unit}"), format!("{target}, predicted{unit}"))
        }
    };
    lines.retain(|line| !line.points.is_empty());
    Some(LineChart {
        title: String::new(),
        x_label,
        y_label,
        series: lines,
        y_scale: Scale::Linear,
        integer_x: false,
    })
}

/// Measured and predicted values. Those of several targets are brought to one scale: their distances from
/// the mean of `reference`, in standard deviations.
fn scaled<'a>(
    report: &'a RegressionReport,
    reference: &'a RegressionReport,
) -> impl Iterator<Item = (f64, f64)> + 'a {
    let scales: Vec<(f64, f64)> =
        (0..reference.targets.len()).map(|place| scale(reference, place)).collect();
    report.fitted.iter().flat_map(move |sample| {
        let pairs = sample.targets.iter().copied().zip(sample.predictions.iter().copied());
        let scales = scales.clone();
        pairs.enumerate().map(move |(place, (target, prediction))| {
            let (mean, deviation) = scales.get(place).copied().unwrap_or((0.0, 1.0));
            ((target - mean) / deviation, (prediction - mean) / deviation)
        })
    })
}

/// Mean and standard deviation of a measured target.
#[expect(clippy::cast_precision_loss, reason = "sample counts are far below 2^52")]
fn scale(report: &RegressionReport, place: usize) -> (f64, f64) {
    let values = || report.fitted.iter().filter_map(|sample| sample.targets.get(place));
    let count = report.fitted.len().max(1) as f64;
    let mean = values().sum::<f64>() / count;
    let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, if variance > 0.0 { variance.sqrt() } else { 1.0 })
}
