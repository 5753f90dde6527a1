//! The file of all predictions.

use std::path::PathBuf;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::arguments::{ForceArgs, PredictionFile};

/// The file of all predictions.
#[derive(Debug, clap::Args)]
pub(super) struct OutputArgs {
    /// File of all predictions: a table (.csv), or a JSON object on each line (.jsonl).
    #[arg(long, short, value_name = "FILE.csv|FILE.jsonl", help_heading = "Results")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

impl OutputArgs {
    fn file(&self) -> Option<PredictionFile<'_>> {
        let force = self.force.is_given();
        self.output.as_deref().map(|path| PredictionFile { flag: "--output", path, force })
    }

    /// Checks the path before slow work starts.
    pub(super) fn check(&self, inputs: &[PathBuf]) -> Result<()> {
        match self.file() {
            Some(file) => file.check(inputs),
            None if self.force.is_given() => {
                bail!("--force overwrites the file of --output; give one")
            }
            None => Ok(()),
        }
    }

    /// Writes predictions, if asked for; `names` are those of the columns, and `cells` are theirs.
    pub(super) fn write<T: Serialize>(
        &self,
        predictions: &[T],
        names: &[String],
        cells: impl Fn(&T) -> Vec<String>,
    ) -> Result<Option<String>> {
        self.file().map(|file| file.write(predictions, names, cells)).transpose()
    }
}
