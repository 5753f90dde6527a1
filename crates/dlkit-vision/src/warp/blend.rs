//! Blends two registered pictures into one.

use image::{DynamicImage, Rgba};
use rayon::prelude::*;

use super::background::Background;
use super::canvas::Canvas;
use super::canvas_choice::CanvasChoice;
use super::error::WarpError;
use super::warped::{WarpConfig, Warped, warp};
use crate::homography::{Homography, Point};

/// Warps the first picture onto the plane of the second and blends both on a canvas that fits them.
///
/// Where the pictures overlap, each counts by the distance to its own nearest edge (feathering), so
/// that no seam is seen. Both count by their opacity. The canvas of `config` is not used; its
/// background is what neither picture covers.
///
/// # Errors
/// As [`warp`].
///
/// # References
/// Szeliski, "Image alignment and stitching: a tutorial", 2006, section 6.2 (feathering).
pub fn blend(
    first: &DynamicImage,
    homography: &Homography,
    second: &DynamicImage,
    config: &WarpConfig,
) -> Result<Warped, WarpError> {
    let size = (first.width(), first.height());
    let canvas = Canvas::around_both(
        homography,
        size,
        (second.width(), second.height()),
        config.max_pixels,
    )?;
    canvas.check_memory(8)?;
    let placed = canvas.place(homography);
    let settings = WarpConfig {
        canvas: CanvasChoice::Size { width: canvas.width, height: canvas.height },
        background: Background::TRANSPARENT,
        ..*config
    };
    let mut picture = warp(first, &placed, &settings)?.picture.into_rgba16();
    let target = second.to_rgba16();
    let inverse = placed.inverse();
    let width = canvas.width as usize;
    let (pixels, _) = picture.as_chunks_mut::<4>();
    pixels.par_chunks_mut(width).zip(0..canvas.height).for_each(|(row, y)| {
        for (pixel, x) in row.iter_mut().zip(0_u32..) {
            let (column, line) = (i64::from(x) + canvas.left, i64::from(y) + canvas.top);
            let other = inside(column, line, target.dimensions());
            let other =
                other.map(|(x, y)| (target.get_pixel(x, y), edge_distance_at(x, y, &target)));
            let own = inverse
                .map(Point::new(f64::from(x), f64::from(y)))
                .map_or(0.0, |place| edge_distance(place, size));
            *pixel = mixed(*pixel, own, other, config.background);
        }
    });
    let alike = [first, second].map(DynamicImage::color);
    let opaque = !config.background.is_translucent() && !alike.iter().any(|c| c.has_alpha());
    let gray = config.background.is_gray() && !alike.iter().any(|c| c.has_color());
    let wide = alike.iter().any(|c| c.bytes_per_pixel() / c.channel_count() > 1);
    Ok(Warped { picture: reduced(picture.into(), gray, opaque, wide), canvas })
}

/// The pixel of a picture of `size`, if the place is inside.
fn inside(x: i64, y: i64, size: (u32, u32)) -> Option<(u32, u32)> {
    let (x, y) = (u32::try_from(x).ok()?, u32::try_from(y).ok()?);
    (x < size.0 && y < size.1).then_some((x, y))
}

fn edge_distance_at(x: u32, y: u32, picture: &image::ImageBuffer<Rgba<u16>, Vec<u16>>) -> f64 {
    edge_distance(Point::new(f64::from(x), f64::from(y)), picture.dimensions())
}

/// The distance to the nearest edge as a share of the picture's half side; least at the edge, where
/// it is not 0, because what no other picture covers must be seen.
fn edge_distance(place: Point, (width, height): (u32, u32)) -> f64 {
    const LEAST: f64 = 1e-6;
    let share = |place: f64, count: u32| {
        let half = f64::from(count) / 2.0;
        (half - (place + 0.5 - half).abs()) / half
    };
    share(place.x, width).min(share(place.y, height)).max(LEAST)
}

