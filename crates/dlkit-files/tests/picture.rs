//! Picture files that are huge, damaged, cut off or not pictures at all.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use dlkit_files::picture::{
    GrayPicture, Metadata, PictureError, PictureFormat, StoredPicture, open_on_white, picture_size,
    read_picture,
};
use image::{DynamicImage, Rgb, RgbImage};
use tempfile::TempDir;

/// A damaged picture of the kind that users meet.
fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name)
}

fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    fs::write(&path, bytes).unwrap();
    (directory, path)
}

fn assert_facts(message: &str, facts: &[&str]) {
    for fact in facts {
        assert!(message.contains(fact), "{fact}: {message}");
    }
}

/// Every way to decode a file.
fn read(path: &Path) -> [Result<(), PictureError>; 5] {
    [
        StoredPicture::open(path).map(drop),
        StoredPicture::read(path, 1 << 24).map(drop),
        read_picture(path).map(drop),
        open_on_white(path).map(drop),
        GrayPicture::read(path).map(drop),
    ]
}

/// The error of every way to decode a file, without the folder.
fn refusals(path: &Path) -> Vec<String> {
    let prefix = format!("{}/", path.parent().unwrap().display());
    read(path).map(|result| result.unwrap_err().to_string().replace(&prefix, "")).to_vec()
}

fn noise() -> DynamicImage {
    let color = |value: u32| u8::try_from(value * value % 251).unwrap();
    RgbImage::from_fn(64, 48, |x, y| Rgb([x, y, x ^ y].map(color))).into()
}

fn encoded(name: &str, metadata: Metadata) -> Vec<u8> {
    PictureFormat::of(Path::new(name)).unwrap().encode_with(&noise(), metadata).unwrap()
}

#[test]
fn a_panic_of_the_decoder_is_an_error_of_the_file() {
    let path = case("png-palette-4-bytes.png");
    for result in read(&path) {
        assert!(matches!(result, Err(PictureError::Panicked { .. })), "{result:?}");
    }
    assert!(refusals(&path)[0].starts_with("png-palette-4-bytes.png: cannot be decoded"));
    assert!(!dlkit_files::is_guarded());
}

#[test]
fn cut_off_photos_are_refused() {
    for name in ["cut.jpg", "truncated-5-percent.jpg"] {
        for said in refusals(&case(name)) {
            assert_facts(&said, &[&format!("{name}: cut off"), "JPEG"]);
        }
    }
}

#[test]
fn files_of_every_format_are_refused_when_cut_off() {
    for name in ["a.jpg", "a.png", "a.webp", "a.bmp"] {
        let whole = encoded(name, Metadata::default());
        let (_keep, path) = file(name, &whole);
        for result in read(&path) {
            result.unwrap();
        }
        fs::write(&path, [whole.clone(), b"more".to_vec()].concat()).unwrap();
        for result in read(&path) {
            result.unwrap();
        }
        // Of a PNG, the end mark (8 bytes and a checksum) must be missing.
        for missing in [13, whole.len() / 20, whole.len() / 3, whole.len() / 2, whole.len() - 60] {
            fs::write(&path, &whole[..whole.len() - missing]).unwrap();
            for result in read(&path) {
                assert!(
                    matches!(result, Err(PictureError::CutOff { .. })),
                    "{missing}: {result:?}"
                );
            }
        }
    }
}

#[test]
fn the_end_of_a_small_picture_within_a_photo_is_not_the_end_of_the_photo() {
    // Exif data: big-endian, one entry, of tag 0x0112 (orientation); then what looks like an end.
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 1, 0, 0];
    let exif = [b"MM\0\x2a\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4], &[0xff, 0xd9]].concat();
    let whole = encoded("a.jpg", Metadata { exif: Some(exif), ..Metadata::default() });
    let (_keep, path) = file("a.jpg", &whole);
    StoredPicture::open(&path).unwrap();
    for length in [whole.len() - 1, whole.len() / 2] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(StoredPicture::open(&path), Err(PictureError::CutOff { .. })));
    }
}

/// A bitmap of 54 bytes that claims so many pixels.
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let sizes: Vec<u8> = words(&[54, 0, 54, 40, width, height]);
    let depth: Vec<u8> = words(&[1 | (24 << 16), 0, 0, 0, 0, 0, 0]);
    [b"BM".to_vec(), sizes, depth].concat()
}

/// A chunk of a PNG: length, name, content, CRC-32.
fn chunk(name: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let named = [name, content].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&named);
    [length.as_slice(), &named, &crc.sum().to_be_bytes()].concat()
}

/// A PNG of 8-bit indices into a palette; `rows` starts each row with its filter, 0.
fn palette_png(size: [u32; 2], palette: &[u8], rows: &[u8]) -> Vec<u8> {
    png(size, [8, 3], &chunk(b"PLTE", palette), rows)
}

