//! Report of a homography.

use dlkit_vision::features::Registration;
use dlkit_vision::homography::{
    Correspondence, ErrorSummary, Estimate, Homography, Point, TransferError,
};
use dlkit_vision::warp::Canvas;
use serde::Serialize;

use super::figures::counted;
use super::homography_quality::Quality;
use super::text_table::{Align, TextTable};

/// The result of `dlkit homography`. Coordinates and errors are in pixels, x to the right, y down; those
/// of targets in the unit of the targets.
#[derive(Debug, Serialize)]
pub(crate) struct HomographyReport {
    /// Maps (x, y, 1) in the source to a multiple of (u, v, 1) in the target. h33 is 1; if h33 is 0, the
    /// norm is 1.
    pub(crate) matrix: [[f64; 3]; 3],
    /// Maps target to source.
    pub(crate) inverse: [[f64; 3]; 3],
    /// Whether the picture was warped by the inverse.
    pub(crate) inverted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) registration: Option<RegistrationFigures>,
    #[serde(flatten)]
    pub(crate) fit: Option<Fit>,
    #[serde(flatten)]
    pub(crate) quality: Option<Quality>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<Page>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) canvas: Option<Canvas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) holes: Option<Holes>,
    /// Notes on the pictures.
    pub(crate) notes: Vec<String>,
    /// Written files.
    pub(crate) written: Vec<String>,
}

/// How well the homography fits its points.
#[derive(Debug, Serialize)]
pub(crate) struct Fit {
    /// Estimation method.
    method: &'static str,
    points: Vec<Row>,
    /// Number of inliers.
    inliers: usize,
    /// Condition: largest over second smallest singular value of the normalized equations.
    condition: f64,
    /// Number of samples that RANSAC tried.
    samples: Option<usize>,
    /// Error of the inliers.
    forward_error: Option<ErrorSummary>,
    backward_error: Option<ErrorSummary>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    source: Point,
    target: Point,
    forward_error: Option<f64>,
    backward_error: Option<f64>,
    inlier: bool,
}

/// How two pictures were matched.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct RegistrationFigures {
    /// Number of features of both pictures.
    features: [usize; 2],
    /// Number of features that match.
    matches: usize,
    /// Decimal logarithm of the number of homographies with so many inliers expected by chance.
    log_false_alarms: f64,
}

/// A rectified page.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Source of the proportions: given, focal-length, perspective or side-lengths.
    pub(crate) aspect: &'static str,
    /// Width over height.
    pub(crate) ratio: f64,
    /// Where the ratio lies with a probability of 95 %, if it was estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ratio_range: Option<[f64; 2]>,
    /// Standard formats in this range.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fits: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) focal_length: Option<PageFocal>,
    /// The probability that this is a page, if it was found: 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) confidence: Option<f64>,
}

/// The focal length of the photo of a page, in pixels.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct PageFocal {
    pub(crate) pixels: f64,
    /// Where it lies with a probability of 95 %.
    pub(crate) range: [f64; 2],
    /// Where it comes from: given, exif or perspective.
    pub(crate) source: &'static str,
}

impl Page {
    /// A page whose proportions are certain.
    pub(crate) const fn new(size: (u32, u32), ratio: f64, aspect: &'static str) -> Self {
        Self {
            width: size.0,
            height: size.1,
            aspect,
            ratio,
            ratio_range: None,
            fits: Vec::new(),
            focal_length: None,
            confidence: None,
        }
    }
}

/// Holes of forward mapping.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Holes {
    /// Number of canvas pixels within the picture that no source pixel maps to.
    pub(crate) pixels: u64,
    /// Number of canvas pixels within the picture.
    pub(crate) of: u64,
}

impl HomographyReport {
    pub(crate) fn new(
        homography: &Homography,
        pairs: &[Correspondence],
        estimate: Option<&Estimate>,
        page: Option<Page>,
    ) -> Self {
        Self {
            matrix: homography.rows(),
            inverse: homography.inverse().rows(),
            inverted: false,
            registration: None,
            fit: estimate.map(|estimate| Fit::new(pairs, estimate)),
            quality: None,
            page,
            canvas: None,
            holes: None,
            notes: Vec::new(),
            written: Vec::new(),
        }
    }
}

