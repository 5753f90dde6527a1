//! Principal components and areas under the curve, compared with scikit-learn and a known model.

use dlkit_vision::eigenfaces::{
    Components, Method, MethodChoice, Normalization, Pictures, PrincipalComponents, Roc,
    principal_components,
};
use nalgebra::DMatrix;
use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;
use serde::Deserialize;

use crate::faces::{HEIGHT, WIDTH, picture, waves};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
    roc: RocCase,
}

#[derive(Deserialize)]
struct Case {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    kept: usize,
    eigenvalues: Vec<f64>,
    shares: Vec<f64>,
    components: Vec<f64>,
    mean: Vec<f64>,
}

#[derive(Deserialize)]
struct RocCase {
    accept: Vec<f64>,
    reject: Vec<f64>,
    area: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../reference/eigenfaces.json")).unwrap()
}

impl Case {
    /// Whole numbers, so that single precision loses nothing.
    fn pictures(&self) -> Pictures {
        let values = self.pixels.iter().map(|pixel| f32::from(*pixel)).collect();
        Pictures::new(self.width, self.height, values).unwrap()
    }
}

fn components(pictures: &Pictures, kept: usize, method: Method) -> PrincipalComponents {
    let choice = MethodChoice::Given(method);
    principal_components(pictures, Normalization::None, Components::Number(kept), choice).unwrap()
}

/// The sine of the largest angle between the spaces that orthonormal columns span.
fn subspace_angle(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    (b - a * a.tr_mul(b)).svd(false, false).singular_values.max()
}

#[test]
fn eigenvalues_shares_and_components_are_those_of_scikit_learn() {
    for (case, auto) in
        reference().cases.iter().zip([Method::Gram, Method::Covariance, Method::Gram])
    {
        let pictures = case.pictures();
        let choice = MethodChoice::Auto;
        let number = Components::Number(case.kept);
        let chosen = principal_components(&pictures, Normalization::None, number, choice).unwrap();
        assert_eq!(chosen.method, auto);
        for method in [Method::Gram, Method::Covariance] {
            let found = components(&pictures, case.kept, method);
            assert_eq!(found.spectrum.eigenvalues.len(), case.eigenvalues.len());
            for (value, expected) in found.spectrum.eigenvalues.iter().zip(&case.eigenvalues) {
                // The reference's pixels are 0 to 1.
                let relative = (value / 255.0_f64.powi(2) / expected - 1.0).abs();
                assert!(relative < 1e-9, "{method:?}: {relative:e}");
            }
            for (share, expected) in found.spectrum.shares().zip(&case.shares) {
                assert!((share / expected - 1.0).abs() < 1e-9);
            }
            for (mean, expected) in found.mean.iter().zip(&case.mean) {
                assert!((mean / 255.0 - expected).abs() < 1e-12);
            }
            let expected =
                DMatrix::from_vec(case.width * case.height, case.kept, case.components.clone());
            let angle = subspace_angle(&expected, &found.components);
            assert!(angle < 1e-9, "{method:?}: {angle:e}");
            // Also the signs: in both, the largest entry of each is positive.
            assert!((expected - &found.components).amax() < 1e-7, "{method:?}");
        }
    }
}

#[test]
fn the_randomized_method_comes_near() {
    let case = &reference().cases[0];
    let pictures = case.pictures();
    let exact = components(&pictures, 4, Method::Gram);
    let found = components(&pictures, 4, Method::Randomized);
    assert!(!found.spectrum.complete);
    assert!(subspace_angle(&exact.components, &found.components) < 1e-5);
    for (a, b) in exact.spectrum.eigenvalues.iter().zip(&found.spectrum.eigenvalues).take(4) {
        assert!((a / b - 1.0).abs() < 1e-6);
    }
    let total = exact.spectrum.total_variance;
    assert!((total / found.spectrum.total_variance - 1.0).abs() < 1e-12);
    // Only the eigenvalues asked for are given.
    assert_eq!(found.spectrum.eigenvalues.len(), 4);
    let (all, some) = (exact.spectrum.above_mean().unwrap(), found.spectrum.above_mean());
    assert_eq!(some, (all < 4).then_some(all));
    let fewer = components(&pictures, 2, Method::Randomized);
    assert!(all >= 2);
    assert_eq!(fewer.spectrum.above_mean(), None);
}

#[test]
fn the_area_is_that_of_scikit_learn() {
    let RocCase { accept, reject, area } = reference().roc;
    assert!((Roc::new(&accept, &reject).unwrap().area - area).abs() < 1e-12);
}

/// With orthonormal directions, and orthogonal scores of mean 0, the covariance is known exactly.
#[test]
fn a_known_model_is_recovered() {
    let strengths = [3.0, 2.0, 1.0, 0.5];
    let count = 32;
    let score = |picture: usize, index: usize| {
        // Rows of a Walsh matrix: mean 0, orthogonal, of length sqrt(count).
        if (picture & (index + 1)).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 }
    };
    let random = &mut ChaCha12Rng::seed_from_u64(0);
    let values: Vec<f32> = (0..count)
        .flat_map(|place| {
            let place: Vec<f64> =
                strengths.iter().enumerate().map(|(i, s)| s * score(place, i)).collect();
            picture(&place, 0.0, random)
        })
        .collect();
    let pictures = Pictures::new(WIDTH, HEIGHT, values).unwrap();
    for method in [Method::Gram, Method::Covariance] {
        let found = components(&pictures, 4, method);
        for (value, strength) in found.spectrum.eigenvalues.iter().zip(strengths) {
            let expected = strength * strength * count as f64 / (count - 1) as f64;
            assert!((value / expected - 1.0).abs() < 1e-6, "{method:?}: {value} {expected}");
        }
        let truth = DMatrix::from_columns(&[0, 1, 2, 3].map(|i| waves(i).into()));
        assert!(subspace_angle(&truth, &found.components) < 1e-5, "{method:?}");
    }
    let rule = |components| {
        let choice = MethodChoice::Auto;
        principal_components(&pictures, Normalization::None, components, choice)
            .unwrap()
            .components
            .ncols()
    };
    // 9 + 4 of 14.25 are 91 %, and one more 98 %; the mean is over 31 eigenvalues.
    assert_eq!(rule(Components::Share(0.9)), 2);
    assert_eq!(rule(Components::Share(0.95)), 3);
    assert_eq!(rule(Components::Kaiser), 3);
}
