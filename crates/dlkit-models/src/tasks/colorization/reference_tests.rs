//! Held to values computed by NumPy and scikit-image in double precision.
//!
//! `tests/reference/generate_colorization.py` made `colorization.json` beside it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct References {
    lab: LabValues,
    cases: Vec<Case>,
    metrics: Metrics,
}

#[derive(Deserialize)]
struct LabValues {
    rgb: Vec<[f32; 3]>,
    lab: Vec<[f32; 3]>,
}

#[derive(Deserialize)]
struct Case {
    width: u8,
    keep: usize,
    smoothing: f64,
    lambda: f64,
    ab: Vec<[f32; 2]>,
    cells: Vec<usize>,
    prior: Vec<f64>,
    weights: Vec<f64>,
    mean: [f32; 2],
    window: Vec<Vec<f32>>,
    nearest: Vec<Vec<f32>>,
    scores: Vec<Vec<f32>>,
    annealed: BTreeMap<String, Vec<[f32; 2]>>,
}

#[derive(Deserialize)]
struct Metrics {
    errors: Vec<f32>,
    weights: Vec<f64>,
    area: f64,
    left: Vec<u8>,
    right: Vec<u8>,
    psnr: f64,
    colourfulness: f64,
}

fn references() -> References {
    serde_json::from_str(include_str!("../../../tests/reference/colorization.json")).unwrap()
}

fn close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < tolerance, "{found} {expected}");
    }
}

#[test]
fn lab_is_that_of_scikit_image() {
    let LabValues { rgb, lab } = references().lab;
    for (rgb, lab) in rgb.iter().zip(&lab) {
        close(&lab_from_rgb(*rgb), lab, 1e-4);
        close(&rgb_from_lab(*lab), rgb, 1e-4);
    }
}

#[test]
fn bins_prior_and_weights_are_those_of_numpy() {
    for case in references().cases {
        let mut counts = ColorCounts::new(BinWidth::try_from(case.width).unwrap());
        case.ab.iter().for_each(|&ab| counts.add(ab));
        let bins = Bins::most_frequent(&counts, case.keep).unwrap();
        assert_eq!(bins.cells(), case.cells);
        let prior = Prior::of_counts(&bins, &bins.counts(&counts), case.smoothing, case.lambda);
        for (found, expected) in [(prior.shares(), &case.prior), (prior.weights(), &case.weights)] {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6 * expected.abs(), "{found} {expected}");
            }
        }
        close(&prior.mean(&bins), &case.mean, 1e-4);
    }
}

#[test]
fn encodings_and_annealed_means_are_those_of_numpy() {
    for case in references().cases {
        let bins = Bins::restored(BinWidth::try_from(case.width).unwrap(), &case.cells).unwrap();
        let window = EncodingConfig::Window { size: 5, sigma: 1.4 };
        let nearest = EncodingConfig::Nearest { neighbours: 5, sigma: 5.0 };
        for (config, expected) in [(window, &case.window), (nearest, &case.nearest)] {
            let encoder = Encoder::new(config, bins.clone());
            for (ab, expected) in case.ab.iter().zip(expected) {
                let mut shares = vec![0.0; bins.len()];
                encoder.encode(*ab, |bin, share| shares[bin] = share);
                close(&shares, expected, 2e-5);
            }
        }
        // Bin by bin, as a network gives them.
        let scores: Vec<f32> =
            (0..bins.len()).flat_map(|bin| case.scores.iter().map(move |row| row[bin])).collect();
        for (temperature, expected) in &case.annealed {
            let temperature = Temperature::new(temperature.parse().unwrap()).unwrap();
            let found = annealed_mean(&scores, bins.centers(), temperature);
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                close(found, expected, 2e-3);
            }
        }
    }
}

#[test]
fn metrics_are_those_of_numpy_and_scikit_image() {
    let metrics = references().metrics;
    let area = area_under_curve(metrics.errors.into_iter().zip(metrics.weights));
    assert!((area - metrics.area).abs() < 1e-6, "{area} {}", metrics.area);
    let psnr = peak_signal_to_noise(&metrics.left, &metrics.right);
    assert!((psnr - metrics.psnr).abs() < 1e-6, "{psnr} {}", metrics.psnr);
    let found = colourfulness(&metrics.left);
    assert!((found - metrics.colourfulness).abs() < 1e-6, "{found}");
}