/// Mixes both pictures, by weight and opacity, over the background.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 65535")]
fn mixed(
    own: [u16; 4],
    own_weight: f64,
    other: Option<(&Rgba<u16>, f64)>,
    background: Background,
) -> [u16; 4] {
    const MOST: f64 = 65_535.0;
    let (Rgba(other), other_weight) = other.map_or((Rgba([0; 4]), 0.0), |(p, w)| (*p, w));
    let opacity = |pixel: [u16; 4]| f64::from(pixel[3]) / MOST;
    let (own_share, other_share) = (own_weight * opacity(own), other_weight * opacity(other));
    let sum = own_share + other_share;
    // What covers a pixel: both pictures, one above the other.
    let cover = 1.0 - (1.0 - opacity(own)) * (1.0 - opacity(other));
    let around = background.rgba.map(|part| f64::from(part) * 257.0);
    let behind = (1.0 - cover) * around[3] / MOST;
    let total = cover + behind;
    let mut pixel = [0; 4];
    for (index, part) in pixel.iter_mut().enumerate().take(3) {
        let seen = if sum > 0.0 {
            (own_share * f64::from(own[index]) + other_share * f64::from(other[index])) / sum
        } else {
            0.0
        };
        let value = if total > 0.0 {
            (cover * seen + behind * around[index]) / total
        } else {
            around[index]
        };
        *part = value.round() as u16;
    }
    pixel[3] = (total * MOST).round() as u16;
    pixel
}

/// The picture with the channels and bits that it needs.
fn reduced(picture: DynamicImage, gray: bool, opaque: bool, wide: bool) -> DynamicImage {
    match (gray, opaque, wide) {
        (false, false, false) => picture.to_rgba8().into(),
        (false, false, true) => picture,
        (false, true, false) => picture.to_rgb8().into(),
        (false, true, true) => picture.to_rgb16().into(),
        (true, false, false) => picture.to_luma_alpha8().into(),
        (true, false, true) => picture.to_luma_alpha16().into(),
        (true, true, false) => picture.to_luma8().into(),
        (true, true, true) => picture.to_luma16().into(),
    }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "small numbers")]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;

    fn gray(width: u32, height: u32, value: u8) -> DynamicImage {
        GrayImage::from_pixel(width, height, Luma([value])).into()
    }

    #[test]
    fn the_canvas_fits_both_and_the_overlap_is_mixed() {
        let moved = Homography::translation(-6.0, 2.0);
        let config = WarpConfig::default();
        let Warped { picture, canvas } =
            blend(&gray(10, 6, 200), &moved, &gray(8, 7, 100), &config).unwrap();
        assert_eq!(canvas, Canvas { width: 14, height: 8, left: -6, top: 0 });
        let picture = picture.as_luma8().unwrap();
        let at = |x: u32, y: u32| picture.get_pixel(x, y).0[0];
        // Only the first; only the second; neither.
        assert_eq!([at(1, 5), at(12, 1), at(1, 0)], [200, 100, 0]);
        let overlap = at(8, 4);
        assert!((101..200).contains(&overlap), "{overlap}");
        // Nearer to the edge of the second, more of the first.
        assert!(at(6, 4) > at(9, 4), "{} {}", at(6, 4), at(9, 4));
    }

    #[test]
    fn equal_pictures_stay_as_they_are() {
        let picture = RgbImage::from_fn(9, 7, |x, y| Rgb([(x * 20) as u8, (y * 30) as u8, 77]));
        let picture = DynamicImage::from(picture);
        let same = Homography::translation(0.0, 0.0);
        let blended = blend(&picture, &same, &picture, &WarpConfig::default()).unwrap();
        assert_eq!(blended.picture, picture);
    }

    #[test]
    fn a_transparent_background_stays_around_both() {
        let moved = Homography::translation(5.0, 5.0);
        let config = WarpConfig { background: Background::TRANSPARENT, ..WarpConfig::default() };
        let blended = blend(&gray(4, 4, 200), &moved, &gray(4, 4, 100), &config).unwrap();
        let picture = blended.picture.as_luma_alpha8().unwrap();
        assert_eq!(picture.get_pixel(8, 0).0[1], 0);
        assert_eq!(picture.get_pixel(7, 7).0, [200, 255]);
        assert_eq!(picture.get_pixel(1, 1).0, [100, 255]);
    }

    #[test]
    fn canvases_above_the_limit_are_refused() {
        let far = Homography::translation(1e6, 0.0);
        let config = WarpConfig { max_pixels: 1000, ..WarpConfig::default() };
        let error = blend(&gray(4, 4, 200), &far, &gray(4, 4, 100), &config).unwrap_err();
        assert!(matches!(error, WarpError::TooLarge { .. }), "{error}");
    }
}
