//! Colours for grey pictures.
//!
//! A network is given L of CIE Lab and gives, at every place, a distribution over bins of the ab plane;
//! one colour is made of it by the annealed mean. Rare colours count more in training, by a prior that
//! is taken from the training photos.
//!
//! # References
//! Zhang, Isola and Efros (2016), Colorful Image Colorization.

mod bins;
mod colorizer;
mod config;
mod crops;
mod decode;
mod encode;
mod evaluate;
mod facts;
mod grid;
mod input;
mod lab;
mod load;
mod metrics;
mod middle;
mod model;
mod photos;
mod picture;
#[cfg(test)]
mod picture_tests;
mod prepare;
mod prior;
#[cfg(test)]
mod reference_tests;
mod samples;
mod tiles;

pub use bins::{BinWidth, Bins, ColourCounts, PLANE};
pub use colorizer::Colorizer;
pub use config::ColorizationConfig;
pub use crops::CropBatch;
pub use decode::{PAPER_TEMPERATURE, Temperature, TemperatureError, annealed_mean};
pub use encode::{Encoder, EncodingConfig};
pub use evaluate::{ColorFigures, ColorSummary, ColorizationReport, PhotoFigures, evaluate_photos};
pub use facts::ColorFacts;
pub use input::{LIGHTNESS_DEVIATION, LIGHTNESS_MEAN};
pub use lab::{lab_from_rgb, rgb_from_lab, rgb_within_gamut};
pub use load::{evaluate_frozen, evaluate_run, frozen_colorizer, load_colorizer};
pub use metrics::{Summary, area_under_curve, colour_error, colourfulness, peak_signal_to_noise};
pub(crate) use middle::lightness_of_middle;
pub use model::ColorNetwork;
pub use picture::{DEFAULT_TILE, Viewing};
pub(crate) use prepare::prepare;
pub use prior::Prior;
