//! Warps a picture.

use std::borrow::Cow;

use image::{DynamicImage, ImageBuffer, Pixel};

use super::background::Background;
use super::canvas::{Canvas, DEFAULT_MAX_PIXELS};
use super::canvas_choice::CanvasChoice;
use super::coordinates::InverseMap;
use super::error::WarpError;
use super::kernel::{self, Interpolation, Linear, Nearest};
use super::raster::Raster;
use super::resample::{Plan, resample};
use super::sample::Sample;
use crate::homography::{Homography, Point};

/// Settings of a warp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarpConfig {
    /// How a color between pixels is computed.
    pub interpolation: Interpolation,
    /// The part of the target plane that is drawn.
    pub canvas: CanvasChoice,
    /// The color around the picture. If the background needs them, a gray picture gets colors, and
    /// an opaque picture gets an opacity.
    pub background: Background,
    /// Whether a pixel that covers several source pixels is the mean of several samples. Not used
    /// with the nearest pixel, which keeps colors unchanged.
    pub antialias: bool,
    /// Most pixels of the canvas.
    pub max_pixels: u64,
    /// A visible point of the picture, if the line that maps to infinity crosses it. The default is
    /// the middle of the picture.
    pub front: Option<Point>,
}

impl Default for WarpConfig {
    /// Bilinear and anti-aliased, on a canvas that fits, with a black background.
    fn default() -> Self {
        Self {
            interpolation: Interpolation::default(),
            canvas: CanvasChoice::default(),
            background: Background::BLACK,
            antialias: true,
            max_pixels: DEFAULT_MAX_PIXELS,
            front: None,
        }
    }
}

impl WarpConfig {
    /// A visible point of a picture of `size` (width, height).
    pub(super) fn seen(&self, size: (u32, u32)) -> Point {
        let middle = |length: u32| (f64::from(length) - 1.0) / 2.0;
        self.front.unwrap_or_else(|| Point::new(middle(size.0), middle(size.1)))
    }
}

/// A warped picture and where it lies in the target plane.
#[derive(Clone, Debug)]
pub struct Warped {
    /// The picture.
    pub picture: DynamicImage,
    /// The part of the target plane it shows.
    pub canvas: Canvas,
}

/// Warps a picture by a homography from its pixels to the target plane.
///
/// Every pixel of the canvas is traced back to the picture and interpolated there (inverse
/// mapping), so no pixel stays empty. The edges of the picture are blended with the background.
/// Colors are weighted by their opacity. Places are computed in double precision and colors in
/// single precision, without fused operations: the result is the same on every processor.
///
/// # Errors
/// The canvas has no pixels or too many, or the memory has no room for it; the canvas should fit a
/// picture that is partly at infinity; the picture's samples have neither 8 nor 16 bits.
///
/// # References
/// Wolberg, "Digital image warping", 1990, 3.1 (inverse mapping); Porter and Duff, "Compositing
/// digital images", 1984 (opacity); Heckbert, "Fundamentals of texture mapping and image warping",
/// 1989, 3.5 (the local scale).
pub fn warp(
    picture: &DynamicImage,
    homography: &Homography,
    config: &WarpConfig,
) -> Result<Warped, WarpError> {
    let size = (picture.width(), picture.height());
    let canvas = Canvas::choose(config.canvas, homography, size, config.max_pixels)?;
    let picture = with_room_for(picture, config.background);
    canvas.check_memory(picture.color().bytes_per_pixel())?;
    let onto_canvas = canvas.place(homography);
    let job = Job { map: InverseMap::of(&onto_canvas, config.seen(size)), canvas, config };
    let picture = match picture.as_ref() {
        DynamicImage::ImageLuma8(buffer) => DynamicImage::from(job.run::<_, 1, 1, false>(buffer)),
        DynamicImage::ImageLumaA8(buffer) => job.run::<_, 2, 2, true>(buffer).into(),
        DynamicImage::ImageRgb8(buffer) => job.run::<_, 3, 4, false>(buffer).into(),
        DynamicImage::ImageRgba8(buffer) => job.run::<_, 4, 4, true>(buffer).into(),
        DynamicImage::ImageLuma16(buffer) => job.run::<_, 1, 1, false>(buffer).into(),
        DynamicImage::ImageLumaA16(buffer) => job.run::<_, 2, 2, true>(buffer).into(),
        DynamicImage::ImageRgb16(buffer) => job.run::<_, 3, 4, false>(buffer).into(),
        DynamicImage::ImageRgba16(buffer) => job.run::<_, 4, 4, true>(buffer).into(),
        other => return Err(WarpError::Samples(format!("{:?}", other.color()))),
    };
    Ok(Warped { picture, canvas })
}

/// The picture with the channels that a background needs.
pub(super) fn with_room_for(
    picture: &DynamicImage,
    background: Background,
) -> Cow<'_, DynamicImage> {
    let color = picture.color();
    let is_wide = color.bytes_per_pixel() / color.channel_count() == 2;
    let needs_alpha = background.is_translucent() && !color.has_alpha();
    let needs_color = !background.is_gray() && !color.has_color();
    if !needs_alpha && !needs_color {
        return Cow::Borrowed(picture);
    }
    let alpha = needs_alpha || color.has_alpha();
    let color = needs_color || color.has_color();
    Cow::Owned(match (is_wide, color, alpha) {
        (false, false, _) => picture.to_luma_alpha8().into(),
        (false, true, false) => picture.to_rgb8().into(),
        (false, true, true) => picture.to_rgba8().into(),
        (true, false, _) => picture.to_luma_alpha16().into(),
        (true, true, false) => picture.to_rgb16().into(),
        (true, true, true) => picture.to_rgba16().into(),
    })
}

/// A warp, whatever the type of the pixels.
struct Job<'a> {
    map: InverseMap,
    canvas: Canvas,
    config: &'a WarpConfig,
}

impl Job<'_> {
    fn run<P, const C: usize, const L: usize, const A: bool>(
        &self,
        buffer: &ImageBuffer<P, Vec<P::Subpixel>>,
    ) -> ImageBuffer<P, Vec<P::Subpixel>>
    where
        P: Pixel,
        P::Subpixel: Sample,
    {
        let Self { map, canvas, config } = *self;
        let (samples, size) = (buffer.as_raw().as_slice(), buffer.dimensions());
        let background = config.background.parts(C);
        let mut warped = ImageBuffer::new(canvas.width, canvas.height);
        let output: &mut [P::Subpixel] = &mut warped;
        let width = canvas.width as usize;
        let raster = Raster::<_, C, L, A>::new(samples, size, background);
        let antialias = config.antialias;
        match config.interpolation {
            Interpolation::Nearest => {
                // Colors are not mixed, so opacity is a channel like the others.
                let raster = Raster::<_, C, L, false>::new(samples, size, background);
                let plan = Plan { map, kernel: Nearest, antialias: false, width };
                resample::<_, _, C, L, false, 1, 1>(&raster, &plan, output);
            }
            Interpolation::Bilinear => {
                let plan = Plan { map, kernel: Linear, antialias, width };
                resample::<_, _, C, L, A, 2, 2>(&raster, &plan, output);
            }
            Interpolation::Bicubic => {
                let plan = Plan { map, kernel: kernel::CUBIC, antialias, width };
                resample::<_, _, C, L, A, 4, 4>(&raster, &plan, output);
            }
            Interpolation::Lanczos => {
                let plan = Plan { map, kernel: kernel::lanczos(), antialias, width };
                resample::<_, _, C, L, A, 8, 8>(&raster, &plan, output);
            }
        }
        warped
    }
}
