//! `dlkit colorize`.

mod files;
mod hints;
mod model;
mod page;
mod paint;
mod palette;
mod progress;
mod results;
mod sheets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dlkit_files::overwrite::{check_directory, check_file, publish};
use dlkit_models::tasks::colorization::{
    DEFAULT_TILE, ForeignKind, Hints, Preparation, Temperature, Viewing,
};
use rayon::prelude::*;
use serde::Serialize;

use self::files::{Claims, Found, Job, jobs};
use self::hints::HintsArgs;
use self::model::AnyColorizer;
use self::page::Page;
use self::paint::{Painted, Ready, make_parent, paint, results, stage};
use self::progress::ColorProgress;
use crate::arguments::{
    CheckpointArgs, DecodingArgs, DeviceArgs, Failures, ForceArgs, check_no_run, temperature,
};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{counted, seconds};

/// Colorize gray pictures
///
/// The result keeps size, lightness, opacity, bit depth and orientation. Uses only the lightness of a color
/// picture, and only the first frame of an animation. Reports a file that fails, continues with the others,
/// and exits with code 1. If a result already exists, colorizes nothing without --force or
/// --skip-existing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit colorize old.jpg\n  dlkit colorize album --output colors --compare\n  dlkit colorize old.jpg --sheet 0.1,0.38,1 --model runs/colorizer"
)]
pub(crate) struct Args {
    /// Pictures (PNG, JPEG, WebP, BMP, TIFF, GIF, PGM, PPM), directories of pictures, or patterns such as
    /// "*.jpg".
    #[arg(value_name = "FILE|DIR|GLOB", required_unless_present = "palette")]
    inputs: Vec<PathBuf>,
    /// Result: a file for one picture, else a directory [default: NAME-colorized beside each picture, or
    /// DIR-colorized].
    #[arg(long, short, value_name = "FILE|DIR", help_heading = "Results")]
    output: Option<PathBuf>,
    /// Colorizer: a run, a frozen file, or a colorizer of another project as ONNX (Zhang's ECCV16 and
    /// SIGGRAPH17, DDColor, DeOldify) [default: the one that comes with dlkit].
    #[arg(long, value_name = "FILE.onnx|RUN", help_heading = "Colors")]
    model: Option<PathBuf>,
    /// What a model of another project takes and gives, where its inputs and outputs do not tell.
    #[arg(long, value_name = "KIND", help_heading = "Colors", value_enum)]
    model_kind: Option<ModelKind>,
    #[command(flatten)]
    hints: HintsArgs,
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    #[command(flatten)]
    decoding: DecodingArgs,
    /// Side of the network's tiles in pixels; smaller needs less memory, larger is faster [default: 384].
    /// Not for a model that looks at whole pictures.
    #[arg(long, value_name = "N", help_heading = "Colors", value_parser = clap::value_parser!(u32).range(16..=8192))]
    tile: Option<u32>,
    #[command(flatten)]
    force: ForceArgs,
    /// Skip pictures whose results exist, to resume an interrupted command.
    #[arg(long, conflicts_with_all = ["force", "page"], help_heading = "Results")]
    skip_existing: bool,
    /// The network sees each picture scaled down to this shorter side in pixels; its colors are scaled up
    /// again. 0 keeps the full size. A model that looks at whole pictures sees at most 400,000 pixels
    /// [default: the training photos', usually 144 or 256].
    #[arg(long, value_name = "N", help_heading = "Colors")]
    short_side: Option<u32>,
    /// What the network sees of a picture: scan leaves out a white or black border, which stays without
    /// colors, stretches the range of a faded picture and fills specks and scratches; none shows it as it is.
    /// The result has the picture's own lightness.
    #[arg(long, value_name = "HOW", help_heading = "Colors", value_enum, default_value = "scan")]
    prepare: Prepare,
    /// Temperatures of an additional contact sheet, NAME-sheet.png beside the result.
    #[arg(long, value_name = "T,T,...", help_heading = "Results", value_delimiter = ',', value_parser = temperature, allow_negative_numbers = true)]
    sheet: Vec<Temperature>,
    /// Additional picture of gray, result and original side by side, NAME-compare.png.
    #[arg(long, help_heading = "Results")]
    compare: bool,
    /// Additional page of all results, each with a slider between gray and color; it needs no other files.
    #[arg(long, value_name = "FILE.html", help_heading = "Results")]
    page: Option<PathBuf>,
    /// Drawing of the model's color bins, prior and weights, as .svg and .png; no picture is colorized.
    #[arg(long, value_name = "FILE", help_heading = "Results", conflicts_with_all = ["inputs", "output", "model_kind", "hints", "temperature", "balance", "short_side", "sheet", "compare", "page", "tile", "prepare", "max_pixels", "skip_existing"])]
    palette: Option<PathBuf>,
    /// Maximum number of pixels of a picture, because a small file can unpack to fill all memory.
    #[arg(long, value_name = "N", default_value_t = 120_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    max_pixels: u64,
    #[command(flatten)]
    device: DeviceArgs,
}

