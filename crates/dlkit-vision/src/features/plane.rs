//! A picture of single-precision numbers.

/// Numbers in rows from the top, each row from the left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plane {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) values: Vec<f32>,
}

impl Plane {
    /// A plane of zeros.
    pub(crate) fn zeros(width: usize, height: usize) -> Self {
        Self { width, height, values: vec![0.0; width * height] }
    }

    /// One row, from the top.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "used in vectorized loops")]
    pub(crate) fn row(&self, y: usize) -> &[f32] {
        &self.values[y * self.width..][..self.width]
    }

    /// Number of pixels.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }
}
