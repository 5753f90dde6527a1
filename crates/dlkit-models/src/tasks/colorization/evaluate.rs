//! Figures of a colorizer on photos, beside two baselines.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::appearance::{HUES, ciede2000, hue};
use super::colorizer::Colorizer;
use super::metrics::{Summary, area_under_curve, color_error, colourfulness, peak_signal_to_noise};
use super::picture::DEFAULT_TILE;
use crate::data::{DataError, Photo, read_photo};
use crate::facts::color::{ByteColors, Temperature, rgb_within_gamut};
use crate::value::number::float;

/// Figures of one way to color one photo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColorFigures {
    /// Mean color difference CIEDE2000 against the photo over pixels.
    pub ciede2000: f64,
    /// Area under the curve of right pixels over thresholds of 0 to 150 units of ab, 0..1.
    pub auc: f64,
    /// The same, each pixel weighed by the inverse of the prior of its color.
    pub rebalanced_auc: f64,
    /// Peak signal-to-noise ratio against the photo, in dB.
    pub psnr: f64,
    /// How colorful it looks (Hasler and Süsstrunk, 2003).
    pub colourfulness: f64,
    /// Mean chroma and hues.
    #[serde(flatten)]
    pub palette: Palette,
}

/// What colors a picture has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Palette {
    /// Mean chroma over pixels, in units of ab.
    pub chroma: f64,
    /// The share of pixels of each family of [`HUES`], 0..1; the rest is nearly gray.
    pub hues: [f64; HUES.len()],
}

/// Figures of one photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoFigures {
    /// The file.
    pub file: PathBuf,
    /// The network.
    pub model: ColorFigures,
    /// No colors at all.
    pub grey: ColorFigures,
    /// The mean color of the prior everywhere.
    pub prior_mean: ColorFigures,
    /// How colorful the photo itself is.
    pub original_colourfulness: f64,
    /// Its chroma and hues.
    pub original_palette: Palette,
}

/// Means and deviations over photos of one way to color.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of ColorFigures")]
pub struct ColorSummary {
    pub ciede2000: Summary,
    pub auc: Summary,
    pub rebalanced_auc: Summary,
    pub psnr: Summary,
    pub colourfulness: Summary,
    #[serde(flatten)]
    pub palette: PaletteSummary,
}

/// Means and deviations over photos of their [`Palette`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of Palette")]
pub struct PaletteSummary {
    pub chroma: Summary,
    pub hues: [Summary; HUES.len()],
}

/// Figures of a colorizer on photos.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColorizationReport {
    /// Temperature of the annealed mean.
    pub temperature: f64,
    /// The shorter side of the photos, in pixels; 0 where they were as they are.
    pub short_side: u32,
    /// The network.
    pub model: ColorSummary,
    /// No colors at all.
    pub grey: ColorSummary,
    /// The mean color of the prior everywhere.
    pub prior_mean: ColorSummary,
    /// How colorful the photos themselves are.
    pub original_colourfulness: Summary,
    /// Their chroma and hues.
    pub original_palette: PaletteSummary,
    /// Photos on which the network's mean CIEDE2000 is below gray's.
    pub nearer_than_grey: usize,
    /// Photos on which the network's rebalanced area is above that of both baselines.
    pub above_both: usize,
    /// Each photo.
    pub photos: Vec<PhotoFigures>,
}

/// Measures a colorizer on photos, one or more, at the size it learned from.
///
/// # Errors
/// A file that cannot be read as a picture.
pub fn evaluate_photos(
    colorizer: &Colorizer,
    files: &[PathBuf],
    temperature: Temperature,
    mut progress: impl FnMut(usize),
) -> Result<ColorizationReport, DataError> {
    let short_side = colorizer.facts().short_side;
    let mut photos = Vec::with_capacity(files.len());
    for (index, file) in files.iter().enumerate() {
        let photo = read_photo(file, short_side, [1, 1])?;
        photos.push(measure(colorizer, file.clone(), &photo, temperature));
        progress(index + 1);
    }
    Ok(ColorizationReport::new(temperature, short_side, photos))
}

impl ColorizationReport {
    fn new(temperature: Temperature, short_side: u32, photos: Vec<PhotoFigures>) -> Self {
        let summary = |of: fn(&PhotoFigures) -> &ColorFigures| {
            let figure = |figure: fn(&ColorFigures) -> f64| {
                Summary::new(&photos.iter().map(|photo| figure(of(photo))).collect::<Vec<_>>())
            };
            ColorSummary {
                ciede2000: figure(|figures| figures.ciede2000),
                auc: figure(|figures| figures.auc),
                rebalanced_auc: figure(|figures| figures.rebalanced_auc),
                psnr: figure(|figures| figures.psnr),
                colourfulness: figure(|figures| figures.colourfulness),
                palette: PaletteSummary::new(&photos, |photo| &of(photo).palette),
            }
        };
        let originals: Vec<f64> = photos.iter().map(|photo| photo.original_colourfulness).collect();
        let above = |photo: &&PhotoFigures| {
            photo.model.rebalanced_auc
                > photo.grey.rebalanced_auc.max(photo.prior_mean.rebalanced_auc)
        };
        let nearer = |photo: &&PhotoFigures| photo.model.ciede2000 < photo.grey.ciede2000;
        Self {
            temperature: temperature.shortest(),
            short_side,
            model: summary(|photo| &photo.model),
            grey: summary(|photo| &photo.grey),
            prior_mean: summary(|photo| &photo.prior_mean),
            original_colourfulness: Summary::new(&originals),
            original_palette: PaletteSummary::new(&photos, |photo| &photo.original_palette),
            nearer_than_grey: photos.iter().filter(nearer).count(),
            above_both: photos.iter().filter(above).count(),
            photos,
        }
    }
}

