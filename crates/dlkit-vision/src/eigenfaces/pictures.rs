//! The values of pictures of one size.

use super::error::EigenfacesError;

/// Most values, pictures times pixels: 1 GiB in double precision.
pub const MOST_VALUES: usize = 1 << 27;

/// Gray pictures of one size.
///
/// # Shapes
/// - values: `[pictures, height, width]`, usually 0 (black) to 1 (white).
#[derive(Clone, Debug, PartialEq)]
pub struct Pictures {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Pictures {
    /// Makes pictures from their values, picture by picture, row by row.
    ///
    /// # Errors
    /// The values do not make whole pictures, are too many, or are not finite.
    pub fn new(width: usize, height: usize, values: Vec<f32>) -> Result<Self, EigenfacesError> {
        let pixels = width.saturating_mul(height);
        if pixels == 0 || !values.len().is_multiple_of(pixels) {
            return Err(EigenfacesError::Shape { values: values.len(), width, height });
        }
        if values.len() > MOST_VALUES {
            let pictures = values.len() / pixels;
            return Err(EigenfacesError::TooLarge { pictures, pixels, limit: MOST_VALUES });
        }
        if let Some(place) = values.iter().position(|value| !value.is_finite()) {
            return Err(EigenfacesError::NotFinite { picture: place / pixels + 1 });
        }
        Ok(Self { width, height, values })
    }

    /// Some of the pictures.
    pub(super) fn part(&self, chosen: &[usize]) -> Self {
        let all: Vec<&[f32]> = self.iter().collect();
        let values = chosen.iter().flat_map(|picture| all[*picture]).copied().collect();
        Self { width: self.width, height: self.height, values }
    }

    /// Number of pictures.
    #[must_use]
    pub fn count(&self) -> usize {
        self.values.len() / self.pixels()
    }

    /// Pixels of each picture.
    #[must_use]
    pub const fn pixels(&self) -> usize {
        self.width * self.height
    }

    /// Width of each picture, in pixels.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Height of each picture, in pixels.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.height
    }

    /// The pictures, each row by row.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.pixels())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_values_that_do_not_make_pictures() {
        let message = |width, height, values: Vec<f32>| {
            Pictures::new(width, height, values).unwrap_err().to_string()
        };
        for (message, facts) in [
            (message(3, 2, vec![0.0; 7]), ["7 values", "3x2 pixels"]),
            (message(0, 2, vec![]), ["0 values", "0x2 pixels"]),
            (message(1, 2, vec![0.0, 1.0, 2.0, f32::NAN]), ["picture 2", "NaN"]),
        ] {
            assert!(facts.iter().all(|fact| message.contains(fact)), "{message}");
        }
    }
}
