//! Warping compared with a plain computation in double precision, pixel by pixel.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::f64::consts::PI;

use dlkit_vision::homography::{Homography, Point};
use dlkit_vision::warp::{
    Background, CanvasChoice, Interpolation, WarpConfig, WarpError, forward_map, warp,
};
use image::{DynamicImage, ImageBuffer, Luma, LumaA, Rgb, Rgba};

/// Numbers that look random: the high bits of a linear congruential generator (Knuth 1997, 3.3.4).
fn noise(count: usize) -> impl Iterator<Item = u16> {
    let mut state = 1_u64;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u16::try_from(state >> 48).unwrap()
    })
    .take(count)
}

const WIDTH: u32 = 91;
const HEIGHT: u32 = 37;

/// Pictures of noise, of every kind that is warped.
fn pictures() -> Vec<DynamicImage> {
    let pixels = (WIDTH * HEIGHT) as usize;
    let narrow = |channels: usize| {
        noise(pixels * channels).map(|sample| sample.to_be_bytes()[0]).collect::<Vec<u8>>()
    };
    let wide = |channels: usize| noise(pixels * channels).collect::<Vec<u16>>();
    let (w, h) = (WIDTH, HEIGHT);
    let mut half_clear = narrow(4);
    for pixel in half_clear.chunks_exact_mut(4).step_by(2) {
        pixel[3] = 0;
    }
    let mut opaque = narrow(4);
    for pixel in opaque.chunks_exact_mut(4) {
        pixel[3] = 255;
    }
    vec![
        ImageBuffer::<Luma<u8>, _>::from_raw(w, h, narrow(1)).unwrap().into(),
        ImageBuffer::<LumaA<u8>, _>::from_raw(w, h, narrow(2)).unwrap().into(),
        ImageBuffer::<Rgb<u8>, _>::from_raw(w, h, narrow(3)).unwrap().into(),
        ImageBuffer::<Rgba<u8>, _>::from_raw(w, h, narrow(4)).unwrap().into(),
        ImageBuffer::<Rgba<u8>, _>::from_raw(w, h, half_clear).unwrap().into(),
        ImageBuffer::<Rgba<u8>, _>::from_raw(w, h, opaque).unwrap().into(),
        ImageBuffer::<Luma<u16>, _>::from_raw(w, h, wide(1)).unwrap().into(),
        ImageBuffer::<LumaA<u16>, _>::from_raw(w, h, wide(2)).unwrap().into(),
        ImageBuffer::<Rgb<u16>, _>::from_raw(w, h, wide(3)).unwrap().into(),
        ImageBuffer::<Rgba<u16>, _>::from_raw(w, h, wide(4)).unwrap().into(),
    ]
}

/// The samples of a picture as numbers, and how many make a pixel.
fn samples(picture: &DynamicImage) -> (Vec<f64>, usize) {
    let channels = usize::from(picture.color().channel_count());
    let bytes = picture.as_bytes();
    let numbers = if usize::from(picture.color().bytes_per_pixel()) == channels {
        bytes.iter().map(|byte| f64::from(*byte)).collect()
    } else {
        let (pairs, _) = bytes.as_chunks::<2>();
        pairs.iter().map(|pair| f64::from(u16::from_ne_bytes(*pair))).collect()
    };
    (numbers, channels)
}

/// The weight of a pixel at a signed distance.
fn weight(interpolation: Interpolation, distance: f64) -> f64 {
    let x = distance.abs();
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    match interpolation {
        Interpolation::Nearest => f64::from(u8::from((-0.5..0.5).contains(&-distance))),
        Interpolation::Bilinear => (1.0 - x).max(0.0),
        Interpolation::Bicubic if x <= 1.0 => 1.25 * x.powi(3) - 2.25 * x.powi(2) + 1.0,
        Interpolation::Bicubic if x < 2.0 => -0.75 * x.powi(3) + 3.75 * x.powi(2) - 6.0 * x + 3.0,
        Interpolation::Lanczos if x < 4.0 => sinc(x) * sinc(x / 4.0),
        _ => 0.0,
    }
}

/// A picture in double precision.
struct Plain {
    samples: Vec<f64>,
    channels: usize,
    brightest: f64,
    background: [f64; 4],
    premultiplied: bool,
}

