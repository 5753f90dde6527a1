//! Colorizes one picture from file to file.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::publish;
use dlkit_files::picture::{Metadata, PictureFormat, StoredPicture, picture_size, reversed};
use image::DynamicImage;
use image::metadata::Orientation;
use serde::Serialize;

use super::files::{Claims, Job, Output};
use super::model::AnyColorizer;
use super::page::{Page, figure};
use super::results::SHEETS;
use super::sheets::{compared, sheet};
use super::{Args, How};

/// A colorized picture.
#[derive(Debug, Serialize)]
pub(super) struct Painted {
    pub(super) input: String,
    /// The result, then the sheets.
    pub(super) written: Vec<String>,
    pub(super) width: u32,
    pub(super) height: u32,
    /// Time to read, colorize and write the picture.
    pub(super) seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warning: Option<String>,
}

/// A colorized picture whose files are on disk, but do not have their names yet.
pub(super) struct Ready {
    started: Instant,
    /// The result, then the sheets.
    staged: Vec<StagedFile>,
    /// For the page of all results.
    figure: Option<String>,
    painted: Painted,
}

/// Colorizes one picture; `progress` is called with the pixels done so far and their number.
pub(super) fn paint(
    job: &Job,
    how: &How,
    args: &Args,
    claims: &Claims,
    progress: impl Fn(usize, u64),
) -> Result<Ready> {
    let started = Instant::now();
    let stored = StoredPicture::read(&job.input, args.max_pixels)?;
    let warning = stored.warning();
    let StoredPicture { picture, orientation, metadata, narrow: _ } = stored;
    let (width, height) = (picture.width(), picture.height());
    let output = destination(job, Some(&picture));
    let [sheet_path, compare_path] = sheets(&output, args);
    for path in [Some(&output), sheet_path.as_ref(), compare_path.as_ref()].into_iter().flatten() {
        claims.check(path)?;
    }
    let format = PictureFormat::of(&output)?;
    format.check(picture.color().has_alpha(), is_wide(&picture))?;
    let mut upright = picture;
    upright.apply_orientation(orientation);

    let result = how.colorized(&upright, |pixels| {
        progress(pixels, u64::from(width) * u64::from(height));
    })?;

    make_parent(&output)?;
    let mut staged = Vec::new();
    if let (Some(path), AnyColorizer::Own(own)) = (sheet_path, &how.colorizer) {
        let drawn = sheet(&job.input, &upright, own, &args.sheet, how.viewing)?;
        staged.push(stage(&path, &PictureFormat::of(&path)?.encode(&drawn)?)?);
    }
    if let Some(path) = compare_path {
        let drawn = compared(&job.input, &upright, &result, how.temperature)?;
        staged.push(stage(&path, &PictureFormat::of(&path)?.encode(&drawn)?)?);
    }
    let is_shown = args.page.is_some();
    let figure = is_shown.then(|| figure(&job.input, &upright, &result)).transpose()?;
    drop(upright);
    let bytes = encoded(&format, result, orientation, metadata)?;
    staged.insert(0, stage(&output, &bytes)?);
    let input = job.input.display().to_string();
    let painted = Painted { input, written: Vec::new(), width, height, seconds: 0.0, warning };
    Ok(Ready { started, staged, figure, painted })
}

impl Ready {
    /// Gives all files their names: all of them were on disk before the first gets one.
    pub(super) fn publish(
        self,
        args: &Args,
        page: Option<&mut Page>,
        claims: &mut Claims,
    ) -> Result<Painted> {
        let Self { started, staged, figure, mut painted } = self;
        for file in &staged {
            // Of pictures that were colorized at the same time, one may have the result of another.
            claims.check(file.path())?;
        }
        for file in staged {
            let path = file.path().to_owned();
            publish("--output", file, args.force.is_given())?;
            claims.add(&path);
            painted.written.push(path.display().to_string());
        }
        if let (Some(page), Some(figure)) = (page, figure) {
            page.add(&figure);
        }
        painted.seconds = started.elapsed().as_secs_f64();
        Ok(painted)
    }
}

/// Most pixels of each of several pictures that are colorized at the same time.
const SMALL: usize = 2_000_000;
/// Longest shorter side at which the network sees them: such a picture takes some 50 MB.
const SEEN_SMALL: u32 = 288;
/// Most pictures at the same time.
const AT_ONCE: usize = 4;

