//! Two pictures in one.

use image::{DynamicImage, GenericImage, Rgba, RgbaImage};

/// Columns between the two pictures.
const GAP: u32 = 8;

/// Two pictures beside each other, parted by a white gap, as 8-bit RGB with opacity.
#[must_use]
pub fn side_by_side(left: &DynamicImage, right: &DynamicImage) -> DynamicImage {
    let height = left.height().max(right.height());
    let mut both = RgbaImage::from_pixel(
        left.width() + GAP + right.width(),
        height,
        Rgba([255, 255, 255, 255]),
    );
    for (picture, column) in [(left, 0), (right, left.width() + GAP)] {
        // Both fit by construction.
        let _ = both.copy_from(&picture.to_rgba8(), column, 0);
    }
    both.into()
}
