//! `--checkpoint`.

use clap::ValueEnum;
use dlkit_models::run::Which;

/// A checkpoint of a run.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct CheckpointArgs {
    /// Checkpoint of a run [default: best].
    #[arg(long, value_enum, value_name = "CHECKPOINT", help_heading = "Input")]
    checkpoint: Option<CheckpointName>,
}

/// A checkpoint, as the user types it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum CheckpointName {
    /// The checkpoint with the best monitored metric.
    Best,
    /// The checkpoint after the last epoch.
    Last,
}

impl CheckpointArgs {
    /// The requested checkpoint, if any.
    pub(crate) fn chosen(self) -> Option<Which> {
        self.checkpoint.map(|name| match name {
            CheckpointName::Best => Which::Best,
            CheckpointName::Last => Which::Last,
        })
    }
}
