//! Predictions as a file: a table (.csv), or a JSON object on each line (.jsonl).

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use serde::Serialize;

use super::spared::check_no_run;

/// A file of predictions that an option names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PredictionFile<'a> {
    /// The option.
    pub(crate) flag: &'static str,
    /// Its value.
    pub(crate) path: &'a Path,
    /// Whether an existing file is overwritten.
    pub(crate) force: bool,
}

/// How predictions are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Lines,
}

impl PredictionFile<'_> {
    /// Checks the path before slow work starts.
    pub(crate) fn check(self, inputs: &[PathBuf]) -> Result<()> {
        self.form()?;
        check_no_run(self.flag, self.path)?;
        let inputs: Vec<(&str, Option<&Path>)> =
            inputs.iter().map(|input| ("the input", Some(input.as_path()))).collect();
        check_distinct(&inputs, &[(self.flag, Some(self.path))])?;
        Ok(check_file(self.flag, self.path, self.force)?)
    }

    /// Writes predictions; `names` are those of the columns, and `cells` are theirs.
    pub(crate) fn write<T: Serialize>(
        self,
        predictions: &[T],
        names: &[String],
        cells: impl Fn(&T) -> Vec<String>,
    ) -> Result<String> {
        let bytes = match self.form()? {
            Form::Csv => table(predictions, names, cells)?,
            Form::Lines => lines(predictions)?,
        };
        let staged = StagedFile::write(self.path, &bytes)
            .with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(publish(self.flag, staged, self.force)?.display().to_string())
    }

    fn form(self) -> Result<Form> {
        let ending = self.path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        match ending.as_deref().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Form::Csv),
            Some("jsonl") => Ok(Form::Lines),
            _ => bail!(
                "{} {}: the file name must end in .csv or .jsonl",
                self.flag,
                self.path.display()
            ),
        }
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
