//! The `[diagnostics]` table of a recipe.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::network::Problem;

/// What is measured of every layer while training; nothing without this table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnosticsConfig {
    /// Steps from one that is measured to the next; the first of an epoch always is.
    #[serde(default = "every")]
    pub every: usize,
}

const fn every() -> usize {
    10
}

impl DiagnosticsConfig {
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.every == 0 {
            return Err(Problem::new("every", "is 0; 1 or more is needed (1 measures every step)"));
        }
        Ok(())
    }
}
