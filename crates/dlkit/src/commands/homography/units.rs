//! Targets that are not pixels: their unit, where y points, and canvases of so many units per pixel.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use dlkit_files::StagedFile;
use dlkit_vision::homography::{
    Correspondence, Estimate, Homography, Point, Warning, targets_are_pixels, units_per_pixel,
};
use dlkit_vision::matrix_files::Frame;
use dlkit_vision::warp::Canvas;

use super::estimation::Given;

/// Options of targets that are not pixels.
#[derive(Debug, clap::Args)]
pub(super) struct UnitArgs {
    /// Unit of the targets, such as m, deg or mm. Other than px, residuals and the threshold are
    /// distances at the sources, in pixels [default: px; unknown where the targets cannot be pixels].
    #[arg(long, help_heading = "Estimation", value_name = "UNIT")]
    target_unit: Option<String>,
    /// Where y of the targets points; up on maps [default: that of --matrix, or down].
    #[arg(long, help_heading = "Warping", value_enum, value_name = "down|up")]
    y: Option<Vertical>,
    /// Target units per pixel of the canvas [default: that of --matrix, or 1].
    #[arg(
        long,
        help_heading = "Warping",
        value_name = "UNITS_PER_PIXEL",
        requires = "image",
        allow_negative_numbers = true
    )]
    scale: Option<f64>,
    /// Write a world file beside --output (.pgw for .png), so that maps open it in its place.
    #[arg(long, help_heading = "Warping", requires = "output")]
    world_file: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Vertical {
    Down,
    Up,
}

/// The unit of the targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Pixels,
    /// A name that was given.
    Named(String),
    /// Not pixels, as the coordinates show.
    Unknown,
}

impl Unit {
    /// The name in reports.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Pixels => "px",
            Self::Named(name) => name,
            Self::Unknown => "units",
        }
    }
}

impl UnitArgs {
    /// Refuses options without effect in this call; `draws` is whether a picture is drawn or a matrix is
    /// written, which keeps the direction of y.
    pub(super) fn check(&self, given: Given, invert: bool, draws: bool) -> Result<()> {
        let flags = [
            ("--target-unit", self.target_unit.is_some()),
            ("--y", self.y.is_some()),
            ("--scale", self.scale.is_some()),
            ("--world-file", self.world_file),
        ];
        let flag = |flags: &[(&'static str, bool)]| {
            flags.iter().find(|(_, given)| *given).map(|(flag, _)| *flag)
        };
        if let (Given::Corners | Given::Pictures, Some(flag)) = (given, flag(&flags)) {
            bail!("{flag} is for --points and --matrix: the targets of this call are pixels");
        }
        if let (Given::Matrix, true) = (given, self.target_unit.is_some()) {
            bail!("--target-unit is for --points; with only a --matrix, leave --target-unit out");
        }
        if given == Given::Matrix && self.y.is_some() && !draws {
            bail!(
                "--y is for drawing: with only a --matrix, add a picture and --output, or leave --y out"
            );
        }
        if let (true, Some(flag)) = (invert, flag(&flags[1..])) {
            bail!("{flag} has no effect with --invert: the canvas is that of the sources");
        }
        if let Some(scale) = self.scale
            && !(scale.is_finite() && scale > 0.0)
        {
            bail!("--scale {scale}: must be a finite number of target units per pixel above 0");
        }
        if let Some(unit) = &self.target_unit
            && (unit.is_empty() || !unit.chars().all(char::is_alphanumeric))
        {
            bail!("--target-unit {unit}: give the name of a unit, such as m, deg or px");
        }
        Ok(())
    }

    /// One of these options, if any is given.
    pub(super) fn given_flag(&self) -> Option<&'static str> {
        let named = self.target_unit.as_ref().map(|_| "--target-unit");
        named.or(self.y.map(|_| "--y")).or(self.of_warping())
    }

    /// Whether a world file is asked for.
    pub(super) const fn wants_world_file(&self) -> bool {
        self.world_file
    }

