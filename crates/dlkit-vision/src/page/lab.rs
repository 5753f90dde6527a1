//! A small copy of a photo, in colors whose distances are those that people see.

use image::{DynamicImage, RgbImage};

use crate::features::{Plane, blur};
use crate::homography::Point;

/// Longest side of the copy, in pixels: a sheet shows, and its text does not distract.
const LONGEST: u32 = 640;

/// A color of CIELAB: L from 0 to 100, a and b from about -100 to 100.
pub(super) type Lab = [f32; 3];

/// A small copy of a photo in CIELAB.
#[derive(Clone, Debug)]
pub(super) struct LabPicture {
    planes: [Plane; 3],
    /// Pixels of the photo for one of the copy, across and down.
    scale: [f64; 2],
}

impl LabPicture {
    /// Copies a photo; one that is small enough keeps its size. Opacity is ignored.
    pub(super) fn of(photo: &DynamicImage) -> Self {
        let (width, height) = (photo.width(), photo.height());
        let longest = width.max(height);
        let small = if longest <= LONGEST {
            photo.to_rgb8()
        } else {
            let side = |side: u32| {
                let scaled = u64::from(side) * u64::from(LONGEST) / u64::from(longest);
                u32::try_from(scaled).unwrap_or(LONGEST).max(1)
            };
            photo.thumbnail_exact(side(width), side(height)).to_rgb8()
        };
        let scale = [
            f64::from(width) / f64::from(small.width().max(1)),
            f64::from(height) / f64::from(small.height().max(1)),
        ];
        Self { planes: planes(&small), scale }
    }

    /// Columns of the copy.
    pub(super) const fn width(&self) -> usize {
        self.planes[0].width
    }

    /// Rows of the copy.
    pub(super) const fn height(&self) -> usize {
        self.planes[0].height
    }

    /// The diagonal of the copy, in pixels.
    #[expect(clippy::cast_precision_loss, reason = "a side has at most 640 pixels")]
    pub(super) fn diagonal(&self) -> f64 {
        (self.width() as f64).hypot(self.height() as f64)
    }

    /// Pixels of a photo for one of its copy.
    pub(super) fn scale_of(photo: &DynamicImage) -> f64 {
        (f64::from(photo.width().max(photo.height())) / f64::from(LONGEST)).max(1.0)
    }

    /// The place in the photo of a place in the copy.
    pub(super) fn in_photo(&self, point: Point) -> Point {
        let [across, down] = self.scale;
        Point::new((point.x + 0.5) * across - 0.5, (point.y + 0.5) * down - 0.5)
    }

    /// The copy blurred by a Gaussian of standard deviation `sigma`, in its pixels.
    pub(super) fn blurred(&self, sigma: f64) -> Self {
        Self { planes: self.planes.each_ref().map(|plane| blur(plane, sigma)), scale: self.scale }
    }

    pub(super) const fn planes(&self) -> &[Plane; 3] {
        &self.planes
    }

    /// The color at a place between pixels, bilinear; none outside.
    pub(super) fn at(&self, point: Point) -> Option<Lab> {
        let ([left, top], [right, down]) = cell(point, [self.width(), self.height()])?;
        let first = top * self.width() + left;
        let below = first + self.width();
        Some(self.planes.each_ref().map(|plane| {
            let value = |index: usize| plane.values.get(index).copied().unwrap_or_default();
            let upper = value(first) * (1.0 - right) + value(first + 1) * right;
            let lower = value(below) * (1.0 - right) + value(below + 1) * right;
            upper * (1.0 - down) + lower * down
        }))
    }

