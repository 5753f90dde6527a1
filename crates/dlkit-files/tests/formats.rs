//! TIFF, PNM and GIF files: what is read, what is refused, and why.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::fs;
use std::path::{Path, PathBuf};

use dlkit_files::picture::{
    Metadata, PictureError, PictureFormat, StoredPicture, picture_size, read_picture,
};
use image::{DynamicImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba};
use tempfile::TempDir;

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name)
}

fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, bytes).unwrap();
    (directory, path)
}

fn read(name: &str, bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let (_keep, path) = file(name, bytes);
    read_picture(&path)
}

fn encoded(name: &str, picture: &DynamicImage) -> Vec<u8> {
    PictureFormat::of(Path::new(name)).unwrap().encode(picture).unwrap()
}

/// A little-endian TIFF of one strip. Each entry has one value of type SHORT.
fn tiff(entries: &[(u16, u16)], data: &[u8]) -> Vec<u8> {
    let count = u16::try_from(entries.len() + 2).unwrap();
    let place = 8 + 2 + 12 * count + 4;
    let strip = [(273, place), (279, u16::try_from(data.len()).unwrap())];
    let mut entries = [entries, &strip].concat();
    entries.sort_unstable();
    let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
    bytes.extend(count.to_le_bytes());
    for (tag, value) in entries {
        for word in [tag, 3, 1, 0, value, 0] {
            bytes.extend(word.to_le_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(data);
    bytes
}

/// The entries of a gray picture: size, bits, compression, white as 0 or as the largest sample.
fn entries(size: [u16; 2], bits: u16, compression: u16, white: u16) -> Vec<(u16, u16)> {
    vec![
        (256, size[0]),
        (257, size[1]),
        (258, bits),
        (259, compression),
        (262, white),
        (277, 1),
        (278, size[1]),
    ]
}

#[test]
fn a_picture_without_pixels_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.pgm");
    for sides in ["0 5", "5 0"] {
        std::fs::write(&path, format!("P5\n{sides}\n255\n")).unwrap();
        let message = StoredPicture::open(&path).unwrap_err().to_string();
        assert!(message.contains("a.pgm"), "{message}");
    }
}

#[test]
fn tiff_keeps_gray_color_opacity_and_16_bits() {
    let wide = |channel: u32| u16::try_from(channel * 997 % 65_536).unwrap();
    let byte = |channel: u32| u8::try_from(channel * 37 % 256).unwrap();
    let pictures: [DynamicImage; 5] = [
        GrayImage::from_fn(13, 7, |x, y| Luma([byte(x * y)])).into(),
        RgbImage::from_fn(13, 7, |x, y| Rgb([x, y, x * y].map(byte))).into(),
        ImageBuffer::from_fn(13, 7, |x, y| Luma([wide(x * y + 60)])).into(),
        ImageBuffer::from_fn(13, 7, |x, y| Rgb([x + 50, y, x * y].map(wide))).into(),
        ImageBuffer::from_fn(13, 7, |x, y| Rgba([x + 50, y, x * y, x].map(wide))).into(),
    ];
    for picture in pictures {
        let found = read("a.tiff", &encoded("a.tiff", &picture)).unwrap();
        assert_eq!(found, picture, "{:?}", picture.color());
    }
    // TIFF of gray with opacity is not written: it becomes color.
    let gray = DynamicImage::from(ImageBuffer::from_pixel(3, 2, LumaA([9_000_u16, 77])));
    let found = read("a.tiff", &encoded("a.tiff", &gray)).unwrap();
    assert_eq!(found.into_rgba16().get_pixel(2, 1).0, [9_000, 9_000, 9_000, 77]);
}

#[test]
fn tiff_of_packed_bits_and_of_the_other_byte_order_is_read() {
    // PackBits: three bytes as they are, then one byte five times.
    let packed = [2, 10, 20, 30, 0_u8.wrapping_sub(4), 99];
    let found = read("a.tif", &tiff(&entries([4, 2], 8, 32_773, 1), &packed)).unwrap();
    assert_eq!(found.into_luma8().into_raw(), [10, 20, 30, 99, 99, 99, 99, 99]);
    // White is 0.
    let found = read("a.tif", &tiff(&entries([2, 1], 8, 1, 0), &[0, 255])).unwrap();
    assert_eq!(found.into_luma8().into_raw(), [255, 0]);
    // One bit per pixel; the rest of each byte is filling.
    let found =
        read("a.tif", &tiff(&entries([3, 2], 1, 1, 1), &[0b1010_0000, 0b0110_0000])).unwrap();
    assert_eq!(found.into_luma8().into_raw(), [255, 0, 255, 0, 255, 255]);
}

/// An LZW scan of 384x256 gray pixels in several strips, as a scanner program writes it.
#[test]
fn a_scan_is_read_and_refused_when_cut_off() {
    let scan = read_picture(&case("scan8.tiff")).unwrap();
    assert_eq!((scan.width(), scan.height()), (384, 256));
    let gray = scan.as_luma8().unwrap();
    let mean = gray.iter().map(|value| f64::from(*value)).sum::<f64>() / (384.0 * 256.0);
    assert!((20.0..235.0).contains(&mean), "{mean}");
    assert_eq!(picture_size(&case("scan8.tiff")).unwrap(), (384, 256));
    let whole = fs::read(case("scan8.tiff")).unwrap();
    for missing in [1, 3_000, whole.len() / 5, whole.len() / 2, whole.len() - 60, whole.len() - 5] {
        let error = read("a.tiff", &whole[..whole.len() - missing]).map(drop).unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, PictureError::CutOff { format: "TIFF", .. }), "{missing}: {said}");
    }
}

