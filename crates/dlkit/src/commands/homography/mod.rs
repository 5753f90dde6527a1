//! `dlkit homography`.

mod batch;
mod drawing;
mod estimation;
mod file_args;
mod kept;
mod map_points;
mod mapping;
mod matches_file;
mod matrix_file;
mod onto;
mod page;
mod pick;
mod quality;
mod units;
mod words;

use std::path::PathBuf;

use anyhow::{Result, bail};
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use dlkit_files::picture::StoredPicture;
use dlkit_vision::warp::Background;

use self::drawing::{Drawing, draw};
use self::estimation::{EstimationArgs, Given};
use self::file_args::FileArgs;
use self::mapping::{Mapping, find_mapping};
use self::page::PageArgs;
use self::units::UnitArgs;
use self::words::{CanvasWord, InterpolationName, MethodName, OrderName, RefinementName};
use crate::arguments::{ForceArgs, check_no_run};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{HomographyReport, Quality, homography_text};

/// Estimate a homography from point pairs or from two pictures, and warp a picture by it
///
/// A homography maps one view of a plane to another. Points are in pixels, x to the right and y down; the
/// center of the first pixel is (0, 0). Without a picture, the homography is only estimated.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit homography photo.jpg --page auto --output page.png --overlay found.png\n  dlkit homography page.jpg --corners \"210,180 1480,120 1620,1900 90,2010\" --output page.png\n  dlkit homography --points pairs.csv --method ransac --save-matrix h.json\n  dlkit homography photo.jpg --matrix h.json --output warped.png\n  dlkit homography scans --matrix h.json --output warped\n  dlkit homography --matrix h.json --map points.csv --output mapped.csv\n  dlkit homography left.jpg --onto right.jpg --blend --output panorama.jpg"
)]
pub(crate) struct Args {
    /// Picture to warp (PNG, JPEG, WebP, BMP, TIFF, GIF, PGM, PPM); or a directory or a pattern of many.
    image: Option<PathBuf>,
    /// Point pairs: a file (CSV with names of columns, text with x y u v on each line, JSON, QGIS's points,
    /// lists of NumPy), or "x,y u,v; x,y u,v; ...".
    #[arg(
        long,
        help_heading = "Estimation",
        value_name = "FILE|PAIRS",
        allow_hyphen_values = true,
        conflicts_with = "corners"
    )]
    points: Option<String>,
    /// Corners of a page in the picture to rectify: top left, top right, bottom right, bottom left, as
    /// "x,y x,y x,y x,y", or a file with them.
    #[arg(
        long,
        help_heading = "Estimation",
        value_name = "FILE|CORNERS",
        allow_hyphen_values = true
    )]
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
    /// Largest residual of an inlier in pixels, for --method ransac and --onto; of the sources if the
    /// targets are not pixels [default: 3].
    #[arg(long, help_heading = "Estimation", value_name = "PX", allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// Seed of the random samples, for --method ransac and --onto [default: 0].
    #[arg(long, help_heading = "Estimation", value_name = "N", allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Error to minimize: at the targets, at the sources, at both, or none (linear solution only)
    /// [default: forward; backward if the targets are not pixels].
    #[arg(long, help_heading = "Estimation", value_enum)]
    refine: Option<RefinementName>,
    #[command(flatten)]
    estimation: EstimationArgs,
    #[command(flatten)]
    units: UnitArgs,
    /// Warped picture; a directory for many pictures; the points of --map.
    #[arg(long, short, help_heading = "Warping", value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// Part of the target plane to draw: fit encloses the warped picture; source and WxH start at the
    /// origin [default: that of --matrix, the page, the picture of --onto, or fit].
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
    /// Picture with numbered source points (circles) and targets (diamonds); outliers are crosses. With
    /// --onto: both pictures side by side, and lines between at most 60 inliers.
    #[arg(long, help_heading = "Warping", value_name = "FILE", requires = "image")]
    overlay: Option<PathBuf>,
    /// Picture with forward mapping (with holes) on the left and inverse mapping on the right.
    #[arg(long, help_heading = "Warping", value_name = "FILE", requires = "image")]
    forward: Option<PathBuf>,
    /// Matches of --onto: x, y, x2, y2, distance of the descriptors, inlier.
    #[arg(long, value_name = "FILE.csv", requires = "onto")]
    matches: Option<PathBuf>,
    #[command(flatten)]
    files: FileArgs,
    /// Apply the inverse, from target to source, and print it too; a written matrix is not inverted.
    #[arg(long)]
    invert: bool,
    #[command(flatten)]
    force: ForceArgs,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    check_flags(args)?;
    if args.files.map.is_some() {
        return map_points::run(args, console);
    }
    if batch::is_batch(args) {
        return batch::run(args, console);
    }
    let drawing = Drawing::check(args)?;
    let stored = args.image.as_deref().map(StoredPicture::open).transpose()?;
    let stored = match (&args.of_page.pick, stored) {
        (Some(path), Some(stored)) => return pick::run(args, path, stored, console),
        (_, stored) => stored,
    };
    let narrow = stored.as_ref().and_then(StoredPicture::warning);
    let exif = stored.as_ref().and_then(page::exif_focal);
    let photo = stored.map(StoredPicture::upright);
    let picture = photo.as_ref().map(|(picture, _)| picture);
    let mapping = find_mapping(args, picture, exif)?;
    let Mapping { homography, pairs, estimate, page, onto, kept, .. } = &mapping;
    let mut report = HomographyReport::new(homography, pairs, estimate.as_ref(), page.clone());
    report.inverted = args.invert;
    report.notes.extend(mapping.notes.iter().cloned());
    report.quality =
        mapping.quality(args, picture.map(|picture| (picture.width(), picture.height())))?;
    report.notes.extend(report.quality.as_ref().and_then(Quality::warning));
    report.notes.extend(narrow);
    report.notes.extend(photo.as_ref().and_then(|(photo, _)| kept.note(photo, args.invert)));
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
    if let Some(path) = &args.files.save_matrix {
        let content = matrix_file::content(args, &mapping, picture, report.canvas);
        report.notes.extend(matrix_file::lost(path, &content));
        files.push(("--save-matrix", matrix_file::staged(path, &content)?));
    }
    if let (Some(path), Some(onto)) = (&args.matches, onto) {
        let matches = &onto.registration.matches;
        files.push(("--matches", matches_file::staged(path, matches, mapping.inliers())?));
    }
    if let (Some(path), Some(canvas)) = (args.world_file(), report.canvas) {
        files.push(("--world-file", UnitArgs::staged_world_file(&path, canvas, &mapping.frame)?));
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

impl Args {
    /// What is given to estimate from.
    const fn given(&self) -> Given {
        match (&self.points, &self.onto) {
            (Some(_), _) => Given::Points,
            (None, _) if self.corners.is_some() || self.of_page.page.is_some() => Given::Corners,
            (None, Some(_)) => Given::Pictures,
            (None, None) => Given::Matrix,
        }
    }

    /// The options that say how pictures are warped, and whether each is given.
    fn of_warping(&self) -> [(&'static str, bool); 5] {
        [
            ("--canvas", self.canvas.is_some()),
            ("--interpolation", self.interpolation.is_some()),
            ("--background", self.background.is_some()),
            ("--no-antialias", self.no_antialias),
            ("--max-pixels", self.max_pixels.is_some()),
        ]
    }

    fn world_file(&self) -> Option<PathBuf> {
        self.units.world_file(self.output.as_deref())
    }
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
    file_args::check(args, estimates)?;
    if !estimates && args.files.matrix.is_none() {
        bail!(
            "no points or matrix: give --points FILE or \"x,y u,v; ...\", --corners \
             \"x,y x,y x,y x,y\", --page auto, --onto PICTURE, or --matrix FILE"
        );
    }
    if !estimates {
        let flag = (args.method != MethodName::Dlt)
            .then_some("--method")
            .or(args.refine.map(|_| "--refine"))
            .or((args.order != OrderName::Xy && args.files.map.is_none()).then_some("--order"));
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
    args.estimation
        .check(args.given(), args.method == MethodName::Ransac || args.onto.is_some())?;
    let draws = args.files.map.is_none() && (args.output.is_some() || args.forward.is_some());
    args.units.check(args.given(), args.invert, draws || args.files.save_matrix.is_some())?;
    let writes = args.output.is_some() || args.overlay.is_some() || args.forward.is_some();
    refuse_onto(args)?;
    let is_asked = args.corners.is_some()
        || args.onto.is_some()
        || args.of_page.page.is_some()
        || args.files.map.is_some();
    if args.image.is_some() && !writes && !is_asked {
        bail!("a picture was given without --output, --overlay or --forward");
    }
    if args.max_pixels == Some(0) {
        bail!("--max-pixels 0: give 1 or more");
    }
    refuse_unused(args)?;
    check_files(args)
}

/// Refuses options of the estimation where four corners decide and none is read.
fn refuse_estimation(args: &Args, because: &str) -> Result<()> {
    let flags = [
        ("--method", args.method != MethodName::Dlt),
        ("--refine", args.refine.is_some()),
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
fn refuse_unused(args: &Args) -> Result<()> {
    let warps = args.output.is_some() || args.forward.is_some();
    let flag = args.of_warping().into_iter().find(|(_, given)| *given).map(|(flag, _)| flag);
    if let (Some(flag), false) = (flag.or(args.units.of_warping()), warps) {
        bail!("{flag} is for warping; add --output or --forward, or leave {flag} out");
    }
    let writes = warps
        || args.overlay.is_some()
        || args.matches.is_some()
        || args.files.save_matrix.is_some();
    if args.force.is_given() && !writes {
        bail!("--force overwrites files, but none is written; leave --force out");
    }
    Ok(())
}

/// Checks that no input file is overwritten, and no existing file without `--force`.
fn check_files(args: &Args) -> Result<()> {
    let existing = |text: Option<&str>| text.map(PathBuf::from).filter(|path| path.exists());
    let (points, corners) = (existing(args.points.as_deref()), existing(args.corners.as_deref()));
    let world_file = args.world_file();
    let inputs = [
        ("the picture", args.image.as_deref()),
        ("--onto", args.onto.as_deref()),
        ("--points", points.as_deref()),
        ("--corners", corners.as_deref()),
        ("--map", args.files.map_file()),
        ("--matrix", args.files.matrix.as_deref()),
    ];
    let outputs = [
        ("--output", args.output.as_deref().filter(|_| !batch::is_batch(args))),
        ("--overlay", args.overlay.as_deref()),
        ("--forward", args.forward.as_deref()),
        ("--matches", args.matches.as_deref()),
        ("--save-matrix", args.files.save_matrix.as_deref()),
        ("--world-file", world_file.as_deref()),
    ];
    check_distinct(&inputs, &outputs)?;
    for (flag, path) in outputs {
        if let Some(path) = path {
            check_no_run(flag, path)?;
            check_file(flag, path, args.force.is_given())?;
        }
    }
    Ok(())
}
