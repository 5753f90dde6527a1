//! Features and registration of pictures that were warped by known homographies.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::path::Path;

use dlkit_files::picture::read_picture;
use dlkit_vision::features::{
    GrayPicture, MatchConfig, RegistrationConfig, RegistrationError, detect_features,
    match_pictures, register,
};
use dlkit_vision::homography::{Homography, Point};
use dlkit_vision::warp::{CanvasChoice, WarpConfig, warp};
use image::{DynamicImage, GrayImage, Luma};

fn photo(name: &str) -> DynamicImage {
    let photos = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/photos");
    read_picture(&photos.join(name)).unwrap()
}

/// Blobs and bars of many sizes, drawn from a fixed sequence.
fn drawn() -> DynamicImage {
    let mut state = 12_345_u32;
    let mut next = |most: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from((state >> 8) % most)
    };
    let shapes: Vec<[f64; 6]> = (0..160)
        .map(|_| {
            [next(400), next(300), 2.0 + next(18), 2.0 + next(18), next(314) / 100.0, next(256)]
        })
        .collect();
    let mut picture = GrayImage::from_pixel(400, 300, Luma([128]));
    for [x, y, width, height, angle, brightness] in shapes {
        for (column, row, Luma([value])) in picture.enumerate_pixels_mut() {
            let (across, down) = (f64::from(column) - x, f64::from(row) - y);
            let u = across * angle.cos() + down * angle.sin();
            let v = down * angle.cos() - across * angle.sin();
            if (u / width).powi(2) + (v / height).powi(2) < 1.0 {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a byte"
                )]
                let brightness = brightness as u8;
                *value = brightness;
            }
        }
    }
    picture.into()
}

fn warped(picture: &DynamicImage, homography: &Homography, size: (u32, u32)) -> DynamicImage {
    let canvas = CanvasChoice::Size { width: size.0, height: size.1 };
    warp(picture, homography, &WarpConfig { canvas, ..WarpConfig::default() }).unwrap().picture
}

/// Turns by degrees around a place, enlarges, and moves that place to another.
fn similarity(degrees: f64, factor: f64, from: [f64; 2], to: [f64; 2]) -> Homography {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let (across, down) = (factor * cosine, factor * sine);
    let shift =
        [to[0] - across * from[0] + down * from[1], to[1] - down * from[0] - across * from[1]];
    Homography::from_rows([[across, -down, shift[0]], [down, across, shift[1]], [0.0, 0.0, 1.0]])
        .unwrap()
}

/// The mean distance of the corners of the first picture, mapped by both.
fn corner_error(found: &Homography, truth: &Homography, picture: &DynamicImage) -> f64 {
    let (right, bottom) = (f64::from(picture.width()) - 1.0, f64::from(picture.height()) - 1.0);
    let corners = [(0.0, 0.0), (right, 0.0), (right, bottom), (0.0, bottom)];
    let error = |(x, y)| {
        let corner = Point::new(x, y);
        found.map(corner).unwrap().distance(truth.map(corner).unwrap())
    };
    corners.into_iter().map(error).sum::<f64>() / 4.0
}

fn found(first: &DynamicImage, second: &DynamicImage) -> Homography {
    let config = RegistrationConfig::default();
    let [first, second] = [first, second].map(GrayPicture::of);
    register(&first, &second, &config).unwrap().estimate.homography
}

#[test]
fn turned_and_scaled_pictures_are_registered() {
    for (name, picture) in [("drawn", drawn()), ("colosseum", photo("test/colosseum.jpg"))] {
        for (degrees, factor) in [
            (0.0, 1.0),
            (17.0, 1.0),
            (90.0, 1.0),
            (180.0, 0.8),
            (35.0, 0.6),
            (-110.0, 1.7),
            (8.0, 2.5),
        ] {
            let middle = [f64::from(picture.width()) / 2.0, f64::from(picture.height()) / 2.0];
            let truth = similarity(degrees, factor, middle, [300.0, 290.0]);
            let second = warped(&picture, &truth, (600, 580));
            let error = corner_error(&found(&picture, &second), &truth, &picture) / factor.max(1.0);
            assert!(error < 0.5, "{name}, {degrees} degrees, {factor}: {error} px");
        }
    }
}

#[test]
fn pictures_in_perspective_are_registered() {
    let truth =
        Homography::from_rows([[0.8, 0.25, 20.0], [-0.15, 0.9, 60.0], [4e-4, 6e-4, 1.0]]).unwrap();
    for (name, picture) in [("drawn", drawn()), ("china", photo("test/china.jpg"))] {
        let second = warped(&picture, &truth, (420, 400));
        let error = corner_error(&found(&picture, &second), &truth, &picture);
        assert!(error < 1.0, "{name}: {error} px");
    }
}