    /// The option that is for drawing only, if one is given.
    pub(super) fn of_warping(&self) -> Option<&'static str> {
        self.scale.map(|_| "--scale").or(self.world_file.then_some("--world-file"))
    }

    /// The unit of the targets of pairs.
    pub(super) fn unit(&self, pairs: &[Correspondence]) -> Unit {
        match self.target_unit.as_deref() {
            Some("px") => Unit::Pixels,
            Some(name) => Unit::Named(name.to_owned()),
            None if targets_are_pixels(pairs) => Unit::Pixels,
            None => Unit::Unknown,
        }
    }

    /// How the canvas lies in the target plane: as these options say, or else as a matrix file does.
    pub(super) fn frame(&self, kept: Frame) -> Frame {
        Frame {
            units_per_pixel: self.scale.or(kept.units_per_pixel),
            is_up: self.y.map_or(kept.is_up, |y| y == Vertical::Up),
        }
    }

    fn is_up(&self) -> bool {
        self.y == Some(Vertical::Up)
    }

    /// Adjusts the warnings of an estimate to the direction of y, and adds those about units.
    pub(super) fn adjust(&self, estimate: &mut Estimate, unit: &Unit) -> Vec<String> {
        let mut notes = Vec::new();
        if *unit == Unit::Unknown {
            notes.push(
                "the targets cannot be pixels: residuals and the threshold are distances at the \
                 sources, in pixels; name the unit with --target-unit, such as m or deg, or say \
                 --target-unit px"
                    .to_owned(),
            );
        }
        let mirrored = estimate.warnings.contains(&Warning::Mirrored);
        let torn = estimate.warnings.iter().any(|warning| matches!(warning, Warning::Torn { .. }));
        if self.is_up() {
            estimate.warnings.retain(|warning| *warning != Warning::Mirrored);
            if !mirrored && !torn {
                estimate.warnings.push(Warning::Mirrored);
            }
        } else if mirrored && *unit != Unit::Pixels && self.y.is_none() {
            estimate.warnings.retain(|warning| *warning != Warning::Mirrored);
            notes.push(
                "y of the targets points up, as on maps; add --y up to draw the picture upright"
                    .to_owned(),
            );
        }
        notes
    }

    /// The name of the world file, if one is to be written beside a picture.
    pub(super) fn world_file(&self, output: Option<&Path>) -> Option<PathBuf> {
        let output = output.filter(|_| self.world_file)?;
        let ending = output.extension()?.to_str()?.to_ascii_lowercase();
        // The first and the last letter of the ending, then w.
        let (first, last) = (ending.chars().next()?, ending.chars().last()?);
        Some(output.with_extension(format!("{first}{last}w")))
    }

    /// Writes the world file of a canvas under a temporary name: the steps in target units along a
    /// row and down a column, and the target of the center of the first pixel.
    pub(super) fn staged_world_file(
        path: &Path,
        canvas: Canvas,
        frame: &Frame,
    ) -> Result<StagedFile> {
        let [across, down] = frame.steps();
        #[expect(clippy::cast_precision_loss, reason = "canvases are nearer than 2^52 pixels")]
        let [x, y] = [across * canvas.left as f64, down * canvas.top as f64];
        let text = format!("{across}\n0\n0\n{down}\n{x}\n{y}\n");
        StagedFile::write(path, text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Refuses to draw a canvas of one unit per pixel where that cannot be meant.
pub(super) fn check_scale(
    frame: &Frame,
    unit: &Unit,
    homography: &Homography,
    at: Point,
) -> Result<()> {
    if *unit == Unit::Pixels || frame.units_per_pixel.is_some() {
        return Ok(());
    }
    let natural = match units_per_pixel(homography, at) {
        Some(side) => format!(" (a pixel of the picture has about {side:.3e} {})", unit.name()),
        None => String::new(),
    };
    bail!("the targets are not in pixels; add --scale UNITS_PER_PIXEL{natural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn world_files_are_named_by_the_first_and_last_letter() {
        let args = UnitArgs { target_unit: None, y: None, scale: None, world_file: true };
        for (output, expected) in
            [("a.png", "a.pgw"), ("b/c.jpeg", "b/c.jgw"), ("d.TIFF", "d.tfw"), ("e.jpg", "e.jgw")]
        {
            assert_eq!(args.world_file(Some(Path::new(output))), Some(PathBuf::from(expected)));
        }
    }
}
