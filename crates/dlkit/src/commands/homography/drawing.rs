//! Draws the requested pictures.

use std::path::Path;

use anyhow::{Context, Result};
use dlkit_files::StagedFile;
use dlkit_files::picture::{Metadata, PictureFormat};
use dlkit_vision::drawing::{draw_correspondences, draw_matches, draw_outline, side_by_side};
use dlkit_vision::homography::{Correspondence, Point};
use dlkit_vision::warp::{
    Background, Canvas, CanvasChoice, DEFAULT_MAX_PIXELS, Interpolation, WarpConfig, Warped, blend,
    forward_map, warp,
};
use image::DynamicImage;

use super::Args;
use super::mapping::Mapping;
use super::onto::Onto;
use super::units::check_scale as check_scale_of;
use super::words::InterpolationName;
use crate::report::{Holes, HomographyReport, Page, counted};

/// Formats of the requested pictures.
pub(super) struct Drawing {
    output: Option<PictureFormat>,
    overlay: Option<PictureFormat>,
    forward: Option<PictureFormat>,
}

impl Drawing {
    /// Checks the file names before slow work starts.
    pub(super) fn check(args: &Args) -> Result<Self> {
        let format = |flag: &'static str, path: Option<&Path>| {
            path.map(PictureFormat::of).transpose().context(flag)
        };
        Ok(Self {
            output: format("--output", args.output.as_deref())?,
            overlay: format("--overlay", args.overlay.as_deref())?,
            forward: format("--forward", args.forward.as_deref())?,
        })
    }
}

