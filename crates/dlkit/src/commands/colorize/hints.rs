//! Colors that the user gives at some places of a photo.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use dlkit_files::regular::{LARGEST_RECIPE, read_regular_text};
use dlkit_models::tasks::colorization::Hints;

/// The option for them.
#[derive(Debug, clap::Args)]
pub(super) struct HintsArgs {
    /// Colors at some places of the one picture, for a model that takes hints, such as SIGGRAPH17: a file of
    /// lines x,y,#rrggbb or x,y,#rrggbb,radius, in pixels of the picture; x points right, y down
    /// [default radius: a hundredth of the shorter side].
    #[arg(long, value_name = "FILE.csv", help_heading = "Colors")]
    hints: Option<PathBuf>,
}

impl HintsArgs {
    pub(super) const fn is_given(&self) -> bool {
        self.hints.is_some()
    }

    /// Reads the hints, which are for one picture.
    pub(super) fn read(&self, pictures: usize) -> Result<Option<Hints>> {
        let Some(path) = &self.hints else { return Ok(None) };
        if pictures > 1 {
            bail!(
                "--hints {}: for one picture, but there are {pictures}; give one",
                path.display()
            );
        }
        let text = read_regular_text(path, LARGEST_RECIPE)
            .with_context(|| format!("--hints {}", path.display()))?;
        let hints = Hints::parse(&text).with_context(|| format!("--hints {}", path.display()))?;
        Ok(Some(hints))
    }
}
