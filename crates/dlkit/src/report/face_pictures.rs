//! Pictures of the mean face, eigenfaces and reconstructed faces.

use anyhow::{Context, Result};
use dlkit_vision::eigenfaces::{Eigenfaces, Reconstruction, Verdict};
use image::{GrayImage, ImageFormat};

use super::figures::{counted, figure, percent, short_names};
use super::recognition::{Recognized, distance_text};
use super::text_table::{Align, TextTable};
use crate::plot::{Cell, Color, LineChart, PictureGrid, Scale, Series, Style};

/// Maximum number of eigenfaces in a sheet.
const MOST_SHOWN: usize = 99;
/// Maximum number of reconstructed pictures in a sheet or chart.
const MOST_ROWS: usize = 24;

/// A picture and its reconstructions.
pub(crate) struct Rebuilt {
    pub(crate) name: String,
    pub(crate) picture: Vec<f32>,
    pub(crate) resized: bool,
    pub(crate) steps: Vec<Reconstruction>,
}

/// Bytes of values: `low` is black, `high` is white.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
fn grays(values: impl Iterator<Item = f64>, low: f64, high: f64) -> Vec<u8> {
    let range = if high > low { high - low } else { 1.0 };
    values.map(|value| ((value - low) / range * 255.0).round().clamp(0.0, 255.0) as u8).collect()
}

fn extent(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

/// Bytes of values: 0 is black, 1 is white. Stretches other ranges, as of stacks or normalized pictures.
fn shown(values: &[f64]) -> Vec<u8> {
    const SLACK: f64 = 0.25;
    let (low, high) = extent(values);
    let usual = low >= -SLACK && high <= 1.0 + SLACK;
    let (low, high) = if usual { (0.0, 1.0) } else { (low, high) };
    grays(values.iter().copied(), low, high)
}

/// Encodes a gray picture as a PNG file of the same size.
pub(crate) fn gray_png(values: &[f64], width: usize, height: usize) -> Result<Vec<u8>> {
    let side = |length: usize| u32::try_from(length).context("the picture is too large to draw");
    let picture = GrayImage::from_raw(side(width)?, side(height)?, shown(values))
        .context("the picture has too few pixels")?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png)?;
    Ok(bytes.into_inner())
}

/// Sheet of the mean face and the eigenfaces; zero is middle gray in each eigenface.
pub(crate) fn eigenfaces_sheet(model: &Eigenfaces) -> PictureGrid {
    let mut cells = vec![Cell { name: "mean".to_owned(), values: shown(model.mean()) }];
    let shares = model.spectrum().shares();
    for (index, (eigenface, share)) in model.eigenfaces().zip(shares).take(MOST_SHOWN).enumerate() {
        let reach = eigenface.iter().map(|value| value.abs()).fold(0.0, f64::max);
        let values = grays(eigenface.iter().copied(), -reach, reach);
        cells.push(Cell { name: format!("{}: {}", index + 1, percent(share)), values });
    }
    let all = model.components();
    let cut =
        if all > MOST_SHOWN { format!(", the first {MOST_SHOWN} shown") } else { String::new() };
    PictureGrid {
        title: "Mean face and eigenfaces".to_owned(),
        note: format!(
            "{}{cut}; each with its share of the variance; middle gray is zero",
            counted(all, "eigenface")
        ),
        columns: columns(cells.len()),
        width: model.width(),
        height: model.height(),
        cells,
    }
}

/// Number of columns of a nearly square grid, 4 to 10.
fn columns(cells: usize) -> usize {
    (4..10).find(|columns| columns * columns >= cells).unwrap_or(10)
}

