//! `--force`.

use super::output::Existing;

/// Whether existing files are overwritten.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct ForceArgs {
    /// Overwrite existing files; input files never.
    #[arg(long)]
    force: bool,
}

impl ForceArgs {
    /// What becomes of existing files.
    pub(crate) const fn existing(self) -> Existing {
        if self.force { Existing::Overwrite } else { Existing::Keep }
    }

    /// Whether the option was given.
    pub(crate) const fn is_given(self) -> bool {
        self.force
    }
}
