//! `dlkit colorize`.

mod files;
mod model;
mod paint;
mod palette;
mod progress;
mod sheets;

use std::path::PathBuf;

use anyhow::{Result, bail};
use dlkit_files::picture::summary_of_left_out;
use dlkit_models::tasks::colorization::{
    Colorizer, DEFAULT_TILE, Temperature, TemperatureError, Viewing,
};
use serde::Serialize;

use self::files::{Claims, Found, Job, jobs};
use self::paint::{Painted, paint, results};
use self::progress::ColorProgress;
use crate::arguments::{CheckpointArgs, DeviceArgs, Failures, ForceArgs};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{counted, seconds};

/// Give grey pictures colours.
///
/// Size, lightness, opacity, bits and orientation stay what they are; of a coloured picture, only the
/// lightness is looked at; of an animation, the first picture. A file that fails is reported and the
/// others go on; the exit code is then 1. Where a result exists already, nothing is colorized without
/// --force or --skip-existing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Pictures (PNG, JPEG, WebP, BMP), directories of pictures, or patterns such as "*.jpg".
    #[arg(value_name = "FILE|DIR|GLOB", required_unless_present = "palette")]
    inputs: Vec<PathBuf>,
    /// Where the result goes: a file for one picture, else a directory. Default: beside each picture,
    /// as NAME-colorized; for a directory, DIR-colorized.
    #[arg(long, short, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// A run or a frozen file of a colorizer. Default: the one that comes with dlkit.
    #[arg(long, value_name = "FILE.onnx|RUN")]
    model: Option<PathBuf>,
    #[command(flatten)]
    checkpoint: CheckpointArgs,
    /// How the colour is chosen among those the network thinks possible: near 0 the likeliest (vivid,
    /// patchy), 1 the mean of all (greyish). Default: the model's, usually 0.38.
    #[arg(long, value_name = "T", value_parser = temperature, allow_negative_numbers = true)]
    temperature: Option<Temperature>,
    /// Pixels along the side of a tile of what the network looks at; fewer take less memory, more are
    /// faster.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_TILE as u32, value_parser = clap::value_parser!(u32).range(16..=8192))]
    tile: u32,
    #[command(flatten)]
    force: ForceArgs,
    /// Leave out pictures whose results exist, to go on with what was begun.
    #[arg(long, conflicts_with = "force")]
    skip_existing: bool,
    /// Pixels of the shorter side with which the network looks at a picture; a larger one is made smaller
    /// for it, only the colours are enlarged again. 0 takes every picture as it is. Default: that of the
    /// photos it learnt from, usually 256.
    #[arg(long, value_name = "N")]
    short_side: Option<u32>,
    /// Also write a contact sheet over these temperatures, as NAME-sheet.png beside the result.
    #[arg(long, value_name = "T,T,...", value_delimiter = ',', value_parser = temperature, allow_negative_numbers = true)]
    sheet: Vec<Temperature>,
    /// Also write grey, result and original side by side, as NAME-compare.png beside the result.
    #[arg(long)]
    compare: bool,
    /// Draw the model's colour bins, their prior and their weights instead, as .svg and .png.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inputs", "output", "temperature", "short_side", "sheet", "compare", "tile", "max_pixels", "skip_existing"])]
    palette: Option<PathBuf>,
    /// Pixels a picture may have: a small file can unpack to one that takes all memory.
    #[arg(long, value_name = "N", default_value_t = 120_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    max_pixels: u64,
    #[command(flatten)]
    device: DeviceArgs,
}

fn temperature(text: &str) -> Result<Temperature, String> {
    let value: f64 = text.trim().parse().map_err(|_| {
        format!("`{text}` is no number; a temperature is a number above 0, such as 0.38")
    })?;
    Temperature::new(value).map_err(|error: TemperatureError| error.to_string())
}

#[derive(Serialize)]
struct Answer {
    model: String,
    temperature: f32,
    short_side: u32,
    files: Vec<Painted>,
    /// Pictures whose results exist.
    skipped: usize,
    #[serde(flatten)]
    failures: Failures,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    model::check(args)?;
    let device = args.device.open()?;
    if let Some(output) = &args.palette {
        let place = palette::Place::new(output, args.force.existing())?;
        let (name, colorizer) = model::load(args, &device)?;
        return palette::draw(&name, &colorizer, &place, console);
    }
    let mut failures = Failures::default();
    let Found { jobs, left_out } = jobs(&args.inputs, args.output.as_deref(), &mut failures)?;
    if let Some(left_out) = summary_of_left_out(&left_out) {
        console.warning(left_out);
    }
    if jobs.is_empty() && failures.is_empty() {
        bail!("no pictures were found");
    }
    let found = jobs.len();
    let jobs: Vec<Job> = jobs.into_iter().filter(|job| !is_skipped(job, args)).collect();
    let skipped = found - jobs.len();
    if skipped > 0 {
        console.line(format!("{} left out: their results exist", counted(skipped, "picture")))?;
    }
    check_results(&jobs, args)?;
    let (model, colorizer) = model::load(args, &device)?;
    let temperature = args.temperature.map_or_else(|| colorizer.temperature(), Ok)?;
    let short_side = args.short_side.unwrap_or(colorizer.viewing().short_side);
    let viewing = Viewing { tile: args.tile as usize, short_side };
    let how = (temperature, viewing);
    let files = paint_all(&jobs, &colorizer, how, args, &mut failures, console)?;
    let status = failures.conclude(files.len() + skipped);
    console.object(&Answer {
        model,
        temperature: temperature.value(),
        short_side,
        files,
        skipped,
        failures,
    })?;
    Ok(status)
}

/// Whether a picture is left out because its results exist.
fn is_skipped(job: &Job, args: &Args) -> bool {
    args.skip_existing && results(job, args).iter().all(|result| result.exists())
}

/// Checks before anything is colorized that no result takes the place of a picture, nor of an existing
/// file unless that is wanted.
fn check_results(jobs: &[Job], args: &Args) -> Result<()> {
    let results: Vec<PathBuf> = jobs.iter().flat_map(|job| results(job, args)).collect();
    let claims = Claims::new(jobs);
    for result in &results {
        claims.check(result)?;
    }
    args.force.existing().check("--output", &results)
}

fn paint_all(
    jobs: &[Job],
    colorizer: &Colorizer,
    how: (Temperature, Viewing),
    args: &Args,
    failures: &mut Failures,
    console: Console,
) -> Result<Vec<Painted>> {
    let progress = ColorProgress::new(console, jobs.len());
    let mut claims = Claims::new(jobs);
    let mut files = Vec::new();
    for job in jobs {
        progress.begin(&job.input);
        match paint(job, colorizer, how, args, &mut claims, &progress) {
            Ok(painted) => {
                progress.aside(|| {
                    console.line(format!(
                        "{} -> {} ({}x{}, {})",
                        painted.input,
                        painted.written.join(", "),
                        painted.width,
                        painted.height,
                        seconds(painted.seconds)
                    ))
                })?;
                files.push(painted);
            }
            Err(error) => {
                let error = error.context(format!("{} was not colorized", job.input.display()));
                progress.aside(|| failures.add(&job.input, &error));
            }
        }
        progress.end();
    }
    Ok(files)
}