/// Sheet with one row for each picture: the picture, then its reconstructions.
pub(crate) fn rebuilt_sheet(model: &Eigenfaces, rebuilt: &[Rebuilt]) -> PictureGrid {
    let mut cells = Vec::new();
    for (picture, name) in rebuilt.iter().zip(names(rebuilt)).take(MOST_ROWS) {
        let own: Vec<f64> = picture.picture.iter().map(|value| f64::from(*value)).collect();
        cells.push(Cell { name, values: shown(&own) });
        for step in &picture.steps {
            let name = format!("k = {}: {:.4}", step.components, step.error);
            cells.push(Cell { name, values: shown(&step.picture) });
        }
    }
    let cut = if rebuilt.len() > MOST_ROWS {
        format!("; the first {MOST_ROWS} of {} pictures", rebuilt.len())
    } else {
        String::new()
    };
    PictureGrid {
        title: "Faces reconstructed from k eigenfaces".to_owned(),
        note: format!("left: the picture; then k and the root mean square error{cut}"),
        columns: rebuilt.first().map_or(1, |first| first.steps.len() + 1),
        width: model.width(),
        height: model.height(),
        cells,
    }
}

/// Maximum number of asked pictures in a sheet.
const MOST_ASKED: usize = 100;

/// Sheet of asked pictures, each beside the nearest known face.
pub(crate) fn asked_sheet(
    model: &Eigenfaces,
    pictures: &[Recognized],
    values: &[Vec<f32>],
) -> PictureGrid {
    let names = short_names(&pictures.iter().map(|p| p.picture.as_str()).collect::<Vec<_>>());
    let mut cells = Vec::new();
    for ((asked, own), name) in pictures.iter().zip(values).zip(names).take(MOST_ASKED) {
        let own: Vec<f64> = own.iter().map(|value| f64::from(*value)).collect();
        cells.push(Cell { name, values: shown(&own) });
        let near = asked.found.candidates.first();
        let picture = near.and_then(|near| model.thumbnail(near.number)).unwrap_or_default();
        let near = near.map_or_else(String::new, |near| match asked.found.verdict {
            Verdict::NotAFace => "not a face".to_owned(),
            Verdict::Unknown => format!("unknown {}", distance_text(near.distance)),
            Verdict::Known | Verdict::Undecided => {
                format!("{} {}", near.person, distance_text(near.distance))
            }
        });
        cells.push(Cell { name: near, values: shown(&picture) });
    }
    let cut = if pictures.len() > MOST_ASKED {
        format!("; the first {MOST_ASKED} of {} pictures", pictures.len())
    } else {
        String::new()
    };
    PictureGrid {
        title: "Pictures and the nearest known faces".to_owned(),
        note: format!("right of each: the nearest face, its person if known, the distance{cut}"),
        columns: if cells.len() > 20 { 8 } else { 4.min(cells.len().max(1)) },
        width: model.width(),
        height: model.height(),
        cells,
    }
}

/// The pictures by their shortest distinct names.
fn names(rebuilt: &[Rebuilt]) -> Vec<String> {
    short_names(&rebuilt.iter().map(|picture| picture.name.as_str()).collect::<Vec<_>>())
}

/// Table of errors by picture and number of eigenfaces.
pub(crate) fn rebuilt_table(rebuilt: &[Rebuilt]) -> TextTable {
    let mut table = TextTable::new(&[("picture", Align::Left)]);
    for step in rebuilt.first().map_or(&[][..], |first| &first.steps) {
        table.column(&format!("error, k = {}", step.components), Align::Right);
    }
    for picture in rebuilt {
        let errors = picture.steps.iter().map(|step| figure(step.error, 4));
        table.row(std::iter::once(picture.name.clone()).chain(errors));
    }
    table
}

/// Chart of the error over the number of eigenfaces, with a line for each picture.
pub(crate) fn error_chart(rebuilt: &[Rebuilt]) -> LineChart {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let point = |step: &Reconstruction| (step.components as f64, step.error);
    let line = |(index, (picture, name)): (usize, (&Rebuilt, String))| Series {
        name,
        points: picture.steps.iter().map(point).collect(),
        style: Style::Solid,
        color: Color::Apart(index),
        band: None,
        markers: true,
    };
    LineChart {
        title: "Error of reconstructed faces".to_owned(),
        x_label: "eigenfaces".to_owned(),
        y_label: "root mean square error".to_owned(),
        series: rebuilt.iter().zip(names(rebuilt)).take(MOST_ROWS).enumerate().map(line).collect(),
        y_scale: Scale::Linear,
        integer_x: true,
    }
}
