//! The `[diagnostics]` table of a recipe.

use std::num::NonZeroUsize;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Statistics of every layer, measured during training. Without this table there are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnosticsConfig {
    /// Steps between two measurements; the first step of each epoch is always measured.
    #[serde(default = "every")]
    pub every: NonZeroUsize,
}

impl Default for DiagnosticsConfig {
    fn default() -> Self {
        Self { every: every() }
    }
}

const fn every() -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_in_ten_is_measured_unless_told_otherwise() {
        let config: DiagnosticsConfig = toml::from_str("").unwrap();
        assert_eq!(config.every.get(), 10);
        assert!(toml::from_str::<DiagnosticsConfig>("every = 0").is_err());
    }
}
