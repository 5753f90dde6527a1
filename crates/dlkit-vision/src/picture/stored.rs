//! Pictures as their files hold them: not turned, with their metadata.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::error::PictureError;

/// Most bytes a picture may unpack to where nobody says how many pixels it may have, so that a small file
/// cannot take all memory.
const LARGEST_UNPACKED: u64 = 1 << 30;
/// Most bytes of a file. Some decoders read it whole before they look at it.
const LARGEST_FILE: u64 = 1 << 30;
/// What a decoder may take besides the pixels: for profile, Exif data, texts and a row, whatever the file
/// says of them.
const BESIDES_PIXELS: u64 = 64 << 20;

/// What a file says about its picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Exif data, which tell how the picture was held.
    pub exif: Option<Vec<u8>>,
    /// The ICC profile, where it is one of red, green and blue.
    pub colour_profile: Option<Vec<u8>>,
}

/// A picture as its file holds it.
#[derive(Clone, Debug)]
pub struct StoredPicture {
    /// The pixels, not turned.
    pub picture: DynamicImage,
    /// How they are to be turned to stand upright.
    pub orientation: Orientation,
    /// What else the file says.
    pub metadata: Metadata,
}

impl StoredPicture {
    /// Reads a picture of at most `most` pixels; of an animation, the first.
    ///
    /// # Errors
    /// Where the file is no regular one, cannot be opened, is no intact PNG, JPEG, WebP or BMP, is cut off,
    /// or has more pixels: that is seen before memory is taken for them.
    pub fn read(path: &Path, most: u64) -> Result<Self, PictureError> {
        Self::read_checked(path, |(width, height), _| {
            if u64::from(width) * u64::from(height) > most {
                return Err(PictureError::TooLarge { path: path.to_owned(), width, height, most });
            }
            Ok(())
        })
    }

    /// Reads a picture that unpacks to at most 1 GiB; of an animation, the first.
    ///
    /// # Errors
    /// As [`StoredPicture::read`].
    pub fn open(path: &Path) -> Result<Self, PictureError> {
        Self::read_checked(path, |(width, height), bytes| {
            let limit = LARGEST_UNPACKED;
            if bytes > limit {
                let path = path.to_owned();
                return Err(PictureError::Unpacked { path, width, height, bytes, limit });
            }
            Ok(())
        })
    }

    /// Reads a picture whose width and height, and the bytes it unpacks to, pass a check.
    fn read_checked(
        path: &Path,
        check: impl FnOnce((u32, u32), u64) -> Result<(), PictureError>,
    ) -> Result<Self, PictureError> {
        let open = |source| PictureError::Open { path: path.to_owned(), source };
        let decode = |source| PictureError::Decode { path: path.to_owned(), source };
        let reader = reader(path)?;
        let is_jpeg = reader.format() == Some(ImageFormat::Jpeg);
        let mut decoder = reader.into_decoder().map_err(decode)?;
        check(decoder.dimensions(), decoder.total_bytes())?;
        if is_jpeg && !jpeg_ends(BufReader::new(File::open(path).map_err(open)?)).map_err(open)? {
            return Err(PictureError::CutOff { path: path.to_owned() });
        }
        let orientation = decoder.orientation().map_err(decode)?;
        let exif = decoder.exif_metadata().map_err(decode)?;
        // A damaged profile does not make the pixels worse.
        let colour_profile = decoder.icc_profile().ok().flatten().filter(|icc| is_of_rgb(icc));
        let picture = DynamicImage::from_decoder(decoder).map_err(decode)?;
        Ok(Self { picture, orientation, metadata: Metadata { exif, colour_profile } })
    }

    /// The picture turned upright, with what then still holds: the colour profile, not the Exif data, which
    /// say how it was held.
    #[must_use]
    pub fn upright(mut self) -> (DynamicImage, Metadata) {
        self.picture.apply_orientation(self.orientation);
        (self.picture, Metadata { exif: None, ..self.metadata })
    }
}

