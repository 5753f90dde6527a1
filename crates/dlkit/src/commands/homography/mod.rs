//! `dlkit homography`.

mod drawing;
mod mapping;
mod matrix_file;
mod words;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;
use dlkit_files::picture::StoredPicture;
use dlkit_vision::warp::Background;
use serde::Serialize;

use self::drawing::{Drawing, draw};
use self::mapping::{Mapping, find_mapping};
use self::words::{CanvasWord, SizeWord};
use crate::arguments::{ForceArgs, check_distinct, check_file};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{HomographyReport, homography_text};

/// Estimate a homography from pairs of points, and warp a picture by it.
///
/// A homography is the map between two views of a plane. Points are pixels, x to the right and y
/// down, the centre of the first pixel at (0, 0). Without a picture it is estimated only.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The picture to warp (PNG, JPEG, WebP, BMP).
    image: Option<PathBuf>,
    /// Pairs of points: a file (CSV, JSON, or text with x y u v on each line), or the pairs
    /// themselves: "x,y u,v; x,y u,v; ...".
    #[arg(long, value_name = "FILE|PAIRS", allow_hyphen_values = true, conflicts_with = "corners")]
    points: Option<String>,
    /// Corners of a page in the picture, to be made upright: top left, top right, bottom right,
    /// bottom left, as "x,y x,y x,y x,y".
    #[arg(long, value_name = "CORNERS", allow_hyphen_values = true)]
    corners: Option<String>,
    /// Size of the upright page; auto finds its proportions from the perspective [default: auto].
    #[arg(long, value_name = "WxH|auto", requires = "corners")]
    size: Option<SizeWord>,
    /// Which coordinate of a point comes first, where a file does not name them x and y.
    #[arg(long, value_enum, default_value_t = OrderName::Xy)]
    order: OrderName,
    /// Dlt: all pairs count. Ransac: pairs that do not agree with the others are left out.
    #[arg(long, value_enum, default_value_t = MethodName::Dlt)]
    method: MethodName,
    /// Pixels that a pair may be off and still agree; for --method ransac [default: 3].
    #[arg(long, value_name = "PX", allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// Decides which samples --method ransac draws [default: 0].
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Which sum of squared distances is made least: at the targets, at both ends, or none (the
    /// linear solution).
    #[arg(long, value_enum, default_value_t = RefinementName::Forward)]
    refine: RefinementName,
    /// Where the warped picture goes.
    #[arg(long, short, value_name = "FILE", requires = "image")]
    output: Option<PathBuf>,
    /// The part of the target plane that is drawn: around the warped picture, or as large as the
    /// picture or as given, from the origin [default: fit, or the page].
    #[arg(long, value_name = "fit|source|WxH", requires = "image")]
    canvas: Option<CanvasWord>,
    /// How colours between pixels are found [default: bilinear].
    #[arg(long, value_enum, requires = "image")]
    interpolation: Option<InterpolationName>,
    /// Colour where no picture is: a name, #rrggbb, #rrggbbaa or transparent [default: black, or
    /// transparent around a picture with opacity].
    #[arg(long, value_name = "COLOR", requires = "image")]
    background: Option<Background>,
    /// Take one sample for each pixel also where the picture shrinks.
    #[arg(long, requires = "image")]
    no_antialias: bool,
    /// Pixels the canvas may have [default: 100000000].
    #[arg(long, value_name = "N", requires = "image")]
    max_pixels: Option<u64>,
    /// Draw the source points (red) and the targets (green) on the picture; pairs that do not count
    /// are grey.
    #[arg(long, value_name = "FILE", requires = "image")]
    overlay: Option<PathBuf>,
    /// Show forward mapping, with its holes, on the left and the inverse mapping on the right.
    #[arg(long, value_name = "FILE", requires = "image")]
    forward: Option<PathBuf>,
    /// With --points or --corners: where the matrix goes. Without: the matrix to apply.
    #[arg(long, value_name = "FILE.json")]
    matrix: Option<PathBuf>,
    /// Apply the inverse, from target to source, and print it too; a matrix that is written stays as
    /// it was estimated.
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
    let photo = stored.map(StoredPicture::upright);
    let mapping = find_mapping(args, photo.as_ref().map(|(picture, _)| picture))?;
    let Mapping { homography, pairs, estimate, page } = &mapping;
    let mut report = HomographyReport::new(homography, pairs, estimate.as_ref(), *page);
    report.inverted = args.invert;
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
        files.push(matrix_file::staged(path, homography)?);
    }
    // All are on disk before any has its name.
    for file in files {
        let written = args.force.existing().publish(file, "--output")?;
        report.written.push(written.display().to_string());
    }
    for note in &report.notes {
        console.warning(note);
    }
    console.line(homography_text(&report))?;
    console.object(&report)?;
    Ok(ExitStatus::Done)
}

