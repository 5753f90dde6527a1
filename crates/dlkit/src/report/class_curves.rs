//! Drawings of what scores of classes are worth over all thresholds, and of probabilities.

use dlkit_models::tasks::classification::{
    Calibration, ClassCurves, ClassFigures, ClassificationReport,
};

use super::figures::percent;
use crate::plot::{Color, LineChart, Scale, Series, Style};

/// Largest number of classes with a line each; of more, the worst are drawn.
const MOST_LINES: usize = 10;

/// File stems and charts of a report: of the ranking by scores, and of probabilities.
pub(crate) fn class_charts(report: &ClassificationReport) -> Vec<(&'static str, LineChart)> {
    let mut charts = Vec::new();
    let mut roc = lines(report, |class| class.roc_auc, |curves| &curves.roc);
    if !roc.is_empty() {
        let title = title("ROC, each class against the rest", "ROC", report);
        roc.push(reference("chance", &[(0.0, 0.0), (1.0, 1.0)]));
        charts.push(("roc", chart(title, ["false positive rate", "true positive rate"], roc)));
    }
    let mut curves =
        lines(report, |class| class.average_precision, |curves| &curves.precision_recall);
    if !curves.is_empty() {
        let title = title(
            "Precision and recall, each class against the rest",
            "Precision and recall",
            report,
        );
        curves.extend(chance(report));
        curves.push(frame());
        charts.push(("precision-recall", chart(title, ["recall", "precision"], curves)));
    }
    charts.extend(report.calibration.as_ref().map(|found| ("reliability", reliability(found))));
    charts
}

/// The share of the second of two classes, which a guess reaches.
fn chance(report: &ClassificationReport) -> Option<Series> {
    let [_, second] = &report.classes[..] else { return None };
    #[expect(clippy::cast_precision_loss, reason = "samples are far below 2^52")]
    let share = second.support as f64 / report.samples as f64;
    Some(reference("chance", &[(0.0, share), (1.0, share)]))
}

/// Nothing that can be seen; it makes both axes go from 0 to 1, whatever the curves are.
fn frame() -> Series {
    Series { band: Some(vec![(0.0, 0.0, 0.0), (1.0, 1.0, 1.0)]), ..reference("", &[]) }
}

/// One line for each class, or for the second of two; of many classes those with the lowest figures.
fn lines(
    report: &ClassificationReport,
    figure: impl Fn(&ClassFigures) -> Option<f64>,
    curve: impl Fn(&ClassCurves) -> &Vec<(f64, f64)>,
) -> Vec<Series> {
    let first = usize::from(report.classes.len() == 2);
    let mut drawn: Vec<(&ClassFigures, f64, &ClassCurves)> = report
        .classes
        .iter()
        .skip(first)
        .filter_map(|class| Some((class, figure(class)?, class.curves.as_ref()?)))
        .collect();
    if drawn.len() > MOST_LINES {
        drawn.sort_by(|(_, left, _), (_, right, _)| left.total_cmp(right));
        drawn.truncate(MOST_LINES);
    }
    let line =
        |(index, (class, value, curves)): (usize, (&ClassFigures, f64, &ClassCurves))| Series {
            name: format!("{}: {}", class.class, percent(value)),
            points: curve(curves).clone(),
            style: Style::Solid,
            color: Color::Apart(index),
            band: None,
            markers: false,
        };
    drawn.into_iter().enumerate().map(line).collect()
}

fn title(all: &str, short: &str, report: &ClassificationReport) -> String {
    let ranked = report.classes.iter().filter(|class| class.roc_auc.is_some()).count();
    match &report.classes[..] {
        [_, second] => format!("{short} of {}", second.class),
        _ if ranked > MOST_LINES => format!("{all}: the worst {MOST_LINES} of {ranked}"),
        _ => all.to_owned(),
    }
}

/// Accuracy by confidence.
fn reliability(calibration: &Calibration) -> LineChart {
    let points = calibration.bins.iter().map(|bin| (bin.confidence, bin.accuracy)).collect();
    let series = Series {
        name: format!("calibration error {}", percent(calibration.calibration_error)),
        points,
        style: Style::Solid,
        color: Color::Apart(0),
        band: None,
        markers: true,
    };
    let perfect = reference("perfect", &[(0.0, 0.0), (1.0, 1.0)]);
    chart(
        "Reliability of the probabilities".to_owned(),
        ["confidence (probability of the likeliest class)", "accuracy"],
        vec![series, perfect],
    )
}

/// A dashed black line.
fn reference(name: &str, points: &[(f64, f64)]) -> Series {
    const BLACK: Color = Color::Apart(6);
    let (name, points) = (name.to_owned(), points.to_vec());
    Series { name, points, style: Style::Dashed, color: BLACK, band: None, markers: false }
}

fn chart(title: String, [x_label, y_label]: [&str; 2], series: Vec<Series>) -> LineChart {
    let [x_label, y_label] = [x_label, y_label].map(str::to_owned);
    LineChart { title, x_label, y_label, series, y_scale: Scale::Linear, integer_x: false }
}
