//! Joins two pictures into one.

use image::{DynamicImage, GenericImage, Rgba, RgbaImage};

/// Columns between the two pictures.
pub(super) const GAP: u32 = 8;

/// Puts two pictures side by side with a white gap, as 8-bit RGB with opacity. None if they are too
/// wide together, or the memory has no room for them.
#[must_use]
pub fn side_by_side(left: &DynamicImage, right: &DynamicImage) -> Option<DynamicImage> {
    let height = left.height().max(right.height());
    let width = left.width().checked_add(GAP)?.checked_add(right.width())?;
    let bytes = u128::from(width) * u128::from(height) * 4;
    // Reserved and freed at once.
    Vec::<u8>::new().try_reserve_exact(usize::try_from(bytes).ok()?).ok()?;
    let mut both = RgbaImage::from_pixel(width, height, Rgba([255, 255, 255, 255]));
    for (picture, column) in [(left, 0), (right, left.width() + GAP)] {
        // Both fit by construction.
        let _ = both.copy_from(&picture.to_rgba8(), column, 0);
    }
    Some(both.into())
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    #[test]
    fn the_left_comes_first_and_white_is_between() {
        let gray = |width, height, value| {
            DynamicImage::from(GrayImage::from_pixel(width, height, Luma([value])))
        };
        let both = side_by_side(&gray(2, 3, 10), &gray(4, 1, 90)).unwrap().to_rgba8();
        assert_eq!(both.dimensions(), (2 + GAP + 4, 3));
        for (x, y, value) in
            [(0, 0, 10), (1, 2, 10), (2, 0, 255), (2 + GAP, 0, 90), (2 + GAP, 1, 255)]
        {
            assert_eq!(both.get_pixel(x, y).0, [value, value, value, 255], "{x} {y}");
        }
    }
}