/// A PNG of a depth and color type.
fn png([width, height]: [u32; 2], kind: [u8; 2], palette: &[u8], rows: &[u8]) -> Vec<u8> {
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = [&*size, &kind, &[0; 3]].concat();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(rows).unwrap();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        palette.to_vec(),
        chunk(b"IDAT", &zlib.finish().unwrap()),
        chunk(b"IEND", &[]),
    ]
    .concat()
}

#[test]
fn palettes_are_read() {
    let (_keep, path) = file("a.png", &palette_png([2, 1], &[1, 2, 3, 40, 50, 60], &[0, 1, 0]));
    let picture = open_on_white(&path).unwrap();
    assert_eq!(picture.into_rgb8().into_raw(), [40, 50, 60, 1, 2, 3]);
}

#[test]
fn a_small_file_that_unpacks_to_a_huge_picture_is_refused_by_its_header() {
    let said = |name: &str, bytes: &[u8]| {
        let (_keep, path) = file(name, bytes);
        refusals(&path)
    };
    let unpacked: &[&str] = &["2574 MiB", "1024 MiB", "smaller"];
    for (said, facts) in said("a.bmp", &bitmap(30_000, 30_000)).iter().zip([
        unpacked,
        &["16777216 pixels", "--max-pixels N"],
        unpacked,
        unpacked,
        &["67108864 pixels", "smaller"],
    ]) {
        assert_facts(said, &["a.bmp: ", "30000x30000 pixels"]);
        assert_facts(said, facts);
    }
    for said in said("a.png", &palette_png([70_000, 1], &[1, 2, 3], &[0])) {
        assert_facts(&said, &["a.png: ", "70000x1 pixels", "65536 pixels per side"]);
    }
    let (_keep, path) = file("a.png", &palette_png([60_000, 60_000], &[1, 2, 3], &[0]));
    assert_eq!(picture_size(&path).unwrap(), (60_000, 60_000));
    assert!(matches!(open_on_white(&path), Err(PictureError::Unpacked { .. })));
}

/// 484 million pixels of one color, whose rows are left out here: read, they would be an error.
#[test]
fn a_gray_picture_of_more_than_2_to_the_26_pixels_is_refused_by_its_header() {
    let gray = |side: u32| png([side, side], [8, 0], &[], &[0; 1024]);
    let read = |side: u32| {
        let bytes = gray(side);
        assert!(bytes.len() < 1024);
        let (_keep, path) = file("a.png", &bytes);
        GrayPicture::read(&path).unwrap_err()
    };
    let error = read(22_000);
    let (width, height, most) = (22_000, 22_000, 1 << 26);
    assert!(
        matches!(&error, PictureError::TooManyPixels { width: w, height: h, most: m, .. }
            if (*w, *h, *m) == (width, height, most)),
        "{error:?}"
    );
    assert_facts(
        &error.to_string(),
        &["a.png: ", "22000x22000 pixels", "67108864 pixels", "smaller"],
    );
    // 2^26 pixels are allowed, so that this one is unpacked, and its rows are missing.
    assert!(matches!(read(8192), PictureError::Decode { .. } | PictureError::CutOff { .. }));
}

#[test]
fn other_files_are_named_for_what_they_are() {
    for (name, bytes) in [
        ("a.png", b"not a picture".as_slice()),
        ("a.jpg", b""),
        // A format that the library knows, and that may be compiled in for other crates.
        ("a.ico", b"\0\0\x01\0\x01\0\x01\x01\0\0"),
    ] {
        let (_keep, path) = file(name, bytes);
        for said in refusals(&path) {
            assert_facts(
                &said,
                &[&format!("{name}: not a picture"), "PNG, JPEG, WebP, BMP, TIFF, GIF, PGM or PPM"],
            );
        }
        assert!(matches!(picture_size(&path), Err(PictureError::NotAPicture { .. })));
    }
    let missing = refusals(Path::new("nowhere/a.png"));
    assert_facts(&missing[0], &["a.png: cannot be read", "No such file"]);
}

#[cfg(unix)]
#[test]
fn what_is_not_a_regular_file_is_refused_at_once() {
    let directory = tempfile::tempdir().unwrap();
    // A pipe that nobody writes to would be waited for.
    let pipe = directory.path().join("pipe.jpg");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [directory.path(), &pipe, Path::new("/dev/zero")] {
        for said in refusals(path) {
            assert_facts(&said, &["cannot be read", "not a regular file"]);
        }
        assert!(picture_size(path).is_err());
    }
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
    let small = noise().crop_imm(0, 0, 7, 5);
    for name in ["a.jpg", "a.png", "a.webp", "a.bmp"] {
        let whole = PictureFormat::of(Path::new(name)).unwrap().encode(&small).unwrap();
        let (_keep, path) = file(name, &whole);
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 0xa5;
            fs::write(&path, &changed).unwrap();
            // A low limit, so that the test stays fast where the size was changed.
            let _ = StoredPicture::read(&path, 1 << 16);
            let _ = picture_size(&path);
        }
    }
}
