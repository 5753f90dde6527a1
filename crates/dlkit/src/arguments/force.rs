//! `--force`.

/// Whether existing files are overwritten.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct ForceArgs {
    /// Overwrite existing files; input files never.
    #[arg(long, help_heading = "Results")]
    force: bool,
}

impl ForceArgs {
    /// Whether the option was given.
    pub(crate) const fn is_given(self) -> bool {
        self.force
    }
}
