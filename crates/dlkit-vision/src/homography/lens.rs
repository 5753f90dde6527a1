//! What Exif data say about the lens.

use super::proportions::FULL_FRAME_DIAGONAL;

/// Sides of the picture may differ from those that Exif data name by this factor, apart from a
/// common scale.
const SAME_SHAPE: f64 = 1.01;

/// Most entries of a directory that are read.
const MOST_ENTRIES: usize = 1000;

/// The focal length by the Exif data of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ExifFocalLength {
    /// In pixels of the picture.
    Pixels(f64),
    /// The picture has another shape than the photo had: it was cropped, so that the focal length
    /// does not hold. Width and height of the photo, in pixels.
    Cropped {
        /// Width of the photo, in pixels.
        width: u32,
        /// Height of the photo, in pixels.
        height: u32,
    },
}

/// The focal length by the Exif data of a picture of these sides in pixels, upright or not: from the
/// focal length in 35 mm equivalent, or from the focal length and the resolution of the sensor. None
/// if the data do not tell, or are damaged.
///
/// # References
/// CIPA DC-008, "Exchangeable image file format for digital still cameras: Exif", tags 0x920A,
/// 0xA405, 0xA20E and 0xA210.
#[must_use]
pub fn focal_length_of_exif(exif: &[u8], (width, height): (u32, u32)) -> Option<ExifFocalLength> {
    let lens = Lens::read(exif)?;
    let diagonal = f64::from(width).hypot(f64::from(height));
    let (photo_width, photo_height) = lens.photo.unwrap_or((width, height));
    let shape = |a: u32, b: u32| f64::from(a.max(b)) / f64::from(a.min(b).max(1));
    let change = shape(width, height) / shape(photo_width, photo_height);
    let whole = f64::from(photo_width).hypot(f64::from(photo_height));
    let pixels = match lens {
        Lens { equivalent: Some(millimeters), .. } => millimeters / FULL_FRAME_DIAGONAL * diagonal,
        Lens { millimeters: Some(focal), per_millimeter: Some(density), .. } => {
            focal * density * diagonal / whole
        }
        _ => return None,
    };
    if !(1.0 / SAME_SHAPE..=SAME_SHAPE).contains(&change) {
        return Some(ExifFocalLength::Cropped { width: photo_width, height: photo_height });
    }
    (pixels.is_finite() && pixels > 0.0).then_some(ExifFocalLength::Pixels(pixels))
}

/// What Exif data say about the lens; numbers that are 0 mean unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Lens {
    /// Focal length in millimeters.
    millimeters: Option<f64>,
    /// Focal length in millimeters in 35 mm equivalent.
    equivalent: Option<f64>,
    /// Pixels per millimeter on the sensor.
    per_millimeter: Option<f64>,
    /// Width and height of the photo, in pixels.
    photo: Option<(u32, u32)>,
}

