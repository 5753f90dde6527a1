//! The shape of what flows between layers.

use std::fmt;

use serde::Serialize;

/// The shape of one sample, without the batch axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "Vec<usize>")]
pub enum Shape {
    /// A vector of features.
    Features(usize),
    /// Feature maps.
    Maps {
        /// Number of maps.
        channels: usize,
        /// Rows of each map.
        height: usize,
        /// Columns of each map.
        width: usize,
    },
}

impl Shape {
    /// The shape a list of sizes stands for: `[features]` or `[channels, height, width]`.
    ///
    /// `None` for any other number of sizes, for a size of zero, and for more values than an
    /// index can count.
    #[must_use]
    pub fn from_sizes(sizes: &[usize]) -> Option<Self> {
        let values = sizes.iter().try_fold(1usize, |product, &size| product.checked_mul(size))?;
        if values == 0 || u32::try_from(values).is_err() {
            return None;
        }
        match *sizes {
            [features] => Some(Self::Features(features)),
            [channels, height, width] => Some(Self::Maps { channels, height, width }),
            _ => None,
        }
    }

    /// The number of values.
    #[must_use]
    pub const fn values(self) -> usize {
        match self {
            Self::Features(features) => features,
            Self::Maps { channels, height, width } => channels * height * width,
        }
    }

    /// The number of channels; of features, for a vector.
    #[must_use]
    pub const fn channels(self) -> usize {
        match self {
            Self::Features(features) => features,
            Self::Maps { channels, .. } => channels,
        }
    }

    /// The shape of a batch of such samples as tensors hold it:
    /// `[batch, channels, height, width]`, a vector having height and width 1.
    #[must_use]
    pub const fn batch(self, batch: usize) -> [usize; 4] {
        match self {
            Self::Features(features) => [batch, features, 1, 1],
            Self::Maps { channels, height, width } => [batch, channels, height, width],
        }
    }
}

impl From<Shape> for Vec<usize> {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::Features(features) => vec![features],
            Shape::Maps { channels, height, width } => vec![channels, height, width],
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Features(features) => write!(formatter, "[{features}]"),
            Self::Maps { channels, height, width } => {
                write!(formatter, "[{channels}, {height}, {width}]")
            }
        }
    }
}