impl Plain {
    fn of(picture: &DynamicImage, background: [u8; 4], interpolation: Interpolation) -> Self {
        let color = picture.color();
        let (samples, channels) = samples(picture);
        let wide = usize::from(color.bytes_per_pixel()) != channels;
        let brightest = if wide { 65_535.0 } else { 255.0 };
        Self {
            samples,
            channels,
            brightest,
            background: background.map(|part| f64::from(part) / 255.0 * brightest),
            premultiplied: color.has_alpha() && interpolation != Interpolation::Nearest,
        }
    }

    /// The mean over a pixel of the canvas; none where rounding decides the number of samples or
    /// the nearest pixel, so that two answers are right.
    fn mean(
        &self,
        interpolation: Interpolation,
        antialias: bool,
        inverse: &Homography,
        Point { x, y }: Point,
    ) -> Option<Vec<f64>> {
        let source = |x: f64, y: f64| inverse.map(Point::new(x, y));
        let is_nearest = interpolation == Interpolation::Nearest;
        let counts = if antialias && !is_nearest {
            [(1e-4, 0.0), (0.0, 1e-4)].map(|(dx, dy)| {
                // The mean of both sides: the derivative to 1e-8.
                let step =
                    source(x + dx, y + dy).unwrap().distance(source(x - dx, y - dy).unwrap());
                step / 2e-4
            })
        } else {
            [1.0, 1.0]
        };
        let undecided = |number: f64| (number - number.floor() - 0.5).abs() < 1e-6;
        let [columns, rows] = counts.map(|count| count.round().clamp(1.0, 32.0));
        let place = source(x, y).unwrap();
        if counts.iter().any(|count| *count > 1.2 && undecided(*count))
            || is_nearest && (undecided(place.x) || undecided(place.y))
        {
            return None;
        }
        let mut sum = vec![0.0; self.channels];
        for row in (0..32).map(f64::from).take_while(|row| *row < rows) {
            for column in (0..32).map(f64::from).take_while(|column| *column < columns) {
                let u = x + (column + 0.5) / columns - 0.5;
                let v = y + (row + 0.5) / rows - 0.5;
                for (sum, part) in sum.iter_mut().zip(self.at(interpolation, source(u, v))) {
                    *sum += part / (columns * rows);
                }
            }
        }
        Some(sum)
    }

    /// Colors times opacity, and opacity from 0 to 1, of a pixel or the background.
    fn pixel(&self, column: i64, row: i64) -> Vec<f64> {
        let inside =
            column >= 0 && row >= 0 && column < i64::from(WIDTH) && row < i64::from(HEIGHT);
        let mut pixel: Vec<f64> = if inside {
            let first = usize::try_from(row * i64::from(WIDTH) + column).unwrap() * self.channels;
            self.samples[first..first + self.channels].to_vec()
        } else if self.channels < 3 {
            [self.background[0], self.background[3]][..self.channels].to_vec()
        } else {
            self.background[..self.channels].to_vec()
        };
        if self.premultiplied {
            let opacity = pixel.pop().unwrap() / self.brightest;
            for part in &mut pixel {
                *part *= opacity;
            }
            pixel.push(opacity);
        }
        pixel
    }

    #[expect(clippy::cast_possible_truncation, reason = "small")]
    #[expect(clippy::cast_precision_loss, reason = "small")]
    fn at(&self, interpolation: Interpolation, place: Option<Point>) -> Vec<f64> {
        let Some(place) = place else { return self.pixel(-1, -1) };
        let (left, top) = (place.x.floor() as i64, place.y.floor() as i64);
        let weights = |first: i64, place: f64| -> Vec<f64> {
            let weights: Vec<f64> = (first..first + 8)
                .map(|pixel| weight(interpolation, place - pixel as f64))
                .collect();
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / sum).collect()
        };
        let (across, down) = (weights(left - 3, place.x), weights(top - 3, place.y));
        let mut sum = vec![0.0; self.channels];
        for (row, down) in (top - 3..).zip(&down) {
            for (column, across) in (left - 3..).zip(&across) {
                if across * down != 0.0 {
                    for (sum, part) in sum.iter_mut().zip(self.pixel(column, row)) {
                        *sum += part * across * down;
                    }
                }
            }
        }
        sum
    }

    /// Opacity divided out again, rounded, in range.
    fn finished(&self, mut sum: Vec<f64>) -> Vec<f64> {
        if self.premultiplied {
            let opacity = sum.pop().unwrap();
            for part in &mut sum {
                *part = if opacity > 0.0 { *part / opacity } else { 0.0 };
            }
            sum.push(opacity * self.brightest);
        }
        sum.into_iter().map(|part| part.clamp(0.0, self.brightest).round()).collect()
    }
}

