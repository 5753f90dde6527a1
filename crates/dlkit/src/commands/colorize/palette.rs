//! `dlkit colorize --palette`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::tasks::colorization::{Colorizer, rgb_within_gamut};
use serde::Serialize;

use crate::arguments::{Folder, picture_names};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::{Palette, PaletteBin};

/// Lightness of the drawn colors; most bins lie within sRGB at this lightness.
const LIGHTNESS: f32 = 65.0;

#[derive(Serialize)]
struct Answer {
    model: String,
    bin_width: u8,
    lambda: f64,
    temperature: f64,
    /// (a, b) of each bin's center.
    centres: Vec<[f32; 2]>,
    prior: Vec<f64>,
    weights: Vec<f64>,
    pictures: Vec<String>,
}

/// Path of the drawing.
pub(super) struct Place {
    folder: Folder,
    stem: String,
}

impl Place {
    /// Checks the path of `--palette` before slow work starts. The two files replace an ending of .svg or
    /// .png.
    pub(super) fn new(output: &Path, force: bool) -> Result<Self> {
        if output.is_dir() {
            bail!("--palette {}: a directory; give the name of a file", output.display());
        }
        let stem = match output.extension().and_then(|ending| ending.to_str()) {
            Some("png" | "svg") => output.file_stem(),
            _ => output.file_name(),
        };
        let stem =
            stem.with_context(|| format!("--palette {}: not a file name", output.display()))?;
        let stem = stem.to_string_lossy().into_owned();
        let folder = output.parent().map(PathBuf::from).unwrap_or_default();
        let folder = Folder::open("--palette", folder, force, &picture_names(&stem))?;
        Ok(Self { folder, stem })
    }
}

/// Draws bins, prior and weights.
pub(super) fn draw(
    model: &str,
    colorizer: &Colorizer,
    place: &Place,
    console: Console,
) -> Result<ExitStatus> {
    let (bins, prior, facts) = (colorizer.bins(), colorizer.prior(), colorizer.facts());
    let per_axis = bins.width().per_axis();
    let drawn = Palette {
        title: format!("Color bins of {model}"),
        note: format!(
            "{} bins {} wide in the ab plane, shown at L = {LIGHTNESS}; prior and weights (lambda {}) by powers \
             of ten, dark is high",
            bins.len(),
            u8::from(bins.width()),
            facts.lambda
        ),
        per_axis,
        bins: bins
            .cells()
            .iter()
            .zip(bins.centers())
            .zip(prior.shares().iter().zip(prior.weights()))
            .map(|((cell, &[a, b]), (&share, &weight))| PaletteBin {
                place: [cell / per_axis, cell % per_axis],
                rgb: rgb_within_gamut([LIGHTNESS, a, b]).map(byte),
                share,
                weight,
            })
            .collect(),
    };
    let pictures = place.folder.write_picture(&place.stem, &drawn.to_svg())?;
    console.line(format!("written: {}", pictures.join(", ")))?;
    console.object(&Answer {
        model: model.to_owned(),
        bin_width: bins.width().into(),
        lambda: facts.lambda,
        temperature: facts.temperature,
        centres: bins.centers().to_vec(),
        prior: prior.shares().to_vec(),
        weights: prior.weights().to_vec(),
        pictures: pictures.to_vec(),
    })?;
    Ok(ExitStatus::Done)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "samples lie within 0..1"
)]
fn byte(value: f32) -> u8 {
    (value * 255.0).round() as u8
}