/// What a model of another project takes and gives.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ModelKind {
    /// Lightness L to ab: ECCV16, SIGGRAPH17.
    Zhang,
    /// Gray RGB from 0 to 1 to ab.
    Ddcolor,
    /// Gray RGB from 0 to 255 to RGB.
    Deoldify,
    /// Gray RGB from 0 to 1 to RGB.
    DeoldifyWeb,
}

impl From<ModelKind> for ForeignKind {
    fn from(kind: ModelKind) -> Self {
        match kind {
            ModelKind::Zhang => Self::Zhang,
            ModelKind::Ddcolor => Self::DdColor,
            ModelKind::Deoldify => Self::DeOldify,
            ModelKind::DeoldifyWeb => Self::DeOldifyWeb,
        }
    }
}

/// What the network sees of a picture.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Prepare {
    Scan,
    None,
}

#[derive(Serialize)]
struct Answer {
    model: String,
    /// None for a model of another project.
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_side: Option<u32>,
    files: Vec<Painted>,
    /// The page of all results.
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    /// Number of skipped pictures, whose results exist.
    skipped: usize,
    #[serde(flatten)]
    failures: Failures,
}

/// How pictures get their colors.
struct How {
    colorizer: AnyColorizer,
    /// None for a model of another project.
    temperature: Option<Temperature>,
    viewing: Viewing,
    /// Of the one picture.
    hints: Option<Hints>,
}

impl How {
    fn new(
        model: &str,
        colorizer: AnyColorizer,
        hints: Option<Hints>,
        args: &Args,
    ) -> Result<Self> {
        let preparation = match args.prepare {
            Prepare::Scan => Preparation::Scan,
            Prepare::None => Preparation::None,
        };
        let tile = args.tile.map_or(DEFAULT_TILE, |tile| tile as usize);
        let short_side = args.short_side.unwrap_or(0);
        let viewing = Viewing { tile, short_side, preparation };
        let AnyColorizer::Own(own) = &colorizer else {
            return Ok(Self { colorizer, temperature: None, viewing, hints });
        };
        if args.tile.is_some() && own.sees_whole_pictures() {
            bail!(
                "--tile: the model ({model}) looks at whole pictures, not at tiles; leave it out"
            );
        }
        let temperature = Some(own.temperature()?);
        let short_side = args.short_side.unwrap_or(own.viewing().short_side);
        let viewing = Viewing { short_side, ..viewing };
        Ok(Self { colorizer, temperature, viewing, hints })
    }
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    model::check(args)?;
    let device = args.device.open()?;
    if let Some(output) = &args.palette {
        let place = palette::Place::new(output, args.force.is_given())?;
        let (name, AnyColorizer::Own(colorizer)) = model::load(args, &device)? else {
            bail!("--palette is for networks of dlkit, which have color bins");
        };
        return palette::draw(&name, &colorizer, &place, console);
    }
    let mut failures = Failures::default();
    let Found { jobs, left_out } = jobs(&args.inputs, args.output.as_deref(), &mut failures)?;
    console.warn_left_out(&left_out);
    if jobs.is_empty() && failures.is_empty() {
        bail!("no pictures found");
    }
    let found = jobs.len();
    let jobs: Vec<Job> = jobs.into_iter().filter(|job| !is_skipped(job, args)).collect();
    let skipped = found - jobs.len();
    if skipped > 0 {
        console.line(format!("{} skipped: their results exist", counted(skipped, "picture")))?;
    }
    let hints = args.hints.read(found)?;
    check_results(&jobs, args)?;
    let mut page = args.page.as_ref().map(|path| Page::new(path, jobs.len())).transpose()?;
    let (model, colorizer) = model::load(args, &device)?;
    let how = How::new(&model, colorizer, hints, args)?;
    let files = paint_all(&jobs, &how, args, page.as_mut(), &mut failures, console)?;
    let mut written = None;
    if let Some(page) = page.as_ref().filter(|_| !files.is_empty()) {
        match write_page(page, &model, &how, args, console) {
            Ok(()) => written = Some(page.path().display().to_string()),
            Err(error) => failures.add(page.path(), &error),
        }
    }
    let status = failures.conclude(files.len() + skipped);
    console.object(&Answer {
        model,
        temperature: how.temperature.map(Temperature::value),
        short_side: how.temperature.map(|_| how.viewing.short_side),
        files,
        page: written,
        skipped,
        failures,
    })?;
    Ok(status)
}

