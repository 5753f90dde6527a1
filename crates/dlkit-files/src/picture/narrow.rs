//! Recognizes 12-bit values in 16-bit files.

use image::DynamicImage;
use rayon::prelude::*;

/// The largest value of 12 bits.
const LARGEST: u16 = 4_095;
/// Fewest pixels that tell.
const FEWEST_PIXELS: u64 = 64;

/// The largest sample of a 16-bit picture if no sample needs more than 12 bits, opacity aside.
/// None for black pictures and for those of a few pixels.
pub(super) fn largest_of_narrow(picture: &DynamicImage) -> Option<u16> {
    if u64::from(picture.width()) * u64::from(picture.height()) < FEWEST_PIXELS {
        return None;
    }
    let (samples, channels, colors) = match picture {
        DynamicImage::ImageLuma16(buffer) => (buffer.as_raw(), 1, 1),
        DynamicImage::ImageLumaA16(buffer) => (buffer.as_raw(), 2, 1),
        DynamicImage::ImageRgb16(buffer) => (buffer.as_raw(), 3, 3),
        DynamicImage::ImageRgba16(buffer) => (buffer.as_raw(), 4, 3),
        _ => return None,
    };
    let of_pixel = |pixel: &[u16]| pixel[..colors].iter().copied().max().unwrap_or(0);
    // Stops at the first block with a larger sample.
    let largest = samples
        .par_chunks(channels << 14)
        .map(|block| block.chunks_exact(channels).map(of_pixel).max().unwrap_or(0))
        .map(|largest| (largest <= LARGEST).then_some(largest))
        .try_reduce(|| 0, |a, b| Some(a.max(b)))?;
    (largest > 0).then_some(largest)
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Luma, LumaA, Rgb};

    use super::*;

    #[test]
    fn values_of_12_bits_are_recognized() {
        let gray = |side: u32, largest: u16| {
            let picture = ImageBuffer::<Luma<u16>, _>::from_fn(side, side, |x, y| {
                Luma([if (x, y) == (3, 2) { largest } else { 7 }])
            });
            largest_of_narrow(&picture.into())
        };
        assert_eq!([gray(8, 4_095), gray(8, 4_096), gray(4, 4_095)], [Some(4_095), None, None]);
        let opaque = ImageBuffer::from_pixel(8, 8, LumaA([900_u16, 65_535]));
        assert_eq!(largest_of_narrow(&opaque.into()), Some(900));
        let black = ImageBuffer::from_pixel(8, 8, Rgb([0_u16; 3]));
        assert_eq!(largest_of_narrow(&black.into()), None);
        assert_eq!(largest_of_narrow(&DynamicImage::new_luma8(9, 9)), None);
    }
}