/// Opens a picture file of any format by what it holds.
pub(super) fn reader(path: &Path) -> Result<ImageReader<BufReader<File>>, PictureError> {
    let open = |source| PictureError::Open { path: path.to_owned(), source };
    // Asked before opening: a pipe would be waited for.
    let about = std::fs::metadata(path).map_err(open)?;
    if !about.is_file() {
        return Err(PictureError::NotRegular { path: path.to_owned() });
    }
    if about.len() > LARGEST_FILE {
        return Err(PictureError::LargeFile { path: path.to_owned(), most: LARGEST_FILE });
    }
    let mut reader = ImageReader::open(path).map_err(open)?.with_guessed_format().map_err(open)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(BESIDES_PIXELS);
    reader.limits(limits);
    Ok(reader)
}

/// How a picture that was turned upright is turned back.
#[must_use]
pub const fn reversed(orientation: Orientation) -> Orientation {
    match orientation {
        Orientation::Rotate90 => Orientation::Rotate270,
        Orientation::Rotate270 => Orientation::Rotate90,
        // The others undo themselves.
        other => other,
    }
}

/// Whether an ICC profile is one of red, green and blue: its header has the colour space at 16.
fn is_of_rgb(profile: &[u8]) -> bool {
    profile.get(16..20) == Some(b"RGB ")
}

/// Whether a JPEG file holds its end. Of one that was cut off, the decoder makes the rest grey and says
/// nothing.
fn jpeg_ends(mut file: impl BufRead) -> std::io::Result<bool> {
    match scan_begins(&mut file) {
        Ok(true) => {}
        // What is wrong before the pixels is the decoder's to say.
        Ok(false) => return Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
        Err(error) => return Err(error),
    }
    // Within coded pixels, 0xff is followed by 0 or by the number of a restart.
    let mut marker = false;
    for byte in file.bytes() {
        let byte = byte?;
        if marker && byte == END_OF_IMAGE {
            return Ok(true);
        }
        marker = byte == 0xff;
    }
    Ok(false)
}

/// Markers of ITU T.81, table B.1.
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;

