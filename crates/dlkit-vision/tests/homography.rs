//! Homographies compared with the truth and with OpenCV (`tests/reference/generate.py`).

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use dlkit_vision::homography::{
    Correspondence, Homography, HomographyConfig, HomographyError, Method, Model, Point,
    Refinement, Warning, estimate,
};
use dlkit_vision::ransac::{RansacConfig, RansacSettings};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    noisy: Vec<Case>,
    robust: Vec<RobustCase>,
    notebook: [[f64; 3]; 3],
}

#[derive(Deserialize)]
struct Case {
    pairs: Vec<[f64; 4]>,
    matrix: [[f64; 3]; 3],
}

#[derive(Deserialize)]
struct RobustCase {
    pairs: Vec<[f64; 4]>,
    matrix: [[f64; 3]; 3],
    inliers: Vec<bool>,
    root_mean_square: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("reference/homography.json")).unwrap()
}

fn pairs(numbers: &[[f64; 4]]) -> Vec<Correspondence> {
    numbers.iter().map(|[x, y, u, v]| Correspondence::new(*x, *y, *u, *v)).collect()
}

/// The largest distance between where two homographies take the sources, in pixels.
fn distance(a: &Homography, b: &Homography, pairs: &[Correspondence]) -> f64 {
    let of =
        |pair: &Correspondence| a.map(pair.source).unwrap().distance(b.map(pair.source).unwrap());
    pairs.iter().map(of).fold(0.0, f64::max)
}

#[test]
fn the_corners_of_the_notebook_are_mapped_exactly() {
    // (row, column) -> (row, column), as published.
    let published = [
        [448.0, 67.0, 386.0, 78.0],
        [602.0, 129.0, 552.0, 78.0],
        [362.0, 392.0, 386.0, 453.0],
        [483.0, 494.0, 552.0, 453.0],
    ];
    let pairs: Vec<_> = pairs(&published).into_iter().map(Correspondence::swapped).collect();
    let found = estimate(&pairs, &HomographyConfig::default()).unwrap();
    for (pair, error) in pairs.iter().zip(&found.errors) {
        assert!(error.forward.unwrap() < 1e-10 && error.backward.unwrap() < 1e-10, "{pair:?}");
    }
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    // OpenCV's corners are in single precision.
    let opencv = Homography::from_rows(reference().notebook).unwrap();
    let corners = [(0.0, 0.0), (640.0, 0.0), (640.0, 700.0), (0.0, 700.0)]
        .map(|(x, y)| Correspondence::new(x, y, 0.0, 0.0));
    assert!(distance(&found.homography, &opencv, &corners) < 1e-6);
}

#[test]
fn noisy_points_give_what_opencv_finds() {
    let reference = reference();
    assert_eq!(reference.noisy.len(), 100);
    for (index, case) in reference.noisy.iter().enumerate() {
        let pairs = pairs(&case.pairs);
        let found = estimate(&pairs, &HomographyConfig::default()).unwrap();
        let opencv = Homography::from_rows(case.matrix).unwrap();
        let distance = distance(&found.homography, &opencv, &pairs);
        assert!(distance < 1e-3, "case {index}: {distance} px");
        let sum = |homography: &Homography| -> f64 {
            pairs
                .iter()
                .map(|pair| homography.map(pair.source).unwrap().distance(pair.target).powi(2))
                .sum()
        };
        assert!(sum(&found.homography) <= sum(&opencv) * (1.0 + 1e-9), "case {index}");
    }
}

#[test]
fn outliers_are_those_of_opencv() {
    for case in reference().robust {
        let pairs = pairs(&case.pairs);
        let config = HomographyConfig {
            method: Method::Ransac(RansacConfig::default()),
            ..Default::default()
        };
        let found = estimate(&pairs, &config).unwrap();
        let differing = found.inliers.iter().zip(&case.inliers).filter(|(a, b)| a != b).count();
        // Those on the border of the threshold may go either way.
        assert!(differing <= pairs.len() / 100 + 1, "{differing} of {}", pairs.len());
        for (inlier, error) in found.inliers.iter().zip(&found.errors) {
            assert_eq!(*inlier, error.forward.unwrap() <= 3.0);
        }
        let squares = found.errors.iter().zip(&found.inliers).filter(|(_, inlier)| **inlier);
        let squares: Vec<f64> = squares.map(|(error, _)| error.forward.unwrap().powi(2)).collect();
        #[expect(clippy::cast_precision_loss, reason = "some hundred")]
        let root_mean_square = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
        assert!(root_mean_square < case.root_mean_square * 1.02, "{root_mean_square}");
        let opencv = Homography::from_rows(case.matrix).unwrap();
        let good: Vec<_> = pairs
            .iter()
            .zip(&case.inliers)
            .filter(|(_, good)| **good)
            .map(|(pair, _)| *pair)
            .collect();
        assert!(distance(&found.homography, &opencv, &good) < 0.3);
        let again = estimate(&pairs, &config).unwrap();
        assert_eq!(again.homography, found.homography);
        let settings = RansacSettings { seed: 9, ..RansacSettings::default() };
        let other = HomographyConfig {
            method: Method::Ransac(RansacConfig::try_from(settings).unwrap()),
            ..config
        };
        let other = estimate(&pairs, &other).unwrap();
        assert!(distance(&found.homography, &other.homography, &good) < 0.3);
    }
}

