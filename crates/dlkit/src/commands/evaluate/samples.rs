//! Files with what was predicted for each sample.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use dlkit_models::tasks::{TaskReport, TrainedNetwork};
use image::ImageFormat;
use serde::Serialize;

use crate::arguments::{PredictionFile, check_no_run, check_outside};
use crate::report::{SampleTable, mistakes_sheet};

/// Files with what was predicted for each sample.
#[derive(Debug, clap::Args)]
pub(super) struct SampleFiles {
    /// File with a line for each sample: where it is, truth, prediction, loss, the probability of each class.
    #[arg(long, value_name = "FILE.csv|FILE.jsonl", help_heading = "Results")]
    predictions: Option<PathBuf>,
    /// Picture to write: the pictures of highest loss with truth, prediction and probability.
    #[arg(long, value_name = "FILE.png", help_heading = "Results")]
    mistakes: Option<PathBuf>,
}

/// The files that were written.
#[derive(Default, Serialize)]
pub(super) struct WrittenSamples {
    #[serde(skip_serializing_if = "Option::is_none")]
    predictions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mistakes: Option<String>,
}

impl WrittenSamples {
    pub(super) fn all(&self) -> impl Iterator<Item = &String> {
        self.predictions.iter().chain(&self.mistakes)
    }
}

const PREDICTIONS: &str = "--predictions";
const MISTAKES: &str = "--mistakes";

impl SampleFiles {
    /// Whether any is asked for.
    pub(super) const fn is_given(&self) -> bool {
        self.predictions.is_some() || self.mistakes.is_some()
    }

    fn table(&self, force: bool) -> Option<PredictionFile<'_>> {
        let path = self.predictions.as_deref();
        path.map(|path| PredictionFile { flag: PREDICTIONS, path, force })
    }

    /// Checks the paths before slow work starts.
    pub(super) fn check(
        &self,
        trained: &TrainedNetwork,
        data: Option<&Path>,
        force: bool,
    ) -> Result<()> {
        let own = trained.run().and_then(|run| run.experiment.config().data.path());
        let inputs: Vec<PathBuf> = data.or(own).map(Path::to_owned).into_iter().collect();
        if let Some(table) = self.table(force) {
            table.check(&inputs)?;
        }
        let Some(path) = &self.mistakes else { return Ok(()) };
        if path.extension().is_none_or(|ending| !ending.eq_ignore_ascii_case("png")) {
            bail!("{MISTAKES} {}: the file name must end in .png", path.display());
        }
        if trained.facts().pictures().is_none() {
            bail!(
                "{MISTAKES} draws pictures that are classified, but {} takes {}; leave it out, or write \
                 the samples with {PREDICTIONS}",
                trained.path().display(),
                if trained.facts().features().is_some() { "tables" } else { "photos to colorize" }
            );
        }
        check_no_run(MISTAKES, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
        check_outside(MISTAKES, folder.unwrap_or(Path::new(".")), &inputs)?;
        check_distinct(
            &[],
            &[(PREDICTIONS, self.predictions.as_deref()), (MISTAKES, Some(path.as_path()))],
        )?;
        Ok(check_file(MISTAKES, path, force)?)
    }

    /// Writes the files.
    pub(super) fn write(
        &self,
        report: &TaskReport,
        data: &str,
        force: bool,
    ) -> Result<WrittenSamples> {
        let mut written = WrittenSamples::default();
        if let (Some(path), TaskReport::Classification(report)) = (&self.mistakes, report) {
            let mut bytes = std::io::Cursor::new(Vec::new());
            mistakes_sheet(report, data)?.write_to(&mut bytes, ImageFormat::Png)?;
            let staged = StagedFile::write(path, &bytes.into_inner())
                .with_context(|| format!("cannot write {}", path.display()))?;
            written.mistakes = Some(publish(MISTAKES, staged, force)?.display().to_string());
        }
        if let Some(table) = self.table(force) {
            written.predictions = Some(SampleTable::new(report).write(table)?);
        }
        Ok(written)
    }
}