/// Combinations that clap does not know of.
fn check_flags(args: &Args) -> Result<()> {
    let estimates = args.points.is_some() || args.corners.is_some();
    if !estimates && args.matrix.is_none() {
        bail!(
            "there is nothing to go by: give --points FILE or \"x,y u,v; ...\", --corners \
             \"x,y x,y x,y x,y\", or --matrix FILE.json with a matrix to apply"
        );
    }
    if !estimates {
        let flag = (args.method != MethodName::Dlt)
            .then_some("--method")
            .or((args.refine != RefinementName::Forward).then_some("--refine"))
            .or((args.order != OrderName::Xy).then_some("--order"));
        if let Some(flag) = flag {
            bail!("{flag} is for --points or --corners; a --matrix is applied as it is");
        }
    }
    if args.size.is_some() && args.corners.is_none() {
        bail!("--size is that of the page of --corners; with --points, --canvas WxH sets the size");
    }
    if args.method == MethodName::Dlt {
        let flag = args.threshold.map(|_| "--threshold").or(args.seed.map(|_| "--seed"));
        if let Some(flag) = flag {
            bail!("{flag} is for --method ransac; add that, or leave {flag} out");
        }
    }
    if args.overlay.is_some() && !estimates {
        bail!("--overlay draws points: give --points or --corners, not only a --matrix");
    }
    let writes = args.output.is_some() || args.overlay.is_some() || args.forward.is_some();
    if args.image.is_some() && !writes && args.corners.is_none() {
        bail!(
            "a picture is given but nothing is to be drawn; add --output, --overlay or --forward"
        );
    }
    if args.max_pixels == Some(0) {
        bail!("--max-pixels is 0; 1 or more is needed");
    }
    refuse_unused(args, estimates)?;
    check_files(args, estimates)
}

/// Refuses options that mean nothing in this call.
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
    let writes = warps || args.overlay.is_some() || (args.matrix.is_some() && estimates);
    if args.force.is_given() && !writes {
        bail!("--force overwrites files, and none is written; leave it out");
    }
    Ok(())
}

/// What is read is never replaced, what is there only when told to.
fn check_files(args: &Args, estimates: bool) -> Result<()> {
    let matrix = args.matrix.as_deref();
    let points = args.points.as_deref().map(Path::new).filter(|path| path.exists());
    let inputs = [
        ("the picture", args.image.as_deref()),
        ("--points", points),
        ("--matrix", matrix.filter(|_| !estimates)),
    ];
    let outputs = [
        ("--output", args.output.as_deref()),
        ("--overlay", args.overlay.as_deref()),
        ("--forward", args.forward.as_deref()),
        ("--matrix", matrix.filter(|_| estimates)),
    ];
    check_distinct(&inputs, &outputs)?;
    if let (Some(path), true) = (matrix, estimates)
        && path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("json"))
    {
        bail!(
            "--matrix {}: with --points or --corners the matrix is written there, to a file whose name \
             ends in .json; to apply a matrix, leave --points and --corners out",
            path.display()
        );
    }
    for (flag, path) in outputs {
        path.map_or(Ok(()), |path| check_file(flag, path, args.force.existing()))?;
    }
    Ok(())
}
