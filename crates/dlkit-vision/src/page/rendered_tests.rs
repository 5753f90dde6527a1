//! Sheets drawn on photos are found; photos without a sheet have none.

use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, Rgb, RgbImage};
use nalgebra::{Rotation3, Vector3};

use super::{LEAST_CONFIDENCE, PageError, find_page};
use crate::homography::{Correspondence, Homography, HomographyConfig, Point, estimate};

/// Width and height of the pictures.
const SIZE: [u32; 2] = [600, 450];

/// A sheet, and how it is seen.
struct Scene {
    photo: &'static str,
    /// Width and height.
    sheet: [f64; 2],
    paper: [f64; 3],
    ink: [f64; 3],
    /// Angles about the axes across, down and out of the picture, in radians.
    turn: [f64; 3],
    /// Distance in diagonals of the sheet.
    distance: f64,
    /// How dark the shadow is that falls on the right half, 0 to 1.
    shadow: f64,
    /// Largest change of a sample by noise.
    noise: f64,
}

const WHITE: [f64; 3] = [236.0, 234.0, 228.0];
const BLACK: [f64; 3] = [40.0, 40.0, 50.0];

fn photo(name: &str) -> DynamicImage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/photos");
    image::open(folder.join(name)).unwrap()
}

/// The corners of a sheet seen by a pinhole camera that looks at the middle of the picture.
fn corners(scene: &Scene) -> [Point; 4] {
    let [width, height] = scene.sheet;
    let [across, down] = SIZE.map(f64::from);
    let focal = 0.9 * across.hypot(down);
    let diagonal = width.hypot(height);
    let [x, y, z] = scene.turn;
    let rotation = Rotation3::from_euler_angles(x, y, z);
    [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(u, v)| {
        let place = rotation * Vector3::new(u * width / diagonal, v * height / diagonal, 0.0);
        let depth = place.z + scene.distance;
        Point::new(
            (across - 1.0) / 2.0 + focal * place.x / depth,
            (down - 1.0) / 2.0 + focal * place.y / depth,
        )
    })
}

/// The color of a sheet at a place from 0 to 1: words in lines, within a margin.
fn printed(scene: &Scene, [u, v]: [f64; 2]) -> [f64; 3] {
    let within = (0.1..0.9).contains(&u) && (0.08..0.92).contains(&v);
    let (line, row) = ((v * 26.0).floor(), (v * 26.0).fract());
    let word = ((u * 31.0 + line * 7.0).sin() + (u * 17.0 - line * 3.0).cos()).abs();
    let letter = (u * 140.0).fract();
    if within && (0.3..0.7).contains(&row) && word > 0.5 && letter > 0.35 {
        scene.ink
    } else {
        scene.paper
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "samples of a small picture"
)]
fn rendered(scene: &Scene) -> (DynamicImage, [Point; 4]) {
    const PARTS: u32 = 4;
    let corners = corners(scene);
    let unit = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
    let pairs: Vec<Correspondence> = corners
        .iter()
        .zip(unit)
        .map(|(source, (x, y))| Correspondence { source: *source, target: Point::new(x, y) })
        .collect();
    let onto: Homography = estimate(&pairs, &HomographyConfig::default()).unwrap().homography;
    let [width, height] = SIZE;
    let table = photo(scene.photo).resize_to_fill(width, height, FilterType::CatmullRom).to_rgb8();
    let mut random = 12_345_u64;
    let mut picture = RgbImage::new(width, height);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let mut sum = [0.0; 3];
        for part in 0..PARTS * PARTS {
            let shift = |part: u32| (f64::from(part) + 0.5) / f64::from(PARTS) - 0.5;
            let place =
                Point::new(f64::from(x) + shift(part % PARTS), f64::from(y) + shift(part / PARTS));
            let seen = onto
                .map(place)
                .filter(|seen| (0.0..=1.0).contains(&seen.x) && (0.0..=1.0).contains(&seen.y));
            let color = seen.map_or_else(
                || table.get_pixel(x, y).0.map(|sample| 0.8 * f64::from(sample)),
                |seen| printed(scene, [seen.x, seen.y]),
            );
            for (sum, color) in sum.iter_mut().zip(color) {
                *sum += color / f64::from(PARTS * PARTS);
            }
        }
        let edge = (f64::from(x) - 0.55 * f64::from(width)) / 25.0;
        let light = 1.0 - scene.shadow / (1.0 + (-edge).exp());
        *pixel = Rgb(sum.map(|sample| {
            // Steele and Vigna 2021: the upper bits of a linear congruential generator.
            random = random.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
            let noise = (random >> 40) as f64 / f64::from(1_u32 << 24) - 0.5;
            (light * sample + 2.0 * scene.noise * noise).clamp(0.0, 255.0).round() as u8
        }));
    }
    (picture.into(), corners)
}

#[test]
fn sheets_on_photos_are_found() {
    let photos = ["test/china.jpg", "test/lemur.jpg", "test/flower.jpg"];
    let sheets = [
        ([210.0, 297.0], WHITE, BLACK, [0.0, 0.0, 0.1], 1.35, 0.0, 3.0),
        ([210.0, 297.0], WHITE, BLACK, [0.78, 0.1, -0.3], 1.3, 0.4, 6.0),
        ([80.0, 210.0], WHITE, [90.0, 60.0, 140.0], [-0.4, 0.5, 0.5], 1.4, 0.3, 4.0),
        ([160.0, 100.0], [30.0, 60.0, 45.0], WHITE, [0.3, -0.6, 0.05], 1.25, 0.0, 4.0),
    ];
    for name in photos {
        for (sheet, paper, ink, turn, distance, shadow, noise) in sheets {
            let scene = Scene { photo: name, sheet, paper, ink, turn, distance, shadow, noise };
            let (picture, corners) = rendered(&scene);
            let page =
                find_page(&picture).unwrap_or_else(|error| panic!("{name} {turn:?}: {error}"));
            assert!((LEAST_CONFIDENCE..=1.0).contains(&page.confidence));
            let diagonal = f64::from(SIZE[0]).hypot(f64::from(SIZE[1]));
            let found = page.outline.corners();
            let turned = |first: usize| {
                (0..4)
                    .map(|index| found[(first + index) % 4].distance(corners[index]))
                    .fold(0.0, f64::max)
            };
            let error = (0..4).map(turned).fold(f64::INFINITY, f64::min) / diagonal;
            assert!(error < 0.003, "{name} {turn:?}: {error}");
        }
    }
}

#[test]
fn photos_without_a_sheet_have_none() {
    for name in ["china", "lemur", "flower", "colosseum", "fish3", "sunset", "windmill5", "dam5"] {
        let found = find_page(&photo(&format!("test/{name}.jpg")));
        assert!(matches!(found, Err(PageError::NotFound { .. })), "{name}: {found:?}");
    }
}
