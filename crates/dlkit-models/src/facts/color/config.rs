//! The `[colorization]` table of a recipe.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bins::BinWidth;
use super::color_facts::whole;
use super::encoding::EncodingConfig;
use super::temperature::{PAPER_TEMPERATURE, Temperature};
use crate::value::Problem;
use crate::value::choice::{name_or_table, name_or_table_schema};

/// Settings of the task "colorization".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColorizationConfig {
    /// Width of a color bin in units of ab: 5 or 10. The network has one output for each of the
    /// most frequent bins of the training part.
    #[serde(default = "bin_width")]
    pub bin_width: u8,
    /// Encoding of a color as a distribution over the bins.
    #[serde(default, deserialize_with = "name_or_table")]
    #[schemars(schema_with = "name_or_table_schema::<EncodingConfig>")]
    pub encoding: EncodingConfig,
    /// Standard deviation, in units of ab, of the Gaussian that smooths the prior; 0 for none.
    #[serde(default)]
    pub prior_smoothing: f64,
    /// Balance of rare colors: 0 gives all bins the same total weight, 1 gives all pixels the same
    /// weight.
    #[serde(default = "lambda")]
    pub lambda: f64,
    /// Default temperature of the annealed mean.
    #[serde(default = "temperature")]
    pub temperature: f64,
    /// How much predictions favor rare colors: 1 as much as training does, 0 as often as they occur. Has
    /// no effect on the training.
    #[serde(default = "whole")]
    pub balance: f64,
}

const fn bin_width() -> u8 {
    10
}

const fn lambda() -> f64 {
    0.5
}

const fn temperature() -> f64 {
    PAPER_TEMPERATURE
}

impl Default for ColorizationConfig {
    fn default() -> Self {
        Self {
            bin_width: bin_width(),
            encoding: EncodingConfig::default(),
            prior_smoothing: 0.0,
            lambda: lambda(),
            temperature: temperature(),
            balance: whole(),
        }
    }
}

impl ColorizationConfig {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        self.width()?;
        self.encoding.check().map_err(|problem| problem.within("encoding"))?;
        if !(self.prior_smoothing.is_finite() && self.prior_smoothing >= 0.0) {
            let reason = format!("must be a number, 0 or more, not {}", self.prior_smoothing);
            return Err(Problem::new("prior_smoothing", reason));
        }
        if !(0.0..=1.0).contains(&self.lambda) {
            return Err(Problem::new(
                "lambda",
                format!("must be from 0 to 1, not {}", self.lambda),
            ));
        }
        if !(0.0..=1.0).contains(&self.balance) {
            let reason = format!("must be from 0 to 1, not {}", self.balance);
            return Err(Problem::new("balance", reason));
        }
        Temperature::new(self.temperature).map(drop).map_err(|error| {
            Problem::new("temperature", error.to_string().replace("the temperature ", ""))
        })
    }

    /// The checked width of a bin.
    pub(crate) fn width(&self) -> Result<BinWidth, Problem> {
        BinWidth::try_from(self.bin_width).map_err(|_| {
            Problem::new("bin_width", format!("must be 5 or 10, not {}", self.bin_width))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_what_makes_no_sense() {
        let problem = |table: &str| {
            let config: ColorizationConfig = toml::from_str(table).unwrap();
            config.check().unwrap_err().to_string()
        };
        assert_eq!(problem("bin_width = 7"), "`bin_width` must be 5 or 10, not 7");
        assert_eq!(problem("lambda = 1.5"), "`lambda` must be from 0 to 1, not 1.5");
        assert!(
            problem("temperature = 0")
                .contains("`temperature` must be a finite number above 0, not 0")
        );
        assert_eq!(problem("balance = 2"), "`balance` must be from 0 to 1, not 2");
        assert!(problem("prior_smoothing = -1").contains("`prior_smoothing` must be"));
        assert!(problem("encoding = { kind = \"window\", size = 2 }").contains("`encoding.size`"));
        assert!(ColorizationConfig::default().check().is_ok());
    }

    #[test]
    fn an_encoding_is_a_name_or_a_table() {
        let config: ColorizationConfig = toml::from_str("encoding = \"nearest\"").unwrap();
        assert_eq!(config.encoding, EncodingConfig::Nearest { neighbours: 5, sigma: 5.0 });
    }
}
