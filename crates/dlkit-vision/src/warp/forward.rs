//! Forward mapping, to show the holes that inverse mapping avoids.

use image::{DynamicImage, ImageBuffer, Pixel};

use super::background::Background;
use super::canvas::Canvas;
use super::error::WarpError;
use super::warped::{WarpConfig, with_room_for};
use crate::homography::{Homography, Point};

/// A picture whose pixels were sent to the nearest pixels of a canvas.
#[derive(Clone, Debug)]
pub struct ForwardMapped {
    /// The picture, with its holes.
    pub picture: DynamicImage,
    /// Pixels of the canvas within the picture that no pixel was sent to.
    pub holes: u64,
    /// Pixels of the canvas within the picture.
    pub covered: u64,
}

/// Sends every pixel of a picture to the nearest pixel of a canvas. Of several, the last remains;
/// where none arrives, the background remains.
///
/// Enlarged parts get holes, and shrunk parts lose pixels: the reason for inverse mapping
/// ([`super::warp`]). Background and side of the horizon are those of `config`.
///
/// # Errors
/// The memory has no room for the canvas, or the picture's samples have neither 8 nor 16 bits.
pub fn forward_map(
    picture: &DynamicImage,
    homography: &Homography,
    canvas: &Canvas,
    config: &WarpConfig,
) -> Result<ForwardMapped, WarpError> {
    let background = config.background;
    let onto_canvas = canvas.place(homography);
    let picture = with_room_for(picture, background);
    canvas.check_memory(picture.color().bytes_per_pixel())?;
    let size = (picture.width(), picture.height());
    let depth = onto_canvas.depth(config.seen(size));
    let (targets, holes, covered) = Targets::new(&onto_canvas, depth, size, canvas);
    let picture = match picture.as_ref() {
        DynamicImage::ImageLuma8(buffer) => {
            DynamicImage::from(targets.send::<_, 1>(buffer, background, u8::from))
        }
        DynamicImage::ImageLumaA8(buffer) => {
            targets.send::<_, 2>(buffer, background, u8::from).into()
        }
        DynamicImage::ImageRgb8(buffer) => {
            targets.send::<_, 3>(buffer, background, u8::from).into()
        }
        DynamicImage::ImageRgba8(buffer) => {
            targets.send::<_, 4>(buffer, background, u8::from).into()
        }
        DynamicImage::ImageLuma16(buffer) => targets.send::<_, 1>(buffer, background, wide).into(),
        DynamicImage::ImageLumaA16(buffer) => targets.send::<_, 2>(buffer, background, wide).into(),
        DynamicImage::ImageRgb16(buffer) => targets.send::<_, 3>(buffer, background, wide).into(),
        DynamicImage::ImageRgba16(buffer) => targets.send::<_, 4>(buffer, background, wide).into(),
        other => return Err(WarpError::Samples(format!("{:?}", other.color()))),
    };
    Ok(ForwardMapped { picture, holes, covered })
}

/// Scales 0 to 255 to 0 to 65535.
fn wide(part: u8) -> u16 {
    u16::from(part) * 257
}

/// The target of each pixel of the picture.
struct Targets {
    canvas: Canvas,
    /// For each pixel of the picture, the pixel of the canvas it lands on; none outside.
    places: Vec<Option<usize>>,
}

impl Targets {
    /// The targets, and the holes and covered pixels of the canvas. Only points whose depth has the
    /// sign of `side` are visible.
    fn new(
        homography: &Homography,
        side: f64,
        (width, height): (u32, u32),
        canvas: &Canvas,
    ) -> (Self, u64, u64) {
        let mut reached = vec![false; canvas.width as usize * canvas.height as usize];
        let mut places = Vec::with_capacity(width as usize * height as usize);
        for row in 0..height {
            for column in 0..width {
                let source = Point::new(f64::from(column), f64::from(row));
                let place = homography
                    .map(source)
                    .filter(|_| homography.depth(source) * side > 0.0)
                    .and_then(|target| pixel_at(target, canvas.width, canvas.height));
                if let Some(place) = place {
                    reached[place] = true;
                }
                places.push(place);
            }
        }
        let inverse = homography.inverse();
        let (mut holes, mut covered) = (0, 0);
        let pixels = (0..canvas.height).flat_map(|y| (0..canvas.width).map(move |x| (x, y)));
        for ((x, y), reached) in pixels.zip(reached) {
            let source = inverse.map(Point::new(f64::from(x), f64::from(y)));
            let source = source.filter(|source| homography.depth(*source) * side > 0.0);
            if source.and_then(|source| pixel_at(source, width, height)).is_some() {
                covered += 1;
                holes += u64::from(!reached);
            }
        }
        (Self { canvas: *canvas, places }, holes, covered)
    }

    fn send<P: Pixel, const CHANNELS: usize>(
        &self,
        buffer: &ImageBuffer<P, Vec<P::Subpixel>>,
        background: Background,
        sample: fn(u8) -> P::Subpixel,
    ) -> ImageBuffer<P, Vec<P::Subpixel>> {
        let [red, green, blue, opacity] = background.rgba.map(sample);
        let around = if CHANNELS < 3 {
            [red, opacity, opacity, opacity]
        } else {
            [red, green, blue, opacity]
        };
        let mut mapped = ImageBuffer::new(self.canvas.width, self.canvas.height);
        let (targets, _) = mapped.as_chunks_mut::<CHANNELS>();
        for target in targets.iter_mut() {
            target.copy_from_slice(&around[..CHANNELS]);
        }
        let (sources, _) = buffer.as_chunks::<CHANNELS>();
        for (source, place) in sources.iter().zip(&self.places) {
            if let Some(place) = place {
                targets[*place] = *source;
            }
        }
        mapped
    }
}

/// The pixel that covers a point.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked before")]
fn pixel_at(point: Point, width: u32, height: u32) -> Option<usize> {
    let (x, y) = ((point.x + 0.5).floor(), (point.y + 0.5).floor());
    let inside = x >= 0.0 && y >= 0.0 && x < f64::from(width) && y < f64::from(height);
    inside.then(|| y as usize * width as usize + x as usize)
}

#[cfg(test)]
mod tests {
    use image::GrayImage;

    use super::*;

    #[test]
    fn a_doubled_picture_has_three_holes_for_each_pixel() {
        let picture = GrayImage::from_raw(3, 2, vec![1, 2, 3, 4, 5, 6]).unwrap().into();
        let double =
            Homography::from_rows([[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]]).unwrap();
        let canvas = Canvas { width: 5, height: 3, left: 0, top: 0 };
        let mapped = forward_map(&picture, &double, &canvas, &WarpConfig::default()).unwrap();
        #[rustfmt::skip]
        let expected = [
            1, 0, 2, 0, 3,
            0, 0, 0, 0, 0,
            4, 0, 5, 0, 6,
        ];
        assert_eq!(mapped.picture.to_luma8().into_raw(), expected);
        assert_eq!((mapped.holes, mapped.covered), (9, 15));
    }
}
