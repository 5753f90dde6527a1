//! Pixels of pictures, in every sample type of files.

use image::{DynamicImage, ImageBuffer, Rgb, Rgba};
use rayon::prelude::*;

use super::grid::ColorGrid;
use super::scan::Frame;
use super::tiles::Region;
use crate::facts::color::{lab_from_linear, linear, rgb_within_gamut};

/// The samples of a picture, whatever their kind.
pub(super) enum Source<'a> {
    Bytes { samples: &'a [u8], channels: usize, linear: Vec<f32> },
    Words { samples: std::borrow::Cow<'a, [u16]>, channels: usize, linear: Vec<f32> },
}

impl<'a> Source<'a> {
    pub(super) fn new(picture: &'a DynamicImage) -> Self {
        let channels = usize::from(picture.color().channel_count());
        let bytes = |samples: &'a [u8]| {
            let linear = (0..=u8::MAX).map(|byte| linear(f32::from(byte) / 255.0)).collect();
            Self::Bytes { samples, channels, linear }
        };
        let words = |samples: std::borrow::Cow<'a, [u16]>, channels| {
            let linear = (0..=u16::MAX).map(|word| linear(f32::from(word) / 65_535.0)).collect();
            Self::Words { samples, channels, linear }
        };
        match picture {
            DynamicImage::ImageLuma8(buffer) => bytes(buffer.as_raw()),
            DynamicImage::ImageLumaA8(buffer) => bytes(buffer.as_raw()),
            DynamicImage::ImageRgb8(buffer) => bytes(buffer.as_raw()),
            DynamicImage::ImageRgba8(buffer) => bytes(buffer.as_raw()),
            DynamicImage::ImageLuma16(buffer) => words(buffer.as_raw().into(), channels),
            DynamicImage::ImageLumaA16(buffer) => words(buffer.as_raw().into(), channels),
            DynamicImage::ImageRgb16(buffer) => words(buffer.as_raw().into(), channels),
            DynamicImage::ImageRgba16(buffer) => words(buffer.as_raw().into(), channels),
            other => words(other.to_rgba16().into_raw().into(), 4),
        }
    }

    /// L of a pixel.
    pub(super) fn lightness(&self, pixel: usize) -> f32 {
        let rgb = match self {
            Self::Bytes { samples, channels, linear } => {
                color_places(pixel, *channels).map(|place| linear[usize::from(samples[place])])
            }
            Self::Words { samples, channels, linear } => {
                color_places(pixel, *channels).map(|place| linear[usize::from(samples[place])])
            }
        };
        lab_from_linear(rgb)[0]
    }

    const fn channels(&self) -> usize {
        match self {
            Self::Bytes { channels, .. } | Self::Words { channels, .. } => *channels,
        }
    }
}

/// Where red, green and blue of a pixel lie among the samples; all three are one for gray.
const fn color_places(pixel: usize, channels: usize) -> [usize; 3] {
    let start = pixel * channels;
    if channels < 3 { [start; 3] } else { [start, start + 1, start + 2] }
}

/// Samples that are written: red, green, blue and, where the source has it, opacity.
pub(super) enum Samples {
    Bytes(Vec<u8>, usize),
    Words(Vec<u16>, usize),
}

impl Samples {
    pub(super) fn like(source: &Source<'_>, [height, width]: [usize; 2]) -> Self {
        let channels = if source.channels().is_multiple_of(2) { 4 } else { 3 };
        let length = height * width * channels;
        match source {
            Source::Bytes { .. } => Self::Bytes(vec![0; length], channels),
            Source::Words { .. } => Self::Words(vec![0; length], channels),
        }
    }

    /// Writes the pixels of a region; those beyond a frame stay without colors.
    pub(super) fn put(
        &mut self,
        source: &Source<'_>,
        width: usize,
        region: &Region,
        frame: &Frame,
        colors: &ColorGrid<'_>,
    ) {
        let strokes = Strokes { source, width, region, frame, colors };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to the largest sample"
        )]
        match (self, source) {
            (Self::Bytes(own, channels), Source::Bytes { samples, .. }) => {
                strokes.fill(own, *channels, samples, |value| (value * 255.0).round() as u8);
            }
            (Self::Words(own, channels), Source::Words { samples, .. }) => {
                strokes.fill(own, *channels, samples, |value| (value * 65_535.0).round() as u16);
            }
            // Both are of one kind by construction.
            _ => {}
        }
    }

    pub(super) fn picture(self, like: &DynamicImage) -> DynamicImage {
        let (width, height) = (like.width(), like.height());
        let made = match self {
            Self::Bytes(own, 4) => {
                ImageBuffer::<Rgba<u8>, _>::from_raw(width, height, own).map(Into::into)
            }
            Self::Bytes(own, _) => {
                ImageBuffer::<Rgb<u8>, _>::from_raw(width, height, own).map(Into::into)
            }
            Self::Words(own, 4) => {
                ImageBuffer::<Rgba<u16>, _>::from_raw(width, height, own).map(Into::into)
            }
            Self::Words(own, _) => {
                ImageBuffer::<Rgb<u16>, _>::from_raw(width, height, own).map(Into::into)
            }
        };
        // The number of samples is that of the sizes by construction.
        made.unwrap_or_default()
    }
}

/// What is written on a picture: colors of a region, on the lightness of a source as wide as it.
struct Strokes<'a> {
    source: &'a Source<'a>,
    width: usize,
    region: &'a Region,
    frame: &'a Frame,
    colors: &'a ColorGrid<'a>,
}

impl Strokes<'_> {
    /// Writes samples, `channels` for each pixel, of values from 0 to 1; opacity is that of `samples`, the
    /// source's.
    fn fill<T: Copy + Send + Sync>(
        &self,
        own: &mut [T],
        channels: usize,
        samples: &[T],
        round: impl Fn(f32) -> T + Sync,
    ) {
        let Self { source, width, region, frame, colors } = *self;
        let given = source.channels();
        let line = width * channels;
        let rows = &mut own[region.rows.start * line..region.rows.end * line];
        rows.par_chunks_mut(line).enumerate().for_each(|(row, own)| {
            let first = (region.rows.start + row) * width + region.columns.start;
            let own = &mut own[region.columns.start * channels..region.columns.end * channels];
            let pixels = own.chunks_exact_mut(channels).zip(colors.row(row));
            for (place, (pixel, ab)) in pixels.enumerate() {
                let lightness = source.lightness(first + place);
                let within = frame.contains(region.rows.start + row, region.columns.start + place);
                let [a, b] = if within { ab } else { [0.0; 2] };
                for (sample, value) in pixel.iter_mut().zip(rgb_within_gamut([lightness, a, b])) {
                    *sample = round(value);
                }
                if channels == 4 {
                    pixel[3] = samples[(first + place) * given + given - 1];
                }
            }
        });
    }
}