impl Lens {
    fn read(exif: &[u8]) -> Option<Self> {
        const EXIF_DIRECTORY: u16 = 0x8769;
        // Some writers put the name of the segment before.
        let bytes = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
        let file = Tiff { bytes, is_little: bytes.starts_with(b"II*\0") };
        if !file.is_little && !bytes.starts_with(b"MM\0*") {
            return None;
        }
        let first = file.number(4, 4)?;
        let directory = file.entry(first, EXIF_DIRECTORY).and_then(|entry| file.value(entry))?;
        let number = |tag: u16| {
            let value = file.value(file.entry(to_index(directory)?, tag)?)?;
            (value.is_finite() && value > 0.0).then_some(value)
        };
        let per_unit = number(0xA20E);
        // Inches (also if the unit is missing), centimeters, millimeters, micrometers.
        let unit = [25.4, 25.4, 25.4, 10.0, 1.0, 1e-3];
        let unit = unit.get(number(0xA210).and_then(to_index).unwrap_or(2));
        let side =
            |tag: u16| number(tag).and_then(to_index).and_then(|side| u32::try_from(side).ok());
        Some(Self {
            millimeters: number(0x920A),
            equivalent: number(0xA405),
            per_millimeter: per_unit.zip(unit).map(|(pixels, unit)| pixels / unit),
            photo: side(0xA002).zip(side(0xA003)),
        })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
fn to_index(number: f64) -> Option<usize> {
    (number >= 0.0 && number <= f64::from(u32::MAX)).then_some(number as usize)
}

/// The structure of a TIFF file, in which Exif data are written.
struct Tiff<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl Tiff<'_> {
    /// A whole number of up to four bytes.
    fn number(&self, at: usize, bytes: usize) -> Option<usize> {
        let part = self.bytes.get(at..at.checked_add(bytes)?)?;
        let add = |sum: usize, byte: &u8| (sum << 8) | usize::from(*byte);
        Some(if self.is_little { part.iter().rev().fold(0, add) } else { part.iter().fold(0, add) })
    }

    /// Where the entry of a tag lies, in the directory at a place.
    fn entry(&self, directory: usize, tag: u16) -> Option<usize> {
        let count = self.number(directory, 2)?.min(MOST_ENTRIES);
        let places = (0..count).map(|index| directory + 2 + 12 * index);
        places.into_iter().find(|at| self.number(*at, 2) == Some(usize::from(tag)))
    }

    /// The first number of an entry: a whole number or a fraction.
    #[expect(clippy::cast_precision_loss, reason = "below 2^32")]
    fn value(&self, entry: usize) -> Option<f64> {
        let at = entry + 8;
        match self.number(entry + 2, 2)? {
            3 => self.number(at, 2).map(|value| value as f64),
            4 => self.number(at, 4).map(|value| value as f64),
            5 => {
                let place = self.number(at, 4)?;
                let (above, below) = (self.number(place, 4)?, self.number(place + 4, 4)?);
                (below > 0).then(|| above as f64 / below as f64)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exif data with these entries (tag, kind, value) in the directory of the camera. A fraction is
    /// the value over 100.
    fn exif(entries: &[(u16, u16, u32)], is_little: bool) -> Vec<u8> {
        let short = |value: u16| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
        let long = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
        let mut bytes = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        bytes.extend(long(8));
        let mut directory = |entries: &[(u16, u16, u32)], next: u32| {
            bytes.extend(short(u16::try_from(entries.len()).unwrap()));
            for (index, (tag, kind, value)) in entries.iter().enumerate() {
                bytes.extend(short(*tag));
                bytes.extend(short(*kind));
                bytes.extend(long(1));
                match kind {
                    3 => {
                        bytes.extend(short(u16::try_from(*value).unwrap()));
                        bytes.extend([0, 0]);
                    }
                    4 => bytes.extend(long(*value)),
                    _ => bytes.extend(long(next + 8 * u32::try_from(index).unwrap())),
                }
            }
            bytes.extend(long(0));
        };
        directory(&[(0x0112, 3, 1), (0x8769, 4, 38)], 0);
        let fractions = 38 + 2 + 12 * u32::try_from(entries.len()).unwrap() + 4;
        directory(entries, fractions);
        for (_, _, value) in entries {
            bytes.extend(long(*value));
            bytes.extend(long(100));
        }
        bytes
    }

    fn pixels(exif: &[u8], size: (u32, u32)) -> f64 {
        match focal_length_of_exif(exif, size) {
            Some(ExifFocalLength::Pixels(pixels)) => pixels,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_equivalent_is_a_share_of_the_diagonal() {
        for is_little in [true, false] {
            // 26 mm; 5.1 mm is the true length, which does not matter.
            let data = exif(&[(0x920A, 5, 510), (0xA405, 3, 26)], is_little);
            let expected = 26.0 / 43.266_615 * 5000.0;
            assert!((pixels(&data, (4000, 3000)) / expected - 1.0).abs() < 1e-6);
            assert!((pixels(&data, (1500, 2000)) / expected - 0.5).abs() < 1e-6);
        }
    }

    #[test]
    fn the_sensor_gives_it_otherwise() {
        // 50 mm, 2500 pixels per centimeter: 12500 pixels, for a photo of 6000 x 4000.
        let sensor = [(0x920A, 5, 5000), (0xA20E, 5, 250_000), (0xA210, 3, 3)];
        let photo = [(0xA002, 4, 6000), (0xA003, 4, 4000)];
        let data = exif(&[&sensor[..], &photo].concat(), true);
        assert!((pixels(&data, (6000, 4000)) - 12_500.0).abs() < 1e-6);
        assert!((pixels(&data, (2000, 3000)) - 6_250.0).abs() < 1e-6);
        let cropped = ExifFocalLength::Cropped { width: 6000, height: 4000 };
        assert_eq!(focal_length_of_exif(&data, (4000, 4000)), Some(cropped));
    }

    #[test]
    fn data_that_do_not_tell_or_are_damaged_give_none() {
        for entries in [&[][..], &[(0xA405, 3, 0)], &[(0x920A, 5, 510)]] {
            assert_eq!(focal_length_of_exif(&exif(entries, false), (400, 300)), None);
        }
        let whole = exif(&[(0x920A, 5, 510), (0xA405, 3, 26)], true);
        for end in 0..whole.len() {
            // Cut off, nothing panics.
            let _ = focal_length_of_exif(&whole[..end], (400, 300));
        }
    }
}
