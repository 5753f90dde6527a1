//! The `[diagnostics]` table of a recipe.

use std::num::NonZeroUsize;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is measured of every layer while training; nothing without this table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DiagnosticsConfig {
    /// Steps from one that is measured to the next; the first of an epoch always is.
    #[serde(default = "every")]
    pub every: NonZeroUsize,
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