/// Reads a JPEG file up to its first coded pixels; `false` where its segments do not fit together.
fn scan_begins(file: &mut impl BufRead) -> std::io::Result<bool> {
    let mut pair = [0; 2];
    file.read_exact(&mut pair)?;
    loop {
        file.read_exact(&mut pair)?;
        let [0xff, kind] = pair else { return Ok(false) };
        if kind == START_OF_SCAN {
            return Ok(true);
        }
        file.read_exact(&mut pair)?;
        let length = u64::from(u16::from_be_bytes(pair)).saturating_sub(2);
        if std::io::copy(&mut file.take(length), &mut std::io::sink())? < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, RgbImage};

    use super::super::file::PictureFormat;
    use super::*;

    /// Exif data that says how a picture was held: big-endian, one entry, of tag 0x0112.
    fn exif(orientation: u8) -> Vec<u8> {
        let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
        [b"MM\0\x2a\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4]].concat()
    }

    fn encoded(path: &Path, metadata: Metadata) -> Vec<u8> {
        let picture = DynamicImage::from(RgbImage::new(3, 2));
        PictureFormat::of(path).unwrap().encode_with(&picture, metadata).unwrap()
    }

    #[test]
    fn metadata_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let mut profile = vec![7; 128];
        profile[16..20].copy_from_slice(b"RGB ");
        for (name, orientation) in [("a.png", 5), ("a.jpg", 6), ("a.webp", 8), ("b.png", 7)] {
            let path = directory.path().join(name);
            let metadata =
                Metadata { exif: Some(exif(orientation)), colour_profile: Some(profile.clone()) };
            std::fs::write(&path, encoded(&path, metadata.clone())).unwrap();
            let stored = StoredPicture::read(&path, 6).unwrap();
            assert_eq!(stored.metadata, metadata, "{name}");
            assert_eq!(stored.orientation.to_exif(), orientation, "{name}");
            assert_eq!((stored.picture.width(), stored.picture.height()), (3, 2));
            let message = StoredPicture::read(&path, 5).unwrap_err().to_string();
            assert!(message.contains("is a picture of 3x2 pixels, more than the 5"), "{message}");
        }
    }

    #[test]
    fn profiles_of_grey_or_ink_are_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        let mut profile = vec![7; 128];
        profile[16..20].copy_from_slice(b"GRAY");
        let metadata = Metadata { exif: None, colour_profile: Some(profile) };
        std::fs::write(&path, encoded(&path, metadata)).unwrap();
        assert_eq!(StoredPicture::read(&path, 6).unwrap().metadata, Metadata::default());
    }

    #[test]
    fn a_profile_that_unpacks_to_more_than_there_is_room_for_is_left_out() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.png");
        let mut profile = vec![0; usize::try_from(BESIDES_PIXELS).unwrap() + 1];
        profile[16..20].copy_from_slice(b"RGB ");
        let bytes = encoded(&path, Metadata { exif: None, colour_profile: Some(profile) });
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        std::fs::write(&path, bytes).unwrap();
        // However many pixels may be read.
        let stored = StoredPicture::read(&path, u64::MAX).unwrap();
        assert_eq!(stored.metadata, Metadata::default());
        assert_eq!((stored.picture.width(), stored.picture.height()), (3, 2));
    }

    #[test]
    fn a_picture_is_turned_upright_and_keeps_its_colours() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jpg");
        let mut profile = vec![7; 128];
        profile[16..20].copy_from_slice(b"RGB ");
        let colour_profile = Some(profile);
        let metadata = Metadata { exif: Some(exif(6)), colour_profile: colour_profile.clone() };
        std::fs::write(&path, encoded(&path, metadata)).unwrap();
        let (picture, metadata) = StoredPicture::open(&path).unwrap().upright();
        assert_eq!((picture.width(), picture.height()), (2, 3));
        assert_eq!(metadata, Metadata { exif: None, colour_profile });
    }

    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let mut others = vec![directory.path().to_owned()];
        #[cfg(unix)]
        {
            // A pipe that nobody writes to would be waited for.
            let pipe = directory.path().join("pipe.jpg");
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            others.push(pipe);
        }
        for path in others {
            let message = StoredPicture::read(&path, 6).unwrap_err().to_string();
            assert!(message.ends_with("it is no regular file; give a picture file"), "{message}");
        }
    }

    #[test]
    fn pictures_are_turned_and_back() {
        for orientation in 1..=8 {
            let orientation = Orientation::from_exif(orientation).unwrap();
            let original = DynamicImage::from(GrayImage::from_fn(3, 2, |x, y| {
                Luma([u8::try_from(3 * y + x).unwrap()])
            }));
            let mut turned = original.clone();
            turned.apply_orientation(orientation);
            turned.apply_orientation(reversed(orientation));
            assert_eq!(turned, original, "{orientation:?}");
        }
    }

    #[test]
    fn a_jpeg_that_was_cut_off_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.jpg");
        let noise = RgbImage::from_fn(64, 64, |x, y| {
            image::Rgb([x, y, x ^ y].map(|value| u8::try_from(value * value % 251).unwrap()))
        });
        // An end within the Exif data, as of the small picture that cameras put there, is not the file's.
        let thumbnail =
            Metadata { exif: Some([exif(1), vec![0xff, 0xd9]].concat()), ..Metadata::default() };
        let bytes =
            PictureFormat::of(&path).unwrap().encode_with(&noise.into(), thumbnail).unwrap();
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let [read, opened] = [StoredPicture::read(&path, 1 << 20), StoredPicture::open(&path)]
                .map(|result| {
                    result.map(|stored| stored.picture).map_err(|error| error.to_string())
                });
            assert_eq!(read, opened);
            read
        };
        assert!(read(&bytes).is_ok());
        assert!(read(&[bytes.clone(), b"more".to_vec()].concat()).is_ok());
        for share in [2, 3] {
            let message = read(&bytes[..bytes.len() - bytes.len() / share]).unwrap_err();
            assert!(message.ends_with("a.jpg is cut off: the end of its JPEG data is missing"));
        }
        assert!(read(&bytes[..bytes.len() - 1]).is_err());
    }
}