fn homographies() -> Vec<(&'static str, Homography)> {
    [
        ("enlarged", [[1.3, 0.2, -4.3], [-0.1, 1.6, 7.7], [4e-4, -3e-4, 1.0]]),
        ("turned", [[0.1, -1.2, 60.2], [1.1, 0.2, -3.4], [1e-3, 5e-4, 1.0]]),
        ("shrunk", [[0.31, 0.05, 2.2], [0.02, 0.4, 1.1], [-1e-3, 2e-3, 1.0]]),
        ("moved by halves", [[1.0, 0.0, 5.5], [0.0, 1.0, -2.5], [0.0, 0.0, 1.0]]),
    ]
    .map(|(name, rows)| (name, Homography::from_rows(rows).unwrap()))
    .into()
}

#[test]
fn every_pixel_is_within_one_gray_level_of_the_definition() {
    for picture in pictures() {
        for (name, homography) in homographies() {
            for interpolation in [
                Interpolation::Nearest,
                Interpolation::Bilinear,
                Interpolation::Bicubic,
                Interpolation::Lanczos,
            ] {
                for antialias in [false, true] {
                    compare(&picture, name, &homography, interpolation, antialias);
                }
            }
        }
    }
}

fn compare(
    picture: &DynamicImage,
    name: &str,
    homography: &Homography,
    interpolation: Interpolation,
    antialias: bool,
) {
    let size = CanvasChoice::Size { width: 103, height: 71 };
    let color = picture.color();
    let rgba = if color.has_color() { [200, 30, 90, 255] } else { [90, 90, 90, 255] };
    let rgba = if color.has_alpha() { [rgba[0], rgba[1], rgba[2], 128] } else { rgba };
    let background = Background { rgba };
    let config =
        WarpConfig { interpolation, canvas: size, background, antialias, ..WarpConfig::default() };
    let warped = warp(picture, homography, &config).unwrap().picture;
    assert_eq!(warped.color(), color);
    let plain = Plain::of(picture, rgba, interpolation);
    let inverse = homography.inverse();
    let (found, channels) = samples(&warped);
    for (index, found) in (0_u32..).zip(found.chunks_exact(channels)) {
        let place = Point::new(f64::from(index % 103), f64::from(index / 103));
        let Some(sum) = plain.mean(interpolation, antialias, &inverse, place) else { continue };
        let nearly_clear = plain.premultiplied && sum[channels - 1] < 2.0 / 255.0;
        let expected = plain.finished(sum);
        for (channel, (found, expected)) in found.iter().zip(&expected).enumerate() {
            // The color of a nearly transparent pixel is the ratio of two roundings.
            if nearly_clear && channel < channels - 1 {
                continue;
            }
            assert!(
                (found - expected).abs() <= 1.0,
                "{color:?} {name} {interpolation:?} {antialias} {place:?} channel {channel}: \
                 {found}, not {expected}"
            );
        }
    }
}

#[test]
fn the_identity_changes_nothing() {
    let identity = Homography::translation(0.0, 0.0);
    for picture in pictures() {
        for interpolation in
            [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic]
        {
            let config = WarpConfig { interpolation, ..WarpConfig::default() };
            let warped = warp(&picture, &identity, &config).unwrap();
            if picture.color().has_alpha() && interpolation != Interpolation::Nearest {
                // Transparent pixels have no color to keep.
                let [before, after] = [&picture, &warped.picture].map(DynamicImage::to_rgba16);
                let opaque = before.pixels().zip(after.pixels()).filter(|(p, _)| p.0[3] > 0);
                opaque.for_each(|(before, after)| assert_eq!(before, after));
            } else {
                assert_eq!(warped.picture, picture, "{interpolation:?}");
            }
        }
    }
}

#[test]
fn a_pixel_wide_picture_is_warped_too() {
    let picture =
        DynamicImage::from(ImageBuffer::<Rgb<u8>, _>::from_raw(1, 1, vec![10, 20, 30]).unwrap());
    for interpolation in [Interpolation::Bilinear, Interpolation::Lanczos] {
        let config = WarpConfig { interpolation, ..WarpConfig::default() };
        let warped = warp(&picture, &Homography::translation(3.0, -2.0), &config).unwrap();
        assert_eq!(warped.picture, picture);
        assert_eq!((warped.canvas.left, warped.canvas.top), (3, -2));
    }
}