/// OpenCV finds all but the one (`findHomography(source, target, cv2.RANSAC)`).
#[test]
fn one_pair_far_away_does_not_spoil_the_others() {
    let truth =
        Homography::from_rows([[1.1, 0.1, 5.0], [-0.05, 0.9, 8.0], [1e-4, 2e-4, 1.0]]).unwrap();
    let good: Vec<_> = (0..30)
        .map(|index| {
            let source = Point::new(f64::from(index % 6) * 60.0, f64::from(index / 6) * 70.0);
            Correspondence { source, target: truth.map(source).unwrap() }
        })
        .collect();
    let config =
        HomographyConfig { method: Method::Ransac(RansacConfig::default()), ..Default::default() };
    for far in [1e6, 1e9, 1e12, 1e100] {
        for outlier in [[5.0, 5.0, far, far], [far, -far, 5.0, 5.0], [far, far, far, -far]] {
            let [x, y, u, v] = outlier;
            for place in [0, 17, 30] {
                let mut pairs = good.clone();
                pairs.insert(place, Correspondence::new(x, y, u, v));
                let found = estimate(&pairs, &config).unwrap();
                let left_out: Vec<usize> = (0..31).filter(|index| !found.inliers[*index]).collect();
                assert_eq!(left_out, [place], "{outlier:?}");
                assert!(distance(&found.homography, &truth, &good) < 1e-9, "{outlier:?}");
            }
        }
    }
}

#[test]
fn a_homography_with_h33_of_0_is_found() {
    let truth = Homography::from_rows([[20.0, 3.0, 400.0], [-2.0, 30.0, 900.0], [0.05, 0.08, 0.0]])
        .unwrap();
    let places = [(10.0, 20.0), (300.0, 40.0), (280.0, 260.0), (30.0, 240.0), (150.0, 100.0)];
    let pairs: Vec<_> = places
        .iter()
        .map(|&(x, y)| {
            let source = Point::new(x, y);
            Correspondence { source, target: truth.map(source).unwrap() }
        })
        .collect();
    for count in [4, 5] {
        let found = estimate(&pairs[..count], &HomographyConfig::default()).unwrap();
        assert!(distance(&found.homography, &truth, &pairs) < 1e-9);
        let corner = found.homography.matrix()[(2, 2)];
        assert!(corner.abs() < 1e-12, "{corner}");
        assert!((found.homography.matrix().norm() - 1.0).abs() < 1e-12);
        // The origin itself is at infinity.
        assert_eq!(found.homography.map(Point::new(0.0, 0.0)), None);
    }
}

#[test]
fn the_symmetric_error_is_minimized_too() {
    let case = &reference().noisy[3];
    let pairs = pairs(&case.pairs);
    let sum = |refinement| -> [f64; 2] {
        let config = HomographyConfig { refinement, ..HomographyConfig::default() };
        let errors = estimate(&pairs, &config).unwrap().errors;
        let squares = |error: Option<f64>| error.unwrap().powi(2);
        let forward: f64 = errors.iter().map(|error| squares(error.forward)).sum();
        let both: f64 = errors.iter().map(|error| squares(error.backward)).sum();
        [forward, forward + both]
    };
    let [linear, forward, symmetric] =
        [Refinement::None, Refinement::Forward, Refinement::Symmetric].map(sum);
    assert!(forward[0] < linear[0] && forward[0] < symmetric[0], "{linear:?} {forward:?}");
    assert!(symmetric[1] < linear[1] && symmetric[1] < forward[1], "{linear:?} {symmetric:?}");
}

