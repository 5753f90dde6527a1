//! Sheets rendered onto photos are found, and photos without a sheet have none.

use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, Rgb, RgbImage};

use super::{PageError, find_page};
use crate::homography::{Correspondence, Homography, HomographyConfig, Point, estimate};

fn photo(name: &str) -> DynamicImage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/photos/test");
    image::open(folder.join(format!("{name}.jpg"))).unwrap()
}

#[test]
fn photos_without_a_sheet_have_none() {
    for name in ["china", "lemur", "flower", "colosseum", "fish3", "sunset", "windmill5", "dam5"] {
        let found = find_page(&photo(name));
        assert!(matches!(found, Err(PageError::NotFound { .. })), "{name}: {found:?}");
    }
}

/// A sheet on a photo, seen by a pinhole camera.
struct Scene {
    photo: &'static str,
    /// Width over height of the sheet.
    ratio: f64,
    paper: [f64; 3],
    ink: [f64; 3],
    /// Degrees that the sheet leans back, about an axis turned so far from the x axis, and that it is
    /// turned in its plane.
    tilt: f64,
    axis: f64,
    turn: f64,
    /// The focal length, and the distance of the camera in diagonals of the sheet, both in diagonals of
    /// the picture.
    focal: f64,
    distance: f64,
}

impl Scene {
    /// The corners of the sheet in a picture of some size.
    fn corners(&self, [width, height]: [f64; 2]) -> [Point; 4] {
        let focal = self.focal * width.hypot(height);
        let half = 0.5 / self.ratio.hypot(1.0);
        let (lean_sine, lean_cosine) = self.tilt.to_radians().sin_cos();
        let (axis_sine, axis_cosine) = self.axis.to_radians().sin_cos();
        let (sine, cosine) = self.turn.to_radians().sin_cos();
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(across, down)| {
            let (x, y) = (across * half * self.ratio, down * half);
            let (x, y) = (cosine * x - sine * y, sine * x + cosine * y);
            // Rodrigues' formula, for a point in the plane and an axis in it.
            let along = axis_cosine * x + axis_sine * y;
            let [x, y, z] = [
                lean_cosine * x + (1.0 - lean_cosine) * along * axis_cosine,
                lean_cosine * y + (1.0 - lean_cosine) * along * axis_sine,
                lean_sine * (axis_cosine * y - axis_sine * x) + self.distance,
            ];
            Point::new(focal * x / z + (width - 1.0) / 2.0, focal * y / z + (height - 1.0) / 2.0)
        })
    }

    /// The color of the sheet at a place of it, both from 0 to 1: paper with lines of writing.
    fn color(&self, [across, down]: [f64; 2]) -> [f64; 3] {
        let line = (down * 34.0).fract();
        let in_margin = !(0.1..0.88).contains(&across) || !(0.08..0.9).contains(&down);
        let is_gap = ((across * 57.0).sin() + (down * 34.0).floor().sin()) > 0.9;
        if in_margin || line > 0.4 || is_gap { self.paper } else { self.ink }
    }

    /// The picture, with a shadow across it and noise.
    fn rendered(&self) -> (DynamicImage, [Point; 4]) {
        let background = photo(self.photo).resize(640, 640, FilterType::CatmullRom).to_rgb8();
        let (width, height) = background.dimensions();
        let size = [f64::from(width), f64::from(height)];
        let corners = self.corners(size);
        let unit = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let pairs = corners
            .iter()
            .zip(unit)
            .map(|(corner, (u, v))| Correspondence::new(corner.x, corner.y, u, v));
        let pairs: Vec<Correspondence> = pairs.collect();
        let onto_sheet = estimate(&pairs, &HomographyConfig::default()).unwrap().homography;
        let mut noise = Noise(1);
        let picture = RgbImage::from_fn(width, height, |x, y| {
            let behind = background.get_pixel(x, y).0.map(f64::from);
            let place = [f64::from(x), f64::from(y)];
            let seen = self.pixel(place, &onto_sheet, behind);
            let shadow = if place[0] + 0.7 * place[1] > 0.85 * size[0] { 0.7 } else { 1.0 };
            Rgb(seen.map(|value| byte(value * shadow + noise.next())))
        });
        (picture.into(), corners)
    }

    /// The mean of 16 places of a pixel.
    fn pixel(&self, [x, y]: [f64; 2], onto_sheet: &Homography, behind: [f64; 3]) -> [f64; 3] {
        let mut sum = [0.0; 3];
        for index in 0..16 {
            let offset = |part: i32| f64::from(part) / 4.0 - 0.375;
            let place = Point::new(x + offset(index % 4), y + offset(index / 4));
            let sheet = onto_sheet.map(place).filter(|_| onto_sheet.depth(place) > 0.0);
            let inside =
                |sheet: &Point| (0.0..1.0).contains(&sheet.x) && (0.0..1.0).contains(&sheet.y);
            let color = sheet.filter(inside).map_or(behind, |at| self.color([at.x, at.y]));
            for (sum, part) in sum.iter_mut().zip(color) {
                *sum += part / 16.0;
            }
        }
        sum
    }
}

