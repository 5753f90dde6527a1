//! Converts pictures from the color space of their ICC profile to sRGB.

use std::sync::{Arc, LazyLock};

use image::DynamicImage;
use moxcms::{
    ColorProfile, DataColorSpace, RenderingIntent, ToneReprCurve, TransformExecutor,
    TransformOptions,
};
use rayon::prelude::*;

use super::sample::Sample;
use crate::guard::{Panicked, guard};

/// Pixels that are converted at a time.
const BLOCK: usize = 1 << 14;
/// Levels of each channel of the colors that tell whether a profile is that of sRGB.
const PROBES: u16 = 9;

/// Converts a picture to sRGB, at its number of bits. Opacity stays.
///
/// False if the profile cannot be used: it is damaged, of another color space than the pixels, or
/// of a kind that is not supported. The picture then stays as it is.
///
/// # Errors
/// The conversion panics.
pub(super) fn convert_to_srgb(
    picture: &mut DynamicImage,
    profile: &[u8],
) -> Result<bool, Panicked> {
    let Ok(Ok(profile)) = guard(|| ColorProfile::new_from_slice(profile)) else {
        return Ok(false);
    };
    let channels = usize::from(picture.color().channel_count());
    match picture {
        DynamicImage::ImageLuma8(buffer) => Ok(convert_gray::<u8>(buffer, channels, &profile)),
        DynamicImage::ImageLumaA8(buffer) => Ok(convert_gray::<u8>(buffer, channels, &profile)),
        DynamicImage::ImageLuma16(buffer) => Ok(convert_gray::<u16>(buffer, channels, &profile)),
        DynamicImage::ImageLumaA16(buffer) => Ok(convert_gray::<u16>(buffer, channels, &profile)),
        DynamicImage::ImageRgb8(buffer) => convert_colors::<u8>(buffer, channels, &profile),
        DynamicImage::ImageRgba8(buffer) => convert_colors::<u8>(buffer, channels, &profile),
        DynamicImage::ImageRgb16(buffer) => convert_colors::<u16>(buffer, channels, &profile),
        DynamicImage::ImageRgba16(buffer) => convert_colors::<u16>(buffer, channels, &profile),
        // Files of other samples are refused.
        _ => Ok(false),
    }
}

/// The ICC profile of sRGB; the same bytes at any time.
pub(super) fn srgb_profile() -> Option<Vec<u8>> {
    let mut profile = ColorProfile::new_srgb();
    // Of a display, it is that of the profile connection space (ICC.1:2022, 9.2.36).
    profile.media_white_point = Some(profile.white_point);
    // The curves say it already.
    profile.cicp = None;
    let mut bytes = profile.encode().ok()?;
    // The encoder writes the time of day (9.2.13); 1 January 2026 does as well.
    for (word, value) in bytes.get_mut(24..36)?.chunks_exact_mut(2).zip([2026_u16, 1, 1, 0, 0, 0]) {
        word.copy_from_slice(&value.to_be_bytes());
    }
    Some(bytes)
}

fn convert_gray<S: Sample>(samples: &mut [S], channels: usize, profile: &ColorProfile) -> bool {
    let Ok(Some(levels)) = guard(|| gray_levels::<S>(profile)) else { return false };
    if !is_srgb(&S::all().collect::<Vec<S>>(), &levels) {
        samples.par_chunks_mut(BLOCK * channels).for_each(|block| {
            for pixel in block.chunks_exact_mut(channels) {
                pixel[0] = levels[usize::from(pixel[0].level())];
            }
        });
    }
    true
}

/// What each level of gray is in sRGB.
fn gray_levels<S: Sample>(profile: &ColorProfile) -> Option<Vec<S>> {
    if profile.color_space == DataColorSpace::Gray {
        if profile.pcs != DataColorSpace::Xyz {
            return None;
        }
        let linear = linear_levels::<S>(profile.gray_trc.as_ref())?;
        return Some(linear.into_iter().map(|level| S::nearest(encoded(level))).collect());
    }
    // Gray pixels of an RGB profile, of which all three channels are one.
    let mut pixels: Vec<S> = S::all().flat_map(|level| [level; 3]).collect();
    Conversion::<S>::new(profile)?.apply(&mut pixels, 3).ok()?;
    Some(pixels.chunks_exact(3).map(|pixel| pixel[1]).collect())
}