/// A checkerboard of single pixels shrunk to a third is gray, not a pattern of black and white.
#[test]
fn shrinking_does_not_alias() {
    let board =
        ImageBuffer::from_fn(90, 60, |x, y| Luma([if (x + y) % 2 == 0 { 0_u8 } else { 255 }]));
    let third =
        Homography::from_rows([[0.25, 0.0, 0.0], [0.0, 0.25, 0.0], [0.0, 0.0, 1.0]]).unwrap();
    let spread = |antialias| {
        let config = WarpConfig { antialias, ..WarpConfig::default() };
        let warped = warp(&board.clone().into(), &third, &config).unwrap().picture.to_luma8();
        let inner = warped
            .enumerate_pixels()
            .filter(|(x, y, _)| (2..20).contains(x) && (2..13).contains(y));
        let inner: Vec<u8> = inner.map(|(_, _, pixel)| pixel.0[0]).collect();
        inner.iter().max().unwrap() - inner.iter().min().unwrap()
    };
    assert_eq!(spread(false), 0);
    assert!(spread(true) < 3);
}

#[test]
fn a_background_brings_the_channels_it_needs() {
    let gray =
        DynamicImage::from(ImageBuffer::<Luma<u8>, _>::from_raw(2, 1, vec![10, 20]).unwrap());
    let moved = Homography::translation(1.0, 0.0);
    let warped = |background: &str| {
        let canvas = CanvasChoice::Size { width: 4, height: 1 };
        let background = background.parse().unwrap();
        warp(&gray, &moved, &WarpConfig { canvas, background, ..WarpConfig::default() })
            .unwrap()
            .picture
    };
    assert_eq!(warped("white").as_luma8().unwrap().as_raw(), &[255, 10, 20, 255]);
    assert_eq!(
        warped("transparent").as_luma_alpha8().unwrap().as_raw(),
        &[0, 0, 10, 255, 20, 255, 0, 0]
    );
    assert_eq!(
        warped("#ff0000").as_rgb8().unwrap().as_raw(),
        &[255, 0, 0, 10, 10, 10, 20, 20, 20, 255, 0, 0]
    );
}

#[test]
fn nothing_beyond_the_horizon_is_drawn() {
    // y goes to y / (1 - y / 20) + 100: row 20 to infinity, rows 0 to 19 below 100, and the rows
    // after it to places above 100, mirrored.
    let rows = [[1.0, -10.0, 200.0], [0.0, -4.0, 100.0], [0.0, -1.0 / 20.0, 1.0]];
    let homography = Homography::from_rows(rows).unwrap();
    let picture = &pictures()[0];
    let fit = warp(picture, &homography, &WarpConfig::default()).unwrap_err();
    assert!(matches!(fit, WarpError::Horizon { .. }), "{fit}");
    let size = CanvasChoice::Size { width: 300, height: 400 };
    for (front, above, below) in [(0.0, false, true), (36.0, true, false)] {
        let front = Some(Point::new(0.0, front));
        let config = WarpConfig { canvas: size, front, ..WarpConfig::default() };
        let warped = warp(picture, &homography, &config).unwrap();
        let forward = forward_map(picture, &homography, &warped.canvas, &config).unwrap();
        for picture in [&warped.picture, &forward.picture] {
            let seen = |rows: std::ops::Range<u32>| {
                let picture = picture.to_luma8();
                rows.flat_map(|y| (0..300).map(move |x| (x, y)))
                    .filter(|(x, y)| picture.get_pixel(*x, *y).0[0] > 0)
                    .count()
            };
            // The last row, 36, goes to 55; edges are blended with the background.
            assert_eq!(seen(0..57) > 100, above, "{front:?}");
            assert_eq!(seen(57..98), 0, "{front:?}");
            assert_eq!(seen(98..400) > 100, below, "{front:?}");
        }
    }
}

#[test]
fn float_pictures_are_refused() {
    let picture = DynamicImage::new(3, 3, image::ColorType::Rgb32F);
    let error = warp(&picture, &Homography::translation(0.0, 0.0), &WarpConfig::default());
    assert!(matches!(error, Err(WarpError::Samples(_))));
}