impl PaletteSummary {
    fn new(photos: &[PhotoFigures], of: impl Fn(&PhotoFigures) -> &Palette) -> Self {
        let figure = |figure: &dyn Fn(&Palette) -> f64| {
            Summary::new(&photos.iter().map(|photo| figure(of(photo))).collect::<Vec<_>>())
        };
        Self {
            chroma: figure(&|palette| palette.chroma),
            hues: std::array::from_fn(|hue| figure(&|palette| palette.hues[hue])),
        }
    }
}

impl Palette {
    /// That of the colors of a picture's pixels.
    fn new(colors: impl Iterator<Item = [f32; 3]>) -> Self {
        let (mut chroma, mut hues, mut pixels) = (0.0, [0.0; HUES.len()], 0.0);
        for [_, a, b] in colors {
            chroma += f64::from(a.hypot(b));
            pixels += 1.0;
            if let Some(hue) = hue([a, b]) {
                hues[hue] += 1.0;
            }
        }
        Self { chroma: chroma / pixels, hues: hues.map(|count| count / pixels) }
    }
}

fn measure(
    colorizer: &Colorizer,
    file: PathBuf,
    photo: &Photo,
    temperature: Temperature,
) -> PhotoFigures {
    let bytes = ByteColors::new();
    let (pixels, _) = photo.rgb.as_chunks::<3>();
    let lab: Vec<[f32; 3]> = pixels.iter().map(|&rgb| bytes.lab(rgb)).collect();
    let weights = colorizer.prior().inverse();
    let weight = |&[_, a, b]: &[f32; 3]| weights[colorizer.bins().of([a, b])];
    let weights: Vec<f64> = lab.iter().map(weight).collect();
    let figures = |colors: &dyn Fn(usize) -> [f32; 2]| {
        let errors: Vec<f32> = lab
            .iter()
            .enumerate()
            .map(|(pixel, &[_, a, b])| color_error([a, b], colors(pixel)))
            .collect();
        let rgb: Vec<u8> = lab
            .iter()
            .enumerate()
            .flat_map(|(pixel, &[lightness, ..])| {
                let [a, b] = colors(pixel);
                rgb_within_gamut([lightness, a, b]).map(byte)
            })
            .collect();
        let seen: Vec<[f32; 3]> =
            rgb.as_chunks::<3>().0.iter().map(|&rgb| bytes.lab(rgb)).collect();
        let differences = lab.iter().zip(&seen).map(|(own, seen)| ciede2000(*own, *seen));
        ColorFigures {
            ciede2000: differences.sum::<f64>() / float(lab.len()),
            auc: area_under_curve(errors.iter().map(|&error| (error, 1.0))),
            rebalanced_auc: area_under_curve(errors.iter().copied().zip(weights.iter().copied())),
            psnr: peak_signal_to_noise(&photo.rgb, &rgb),
            colourfulness: colourfulness(&rgb),
            palette: Palette::new(seen.into_iter()),
        }
    };
    let found = all_colors(colorizer, photo, &lab, temperature);
    let mean = colorizer.prior().mean(colorizer.bins());
    PhotoFigures {
        file,
        model: figures(&|pixel| found[pixel]),
        grey: figures(&|_| [0.0; 2]),
        prior_mean: figures(&|_| mean),
        original_colourfulness: colourfulness(&photo.rgb),
        original_palette: Palette::new(lab.iter().copied()),
    }
}

/// The network's colors of a photo's pixels.
fn all_colors(
    colorizer: &Colorizer,
    photo: &Photo,
    lab: &[[f32; 3]],
    temperature: Temperature,
) -> Vec<[f32; 2]> {
    let size = [photo.height, photo.width];
    let mut all = vec![[0.0; 2]; lab.len()];
    for region in colorizer.regions(size, DEFAULT_TILE) {
        let lightness = |row: usize, column: usize| lab[row * photo.width + column][0];
        let colors = colorizer.colors(size, &region, &lightness, &[temperature]);
        let lines = colors.iter().flat_map(|colors| colors.chunks(region.columns.len()));
        for (row, line) in region.rows.clone().zip(lines) {
            let start = row * photo.width + region.columns.start;
            all[start..start + line.len()].copy_from_slice(line);
        }
    }
    all
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "samples lie within 0..1"
)]
fn byte(value: f32) -> u8 {
    (value * 255.0).round() as u8
}
