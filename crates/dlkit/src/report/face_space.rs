//! Report of a face space.

use dlkit_vision::eigenfaces::{
    Calibration, Components, Eigenfaces, FaceDistances, FeatureConfig, Method, Normalization,
    Spectrum, Threshold,
};
use serde::Serialize;

use super::face_rates::{features_name, thresholds_table};
use super::figures::{counted, figure, percent, thousands};
use super::text_table::{Align, TextTable};

/// Share of the variance that the 95 % rule keeps.
pub(super) const USUAL_SHARE: f64 = 0.95;

/// The result of a fit.
#[derive(Debug, Serialize)]
pub(crate) struct FaceSpaceReport {
    pictures: usize,
    width: usize,
    height: usize,
    people: Option<Vec<String>>,
    normalisation: Normalization,
    method: Method,
    components: usize,
    features: FeatureConfig,
    feature_count: usize,
    /// Number of components by each rule.
    rules: Rules,
    total_variance: f64,
    eigenvalues: Vec<f64>,
    variance_shares: Vec<f64>,
    calibration: CalibrationReport,
    /// Notes on reading the pictures.
    notes: Vec<String>,
    written: Vec<String>,
    #[serde(skip)]
    marked: Vec<Rule>,
}

#[derive(Debug, Serialize)]
struct Rules {
    asked: String,
    /// None if too few eigenvalues are known.
    share_95: Option<usize>,
    /// None if too few eigenvalues are known.
    kaiser: Option<usize>,
    /// Threshold of the Kaiser rule: the mean of the eigenvalues.
    mean_eigenvalue: f64,
}

#[derive(Debug, Serialize)]
struct CalibrationReport {
    folds: usize,
    folds_of_people: usize,
    /// Usual distances of faces.
    usual: Option<FaceDistances>,
    face: Option<Threshold>,
    euclidean: Option<Threshold>,
    mahalanobis: Option<Threshold>,
    cosine: Option<Threshold>,
    mean_distance: Option<Threshold>,
}

impl FaceSpaceReport {
    pub(crate) fn new(
        model: &Eigenfaces,
        asked: Components,
        notes: Vec<String>,
        written: Vec<String>,
    ) -> Self {
        let spectrum = model.spectrum();
        let Calibration {
            usual,
            face,
            known: [euclidean, mahalanobis, cosine, mean_distance],
            folds,
            folds_of_people,
            ..
        } = model.calibration().clone();
        Self {
            pictures: spectrum.pictures,
            width: model.width(),
            height: model.height(),
            people: model.is_labeled().then(|| model.people().to_vec()),
            normalisation: model.normalization(),
            method: model.method(),
            components: model.components(),
            features: model.features(),
            feature_count: model.feature_count(),
            rules: Rules {
                asked: asked.to_string(),
                share_95: spectrum.reaching(USUAL_SHARE),
                kaiser: spectrum.above_mean(),
                mean_eigenvalue: spectrum.mean_eigenvalue(),
            },
            total_variance: spectrum.total_variance,
            eigenvalues: spectrum.eigenvalues.clone(),
            variance_shares: spectrum.shares().collect(),
            calibration: CalibrationReport {
                folds,
                folds_of_people,
                usual,
                face,
                euclidean,
                mahalanobis,
                cosine,
                mean_distance,
            },
            notes,
            written,
            marked: rules(spectrum, model.components(), asked),
        }
    }

    fn explained(&self, components: usize) -> f64 {
        self.variance_shares.iter().take(components).sum()
    }
}

/// A rule and its number of eigenfaces; none if too few eigenvalues are known.
#[derive(Debug)]
struct Rule {
    name: String,
    components: Option<usize>,
}

/// The rules: the requested number, if any, a share, Kaiser. The rule in use is marked.
fn rules(spectrum: &Spectrum, kept: usize, asked: Components) -> Vec<Rule> {
    let mark = |name: &str, is_kept: bool, components: Option<usize>| {
        let kept = if is_kept { " (kept)" } else { "" };
        Rule { name: format!("{name}{kept}"), components }
    };
    let is_share = |share: f64| (share - USUAL_SHARE).abs() < 1e-9;
    let (by_share, by_kaiser) = match asked {
        Components::Share(share) => (is_share(share), false),
        Components::Kaiser => (false, true),
        Components::Number(_) => (false, false),
    };
    let mut rules = vec![
        mark("95 % of the variance", by_share, spectrum.reaching(USUAL_SHARE)),
        mark("Kaiser, above the mean", by_kaiser, spectrum.above_mean()),
    ];
    if !by_share && !by_kaiser {
        rules.insert(0, mark(&format!("--components {asked}"), true, Some(kept)));
    }
    rules
}