/// Numbers around 0 without pattern, with a standard deviation of about 3 (Lehmer's generator).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        let mut sum = 0.0;
        for _ in 0..3 {
            self.0 = self.0 * 48_271 % 2_147_483_647;
            sum += f64::from(u32::try_from(self.0).unwrap()) / 2_147_483_647.0 - 0.5;
        }
        6.0 * sum
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 to 255")]
fn byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// Sheets of several kinds on photos, tilted by up to 45 degrees.
#[rustfmt::skip]
const SCENES: [Scene; 8] = [
    Scene { photo: "china", ratio: 210.0 / 297.0, paper: [236.0, 234.0, 228.0], ink: [50.0; 3],
            tilt: 45.0, axis: 0.0, turn: 0.0, focal: 0.8, distance: 1.35 },
    Scene { photo: "china", ratio: 297.0 / 210.0, paper: [236.0, 234.0, 228.0], ink: [50.0; 3],
            tilt: 45.0, axis: 60.0, turn: 10.0, focal: 0.8, distance: 1.4 },
    Scene { photo: "lemur", ratio: 8.5 / 11.0, paper: [226.0, 222.0, 205.0], ink: [60.0, 60.0, 90.0],
            tilt: 30.0, axis: 120.0, turn: -15.0, focal: 1.0, distance: 2.1 },
    Scene { photo: "flower", ratio: 0.4, paper: [245.0, 243.0, 240.0], ink: [80.0; 3],
            tilt: 20.0, axis: 20.0, turn: 20.0, focal: 0.7, distance: 1.5 },
    Scene { photo: "colosseum", ratio: 1.6, paper: [30.0, 60.0, 45.0], ink: [220.0; 3],
            tilt: 35.0, axis: 80.0, turn: 5.0, focal: 1.2, distance: 1.75 },
    Scene { photo: "fish3", ratio: 210.0 / 297.0, paper: [240.0, 236.0, 230.0], ink: [40.0; 3],
            tilt: 40.0, axis: -30.0, turn: 30.0, focal: 0.9, distance: 1.85 },
    Scene { photo: "dam5", ratio: 85.6 / 54.0, paper: [200.0, 60.0, 50.0], ink: [250.0; 3],
            tilt: 25.0, axis: 150.0, turn: -25.0, focal: 0.9, distance: 1.6 },
    Scene { photo: "sunset", ratio: 210.0 / 297.0, paper: [215.0, 210.0, 205.0], ink: [30.0; 3],
            tilt: 0.0, axis: 0.0, turn: 3.0, focal: 1.0, distance: 1.9 },
];

/// Corners within 1 % of the picture's diagonal, and the proportions within 3 %.
#[test]
fn sheets_on_photos_are_found_up_to_45_degrees() {
    for scene in &SCENES {
        let name = (scene.photo, scene.tilt);
        let (picture, corners) = scene.rendered();
        let found = find_page(&picture).unwrap_or_else(|error| panic!("{name:?}: {error}"));
        let size = (picture.width(), picture.height());
        let diagonal = f64::from(size.0).hypot(f64::from(size.1));
        let error = found.outline.corners().iter().zip(corners);
        let error = error.map(|(found, truth)| found.distance(truth)).fold(0.0, f64::max);
        assert!(error < 0.01 * diagonal, "{name:?}: {error}");
        let ratio = found.outline.proportions(size, Some(scene.focal * diagonal)).ratio;
        assert!((ratio / scene.ratio - 1.0).abs() < 0.03, "{name:?}: {ratio}");
    }
}
