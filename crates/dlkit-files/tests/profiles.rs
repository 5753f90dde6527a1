//! Color profiles: what pictures with a profile are, as displayed in sRGB.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::path::{Path, PathBuf};

use dlkit_files::picture::{GrayPicture, StoredPicture, open_on_white};
use image::{DynamicImage, ImageBuffer, ImageEncoder, Rgb};

/// Exponent of the profiles of `gray18.png` and `prophoto.png`: 461 steps of 1/256.
const EXPONENT: f64 = 461.0 / 256.0;

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures").join(name)
}

fn stored(name: &str) -> StoredPicture {
    StoredPicture::open(&case(name)).unwrap()
}

/// Linear value of sRGB, 0 to 1 (IEC 61966-2-1).
fn linear(value: f64) -> f64 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// sRGB of a linear value, 0 to 1.
fn encoded(linear: f64) -> f64 {
    if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

/// L of an sRGB color (CIE 1976, white of D65).
fn lightness(rgb: [u8; 3]) -> f64 {
    let [red, green, blue] = rgb.map(|byte| linear(f64::from(byte) / 255.0));
    let y = 0.212_6 * red + 0.715_2 * green + 0.072_2 * blue;
    if y > 216.0 / 24_389.0 { 116.0 * y.cbrt() - 16.0 } else { y * 24_389.0 / 27.0 }
}

/// The largest differences of two pictures, in L and in levels.
fn differences(one: DynamicImage, other: DynamicImage) -> (f64, u8) {
    let (one, other) = (one.into_rgb8(), other.into_rgb8());
    assert_eq!(one.dimensions(), other.dimensions());
    let pairs = || one.pixels().zip(other.pixels());
    let lightness = pairs().map(|(a, b)| (lightness(a.0) - lightness(b.0)).abs());
    let levels = pairs().flat_map(|(a, b)| [0, 1, 2].map(|at| a.0[at].abs_diff(b.0[at])));
    (lightness.fold(0.0, f64::max), levels.max().unwrap())
}

/// One scene: without a profile, in gray of gamma 1.8, and in color of the primaries of ProPhoto.
#[test]
fn a_scene_is_as_light_in_every_color_space() {
    let plain = stored("plain.png");
    assert_eq!(plain.metadata.color_profile, None);
    let gray = stored("gray18.png");
    let (lightness, levels) = differences(gray.picture, plain.picture.clone());
    assert!(lightness < 1.0 && levels <= 1, "{lightness} {levels}");
    // The scene in ProPhoto, with the profile of the file, with 16 bits.
    let scene = plain.picture.into_rgb8();
    let scene = ImageBuffer::from_fn(scene.width(), scene.height(), |x, y| {
        Rgb(scene.get_pixel(x, y).0.map(|byte| {
            let level = linear(f64::from(byte) / 255.0).powf(1.0 / EXPONENT) * 65_535.0;
            format!("{level:.0}").parse::<u16>().unwrap()
        }))
    });
    let prophoto = with_profile(&scene.into(), profile_of("prophoto.png"));
    assert_eq!(prophoto.picture.color(), image::ColorType::Rgb16);
    let plain = stored("plain.png").picture;
    let (lightness, levels) = differences(prophoto.picture, plain);
    assert!(lightness < 1.0 && levels == 0, "{lightness} {levels}");
}

/// The pixels of `prophoto.png` are neutral, so that only its curve matters.
#[test]
fn neutral_colors_of_prophoto_follow_its_curve() {
    let levels = image::open(case("prophoto.png")).unwrap().into_rgb8();
    let converted = stored("prophoto.png").picture.into_rgb8();
    for (level, pixel) in levels.pixels().zip(converted.pixels()) {
        let expected = 255.0 * encoded((f64::from(level.0[0]) / 255.0).powf(EXPONENT));
        for channel in pixel.0 {
            assert!((f64::from(channel) - expected).abs() < 1.0, "{level:?} {pixel:?}");
        }
    }
}

/// The ICC profile of a case.
fn profile_of(name: &str) -> Vec<u8> {
    use image::ImageDecoder;
    let reader = image::ImageReader::open(case(name)).unwrap();
    reader.into_decoder().unwrap().icc_profile().unwrap().unwrap()
}

/// What is read of a PNG of a picture with a profile.
fn with_profile(picture: &DynamicImage, profile: Vec<u8>) -> StoredPicture {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.png");
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile).unwrap();
    picture.write_with_encoder(encoder).unwrap();
    std::fs::write(&path, bytes).unwrap();
    StoredPicture::open(&path).unwrap()
}

/// Red of ProPhoto lies beyond sRGB, and becomes its most saturated red.
#[test]
fn colors_beyond_srgb_are_limited() {
    let red = DynamicImage::from(ImageBuffer::from_pixel(9, 9, Rgb([65_535_u16, 0, 0])));
    let found = with_profile(&red, profile_of("prophoto.png")).picture.into_rgb16();
    assert_eq!(found.get_pixel(4, 4).0, [65_535, 0, 0]);
}

#[test]
fn what_is_written_afterwards_says_that_it_is_srgb() {
    for name in ["gray18.png", "prophoto.png", "scan8.tiff"] {
        let profile = stored(name).metadata.color_profile.unwrap();
        assert_eq!((&profile[16..20], &profile[36..40]), (&b"RGB "[..], &b"acsp"[..]), "{name}");
        assert!(profile.len() < 1024, "{}", profile.len());
        // The same bytes at any time.
        assert_eq!(profile[24..36], [7, 234, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    }
}

#[test]
fn every_reader_converts() {
    let mean = |values: Vec<f32>| values.iter().sum::<f32>() / 87_296.0;
    let gray = |name| mean(GrayPicture::read(&case(name)).unwrap().values);
    let on_white = |name| {
        let picture = open_on_white(&case(name)).unwrap().into_luma8().into_raw();
        mean(picture.into_iter().map(|value| f32::from(value) / 255.0).collect())
    };
    assert!((gray("gray18.png") - gray("plain.png")).abs() < 2e-3);
    assert!((on_white("gray18.png") - on_white("plain.png")).abs() < 2e-3);
    assert!(gray("prophoto.png") > gray("plain.png") + 0.02);
}
