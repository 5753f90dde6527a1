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
                .filter_map(|sample| Some((*sample.features.first()?, sample.prediction)))
                .collect();
            fit.sort_by(|left, right| left.0.total_cmp(&right.0));
            let measured = points.map(|(index, (part, report))| {
                let points = report.fitted.iter();
                let points =
                    points.filter_map(|sample| Some((*sample.features.first()?, sample.target)));
                dots(index, &format!("measured, {part} part"), points.collect())
            });
            let lines = std::iter::once(series("fit".to_owned(), fit, Style::Solid, parts.len()));
            (lines.chain(measured).collect(), feature.clone(), first.target.clone())
        }
        None => {
            let predicted = points.map(|(index, (part, report))| {
                let points = report.fitted.iter().map(|sample| (sample.target, sample.prediction));
                dots(index, &format!("{part} part"), points.collect())
            });
            let targets = parts.iter().flat_map(|(_, report)| &report.fitted);
            let targets = targets.map(|sample| sample.target);
            let low = targets.clone().fold(f64::INFINITY, f64::min);
            let high = targets.fold(f64::NEG_INFINITY, f64::max);
            let diagonal = vec![(low, low), (high, high)];
            let diagonal = series("equal".to_owned(), diagonal, Style::Dashed, parts.len());
            let target = &first.target;
            let lines = std::iter::once(diagonal).chain(predicted).collect();
            (lines, format!("{target}, measured"), format!("{target}, predicted"))
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
