//! `--temperature` and `--balance`.

use anyhow::Result;
use dlkit_models::tasks::TrainedNetwork;
use dlkit_models::tasks::colorization::{Temperature, TemperatureError};

/// How a colorizer's scores of color bins become colors.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Colors")]
pub(crate) struct DecodingArgs {
    /// How predicted colors are merged: near 0 the most probable color (vivid, patchy), 1 the mean of all
    /// (grayish) [default: the model's, usually 0.38].
    #[arg(long, value_name = "T", value_parser = temperature, allow_negative_numbers = true)]
    pub(crate) temperature: Option<Temperature>,
    /// How much rare colors are favored, from 0 (as often as they occur: cautious, grayish) to 1 (as much as
    /// in training: bold) [default: the model's].
    #[arg(long, value_name = "B", allow_negative_numbers = true)]
    pub(crate) balance: Option<f64>,
}

impl DecodingArgs {
    /// Whether one of them is given.
    pub(crate) const fn is_given(self) -> bool {
        self.temperature.is_some() || self.balance.is_some()
    }

    /// A colorizer that decodes in this way.
    ///
    /// # Errors
    /// No colorizer; a balance that is not from 0 to 1.
    pub(crate) fn applied(self, trained: TrainedNetwork) -> Result<TrainedNetwork> {
        Ok(trained.with_decoding(self.temperature, self.balance)?)
    }
}

/// A temperature as it is typed.
pub(crate) fn temperature(text: &str) -> Result<Temperature, String> {
    let value: f64 = text.trim().parse().map_err(|_| {
        format!("`{text}`: not a number; a temperature is a number above 0, such as 0.38")
    })?;
    Temperature::new(value).map_err(|error: TemperatureError| error.to_string())
}