    /// The standard deviation of the noise of L.
    ///
    /// # References
    /// Immerkaer, "Fast noise variance estimation", 1996, with a median instead of the mean, so that
    /// edges do not count.
    pub(super) fn noise(&self) -> f32 {
        let light = &self.planes[0];
        if light.width < 3 || light.height < 3 {
            return 0.0;
        }
        let mut differences = Vec::with_capacity(light.values.len());
        for y in 1..light.height - 1 {
            let rows = [y - 1, y, y + 1].map(|y| light.row(y));
            for x in 1..light.width - 1 {
                let second = |row: &[f32]| row[x - 1] - 2.0 * row[x] + row[x + 1];
                let [above, here, below] = rows.map(second);
                differences.push((above - 2.0 * here + below).abs());
            }
        }
        // The median of the absolute value of a normal variable of deviation 6 sigma.
        median(&mut differences).unwrap_or(0.0) / (0.6745 * 6.0)
    }
}

/// The pixel left of and above a place and how far the place is from it; none outside.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "checked to be inside"
)]
pub(super) fn cell(point: Point, [width, height]: [usize; 2]) -> Option<([usize; 2], [f32; 2])> {
    let inside =
        |place: f64, count: usize| count > 1 && place >= 0.0 && place <= count as f64 - 1.0;
    if !inside(point.x, width) || !inside(point.y, height) {
        return None;
    }
    let left = (point.x as usize).min(width - 2);
    let top = (point.y as usize).min(height - 2);
    Some(([left, top], [(point.x - left as f64) as f32, (point.y - top as f64) as f32]))
}

/// The median of some numbers, which are reordered.
pub(super) fn median(values: &mut [f32]) -> Option<f32> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable_by(middle, f32::total_cmp).1)
}

/// The distance of two colors.
pub(super) fn distance(a: Lab, b: Lab) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
}

fn planes(picture: &RgbImage) -> [Plane; 3] {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut planes = [(); 3].map(|()| Plane::zeros(width, height));
    let linear: Vec<f32> = (0..=u8::MAX).map(linear).collect();
    for (index, pixel) in picture.pixels().enumerate() {
        let lab = lab(pixel.0.map(|value| linear[usize::from(value)]));
        for (plane, value) in planes.iter_mut().zip(lab) {
            plane.values[index] = value;
        }
    }
    planes
}

/// Linear light, from 0 to 1, of an sRGB value.
fn linear(value: u8) -> f32 {
    let value = f32::from(value) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// CIELAB of linear sRGB, relative to its white (D65).
///
/// # References
/// CIE 15:2004; IEC 61966-2-1.
fn lab([red, green, blue]: [f32; 3]) -> Lab {
    let x = (0.412_456 * red + 0.357_576 * green + 0.180_437 * blue) / 0.950_47;
    let y = 0.212_673 * red + 0.715_152 * green + 0.072_175 * blue;
    let z = (0.019_334 * red + 0.119_192 * green + 0.950_304 * blue) / 1.088_83;
    let [x, y, z] = [x, y, z]
        .map(|part| if part > 0.008_856 { part.cbrt() } else { 7.787 * part + 16.0 / 116.0 });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// Values of OpenCV's cvtColor (sRGB, D65, floating point).
    #[test]
    fn colors_are_those_of_cielab() {
        let picture = RgbImage::from_fn(4, 2, |x, _| {
            [[255, 255, 255], [0, 0, 0], [255, 0, 0], [40, 120, 200]].map(Rgb)[x as usize]
        });
        let copy = LabPicture::of(&picture.into());
        let expected =
            [[100.0, 0.0, 0.0], [0.0, 0.0, 0.0], [53.24, 80.09, 67.20], [49.40, 4.78, -48.39]];
        for (x, expected) in (0_u8..).zip(expected) {
            let found = copy.at(Point::new(f64::from(x), 0.5)).unwrap();
            assert!(distance(found, expected) < 0.6, "{x}: {found:?}");
        }
        assert_eq!(copy.at(Point::new(3.01, 0.0)), None);
    }

    #[test]
    fn places_of_a_large_photo_are_found_again() {
        let copy = LabPicture::of(&RgbImage::new(1920, 1281).into());
        assert_eq!((copy.width(), copy.height()), (640, 427));
        let last = copy.in_photo(Point::new(639.5, 426.5));
        assert!((last.x - 1919.5).abs() < 1e-9 && (last.y - 1280.5).abs() < 1e-9, "{last:?}");
    }
}