#[test]
fn darker_brighter_and_inverted_contrast_are_survived() {
    let picture = photo("test/colosseum.jpg").to_luma8();
    let truth = similarity(12.0, 0.9, [150.0, 120.0], [200.0, 180.0]);
    let second = warped(&picture.clone().into(), &truth, (400, 360)).to_luma8();
    for (slope, offset) in [(0.25, 0.0), (0.5, 120.0), (0.8, 10.0)] {
        let changed = GrayImage::from_fn(second.width(), second.height(), |x, y| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a byte")]
            let value = (slope * f64::from(second.get_pixel(x, y).0[0]) + offset).round() as u8;
            Luma([value])
        });
        let error = corner_error(
            &found(&picture.clone().into(), &changed.into()),
            &truth,
            &picture.clone().into(),
        );
        assert!(error < 0.8, "{slope} {offset}: {error} px");
    }
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let (first, second) = (photo("test/china.jpg"), photo("test/colosseum.jpg"));
    let truth = similarity(20.0, 0.8, [170.0, 128.0], [170.0, 150.0]);
    let second =
        [warped(&first, &truth, (340, 300)), second].map(|second| GrayPicture::of(&second));
    let first = GrayPicture::of(&first);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            second.each_ref().map(|second| match_pictures(&first, second, &MatchConfig::default()))
        })
    };
    let one = with(1);
    assert!(one[0].matches.len() > 50, "{}", one[0].matches.len());
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn unrelated_pictures_do_not_match() {
    let names = ["china", "colosseum", "fish3", "flower", "lemur", "dam5", "windmill13", "drawn"];
    let pictures = names.map(|name| {
        GrayPicture::of(&if name == "drawn" { drawn() } else { photo(&format!("test/{name}.jpg")) })
    });
    for (index, first) in pictures.iter().enumerate() {
        for (other, second) in pictures.iter().enumerate().filter(|(other, _)| *other != index) {
            let error = register(first, second, &RegistrationConfig::default()).unwrap_err();
            let message = error.to_string();
            assert!(
                matches!(error, RegistrationError::NoMatch { .. })
                    && message.contains("the pictures do not match"),
                "{} {}: {message}",
                names[index],
                names[other]
            );
        }
    }
}

#[test]
fn small_and_flat_pictures_have_no_features() {
    for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2), (7, 9), (15, 15), (200, 130)] {
        let flat = GrayPicture::new(width, height, vec![0.4; width * height]).unwrap();
        assert_eq!(detect_features(&flat, 100), [], "{width} x {height}");
        let error = register(&flat, &flat, &RegistrationConfig::default()).unwrap_err();
        assert!(error.to_string().contains("0 of 0 and 0 features"), "{error}");
    }
    // Small pictures with content do not fail either.
    for side in 1..30_usize {
        let value = |index: usize| if (index * 7919) % 13 < 6 { 0.9 } else { 0.1 };
        let values = (0..side * (side + 3)).map(value).collect();
        let _ = detect_features(&GrayPicture::new(side, side + 3, values).unwrap(), 100);
    }
    assert_eq!(detect_features(&GrayPicture::new(0, 0, Vec::new()).unwrap(), 100), []);
}

/// One bright blob: the feature is at its middle, and its scale is that of the blob.
#[test]
fn a_blob_has_a_feature_of_its_size_at_its_middle() {
    for (x, y, deviation) in [(60.3, 48.8, 4.0), (70.0, 52.5, 6.5), (55.25, 47.0, 2.5)] {
        let value = |index: usize| {
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let (column, row) = ((index % 128) as f64, (index / 128) as f64);
            let square = (column - x).powi(2) + (row - y).powi(2);
            #[expect(clippy::cast_possible_truncation, reason = "brightness")]
            let value = (-square / (2.0 * deviation * deviation)).exp() as f32;
            value
        };
        let picture = GrayPicture::new(128, 100, (0..128 * 100).map(value).collect()).unwrap();
        let features = detect_features(&picture, 100);
        let strongest = features.first().unwrap().keypoint;
        assert!(strongest.place.distance(Point::new(x, y)) < 0.1, "{strongest:?}");
        // A difference of blurs s and k s answers most to a blob of s sqrt(k).
        let expected = deviation / 2_f64.powf(1.0 / 6.0);
        assert!((strongest.scale / expected - 1.0).abs() < 0.08, "{strongest:?} {expected}");
    }
}

#[test]
fn the_strongest_features_are_kept() {
    let picture = GrayPicture::of(&photo("test/colosseum.jpg"));
    let all = detect_features(&picture, usize::MAX);
    let few = detect_features(&picture, 40);
    assert!(all.len() > 200, "{}", all.len());
    assert_eq!(few, all[..40]);
    assert!(all.is_sorted_by(|a, b| a.keypoint.response >= b.keypoint.response));
}
