//! `--output` of one file or one run.

use std::path::PathBuf;

use anyhow::Result;
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_file, publish};

use super::force::ForceArgs;
use super::spared::check_no_run;

/// The output file of a command.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OutputFile {
    /// File to write.
    #[arg(long, short, value_name = "FILE", help_heading = "Results")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    force: ForceArgs,
}

impl OutputFile {
    /// Checks the path before slow work starts.
    pub(crate) fn check(&self) -> Result<()> {
        check_no_run("--output", &self.output)?;
        Ok(check_file("--output", &self.output, self.is_forced())?)
    }

    /// Whether existing files are overwritten.
    pub(crate) const fn is_forced(&self) -> bool {
        self.force.is_given()
    }

    /// Gives the staged file its name.
    pub(crate) fn publish(&self, staged: StagedFile) -> Result<PathBuf> {
        Ok(publish("--output", staged, self.is_forced())?)
    }

    /// The path as text.
    pub(crate) fn name(&self) -> String {
        self.output.display().to_string()
    }
}

/// The run that a command creates.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct NewRunArgs {
    /// New run directory.
    #[arg(long, short, value_name = "RUN")]
    pub(crate) output: PathBuf,
}
