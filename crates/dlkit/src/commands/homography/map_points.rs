//! `--map`: points instead of a picture.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::publish;
use dlkit_files::picture::read_picture;
use dlkit_vision::homography::{Homography, Point, Side};
use dlkit_vision::points::{parse_points, read_points};
use serde::Serialize;

use super::mapping::find_mapping;
use super::{Args, matrix_file};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::counted;

/// The result of `--map`.
#[derive(Serialize)]
struct Answer {
    matrix: [[f64; 3]; 3],
    /// Whether targets were mapped to sources.
    inverted: bool,
    points: Vec<Mapped>,
    notes: Vec<String>,
    written: Vec<String>,
}

/// A point and its image. With `--invert` the target is given.
#[derive(Clone, Copy, Serialize)]
struct Mapped {
    /// None if it is at infinity.
    source: Option<Point>,
    target: Option<Point>,
}

/// How points are written.
#[derive(Clone, Copy)]
enum Format {
    Table,
    Json,
}

pub(super) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let format = args.output.as_deref().map_or(Ok(Format::Table), format_of)?;
    let picture = args.image.as_deref().map(read_picture).transpose()?;
    let mapping = find_mapping(args, picture.as_ref(), None)?;
    let points = points(args)?;
    let applied = mapping.applied(args.invert);
    for warning in mapping.estimate.iter().flat_map(|estimate| &estimate.warnings) {
        console.warning(warning);
    }
    let mapped = mapped(&points, &applied, args.invert);
    let content = matrix_file::content(args, &mapping, picture.as_ref(), None);
    let lost = args.files.save_matrix.as_ref().and_then(|path| matrix_file::lost(path, &content));
    let own = notes(&points, &mapped, &applied);
    let notes: Vec<String> = mapping.notes.iter().cloned().chain(own).chain(lost).collect();
    for note in &notes {
        console.warning(note);
    }
    let mut files = Vec::new();
    if let Some(path) = &args.output {
        let text = match format {
            Format::Table => table(&mapped, args.invert)?,
            Format::Json => serde_json::to_string_pretty(&mapped).context("cannot write")? + "\n",
        };
        let file = StagedFile::write(path, text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))?;
        files.push(("--output", file));
    }
    if let Some(path) = &args.files.save_matrix {
        files.push(("--save-matrix", matrix_file::staged(path, &content)?));
    }
    let mut written = Vec::new();
    for (flag, file) in files {
        written.push(publish(flag, file, args.force.is_given())?.display().to_string());
    }
    if args.output.is_none() {
        console.line(table(&mapped, args.invert)?.trim_end())?;
    } else {
        console.line(format!("{} mapped", counted(mapped.len(), "point")))?;
    }
    for file in &written {
        console.line(format!("written: {file}"))?;
    }
    let (matrix, inverted) = (mapping.homography.rows(), args.invert);
    console.object(&Answer { matrix, inverted, points: mapped, notes, written })?;
    Ok(ExitStatus::Done)
}

fn format_of(path: &Path) -> Result<Format> {
    match path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase) {
        Some(ending) if ending == "csv" || ending == "txt" => Ok(Format::Table),
        Some(ending) if ending == "json" => Ok(Format::Json),
        _ => bail!(
            "--output {}: the points of --map go into a file whose name ends in .csv, .txt or .json",
            path.display()
        ),
    }
}

/// The points of `--map`: of a file of pairs, those that are mapped.
fn points(args: &Args) -> Result<Vec<Point>> {
    let side = if args.invert { Side::Target } else { Side::Source };
    if let Some(path) = args.files.map_file() {
        return Ok(read_points(path, args.order.into(), side)?);
    }
    let text = args.files.map.as_deref().unwrap_or_default();
    if !text.contains([',', ';', ' ']) {
        bail!("--map {text}: no such file; points have the form \"x,y x,y ...\"");
    }
    parse_points(text, args.order.into())
        .context("--map: neither a file nor points (\"x,y x,y ...\")")
}

fn mapped(points: &[Point], applied: &Homography, is_inverted: bool) -> Vec<Mapped> {
    let pair = |point: &Point| {
        let (given, image) = (Some(*point), applied.map(*point));
        if is_inverted {
            Mapped { source: image, target: given }
        } else {
            Mapped { source: given, target: image }
        }
    };
    points.iter().map(pair).collect()
}

/// Points that map to infinity, and points on both sides of the line that does.
fn notes(points: &[Point], mapped: &[Mapped], applied: &Homography) -> Vec<String> {
    let infinite = mapped.iter().filter(|pair| pair.source.is_none() || pair.target.is_none());
    let infinite = infinite.count();
    let mut notes = Vec::new();
    if infinite > 0 {
        notes.push(format!("{} mapped to infinity, written as inf", counted(infinite, "point")));
    }
    let before = points.iter().filter(|point| applied.depth(**point) > 0.0).count();
    let beyond = points.iter().filter(|point| applied.depth(**point) < 0.0).count();
    if before.min(beyond) > 0 {
        notes.push(format!(
            "the line that maps to infinity separates {} from the other {}; no picture shows both sides",
            counted(before.min(beyond), "point"),
            before.max(beyond)
        ));
    }
    notes
}

/// A table with a line of names: x and y of the source, u and v of the target, the given ones first.
fn table(mapped: &[Mapped], is_inverted: bool) -> Result<String> {
    let mut text = if is_inverted { "u,v,x,y\n" } else { "x,y,u,v\n" }.to_owned();
    for Mapped { source, target } in mapped {
        let (given, image) = if is_inverted { (target, source) } else { (source, target) };
        let points = [source, target].into_iter().flatten();
        let largest = points.map(|point| point.x.abs().max(point.y.abs())).fold(0.0, f64::max);
        let [x, y] = coordinates(*given, 0.0);
        let [u, v] = coordinates(*image, largest);
        writeln!(text, "{x},{y},{u},{v}").context("cannot write the points")?;
    }
    Ok(text)
}

/// Text of both coordinates. Those that are 0 but for rounding, next to the largest of the pair, become 0.
fn coordinates(point: Option<Point>, largest: f64) -> [String; 2] {
    let rounded = |number: f64| if number.abs() <= ROUNDING * largest { 0.0 } else { number };
    point.map_or_else(
        || ["inf", "inf"].map(str::to_owned),
        |Point { x, y }| [x, y].map(|number| digits(rounded(number))),
    )
}

/// Coordinates below this share of the largest are rounding: some hundred times that of a number.
const ROUNDING: f64 = 1e-13;

/// Twelve significant digits, more than any picture or map has; the rest is rounding.
fn digits(number: f64) -> String {
    // Through the decimal form, which rounds exactly.
    format!("{number:.11e}").parse().map_or_else(
        |_| number.to_string(),
        |rounded: f64| {
            // No negative zero.
            (rounded + 0.0).to_string()
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_twelve_digits() {
        assert_eq!(digits(399.999_999_999_999_94), "400");
        assert_eq!(digits(18.000_349_938_423_56), "18.0003499384");
        assert_eq!(digits(-5_762_123.123_456_7), "-5762123.12346");
        assert_eq!(digits(-0.0), "0");
    }

    #[test]
    fn rounding_of_zero_is_zero() {
        let point = |x, y| Some(Point::new(x, y));
        assert_eq!(coordinates(point(-2.9e-13, 400.0), 400.0), ["0", "400"]);
        assert_eq!(coordinates(point(2.5e-7, -1e-13), 1e-6), ["0.00000025", "-0.0000000000001"]);
        assert_eq!(coordinates(None, 1.0), ["inf", "inf"]);
    }
}