/// Writes the page of all results.
fn write_page(page: &Page, model: &str, how: &How, args: &Args, console: Console) -> Result<()> {
    let path = page.path();
    make_parent(path)?;
    let file = stage(path, page.html(model, how.temperature).as_bytes())?;
    publish("--page", file, args.force.is_given())?;
    console.line(format!("{}: all results side by side", path.display()))?;
    Ok(())
}

/// Whether a picture is skipped because its results exist.
fn is_skipped(job: &Job, args: &Args) -> bool {
    args.skip_existing && results(job, args).iter().all(|result| result.exists())
}

/// Checks, before slow work starts, that no result overwrites a picture, or an existing file without
/// `--force`.
fn check_results(jobs: &[Job], args: &Args) -> Result<()> {
    let results: Vec<PathBuf> = jobs.iter().flat_map(|job| results(job, args)).collect();
    let claims = Claims::new(jobs);
    if let Some(page) = &args.page {
        claims.check(page)?;
        check_no_run("--page", page)?;
        check_file("--page", page, args.force.is_given())?;
    }
    for result in &results {
        claims.check(result)?;
        check_no_run("--output", result)?;
    }
    let mut folders: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for result in &results {
        let folder = result.parent().filter(|parent| !parent.as_os_str().is_empty());
        let name = result.file_name().map_or(result.as_path(), Path::new);
        folders.entry(folder.unwrap_or(Path::new("."))).or_default().push(name);
    }
    for (folder, names) in folders {
        check_directory("--output", folder, &names, &[], args.force.is_given())?;
    }
    Ok(())
}

/// Colorizes all pictures; results are published in the order of the pictures.
fn paint_all(
    jobs: &[Job],
    how: &How,
    args: &Args,
    mut page: Option<&mut Page>,
    failures: &mut Failures,
    console: Console,
) -> Result<Vec<Painted>> {
    let progress = ColorProgress::new(console, jobs.len());
    let mut claims = Claims::new(jobs);
    let mut files = Vec::new();
    let mut rest = jobs;
    while !rest.is_empty() {
        let (group, others) = rest.split_at(how.at_once(rest, args));
        rest = others;
        progress.begin(&group[0].input);
        let shows_pixels = group.len() == 1;
        let painting = |job: &Job| {
            paint(job, how, args, &claims, |done, all| {
                if shows_pixels {
                    progress.pixels(done, all);
                }
            })
        };
        let ready: Vec<Result<Ready>> = group.par_iter().map(painting).collect();
        for (job, ready) in group.iter().zip(ready) {
            match ready.and_then(|ready| ready.publish(args, page.as_deref_mut(), &mut claims)) {
                Ok(painted) => {
                    progress.aside(|| tell(&painted, console))?;
                    files.push(painted);
                }
                Err(error) => {
                    let error = error.context(format!("{}: not colorized", job.input.display()));
                    progress.aside(|| failures.add(&job.input, &error));
                }
            }
            progress.end();
        }
    }
    Ok(files)
}

/// The line of a colorized picture.
fn tell(painted: &Painted, console: Console) -> Result<()> {
    console.line(format!(
        "{} -> {} ({}x{}, {})",
        painted.input,
        painted.written.join(", "),
        painted.width,
        painted.height,
        seconds(painted.seconds)
    ))?;
    if let Some(warning) = &painted.warning {
        console.warning(format!("{}: {warning}", painted.input));
    }
    Ok(())
}