fn convert_colors<S: Sample>(
    samples: &mut [S],
    channels: usize,
    profile: &ColorProfile,
) -> Result<bool, Panicked> {
    let probes = probes::<S>();
    let mut converted = probes.clone();
    let Ok(Some(conversion)) = guard(|| Conversion::<S>::new(profile)) else { return Ok(false) };
    if conversion.apply(&mut converted, 3).is_err() {
        return Ok(false);
    }
    if !is_srgb(&probes, &converted) {
        samples
            .par_chunks_mut(BLOCK * channels)
            .try_for_each(|block| conversion.apply(block, channels))?;
    }
    Ok(true)
}

/// Colors over the whole range.
fn probes<S: Sample>() -> Vec<S> {
    let level = |index: u16| S::nearest(f32::from(index) / f32::from(PROBES - 1));
    let levels = || (0..PROBES).map(level);
    levels()
        .flat_map(|red| {
            levels().flat_map(move |green| levels().map(move |blue| [red, green, blue]))
        })
        .flatten()
        .collect()
}

/// Whether a conversion changes nothing by more than one of 255 levels: profiles of sRGB differ by
/// their rounding, and pixels of sRGB stay as they are to the last bit.
fn is_srgb<S: Sample>(given: &[S], converted: &[S]) -> bool {
    let most = S::LARGEST / 255;
    given.iter().zip(converted).all(|(a, b)| a.level().abs_diff(b.level()) <= most)
}

/// How the colors of a profile become sRGB.
enum Conversion<S: Sample> {
    /// The linear value of each level of red, green and blue, and a matrix to linear sRGB.
    Matrix { linear: [Vec<f32>; 3], matrix: [[f32; 3]; 3] },
    /// Colors between those of a grid, as profiles of scanners and printers have it.
    Grid(Arc<dyn TransformExecutor<S> + Send + Sync>),
}

impl<S: Sample> Conversion<S> {
    fn new(profile: &ColorProfile) -> Option<Self> {
        if profile.color_space != DataColorSpace::Rgb {
            return None;
        }
        let srgb = ColorProfile::new_srgb();
        let is_perceptual = profile.lut_a_to_b_perceptual.is_some();
        if is_perceptual || profile.lut_a_to_b_colorimetric.is_some() {
            let rendering_intent = if is_perceptual {
                RenderingIntent::Perceptual
            } else {
                RenderingIntent::RelativeColorimetric
            };
            let options = TransformOptions {
                rendering_intent,
                prefer_fixed_point: false,
                ..Default::default()
            };
            return S::transform(profile, &srgb, options).ok().map(Self::Grid);
        }
        if !profile.is_matrix_shaper() || profile.pcs != DataColorSpace::Xyz {
            return None;
        }
        let [red, green, blue] = [&profile.red_trc, &profile.green_trc, &profile.blue_trc]
            .map(|curve| linear_levels::<S>(curve.as_ref()));
        #[expect(clippy::cast_possible_truncation, reason = "24 bits are enough for 16")]
        let matrix = profile.transform_matrix(&srgb).v.map(|row| row.map(|value| value as f32));
        Some(Self::Matrix { linear: [red?, green?, blue?], matrix })
    }

    /// Converts the first three channels of pixels.
    fn apply(&self, pixels: &mut [S], channels: usize) -> Result<(), Panicked> {
        match self {
            Self::Matrix { linear: [red, green, blue], matrix } => {
                let place = |sample: S| usize::from(sample.level());
                for pixel in pixels.chunks_exact_mut(channels) {
                    let (r, g, b) =
                        (red[place(pixel[0])], green[place(pixel[1])], blue[place(pixel[2])]);
                    for (sample, row) in pixel.iter_mut().zip(matrix) {
                        *sample = S::nearest(encoded(row[0] * r + row[1] * g + row[2] * b));
                    }
                }
            }
            Self::Grid(transform) => {
                let colors: Vec<S> = pixels
                    .chunks_exact(channels)
                    .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
                    .collect();
                let mut converted = vec![S::default(); colors.len()];
                guard(|| transform.transform(&colors, &mut converted))?
                    .map_err(|error| Panicked { message: error.to_string() })?;
                for (pixel, color) in
                    pixels.chunks_exact_mut(channels).zip(converted.chunks_exact(3))
                {
                    pixel[..3].copy_from_slice(color);
                }
            }
        }
        Ok(())
    }
}

