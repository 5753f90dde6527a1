//! The shape of what flows between layers.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

/// Most values of one sample, and of what one layer makes of it: a gibibyte as single precision.
pub(crate) const LARGEST_SAMPLE: usize = 1 << 28;

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
    /// # Errors
    /// Any other number of sizes, a size of zero, more than 2^28 values.
    pub fn from_sizes(sizes: &[usize]) -> Result<Self, ShapeError> {
        let shape = match *sizes {
            [features] => Self::Features(features),
            [channels, height, width] => Self::Maps { channels, height, width },
            _ => return Err(ShapeError::Axes),
        };
        if sizes.contains(&0) {
            return Err(ShapeError::Zero);
        }
        sizes
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size))
            .filter(|&values| values <= LARGEST_SAMPLE)
            .map(|_| shape)
            .ok_or(ShapeError::TooLarge)
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

    /// Height and width of maps.
    #[must_use]
    pub const fn area(self) -> Option<[usize; 2]> {
        match self {
            Self::Features(_) => None,
            Self::Maps { height, width, .. } => Some([height, width]),
        }
    }

    /// The shape of a batch as a tensor: `[batch, channels, height, width]`; vectors have height
    /// and width 1.
    #[must_use]
    pub const fn batch(self, batch: usize) -> [usize; 4] {
        match self {
            Self::Features(features) => [batch, features, 1, 1],
            Self::Maps { channels, height, width } => [batch, channels, height, width],
        }
    }
}

/// Why sizes are no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShapeError {
    /// Neither one size nor three.
    #[error("it must be [features] or [channels, height, width], each 1 or more")]
    Axes,
    /// A size of zero.
    #[error("it must be [features] or [channels, height, width], each 1 or more")]
    Zero,
    /// More values than a sample may have.
    #[error("at most {LARGEST_SAMPLE} (2^28) values are allowed")]
    TooLarge,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_are_no_shape_say_why() {
        assert_eq!(Shape::from_sizes(&[2, 3]), Err(ShapeError::Axes));
        assert_eq!(Shape::from_sizes(&[]), Err(ShapeError::Axes));
        assert_eq!(Shape::from_sizes(&[0]), Err(ShapeError::Zero));
        assert_eq!(Shape::from_sizes(&[usize::MAX, 0, usize::MAX]), Err(ShapeError::Zero));
        assert_eq!(Shape::from_sizes(&[(1 << 28) + 1]), Err(ShapeError::TooLarge));
        assert_eq!(Shape::from_sizes(&[1 << 32, 1 << 32, 1]), Err(ShapeError::TooLarge));
        assert_eq!(Shape::from_sizes(&[1 << 28]), Ok(Shape::Features(268_435_456)));
    }
}
