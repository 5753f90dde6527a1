//! The input of a picture, where a network is looked into.

use std::path::Path;

use super::samples::Source;
use dlkit_files::picture::open_on_white;

use crate::data::{DataError, resized};
use crate::facts::color::{LIGHTNESS_DEVIATION, LIGHTNESS_MEAN};

/// Lightness of the center of a picture, row by row, as network input. The picture is first scaled
/// as in training.
///
/// # Errors
/// A file that is missing or no picture.
pub(crate) fn lightness_of_middle(
    path: &Path,
    short_side: u32,
    [height, width]: [usize; 2],
) -> Result<Vec<f32>, DataError> {
    let picture = open_on_white(path)?;
    let picture = resized(&picture, short_side, [width, height]).unwrap_or(picture);
    let [rows, columns] = [picture.height(), picture.width()].map(|size| size as usize);
    let (top, left) = ((rows - height) / 2, (columns - width) / 2);
    let source = Source::new(&picture);
    let pixels = (top..top + height)
        .flat_map(|row| (left..left + width).map(move |column| row * columns + column));
    Ok(pixels
        .map(|pixel| (source.lightness(pixel) - LIGHTNESS_MEAN) / LIGHTNESS_DEVIATION)
        .collect())
}

#[cfg(test)]
mod tests {
    use image::GrayImage;

    use super::*;

    #[test]
    fn black_and_white_of_the_middle_are_the_ends_of_the_range() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        // Seven wide and four high; the two rows and three columns in the middle are white, black, white.
        let picture = GrayImage::from_fn(7, 4, |x, y| {
            let middle = (2..5).contains(&x) && (1..3).contains(&y);
            image::Luma([if middle && x != 3 { 255 } else { 0 }])
        });
        picture.save(&path).unwrap();
        let values = lightness_of_middle(&path, 0, [2, 3]).unwrap();
        let expected = [1.0, -1.0, 1.0, 1.0, -1.0, 1.0];
        let near = |(left, right): (&f32, f32)| (left - right).abs() < 1e-4;
        assert!(values.len() == 6 && values.iter().zip(expected).all(near), "{values:?}");
        // Made smaller to the short side, and larger to the input.
        assert_eq!(lightness_of_middle(&path, 2, [2, 2]).unwrap().len(), 4);
        assert_eq!(lightness_of_middle(&path, 2, [9, 5]).unwrap().len(), 45);
    }
}