#[test]
fn tiff_of_other_samples_is_refused_with_a_remedy() {
    let float = DynamicImage::new_rgb32f(3, 2);
    let mut bytes = std::io::Cursor::new(Vec::new());
    float.write_to(&mut bytes, image::ImageFormat::Tiff).unwrap();
    let twelve = tiff(&entries([2, 1], 12, 1, 1), &[1, 2, 3]);
    let wide = tiff(&entries([2, 1], 32, 1, 1), &[0; 8]);
    for bytes in [bytes.into_inner(), twelve, wide] {
        let error = read("a.tiff", &bytes).unwrap_err();
        assert!(matches!(error, PictureError::Unsupported { .. }), "{error}");
        let said = error.to_string();
        for fact in ["a.tiff: ", "not supported", "save it as gray or RGB with 8 or 16 bits"] {
            assert!(said.contains(fact), "{fact}: {said}");
        }
    }
}

#[test]
fn a_tiff_that_claims_too_many_pixels_is_refused_by_its_header() {
    let long = vec![(256, 60_000), (257, 60_000), (258, 8), (259, 1), (262, 1), (277, 1)];
    let (_keep, path) = file("a.tiff", &tiff(&long, &[0; 9]));
    assert!(matches!(StoredPicture::open(&path), Err(PictureError::Unpacked { .. })));
    let error = StoredPicture::read(&path, 1_000).unwrap_err();
    assert!(matches!(error, PictureError::TooManyPixels { .. }), "{error}");
}

/// More than the memory that a decoder may take besides the pixels.
#[test]
fn large_tiff_and_gif_files_are_read() {
    let gray = DynamicImage::from(GrayImage::from_pixel(9_000, 8_000, Luma([77])));
    let found = read("a.tiff", &encoded("a.tiff", &gray)).unwrap();
    assert_eq!(found.as_luma8().unwrap().get_pixel(8_999, 7_999).0, [77]);
}

#[test]
fn a_tiff_is_turned_upright() {
    let mut turned = entries([2, 1], 8, 1, 1);
    turned.push((274, 6));
    let (_keep, path) = file("a.tiff", &tiff(&turned, &[10, 200]));
    assert_eq!(picture_size(&path).unwrap(), (1, 2));
    let picture = read_picture(&path).unwrap().into_luma8();
    assert_eq!((picture.dimensions(), picture.into_raw()), ((1, 2), vec![10, 200]));
}

