//! Predictions as a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use serde::Serialize;

use crate::arguments::{ForceArgs, check_no_run};

/// The file of all predictions.
#[derive(Debug, clap::Args)]
pub(super) struct PredictionFile {
    /// File of all predictions: a table (.csv), or a JSON object on each line (.jsonl).
    #[arg(long, short, value_name = "FILE.csv|FILE.jsonl", help_heading = "Results")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

/// How predictions are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Lines,
}

impl PredictionFile {
    /// Checks the path before slow work starts.
    pub(super) fn check(&self, inputs: &[PathBuf]) -> Result<()> {
        let Some(path) = &self.output else {
            if self.force.is_given() {
                bail!("--force overwrites the file of --output; give one");
            }
            return Ok(());
        };
        form(path)?;
        check_no_run("--output", path)?;
        let inputs: Vec<(&str, Option<&Path>)> =
            inputs.iter().map(|input| ("the input", Some(input.as_path()))).collect();
        check_distinct(&inputs, &[("--output", Some(path.as_path()))])?;
        Ok(check_file("--output", path, self.force.is_given())?)
    }

    /// Writes predictions, if asked for; `names` are those of the columns, and `cells` are theirs.
    pub(super) fn write<T: Serialize>(
        &self,
        predictions: &[T],
        names: &[String],
        cells: impl Fn(&T) -> Vec<String>,
    ) -> Result<Option<String>> {
        let Some(path) = &self.output else { return Ok(None) };
        let bytes = match form(path)? {
            Form::Csv => table(predictions, names, cells)?,
            Form::Lines => lines(predictions)?,
        };
        let staged = StagedFile::write(path, &bytes)
            .with_context(|| format!("cannot write {}", path.display()))?;
        let path = publish("--output", staged, self.force.is_given())?;
        Ok(Some(path.display().to_string()))
    }
}

fn form(path: &Path) -> Result<Form> {
    let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    match ending.as_deref().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(Form::Csv),
        Some("jsonl") => Ok(Form::Lines),
        _ => bail!("--output {}: the file name must end in .csv or .jsonl", path.display()),
    }
}

fn table<T>(
    predictions: &[T],
    names: &[String],
    cells: impl Fn(&T) -> Vec<String>,
) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names)?;
    for prediction in predictions {
        writer.write_record(cells(prediction))?;
    }
    writer.into_inner().context("cannot write the table")
}

fn lines<T: Serialize>(predictions: &[T]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for prediction in predictions {
        serde_json::to_writer(&mut bytes, prediction).context("cannot write a prediction")?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}