impl From<&Registration> for RegistrationFigures {
    fn from(registration: &Registration) -> Self {
        Self {
            features: registration.features,
            matches: registration.matches.len(),
            log_false_alarms: registration.log_false_alarms,
        }
    }
}

impl Fit {
    fn new(pairs: &[Correspondence], estimate: &Estimate) -> Self {
        let row = |((pair, error), inlier): ((&Correspondence, &TransferError), &bool)| Row {
            source: pair.source,
            target: pair.target,
            forward_error: error.forward,
            backward_error: error.backward,
            inlier: *inlier,
        };
        let points: Vec<Row> =
            pairs.iter().zip(&estimate.errors).zip(&estimate.inliers).map(row).collect();
        let counting = || points.iter().filter(|row| row.inlier);
        Self {
            method: if estimate.samples.is_some() { "ransac" } else { "dlt" },
            inliers: counting().count(),
            condition: estimate.condition,
            samples: estimate.samples,
            forward_error: ErrorSummary::of(counting().map(|row| row.forward_error)),
            backward_error: ErrorSummary::of(counting().map(|row| row.backward_error)),
            warnings: estimate.warnings.iter().map(ToString::to_string).collect(),
            points,
        }
    }
}

/// Maximum number of pairs on the terminal; the JSON object lists all.
const LISTED: usize = 20;

/// For the terminal: the report.
pub(crate) fn homography_text(report: &HomographyReport) -> String {
    let mut lines = vec![matrix("matrix", &report.matrix)];
    if report.inverted {
        lines.extend([String::new(), matrix("inverse", &report.inverse)]);
    }
    if let Some(fit) = &report.fit {
        lines.push(String::new());
        lines.extend(report.registration.map(registration_line));
        let unit = report.quality.as_ref().map_or("px", Quality::target_unit);
        lines.extend(fit_lines(fit, unit));
        lines.extend(report.quality.iter().flat_map(Quality::lines));
    }
    lines.extend(report.page.iter().flat_map(page_lines));
    if let Some(Canvas { width, height, left, top }) = report.canvas {
        lines.push(format!("canvas: {width} x {height} px, first pixel at ({left}, {top})"));
    }
    if let Some(Holes { pixels, of }) = report.holes {
        lines.push(format!("forward mapping leaves {pixels} of {of} pixels empty"));
    }
    lines.extend(report.written.iter().map(|file| format!("written: {file}")));
    lines.join("\n")
}

fn page_lines(page: &Page) -> Vec<String> {
    let Page { width, height, aspect, ratio, .. } = page;
    let mut lines = Vec::new();
    lines.extend(
        page.confidence.map(|confidence| format!("page found, confidence {confidence:.2}")),
    );
    let aspect = match (*aspect, page.focal_length.map(|focal| focal.source)) {
        ("focal-length", Some("exif")) => "from the corners and the focal length of the Exif data",
        ("focal-length", _) => "from the corners and the focal length given",
        ("perspective", _) => "from the perspective",
        ("side-lengths", _) => "from the side lengths",
        _ => "as given",
    };
    lines.push(format!("page: {width} x {height} px, proportions {aspect}"));
    if let Some([low, high]) = page.ratio_range {
        let fits = match page.fits.as_slice() {
            [] => String::new(),
            [one] => format!("; fits {one}: --size {one} makes it exact"),
            several => format!("; fits {}: --size chooses one", several.join(" and ")),
        };
        lines.push(format!("width : height {ratio:.3}, 95 % range {low:.3} to {high:.3}{fits}"));
    }
    lines
}

fn matrix(name: &'static str, rows: &[[f64; 3]; 3]) -> String {
    let mut table = TextTable::new(&[(name, Align::Right), ("", Align::Right), ("", Align::Right)]);
    for row in rows {
        table.row(entries(row));
    }
    table.to_string()
}

/// Ten significant digits of each entry of a row. Entries of the last row are small but matter as much as
/// the others. Rounding residues of 0 become 0.
fn entries(row: &[f64; 3]) -> [String; 3] {
    const ROUNDING: f64 = 1e-15;
    let largest = row.iter().fold(0.0_f64, |largest, entry| largest.max(entry.abs()));
    row.map(|entry| {
        let size = entry.abs();
        if size <= ROUNDING * largest {
            return "0".to_owned();
        }
        let decimals = [1e5, 1e4, 1e3, 1e2, 1e1, 1.0, 1e-1, 1e-2, 1e-3]
            .into_iter()
            .zip(4_usize..)
            .find(|(power, _)| size >= *power);
        match decimals {
            Some((_, decimals)) if size < 1e6 => format!("{entry:.decimals$}"),
            _ => format!("{entry:.9e}"),
        }
    })
}

