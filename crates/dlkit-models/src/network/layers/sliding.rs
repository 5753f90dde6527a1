//! Output shapes of convolution and pooling, within memory limits.

use super::fitting::sized;
use crate::value::pair::Pair;
use crate::value::shape::Shape;

/// How windows move over maps.
pub(super) struct Sliding {
    /// Pixels from the first to the last that a window reads, `[height, width]`.
    pub(super) extent: [usize; 2],
    pub(super) stride: Pair,
    /// Added before and after, `[height, width]`.
    pub(super) padding: [usize; 2],
}

impl Sliding {
    /// Output shape of windows that slide over maps of the given sizes; `None` if no window fits.
    ///
    /// # Errors
    /// The padded maps, which some devices store, or the outputs are too large.
    pub(super) fn output(
        &self,
        maps: usize,
        [channels, height, width]: [usize; 3],
    ) -> Result<Option<Shape>, String> {
        let padded =
            [height.saturating_add(self.padding[0]), width.saturating_add(self.padding[1])];
        sized(&[channels, padded[0], padded[1]], "it pads its input to")?;
        let windows = |length: usize, extent: usize, stride: usize| {
            Some(length.checked_sub(extent)? / stride + 1)
        };
        let height = windows(padded[0], self.extent[0], self.stride.height);
        let width = windows(padded[1], self.extent[1], self.stride.width);
        let (Some(height), Some(width)) = (height, width) else { return Ok(None) };
        sized(&[maps, height, width], "it outputs").map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_fit_are_counted_and_huge_numbers_refused() {
        let output = |extent, stride, padding| {
            Sliding { extent, stride: Pair::square(stride), padding }.output(2, [1, 9, 7])
        };
        let maps = |height, width| Ok(Some(Shape::Maps { channels: 2, height, width }));
        assert_eq!(output([3, 2], 2, [0, 0]), maps(4, 3));
        assert_eq!(output([3, 2], 2, [2, 1]), maps(5, 4));
        assert_eq!(output([10, 2], 1, [0, 0]), Ok(None));
        assert_eq!(output([usize::MAX, 2], 1, [0, 0]), Ok(None));
        assert!(
            output([1, 1], 1, [usize::MAX, 0]).unwrap_err().starts_with("it pads its input to")
        );
    }
}
