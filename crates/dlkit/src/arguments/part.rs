//! `--split`.

use clap::ValueEnum;
use dlkit_models::tasks::Part;

/// A part of a data set.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct PartArgs {
    /// Part of the data [default: test, or all of --data].
    #[arg(long, value_enum, value_name = "PART", help_heading = "Input")]
    split: Option<PartName>,
}

/// A part, as the user types it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PartName {
    Train,
    Validation,
    Test,
}

impl PartArgs {
    /// The requested part, if any.
    pub(crate) fn chosen(self) -> Option<Part> {
        self.split.map(|name| match name {
            PartName::Train => Part::Train,
            PartName::Validation => Part::Validation,
            PartName::Test => Part::Test,
        })
    }
}