fn registration_line(registration: RegistrationFigures) -> String {
    let RegistrationFigures { features: [first, second], matches, log_false_alarms } = registration;
    format!(
        "{matches} matches of {first} and {second} features; expected number of such homographies by \
         chance: 10^{log_false_alarms:.0}"
    )
}

fn fit_lines(fit: &Fit, unit: &str) -> Vec<String> {
    let finest = if unit == "px" { 0.01 } else { finest(fit) };
    let forward = format!("forward {unit}");
    let mut table = TextTable::new(&[("pair", Align::Right)]);
    for column in ["source (x, y)", "target (x, y)", &forward, "backward px"] {
        table.column(column, Align::Right);
    }
    table.column("counts", Align::Left);
    for (index, row) in fit.points.iter().take(LISTED).enumerate() {
        let place = |point: Point, finest: f64| {
            format!("({}, {})", rounded(point.x, finest), rounded(point.y, finest))
        };
        let error = |error: Option<f64>, unit: &str| {
            error.map_or_else(|| "infinite".to_owned(), |error| length(error, unit))
        };
        table.row([
            (index + 1).to_string(),
            place(row.source, 0.01),
            place(row.target, finest),
            error(row.forward_error, unit),
            error(row.backward_error, "px"),
            if row.inlier { "yes" } else { "no" }.to_owned(),
        ]);
    }
    let mut lines = vec![table.to_string()];
    if fit.points.len() > LISTED {
        lines.push(format!("... and {} more (--json lists all)", fit.points.len() - LISTED));
    }
    lines.push(format!(
        "{} of {}",
        counted(fit.inliers, "inlier"),
        counted(fit.points.len(), "pair")
    ));
    for (name, summary, unit) in
        [("forward", fit.forward_error, unit), ("backward", fit.backward_error, "px")]
    {
        if let Some(ErrorSummary { root_mean_square, largest }) = summary {
            lines.push(format!(
                "{name} error: {} {unit} root mean square, {} {unit} maximum",
                length(root_mean_square, unit),
                length(largest, unit)
            ));
        }
    }
    lines.push(format!("condition: {:.1}", fit.condition));
    lines.extend(fit.samples.map(|samples| format!("samples tried: {samples}")));
    lines
}

/// A length: pixels with four decimals, other units with four digits.
fn length(length: f64, unit: &str) -> String {
    if unit == "px" { format!("{length:.4}") } else { format!("{length:.3e}") }
}

/// Rounds to a multiple of a power of ten, without trailing zeros.
fn rounded(coordinate: f64, finest: f64) -> f64 {
    let steps = finest.recip().round().max(1.0);
    (coordinate * steps).round() / steps
}

/// The power of ten, at most a hundredth, that is a ten-thousandth of the extent of the targets or less.
fn finest(fit: &Fit) -> f64 {
    let targets = || fit.points.iter().map(|row| row.target);
    let extent = |coordinate: fn(Point) -> f64| {
        let of = targets().map(coordinate);
        let low = of.clone().fold(f64::INFINITY, f64::min);
        of.fold(f64::NEG_INFINITY, f64::max) - low
    };
    let extent = extent(|point| point.x).max(extent(|point| point.y));
    if extent > 0.0 { 10.0_f64.powf((extent / 1e4).log10().floor()).min(0.01) } else { 0.01 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_ten_digits_whatever_their_size() {
        assert_eq!(
            entries(&[1.234_567_890_123, -0.012_345_678_901_23, 448.123_456_789]),
            ["1.234567890", "-0.01234567890", "448.1234568"]
        );
        assert_eq!(
            entries(&[1.234_567_890_123e-5, -1.234_567_890_123e-4, 1.0]),
            ["1.234567890e-5", "-1.234567890e-4", "1.000000000"]
        );
        assert_eq!(entries(&[-1e-16, -0.0, 1.0]), ["0", "0", "1.000000000"]);
        assert_eq!(entries(&[0.0; 3]), ["0"; 3]);
        assert_eq!(entries(&[1e-20, 2e6, 999_999.0]), ["0", "2.000000000e6", "999999.0000"]);
    }
}