/// For the terminal: the result of a fit.
pub(crate) fn face_space_text(report: &FaceSpaceReport) -> String {
    let (n, d) = (report.pictures, report.width * report.height);
    let people = report.people.as_ref().map_or(String::new(), |people| {
        let noun = if people.len() == 1 { "person" } else { "people" };
        format!(" of {} {noun}", people.len())
    });
    let way = match report.method {
        Method::Gram => format!(
            "from the {n} x {n} inner products of the pictures, not the {d} x {d} covariance",
            n = thousands(n),
            d = thousands(d)
        ),
        Method::Covariance => {
            format!("from the {d} x {d} covariance of the pixels", d = thousands(d))
        }
        Method::Randomized => "approximately, by a random sample of the range".to_owned(),
    };
    let mut lines = vec![
        format!(
            "{}{people}, {}x{} pixels; {way}",
            counted(n, "picture"),
            report.width,
            report.height
        ),
        rules_table(report).to_string(),
    ];
    lines.push(format!(
        "Kaiser: eigenvalues above their mean, {} (above 1 if scaled to mean 1)",
        figure(report.rules.mean_eigenvalue, 6)
    ));
    if report.marked.iter().any(|rule| rule.components.is_none()) {
        lines.push(format!(
            "- : more than the {} that the randomized method computed; --method gram or covariance computes all",
            counted(report.eigenvalues.len(), "eigenvalue")
        ));
    }
    if report.features != FeatureConfig::default() {
        lines.push(format!(
            "faces are compared by {}: {}",
            features_name(report.features),
            counted(report.feature_count, "number")
        ));
    }
    lines.push(calibration_text(&report.calibration));
    lines.push(format!("written: {}", report.written.join(", ")));
    lines.join("\n")
}

fn rules_table(report: &FaceSpaceReport) -> TextTable {
    let mut table = TextTable::new(&[
        ("rule", Align::Left),
        ("eigenfaces", Align::Right),
        ("variance explained", Align::Right),
    ]);
    for Rule { name, components } in &report.marked {
        let number = components.map_or_else(|| "-".to_owned(), thousands);
        let share = components.map_or_else(|| "-".to_owned(), |k| percent(report.explained(k)));
        table.row([name.clone(), number, share]);
    }
    table
}

fn calibration_text(calibration: &CalibrationReport) -> String {
    if calibration.folds == 0 {
        return "no thresholds: too few pictures to hold some out; give at least 4".to_owned();
    }
    let rows = [
        ("face score: 1 is typical", calibration.face),
        ("known: euclidean", calibration.euclidean),
        ("known: mahalanobis", calibration.mahalanobis),
        ("known: cosine", calibration.cosine),
        ("known: mean distance to all", calibration.mean_distance),
    ];
    thresholds_table(&rows, [calibration.folds, calibration.folds_of_people])
}

/// Chart of the explained variance, with the rules marked.
pub(crate) fn variance_chart(
    spectrum: &Spectrum,
    kept: usize,
    asked: Components,
) -> crate::plot::LineChart {
    use crate::plot::{Color, LineChart, Scale, Series, Style};
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let float = |count: usize| count as f64;
    let cumulative: Vec<f64> = spectrum.cumulative_shares().map(|share| 100.0 * share).collect();
    let points = cumulative.iter().enumerate().map(|(index, share)| (float(index + 1), *share));
    let line = |name: String, points: Vec<(f64, f64)>, color, style| Series {
        name,
        points,
        style,
        color: Color::Apart(color),
        band: None,
        markers: false,
    };
    let mut series = vec![line("explained so far".to_owned(), points.collect(), 0, Style::Solid)];
    for (index, Rule { name, components }) in rules(spectrum, kept, asked).into_iter().enumerate() {
        let Some(components) = components.filter(|components| *components > 0) else { continue };
        let Some(share) = cumulative.get(components - 1) else { continue };
        let at = float(components);
        let mut mark = line(
            format!("{name}: {components}"),
            vec![(at, 0.0), (at, *share)],
            index + 1,
            Style::Dashed,
        );
        mark.markers = true;
        series.push(mark);
    }
    LineChart {
        title: "Variance explained by the first eigenfaces".to_owned(),
        x_label: "eigenfaces".to_owned(),
        y_label: "share of the variance in %".to_owned(),
        series,
        y_scale: Scale::Linear,
        integer_x: true,
    }
}