/// A picture on disk that does not have its name yet, and the flag that gives the name.
pub(super) type FlaggedFile = (&'static str, StagedFile);

/// Draws the requested pictures and writes them under temporary names. Notes in the report what was
/// drawn. All pictures are sRGB; they say so if the input has a color profile.
pub(super) fn draw(
    args: &Args,
    drawing: &Drawing,
    (picture, metadata): (&DynamicImage, &Metadata),
    mapping: &Mapping,
    report: &mut HomographyReport,
) -> Result<Vec<FlaggedFile>> {
    let config = config(args, picture, mapping);
    let homography = &mapping.applied_to(picture, args.invert)?;
    if drawing.output.is_some() || drawing.forward.is_some() {
        check_scale(args, mapping)?;
    }
    if let Some(output) = &drawing.output {
        check_format(output, picture, &config)?;
        if let (Some(onto), true) = (&mapping.onto, args.blend) {
            check_format(output, &onto.picture, &config)?;
        }
    }
    let mut files = Vec::new();
    if let Some(format) = &drawing.overlay {
        let overlay = overlay(args, picture, mapping, report)?;
        let file = staged(format, args.overlay.as_deref(), &overlay, metadata)?;
        files.push(("--overlay", file));
    }
    if drawing.output.is_none() && drawing.forward.is_none() {
        return Ok(files);
    }
    let Warped { picture: warped, canvas } = match &mapping.onto {
        Some(onto) if args.blend => blend(picture, homography, &onto.picture, &config)?,
        Some(_) | None => warp(picture, homography, &config)?,
    };
    report.canvas = Some(canvas);
    if let Some(format) = &drawing.forward {
        let mapped = forward_map(picture, homography, &canvas, &config)?;
        report.holes = Some(Holes { pixels: mapped.holes, of: mapped.covered });
        let mut both = side_by_side(&mapped.picture, &warped)
            .context("--forward: both pictures do not fit; choose a smaller --canvas")?;
        if format.check(true, false).is_err() {
            // The background around both pictures is white; transparent pixels become black.
            both = both.to_rgb8().into();
        }
        files.push(("--forward", staged(format, args.forward.as_deref(), &both, metadata)?));
    }
    if let Some(format) = &drawing.output {
        files.push(("--output", staged(format, args.output.as_deref(), &warped, metadata)?));
    }
    Ok(files)
}

/// Refuses to draw targets that are not pixels at one unit per pixel.
fn check_scale(args: &Args, mapping: &Mapping) -> Result<()> {
    if args.invert {
        return Ok(());
    }
    let at = mapping.front(false).unwrap_or(Point::new(0.0, 0.0));
    check_scale_of(&mapping.frame, &mapping.unit, &mapping.homography, at)
}

/// Warps a picture and encodes the result; returns its canvas too.
pub(super) fn encoded_warp(
    args: &Args,
    format: &PictureFormat,
    (picture, metadata): (&DynamicImage, &Metadata),
    mapping: &Mapping,
) -> Result<(Vec<u8>, Canvas)> {
    let config = config(args, picture, mapping);
    check_format(format, picture, &config)?;
    check_scale(args, mapping)?;
    let homography = mapping.applied_to(picture, args.invert)?;
    let Warped { picture, canvas } = warp(picture, &homography, &config)?;
    Ok((format.encode_with(&picture, of_colors(&picture, metadata))?, canvas))
}

/// The overlay: the page that was found, the pairs on the picture, or the inliers between it and that of
/// `--onto`.
fn overlay(
    args: &Args,
    picture: &DynamicImage,
    mapping: &Mapping,
    report: &mut HomographyReport,
) -> Result<DynamicImage> {
    if args.of_page.page.is_some() {
        let corners: Vec<Point> = mapping.pairs.iter().map(|pair| pair.source).collect();
        return Ok(draw_outline(picture, &corners).into());
    }
    let Some(Onto { picture: target, .. }) = &mapping.onto else {
        let overlay = draw_correspondences(picture, &mapping.pairs, mapping.inliers());
        if overlay.outside > 0 {
            report.notes.push(format!(
                "{} outside the picture, not visible in the overlay",
                counted(overlay.outside, "point")
            ));
        }
        return Ok(overlay.picture.into());
    };
    let pairs = mapping.pairs.iter().zip(mapping.inliers());
    let inliers: Vec<Correspondence> =
        pairs.filter(|(_, inlier)| **inlier).map(|(pair, _)| *pair).collect();
    let (overlay, _) = draw_matches(picture, target, &inliers)
        .context("--overlay: both pictures do not fit into memory; use smaller pictures")?;
    Ok(overlay.into())
}

/// Checks that a format can hold the warped picture.
fn check_format(output: &PictureFormat, picture: &DynamicImage, config: &WarpConfig) -> Result<()> {
    let color = picture.color();
    let has_alpha = color.has_alpha() || config.background.is_translucent();
    let is_wide = color.bytes_per_pixel() / color.channel_count() > 1;
    let checked = output.check(has_alpha, is_wide);
    if config.background.is_translucent() {
        return checked.context("--background: not opaque; choose an opaque color");
    }
    Ok(checked?)
}

fn config(args: &Args, picture: &DynamicImage, mapping: &Mapping) -> WarpConfig {
    let onto_page = |page: &Page| CanvasChoice::Size { width: page.width, height: page.height };
    let canvas = match args.canvas {
        Some(word) => word.0,
        // The inverse maps the page to the picture.
        None if args.invert => mapping.kept.choice(true).unwrap_or(CanvasChoice::Fit),
        None => match (&mapping.onto, &mapping.page) {
            (Some(Onto { picture, .. }), _) => {
                CanvasChoice::Size { width: picture.width(), height: picture.height() }
            }
            (None, page) => page
                .as_ref()
                .map(onto_page)
                .or(mapping.kept.choice(false).filter(|_| mapping.frame == mapping.kept.frame))
                .unwrap_or(CanvasChoice::Fit),
        },
    };
    let around =
        if picture.color().has_alpha() { Background::TRANSPARENT } else { Background::BLACK };
    WarpConfig {
        interpolation: args.interpolation.unwrap_or(InterpolationName::Bilinear).into(),
        canvas,
        background: args.background.unwrap_or(around),
        antialias: !args.no_antialias,
        max_pixels: args.max_pixels.unwrap_or(DEFAULT_MAX_PIXELS),
        front: mapping.front(args.invert),
    }
}

fn staged(
    format: &PictureFormat,
    path: Option<&Path>,
    picture: &DynamicImage,
    metadata: &Metadata,
) -> Result<StagedFile> {
    let path = path.context("no file name for the picture")?;
    StagedFile::write(path, &format.encode_with(picture, of_colors(picture, metadata))?)
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The metadata of a picture: an RGB color profile does not apply to a gray one.
fn of_colors(picture: &DynamicImage, metadata: &Metadata) -> Metadata {
    if picture.color().has_color() { metadata.clone() } else { Metadata::default() }
}

impl From<InterpolationName> for Interpolation {
    fn from(name: InterpolationName) -> Self {
        match name {
            InterpolationName::Nearest => Self::Nearest,
            InterpolationName::Bilinear => Self::Bilinear,
            InterpolationName::Bicubic => Self::Bicubic,
            InterpolationName::Lanczos => Self::Lanczos,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::commands::homography::mapping::find_mapping;

    #[test]
    fn each_file_has_its_own_flag() {
        let folder = tempfile::tempdir().unwrap();
        let flags = ["--output", "--overlay", "--forward"];
        let mut words =
            ["dlkit", "homography", "-", "--points", "0,0 1,0; 9,0 9,1; 9,9 8,8; 0,9 1,8"]
                .map(str::to_owned)
                .to_vec();
        for flag in flags {
            let path = folder.path().join(format!("{}.png", &flag[2..]));
            words.extend([flag.to_owned(), path.display().to_string()]);
        }
        let Command::Homography(args) = Cli::parse_from(words).command else { unreachable!() };
        let picture = DynamicImage::new_rgb8(10, 10);
        let mapping = find_mapping(&args, Some(&picture), None).unwrap();
        let mut report = HomographyReport::new(&mapping.homography, &mapping.pairs, None, None);
        let drawing = Drawing::check(&args).unwrap();
        let from = (&picture, &Metadata::default());
        let files = draw(&args, &drawing, from, &mapping, &mut report).unwrap();
        assert_eq!(files.len(), flags.len());
        for (flag, file) in files {
            let name = format!("{}.png", &flag[2..]);
            assert_eq!(file.path().file_name().unwrap().to_str(), Some(name.as_str()));
        }
    }
}
