//! Colors for gray pictures.
//!
//! The network receives L of CIE Lab and predicts, for each pixel, a distribution over bins of the
//! ab plane. The annealed mean turns it into one color. Rare colors count more in training, by a
//! prior measured on the training photos.
//!
//! # References
//! Zhang, Isola and Efros (2016), Colorful Image Colorization.

mod appearance;
mod colorizer;
mod crops;
mod draws;
mod evaluate;
mod foreign;
mod grid;
mod metrics;
mod middle;
mod model;
mod photos;
mod picture;
#[cfg(test)]
mod picture_tests;
mod prepare;
#[cfg(test)]
mod reference_tests;
mod samples;
mod scan;
mod tiles;

pub use crate::facts::color::{
    BinWidth, Bins, ColorCounts, ColorFacts, ColorizationConfig, Encoder, EncodingConfig,
    LIGHTNESS_DEVIATION, LIGHTNESS_MEAN, PAPER_TEMPERATURE, PLANE, Prior, Temperature,
    TemperatureError, annealed_mean, lab_from_rgb, rgb_from_lab, rgb_within_gamut,
};
pub use appearance::{HUES, ciede2000, hue};
pub use colorizer::Colorizer;
pub use crops::CropBatch;
pub use evaluate::{
    ColorFigures, ColorSummary, ColorizationReport, Palette, PaletteSummary, PhotoFigures,
    evaluate_photos,
};
pub use foreign::{ForeignColorizer, ForeignError, ForeignKind, Hint, HintError, Hints};
pub use metrics::{Summary, area_under_curve, color_error, colourfulness, peak_signal_to_noise};
pub(crate) use middle::lightness_of_middle;
pub(crate) use photos::{own_photos, seen_bins};
pub use picture::{DEFAULT_TILE, Viewing};
pub(crate) use prepare::prepare;
pub use scan::Preparation;
