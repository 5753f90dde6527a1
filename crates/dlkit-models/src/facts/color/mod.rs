//! Colors: the Lab space, the bins of its ab plane, the prior, how a color becomes a distribution over
//! bins and a distribution a color.

mod bins;
mod color_facts;
mod config;
mod encoding;
mod fit;
mod input;
mod prior;
mod space;
mod temperature;

pub use bins::{BinWidth, Bins, ColorCounts, PLANE};
pub use color_facts::ColorFacts;
pub use config::ColorizationConfig;
pub use encoding::{Encoder, EncodingConfig};
pub(crate) use fit::Fit;
pub use input::{LIGHTNESS_DEVIATION, LIGHTNESS_MEAN};
pub use prior::Prior;
pub(crate) use space::{ByteColors, lab_from_linear, linear};
pub use space::{lab_from_rgb, rgb_from_lab, rgb_within_gamut};
pub use temperature::{PAPER_TEMPERATURE, Temperature, TemperatureError, annealed_mean};