/// The linear value of each level on a curve, from 0 to 1. The power functions of the library are approximations
/// that are far below 0 at 0.
fn linear_levels<S: Sample>(curve: Option<&ToneReprCurve>) -> Option<Vec<f32>> {
    let curve = curve?.make_linear_evaluator().ok()?;
    let level = |sample: S| {
        let value = curve.evaluate_value(f32::from(sample.level()) / f32::from(S::LARGEST));
        if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
    };
    Some(S::all().map(level).collect())
}

/// Steps of the curve of sRGB; between them it is straight, within 1e-7.
const STEPS: u16 = u16::MAX;
/// Where the straight part of the curve ends (IEC 61966-2-1).
const STRAIGHT: f32 = 0.003_130_8;

/// Encodes a linear value as sRGB, and limits it to 0 to 1.
fn encoded(linear: f32) -> f32 {
    static CURVE: LazyLock<Vec<f32>> = LazyLock::new(|| {
        let value = |step: u16| f32::from(step) / f32::from(STEPS);
        (0..=STEPS).map(|step| 1.055 * value(step).powf(1.0 / 2.4) - 0.055).collect()
    });
    // Not a number becomes 0.
    if linear.is_nan() || linear <= STRAIGHT {
        return 12.92 * linear.max(0.0);
    }
    let place = linear.min(1.0) * f32::from(STEPS);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 65535")]
    let step = (place as u16).min(STEPS - 1);
    let rest = place - f32::from(step);
    let (low, high) = (CURVE[usize::from(step)], CURVE[usize::from(step) + 1]);
    low + rest * (high - low)
}

#[cfg(test)]
mod tests {
    use image::{ImageBuffer, Luma, LumaA, Rgb, Rgba};

    use super::*;

    /// sRGB of a linear value by its definition.
    fn exact(linear: f64) -> f64 {
        if linear <= 0.003_130_8 {
            return 12.92 * linear;
        }
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    }

    fn converted(picture: impl Into<DynamicImage>, profile: &ColorProfile) -> DynamicImage {
        let mut picture = picture.into();
        assert_eq!(convert_to_srgb(&mut picture, &profile.encode().unwrap()), Ok(true));
        picture
    }

    #[test]
    fn the_curve_of_srgb_is_exact_to_16_bits() {
        for step in 0..=1_000_000 {
            let linear = f64::from(step) / 1e6;
            #[expect(clippy::cast_possible_truncation, reason = "what is tested")]
            let found = f64::from(encoded(linear as f32));
            assert!((found - exact(linear)).abs() < 0.1 / 65_535.0, "{linear}: {found}");
        }
        assert_eq!([-1.0, f32::NAN].map(|value| u16::nearest(encoded(value))), [0, 0]);
        assert_eq!(u16::nearest(encoded(2.0)), u16::MAX);
    }

    #[test]
    fn gray_of_another_gamma_is_as_light_as_before_to_16_bits() {
        let profile = ColorProfile::new_gray_with_gamma(1.8);
        let levels = [0_u16, 1, 100, 5_000, 30_000, 65_535];
        let row = ImageBuffer::<Luma<u16>, _>::from_raw(6, 1, levels.to_vec()).unwrap();
        let found = converted(row, &profile).into_luma16().into_raw();
        for (level, found) in levels.into_iter().zip(found) {
            // The profile holds the exponent in steps of 1/256.
            let linear = (f64::from(level) / 65_535.0).powf(461.0 / 256.0);
            let expected = 65_535.0 * exact(linear);
            assert!((f64::from(found) - expected).abs() <= 1.0, "{level}: {found}, {expected}");
        }
    }