#[test]
fn odd_pairs_give_warnings() {
    let config = HomographyConfig::default();
    let warnings = |numbers: &[[f64; 4]]| estimate(&pairs(numbers), &config).unwrap().warnings;
    let square = [[0.0, 0.0], [100.0, 0.0], [100.0, 90.0], [0.0, 95.0]];
    let onto = |targets: [[f64; 2]; 4]| {
        let numbers =
            [0, 1, 2, 3].map(|i| [square[i][0], square[i][1], targets[i][0], targets[i][1]]);
        warnings(&numbers)
    };
    assert_eq!(onto([[5.0, 5.0], [90.0, 0.0], [95.0, 99.0], [0.0, 80.0]]), []);
    // x and y exchanged: mirrored at the diagonal.
    assert_eq!(onto([[5.0, 5.0], [0.0, 90.0], [99.0, 95.0], [80.0, 0.0]]), [Warning::Mirrored]);
    // Two corners exchanged.
    let torn = onto([[5.0, 5.0], [90.0, 0.0], [0.0, 80.0], [95.0, 99.0]]);
    assert!(matches!(torn[..], [Warning::Torn { .. }]), "{torn:?}");
    // Almost on a line.
    let flat = warnings(&[
        [0.0, 0.0, 0.0, 0.0],
        [100.0, 0.05, 100.0, 0.0],
        [200.0, 0.0, 200.0, 80.0],
        [90.0, 70.0, 90.0, 70.0],
    ]);
    assert!(matches!(flat[0], Warning::NearlyCollinear { pairs: [1, 2, 3], .. }), "{flat:?}");
    // One pair far off among many that agree.
    let mut many: Vec<[f64; 4]> = (0..20)
        .map(|index| {
            let (x, y) = (f64::from(index % 5) * 50.0, f64::from(index / 5) * 60.0);
            [x, y, 1.1 * x + 3.0, 0.9 * y - 2.0]
        })
        .collect();
    assert_eq!(warnings(&many), []);
    many[7][2] += 60.0;
    assert!(
        warnings(&many).iter().any(|warning| matches!(warning, Warning::Outlier { pair: 8, .. })),
        "{:?}",
        warnings(&many)
    );
}

#[test]
fn degenerate_points_are_refused_by_both_methods() {
    for method in [Method::Dlt, Method::Ransac(RansacConfig::default())] {
        let config = HomographyConfig { method, ..HomographyConfig::default() };
        let refused = |numbers: &[[f64; 4]]| estimate(&pairs(numbers), &config).unwrap_err();
        let good = [
            [0.0, 0.0, 0.0, 0.0],
            [9.0, 1.0, 9.0, 0.0],
            [8.0, 7.0, 9.0, 9.0],
            [1.0, 6.0, 0.0, 9.0],
        ];
        assert_eq!(
            refused(&good[..3]),
            HomographyError::TooFewPoints { model: Model::Homography, given: 3 }
        );
        let mut bad = good;
        bad[2][1] = f64::NAN;
        assert!(matches!(refused(&bad), HomographyError::PointNotFinite { pair: 3, .. }));
        let mut bad = good;
        bad[3][3] = f64::INFINITY;
        assert!(matches!(refused(&bad), HomographyError::PointNotFinite { pair: 4, .. }));
        let mut bad = good;
        (bad[2][0], bad[2][1]) = (4.5, 0.5);
        assert!(matches!(refused(&bad), HomographyError::Collinear { .. }));
        let mut bad = good;
        (bad[2][2], bad[2][3]) = (9.0, 0.0);
        assert!(matches!(refused(&bad), HomographyError::TooFewPlaces { .. }));
    }
}

proptest! {
    /// The corners of a picture moved by up to a third of it, and points anywhere within.
    #[test]
    fn random_homographies_are_recovered(
        moved in prop::array::uniform4((-0.3..0.3, -0.3..0.3)),
        places in prop::collection::vec((0.0..1.0, 0.0..1.0), 6..40),
        (width, height) in (50.0_f64..2000.0, 50.0_f64..2000.0),
    ) {
        let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
        let frame: Vec<_> = corners.iter().zip(moved).map(|((x, y), (dx, dy))| {
            Correspondence::new(x * width, y * height, (x + dx) * width, (y + dy) * height)
        }).collect();
        let Ok(frame) = estimate(&frame, &HomographyConfig::default()) else { return Ok(()) };
        let truth = frame.homography;
        // Corners of convex figures only: others have the line to infinity inside.
        let depths: Vec<f64> =
            corners.iter().map(|(x, y)| truth.depth(Point::new(x * width, y * height))).collect();
        prop_assume!(depths.iter().all(|depth| depth / depths[0] > 0.05));
        prop_assume!(depths.iter().all(|depth| depth / depths[0] < 20.0));
        let pairs: Vec<_> = places.iter().map(|(x, y)| {
            let source = Point::new(x * width, y * height);
            Correspondence { source, target: truth.map(source).unwrap() }
        }).collect();
        let Ok(found) = estimate(&pairs, &HomographyConfig::default()) else { return Ok(()) };
        prop_assume!(found.condition < 1e3);
        prop_assert!(distance(&found.homography, &truth, &pairs) < 1e-9);
    }
}