impl How {
    /// How many of the first pictures are colorized at the same time: several small ones, whose maps
    /// are too small to keep all threads busy.
    pub(super) fn at_once(&self, jobs: &[Job], args: &Args) -> usize {
        let is_small = |job: &&Job| {
            picture_size(&job.input).is_ok_and(|(width, height)| width * height <= SMALL)
        };
        let sees_little = (1..=SEEN_SMALL).contains(&self.viewing.short_side);
        let plain = args.sheet.is_empty() && matches!(self.colorizer, AnyColorizer::Own(_));
        let most = if plain && sees_little { AT_ONCE.min(rayon::current_num_threads()) } else { 1 };
        jobs.iter().take(most).take_while(is_small).count().max(1)
    }

    /// The result of a picture; `progress` is called with the pixels done so far.
    fn colorized(
        &self,
        picture: &DynamicImage,
        progress: impl FnMut(usize),
    ) -> Result<DynamicImage> {
        match (&self.colorizer, self.temperature) {
            (AnyColorizer::Own(own), Some(temperature)) => {
                let mut results = own.colorize(picture, &[temperature], self.viewing, progress);
                results.pop().context("no result")
            }
            (AnyColorizer::Own(_), None) => bail!("no temperature"),
            (AnyColorizer::Foreign(foreign), _) => {
                let hints = self.hints.as_ref();
                if let Some(hints) = hints {
                    let size = [picture.height() as usize, picture.width() as usize];
                    hints.check(size).context("--hints")?;
                }
                Ok(foreign.colorize(picture, self.viewing.preparation, hints)?)
            }
        }
    }
}

/// Encodes the result, turned as the picture if the format can hold how that was.
fn encoded(
    format: &PictureFormat,
    mut result: DynamicImage,
    orientation: Orientation,
    metadata: Metadata,
) -> Result<Vec<u8>> {
    let metadata = format.held(metadata);
    if metadata.exif.is_some() {
        result.apply_orientation(reversed(orientation));
    }
    Ok(format.encode_with(&result, metadata)?)
}

/// Result files of a picture, as far as its name decides them.
pub(super) fn results(job: &Job, args: &Args) -> Vec<PathBuf> {
    let output = destination(job, None);
    let sheets = sheets(&output, args);
    std::iter::once(output).chain(sheets.into_iter().flatten()).collect()
}

/// Paths of the contact sheet and the comparison, if requested.
fn sheets(output: &Path, args: &Args) -> [Option<PathBuf>; 2] {
    let [sheet, compare] = SHEETS;
    let wanted = [(sheet, !args.sheet.is_empty()), (compare, args.compare)];
    wanted.map(|(what, is_wanted)| is_wanted.then(|| beside(output, what)))
}

/// Path of a result; without the picture, the ending follows from its name.
fn destination(job: &Job, picture: Option<&DynamicImage>) -> PathBuf {
    match &job.output {
        Output::Named(path) => path.clone(),
        Output::Stem(stem) => {
            let mut name = stem.file_name().unwrap_or_default().to_owned();
            name.push(".");
            name.push(ending(&job.input, picture));
            stem.with_file_name(name)
        }
    }
}

/// Creates the directory of a file.
pub(super) fn make_parent(path: &Path) -> Result<()> {
    let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(parent).with_context(|| format!("cannot create {}", parent.display()))
}

/// The ending of the picture if its format can hold the result, else png.
fn ending(input: &Path, picture: Option<&DynamicImage>) -> String {
    let own = input.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let holds = |ending: &String| {
        let fits = |format: PictureFormat| {
            picture.is_none_or(|picture| {
                format.check(picture.color().has_alpha(), is_wide(picture)).is_ok()
            })
        };
        PictureFormat::of(Path::new(&format!("a.{ending}"))).is_ok_and(fits)
    };
    own.filter(holds).unwrap_or_else(|| "png".to_owned())
}

fn is_wide(picture: &DynamicImage) -> bool {
    let color = picture.color();
    color.bytes_per_pixel() / color.channel_count() > 1
}

/// Path of an additional picture beside the result, such as `NAME-sheet.png`.
fn beside(output: &Path, what: &str) -> PathBuf {
    let mut name = output.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{what}.png"));
    output.with_file_name(name)
}

pub(super) fn stage(path: &Path, bytes: &[u8]) -> Result<StagedFile> {
    StagedFile::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