#[test]
fn pnm_of_all_kinds_is_read() {
    for (text, expected) in [
        (b"P5 2 1 255 \x07\xc8".as_slice(), [7_u16, 200].map(|value| value * 257)),
        (b"P2\n# comment\n2 1\n255\n7 200\n", [7, 200].map(|value| value * 257)),
        (b"P5 2 1 65535 \x01\x00\xff\xff", [256, 65_535]),
        (b"P1\n2 1\n1 0\n", [0, 65_535]),
        (b"P4 2 1\n\x80", [0, 65_535]),
        // 12 bits, as the file says: 4095 is white.
        (b"P5 2 1 4095 \x0f\xff\x08\x00", [65_535, 32_776]),
    ] {
        let found = read("a.pnm", text).unwrap().into_luma16().into_raw();
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(text));
    }
    let color = read("a.ppm", b"P6 1 2 255\n\x01\x02\x03\x04\x05\x06").unwrap();
    assert_eq!(color.into_rgb8().into_raw(), [1, 2, 3, 4, 5, 6]);
    let color = read("a.ppm", b"P3 1 2 255\n1 2 3 4 5 6").unwrap();
    assert_eq!(color.into_rgb8().into_raw(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn pnm_is_refused_when_cut_off_damaged_or_too_large() {
    for text in [
        b"P5 2 1 255 \x07".as_slice(),
        b"P6 2 1 255 \x07\x08",
        b"P4 9 1\n\x80",
        b"P2 2 1 255 7",
        b"P3 1 1 255 7 8",
        b"P1 2 2 1 0 1",
        b"P5 2",
    ] {
        let error = read("a.pgm", text).unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, PictureError::CutOff { format: "PNM", .. }), "{said}");
    }
    for text in [b"P2 2 1 255 7 x".as_slice(), b"P5 2 1 0 \x07\x07", b"P2 2 1 255 7 70000"] {
        let error = read("a.pgm", text).unwrap_err();
        assert!(matches!(error, PictureError::Decode { .. }), "{error}");
    }
    let error = read("a.pgm", b"P5 60000 60000 255 ").unwrap_err();
    assert!(matches!(error, PictureError::Unpacked { .. }), "{error}");
}

fn gif() -> (RgbImage, Vec<u8>) {
    let colors = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 9, 9]];
    let place = |x: u32, y: u32| usize::try_from((x + 3 * y) % 4).unwrap();
    let picture = RgbImage::from_fn(21, 17, |x, y| Rgb(colors[place(x, y)]));
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    let frame = |picture: &RgbImage| DynamicImage::from(picture.clone()).into_rgba8();
    let black = RgbImage::new(21, 17);
    let frames = [&picture, &black].map(|picture| image::Frame::new(frame(picture)));
    encoder.encode_frames(frames).unwrap();
    drop(encoder);
    (picture, bytes)
}

#[test]
fn the_first_picture_of_a_gif_is_read() {
    let (picture, whole) = gif();
    assert_eq!(read("a.gif", &whole).unwrap().into_rgb8(), picture);
    assert_eq!(read("a.gif", &[&whole[..], b"more"].concat()).unwrap().into_rgb8(), picture);
    for missing in [1, 2, whole.len() / 20, whole.len() / 2, whole.len() - 20] {
        let error = read("a.gif", &whole[..whole.len() - missing]).unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, PictureError::CutOff { format: "GIF", .. }), "{missing}: {said}");
    }
    let mut long = whole;
    long[6..10].copy_from_slice(&[0x60, 0xea, 0x60, 0xea]);
    let error = read("a.gif", &long).unwrap_err();
    assert!(matches!(error, PictureError::Unpacked { width: 60_000, .. }), "{error}");
}

/// Changes the bytes of whole files one at a time.
#[test]
fn changed_bytes_never_panic_out_of_the_reader() {
    let shown = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !dlkit_files::is_guarded() {
            shown(panic);
        }
    }));
    let small = DynamicImage::from(RgbImage::from_pixel(7, 5, Rgb([1, 200, 40])));
    let text = b"P3\n2 2\n255\n1 2 3 4 5 6 7 8 9 10 11 12\n".to_vec();
    let scan = tiff(&entries([4, 2], 8, 32_773, 1), &[2, 10, 20, 30, 252, 99]);
    for whole in [encoded("a.tiff", &small), scan, gif().1, text, b"P6 1 1 255 abc".to_vec()] {
        let (_keep, path) = file("a", &whole);
        for place in 0..whole.len() {
            for change in [0xa5, 0x01, 0xff] {
                let mut changed = whole.clone();
                changed[place] ^= change;
                fs::write(&path, &changed).unwrap();
                let _ = StoredPicture::read(&path, 1 << 16);
                let _ = picture_size(&path);
            }
        }
    }
}

#[test]
fn tiff_keeps_its_profile_and_leaves_exif_out() {
    let format = PictureFormat::of(Path::new("a.tiff")).unwrap();
    let profile = StoredPicture::open(&case("prophoto.png")).unwrap().metadata.color_profile;
    let metadata = format.held(Metadata { exif: Some(vec![1, 2, 3]), color_profile: profile });
    assert!(metadata.exif.is_none() && metadata.color_profile.is_some());
    let (_keep, path) = file(
        "a.tiff",
        &format.encode_with(&DynamicImage::new_rgb16(9, 9), metadata.clone()).unwrap(),
    );
    assert_eq!(StoredPicture::open(&path).unwrap().metadata, metadata);
}
