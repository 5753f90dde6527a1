//! `dlkit homography`.

mod drawing;
mod mapping;
mod matches_file;
mod matrix_file;
mod onto;
mod page;
mod pick;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use dlkit_files::picture::StoredPicture;
use dlkit_vision::warp::Background;
use serde::Serialize;

use self::drawing::{Drawing, draw};
use self::mapping::{Mapping, find_mapping};
use self::page::PageArgs;
use self::words::CanvasWord;
use crate::arguments::{ForceArgs, check_no_run};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{HomographyReport, homography_text};

/// Estimate a homography from point pairs or from two pictures, and warp a picture by it
///
/// A homography maps one view of a plane to another. Points are in pixels, x to the right and y down; the
/// center of the first pixel is (0, 0). Without a picture, the homography is only estimated.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit homography photo.jpg --page auto --output page.png --overlay found.png\n  dlkit homography page.jpg --corners \"210,180 1480,120 1620,1900 90,2010\" --output page.png\n  dlkit homography --points pairs.csv --method ransac --matrix h.json\n  dlkit homography photo.jpg --matrix h.json --output warped.png\n  dlkit homography left.jpg --onto right.jpg --blend --output panorama.jpg"
)]
pub(crate) struct Args {
    /// Picture to warp (PNG, JPEG, WebP, BMP, TIFF, GIF, PGM, PPM).
    image: Option<PathBuf>,
    /// Point pairs: a file (CSV, JSON, or text with x y u v on each line), or
    /// "x,y u,v; x,y u,v; ...".
    #[arg(
        long,
        help_heading = "Estimation",
        value_name = "FILE|PAIRS",
        allow_hyphen_values = true,
        conflicts_with = "corners"
    )]
    points: Option<String>,
    /// Corners of a page in the picture to rectify: top left, top right, bottom right, bottom left, as
    /// "x,y x,y x,y x,y".
    #[arg(long, help_heading = "Estimation", value_name = "CORNERS", allow_hyphen_values = true)]
    corners: Option<String>,
    /// Second picture of the same flat object: matches features of both, no points needed.
    #[arg(
        long,
        help_heading = "Estimation",
        value_name = "PICTURE",
        requires = "image",
        conflicts_with_all = ["points", "corners"]
    )]
    onto: Option<PathBuf>,
    #[command(flatten)]
    of_page: PageArgs,
    /// Order of coordinates in files without column names.
    #[arg(long, help_heading = "Estimation", value_enum, default_value_t = OrderName::Xy)]
    order: OrderName,
    /// Method: dlt uses all pairs, ransac rejects outliers.
    #[arg(long, help_heading = "Estimation", value_enum, default_value_t = MethodName::Dlt)]
    method: MethodName,
    /// Largest residual of an inlier in pixels, for --method ransac and --onto [default: 3].
    #[arg(long, help_heading = "Estimation", value_name = "PX", allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// Seed of the random samples, for --method ransac and --onto [default: 0].
    #[arg(long, help_heading = "Estimation", value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Error to minimize: at the targets, at both ends, or none (linear solution only).
    #[arg(long, help_heading = "Estimation", value_enum, default_value_t = RefinementName::Forward)]
    refine: RefinementName,
    /// Warped picture.
    #[arg(long, short, help_heading = "Warping", value_name = "FILE", requires = "image")]
    output: Option<PathBuf>,
    /// Part of the target plane to draw: fit encloses the warped picture; source and WxH start at the
    /// origin [default: fit, the page, or the picture of --onto].
    #[arg(long, help_heading = "Warping", value_name = "fit|source|WxH", requires = "image")]
    canvas: Option<CanvasWord>,
    /// Interpolation between pixels [default: bilinear].
    #[arg(long, help_heading = "Warping", value_enum, requires = "image")]
    interpolation: Option<InterpolationName>,
    /// Color outside the picture: a name, #rrggbb, #rrggbbaa or transparent [default: black, or
    /// transparent for a picture with an alpha channel].
    #[arg(long, help_heading = "Warping", value_name = "COLOR", requires = "image")]
    background: Option<Background>,
    /// One sample per pixel, even where the picture shrinks.
    #[arg(long, help_heading = "Warping", requires = "image")]
    no_antialias: bool,
    /// Maximum number of canvas pixels [default: 100000000].
    #[arg(long, help_heading = "Warping", value_name = "N", requires = "image")]
    max_pixels: Option<u64>,
    /// Draw the picture of --onto too, on a canvas that fits both, with feathered edges.
    #[arg(long, help_heading = "Warping", requires = "onto", requires = "output")]
    blend: bool,
    /// Picture with source points (red) and targets (green); outliers are gray. With --onto: both pictures
    /// side by side, and lines between at most 60 inliers.
    #[arg(long, help_heading = "Warping", value_name = "FILE", requires = "image")]
    overlay: Option<PathBuf>,
    /// Picture with forward mapping (with holes) on the left and inverse mapping on the right.
    #[arg(long, help_heading = "Warping", value_name = "FILE", requires = "image")]
    forward: Option<PathBuf>,
    /// Matches of --onto: x, y, x2, y2, distance of the descriptors, inlier.
    #[arg(long, value_name = "FILE.csv", requires = "onto")]
    matches: Option<PathBuf>,
    /// Matrix file: written with --points, --corners or --onto, otherwise read and applied.
    #[arg(long, value_name = "FILE.json")]
    matrix: Option<PathBuf>,
    /// Apply the inverse, from target to source, and print it too; a written matrix is not inverted.
    #[arg(long)]
    invert: bool,
    #[command(flatten)]
    force: ForceArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OrderName {
    /// x, to the right, then y, down.
    Xy,
    /// Row, then column.
    RowCol,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum MethodName {
    Dlt,
    Ransac,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum RefinementName {
    Forward,
    Symmetric,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum InterpolationName {
    Nearest,
    Bilinear,
    Bicubic,
    Lanczos,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    check_flags(args)?;
    let drawing = Drawing::check(args)?;
    let stored = args.image.as_deref().map(StoredPicture::open).transpose()?;
    if let (Some(path), Some(stored)) = (&args.of_page.pick, &stored) {
        return pick::run(args, path, stored, console);
    }
    let narrow = stored.as_ref().and_then(StoredPicture::warning);
    let exif = stored.as_ref().and_then(page::exif_focal);
    let photo = stored.map(StoredPicture::upright);
    let mapping = find_mapping(args, photo.as_ref().map(|(picture, _)| picture), exif)?;
    let Mapping { homography, pairs, estimate, page, onto, notes } = &mapping;
    let mut report = HomographyReport::new(homography, pairs, estimate.as_ref(), page.clone());
    report.notes.extend_from_slice(notes);
    report.inverted = args.invert;
    report.notes.extend(narrow);
    report.registration = onto.as_ref().map(|onto| (&onto.registration).into());
    if let Some(estimate) = estimate {
        for warning in &estimate.warnings {
            console.warning(warning);
        }
    }
    let mut files = match &photo {
        Some((picture, metadata)) => {
            draw(args, &drawing, (picture, metadata), &mapping, &mut report)?
        }
        None => Vec::new(),
    };
    if let (Some(path), true) = (&args.matrix, estimate.is_some()) {
        files.push(("--matrix", matrix_file::staged(path, homography)?));
    }
    if let (Some(path), Some(onto)) = (&args.matches, onto) {
        let matches = &onto.registration.matches;
        files.push(("--matches", matches_file::staged(path, matches, mapping.inliers())?));
    }
    // All files are on disk before the first gets its name.
    for (flag, file) in files {
        let written = publish(flag, file, args.force.is_given())?;
        report.written.push(written.display().to_string());
    }
    for note in &report.notes {
        console.warning(note);
    }
    console.line(homography_text(&report))?;
    console.object(&report)?;
    Ok(ExitStatus::Done)
}

/// Refuses combinations of options that clap cannot check.
fn check_flags(args: &Args) -> Result<()> {
    args.of_page.check(args.corners.is_some(), args.image.is_some())?;
    if args.of_page.pick.is_some() {
        return pick::check(args);
    }
    let estimates = args.points.is_some()
        || args.corners.is_some()
        || args.onto.is_some()
        || args.of_page.page.is_some();
    if !estimates && args.matrix.is_none() {
        bail!(
            "no points or matrix: give --points FILE or \"x,y u,v; ...\", --corners \
             \"x,y x,y x,y x,y\", --page auto, --onto PICTURE, or --matrix FILE.json"
        );
    }
    if !estimates {
        let flag = (args.method != MethodName::Dlt)
            .then_some("--method")
            .or((args.refine != RefinementName::Forward).then_some("--refine"))
            .or((args.order != OrderName::Xy).then_some("--order"));
        if let Some(flag) = flag {
            bail!(
                "{flag} is for --points, --corners or --onto; with only a --matrix, leave {flag} out"
            );
        }
    }
    if args.of_page.page.is_some() {
        refuse_estimation(args, "--page")?;
    }
    if args.method == MethodName::Dlt && args.onto.is_none() {
        let flag = args.threshold.map(|_| "--threshold").or(args.seed.map(|_| "--seed"));
        if let Some(flag) = flag {
            bail!("{flag} is for --method ransac and --onto; add one, or leave {flag} out");
        }
    }
    if args.overlay.is_some() && !estimates {
        bail!("--overlay draws points; give --points, --corners or --onto");
    }
    let writes = args.output.is_some() || args.overlay.is_some() || args.forward.is_some();
    refuse_onto(args)?;
    let is_asked = args.corners.is_some() || args.onto.is_some() || args.of_page.page.is_some();
    if args.image.is_some() && !writes && !is_asked {
        bail!("a picture was given without --output, --overlay or --forward");
    }
    if args.max_pixels == Some(0) {
        bail!("--max-pixels 0: give 1 or more");
    }
    refuse_unused(args, estimates)?;
    check_files(args, estimates)
}

/// Refuses options of the estimation where four corners decide and none is read.
fn refuse_estimation(args: &Args, because: &str) -> Result<()> {
    let flags = [
        ("--method", args.method != MethodName::Dlt),
        ("--refine", args.refine != RefinementName::Forward),
        ("--order", args.order != OrderName::Xy && args.corners.is_none()),
        ("--threshold", args.threshold.is_some()),
        ("--seed", args.seed.is_some()),
    ];
    match flags.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => bail!("{flag} has no effect with {because}; leave {flag} out"),
        None => Ok(()),
    }
}

/// Refuses options that mean nothing with `--onto`.
fn refuse_onto(args: &Args) -> Result<()> {
    if args.onto.is_none() {
        // clap does not require --onto where it conflicts with another option.
        let flag = args.matches.as_ref().map(|_| "--matches").or(args.blend.then_some("--blend"));
        return match flag {
            Some(flag) => bail!("{flag} is for --onto; add a second picture, or leave {flag} out"),
            None => Ok(()),
        };
    }
    let flags = [
        ("--method", args.method != MethodName::Dlt, "outliers are always rejected"),
        ("--order", args.order != OrderName::Xy, "no coordinates are read"),
        ("--invert", args.invert, "exchange the two pictures instead"),
    ];
    if let Some((flag, _, reason)) = flags.into_iter().find(|(_, given, _)| *given) {
        bail!("{flag} has no effect with --onto: {reason}; leave {flag} out");
    }
    if args.blend && args.canvas.is_some() {
        bail!("--canvas has no effect with --blend: the canvas fits both pictures; leave it out");
    }
    if args.blend && args.forward.is_some() {
        bail!("--forward has no effect with --blend; leave one of them out");
    }
    Ok(())
}

/// Refuses options without effect in this call.
fn refuse_unused(args: &Args, estimates: bool) -> Result<()> {
    let warps = args.output.is_some() || args.forward.is_some();
    let of_warping = [
        ("--canvas", args.canvas.is_some()),
        ("--interpolation", args.interpolation.is_some()),
        ("--background", args.background.is_some()),
        ("--no-antialias", args.no_antialias),
        ("--max-pixels", args.max_pixels.is_some()),
    ];
    if let (Some((flag, _)), false) = (of_warping.iter().find(|(_, given)| *given), warps) {
        bail!("{flag} is for warping; add --output or --forward, or leave {flag} out");
    }
    let writes = warps
        || args.overlay.is_some()
        || args.matches.is_some()
        || (args.matrix.is_some() && estimates);
    if args.force.is_given() && !writes {
        bail!("--force overwrites files, but none is written; leave --force out");
    }
    Ok(())
}

/// Checks that no input file is overwritten, and no existing file without `--force`.
fn check_files(args: &Args, estimates: bool) -> Result<()> {
    let matrix = args.matrix.as_deref();
    let points = args.points.as_deref().map(Path::new).filter(|path| path.exists());
    let inputs = [
        ("the picture", args.image.as_deref()),
        ("--onto", args.onto.as_deref()),
        ("--points", points),
        ("--matrix", matrix.filter(|_| !estimates)),
    ];
    let outputs = [
        ("--output", args.output.as_deref()),
        ("--overlay", args.overlay.as_deref()),
        ("--forward", args.forward.as_deref()),
        ("--matches", args.matches.as_deref()),
        ("--matrix", matrix.filter(|_| estimates)),
    ];
    check_distinct(&inputs, &outputs)?;
    if let (Some(path), true) = (matrix, estimates)
        && path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("json"))
    {
        bail!(
            "--matrix {}: with --points or --corners (or --onto) the matrix is written, so the file name must \
             end in .json; to apply a matrix, leave them out",
            path.display()
        );
    }
    for (flag, path) in outputs {
        if let Some(path) = path {
            check_no_run(flag, path)?;
            check_file(flag, path, args.force.is_given())?;
        }
    }
    Ok(())
}