    #[test]
    fn opacity_stays() {
        let gray = ImageBuffer::<LumaA<u8>, _>::from_raw(2, 1, vec![100, 7, 100, 255]).unwrap();
        let found = converted(gray, &ColorProfile::new_gray_with_gamma(1.8)).into_luma_alpha8();
        assert_eq!([found.as_raw()[1], found.as_raw()[3]], [7, 255]);
        assert!(found.as_raw()[0] > 100 && found.as_raw()[0] == found.as_raw()[2]);
        let color = ImageBuffer::<Rgba<u16>, _>::from_raw(1, 1, vec![9_000, 20_000, 40_000, 1_234]);
        let found = converted(color.unwrap(), &ColorProfile::new_pro_photo_rgb()).into_rgba16();
        assert_eq!(found.as_raw()[3], 1_234);
        assert_ne!(found.as_raw()[..3], [9_000, 20_000, 40_000]);
    }

    /// Adobe RGB (1998): gamma 563/256, and the primaries of its specification at D65.
    #[test]
    fn colors_of_adobe_rgb_are_those_of_its_specification() {
        // Linear sRGB of linear Adobe RGB at the same white: green lies outside of sRGB.
        let matrix = [[1.398_3, -0.398_3, 0.0], [0.0, 1.0, 0.0], [0.0, -0.042_9, 1.042_9]];
        let colors =
            [[40_000_u16, 42_000, 30_000], [20_000, 0, 30_000], [30_000, 20_000, 0], [0; 3]];
        for color in colors {
            let linear = color.map(|level| (f64::from(level) / 65_535.0).powf(563.0 / 256.0));
            let picture = ImageBuffer::<Rgb<u16>, _>::from_raw(1, 1, color.to_vec()).unwrap();
            let found = converted(picture, &ColorProfile::new_adobe_rgb()).into_rgb16().into_raw();
            for (row, found) in matrix.iter().zip(found) {
                let value: f64 = row.iter().zip(linear).map(|(a, b)| a * b).sum();
                let difference = f64::from(found) / 65_535.0 - exact(value.max(0.0));
                assert!(difference.abs() < 1e-3, "{color:?}: {difference}");
            }
        }
    }

    #[test]
    fn pixels_of_srgb_stay_as_they_are() {
        let picture = ImageBuffer::<Rgb<u16>, _>::from_fn(64, 64, |x, y| {
            Rgb([x * 1_000, y * 1_000, x * y * 16].map(|value| u16::try_from(value).unwrap()))
        });
        let picture = DynamicImage::from(picture);
        let mut read = picture.clone();
        assert_eq!(convert_to_srgb(&mut read, &srgb_profile().unwrap()), Ok(true));
        assert_eq!(read, picture);
        // Gray with a profile of RGB.
        let gray = DynamicImage::from(picture.to_luma8());
        let mut read = gray.clone();
        assert_eq!(convert_to_srgb(&mut read, &srgb_profile().unwrap()), Ok(true));
        assert_eq!(read, gray);
        let adobe = ColorProfile::new_adobe_rgb();
        assert_ne!(converted(gray.clone(), &adobe), gray);
    }

    #[test]
    fn pictures_keep_their_pixels_where_the_profile_cannot_be_used() {
        let picture = DynamicImage::from(image::RgbImage::from_pixel(3, 2, Rgb([9, 99, 200])));
        let whole = ColorProfile::new_pro_photo_rgb().encode().unwrap();
        let of = |space: &[u8; 4]| {
            let mut changed = whole.clone();
            changed[16..20].copy_from_slice(space);
            changed
        };
        let gray = ColorProfile::new_gray_with_gamma(1.8).encode().unwrap();
        for profile in [vec![], vec![7; 200], whole[..150].to_vec(), of(b"CMYK"), of(b"Lab "), gray]
        {
            let mut read = picture.clone();
            assert_eq!(convert_to_srgb(&mut read, &profile), Ok(false));
            assert_eq!(read, picture);
        }
    }
}
