//! Eigenfaces held to scikit-learn (`tests/reference/generate_eigenfaces.py`) and to faces of a
//! known model.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::cast_precision_loss, reason = "small counts")]

use dlkit_vision::eigenfaces::{
    Components, Eigenfaces, EigenfacesError, FaceMeasure, FaceSet, FitConfig, Method, MethodChoice,
    Metric, Normalisation, Pictures, PrincipalComponents, Roc, Rule, ThresholdRule, Verdict,
    evaluate, fit, principal_components,
};
use nalgebra::DMatrix;
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};
use serde::Deserialize;

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
    serde_json::from_str(include_str!("reference/eigenfaces.json")).unwrap()
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
    principal_components(pictures, Normalisation::None, Components::Number(kept), choice).unwrap()
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
        let chosen = principal_components(&pictures, Normalisation::None, number, choice).unwrap();
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
fn the_randomised_way_comes_near() {
    let case = &reference().cases[0];
    let pictures = case.pictures();
    let exact = components(&pictures, 4, Method::Gram);
    let found = components(&pictures, 4, Method::Randomised);
    assert!(!found.spectrum.complete);
    assert!(subspace_angle(&exact.components, &found.components) < 1e-5);
    for (a, b) in exact.spectrum.eigenvalues.iter().zip(&found.spectrum.eigenvalues).take(4) {
        assert!((a / b - 1.0).abs() < 1e-6);
    }
    let total = exact.spectrum.total_variance;
    assert!((total / found.spectrum.total_variance - 1.0).abs() < 1e-12);
    // Nothing is said of what was not asked for.
    assert_eq!(found.spectrum.eigenvalues.len(), 4);
    let (all, some) = (exact.spectrum.above_mean().unwrap(), found.spectrum.above_mean());
    assert_eq!(some, (all < 4).then_some(all));
    let fewer = components(&pictures, 2, Method::Randomised);
    assert!(all >= 2);
    assert_eq!(fewer.spectrum.above_mean(), None);
}

#[test]
fn the_area_is_that_of_scikit_learn() {
    let RocCase { accept, reject, area } = reference().roc;
    assert!((Roc::new(&accept, &reject).unwrap().area - area).abs() < 1e-12);
}

const WIDTH: usize = 12;
const HEIGHT: usize = 10;
const PIXELS: usize = WIDTH * HEIGHT;

/// A mean and `dimensions` orthonormal directions: waves of the discrete cosine transform.
fn waves(index: usize) -> Vec<f64> {
    let (kx, ky) = (index % 4 + 1, index / 4);
    let wave = |at: usize, size: usize, k: usize| {
        (std::f64::consts::PI * (at as f64 + 0.5) * k as f64 / size as f64).cos()
    };
    let values: Vec<f64> = (0..PIXELS)
        .map(|place| wave(place % WIDTH, WIDTH, kx) * wave(place / WIDTH, HEIGHT, ky))
        .collect();
    let length = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    values.into_iter().map(|value| value / length).collect()
}

fn normal(random: &mut ChaCha12Rng) -> f64 {
    (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0
}

/// A picture at a place along the waves, with noise on every pixel.
fn picture(place: &[f64], noise: f64, random: &mut ChaCha12Rng) -> Vec<f32> {
    let mut values = vec![0.5; PIXELS];
    for (index, weight) in place.iter().enumerate() {
        for (value, wave) in values.iter_mut().zip(waves(index)) {
            *value += weight * wave;
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "pixels are single precision")]
    values.iter().map(|value| (value + noise * normal(random)) as f32).collect()
}

/// People, each at a place of its own in a space of 6 dimensions, `each` pictures around it.
fn people(count: usize, each: usize, seed: u64) -> (Vec<f32>, Vec<String>) {
    let random = &mut ChaCha12Rng::seed_from_u64(seed);
    let (mut values, mut names) = (Vec::new(), Vec::new());
    for person in 0..count {
        let place: Vec<f64> = (0..6).map(|_| 1.5 * normal(random)).collect();
        for _ in 0..each {
            let near: Vec<f64> = place.iter().map(|weight| weight + 0.2 * normal(random)).collect();
            values.extend(picture(&near, 0.01, random));
            names.push(format!("person{person:02}"));
        }
    }
    (values, names)
}

fn face_set(values: Vec<f32>, people: &[String]) -> FaceSet {
    let pictures = Pictures::new(WIDTH, HEIGHT, values).unwrap();
    let names = (0..people.len()).map(|index| format!("picture{index}")).collect();
    FaceSet::of_people(pictures, names, people).unwrap()
}

/// Pictures that are no faces: other waves.
fn others(count: usize) -> Pictures {
    let random = &mut ChaCha12Rng::seed_from_u64(99);
    let values = (0..count).flat_map(|_| {
        let place: Vec<f64> =
            (0..24).map(|index| if index < 12 { 0.0 } else { normal(random) }).collect();
        picture(&place, 0.01, random)
    });
    Pictures::new(WIDTH, HEIGHT, values.collect()).unwrap()
}

/// Along orthonormal directions, with scores of mean 0 whose columns are orthogonal, the covariance
/// is known: no estimate is involved.
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
        principal_components(&pictures, Normalisation::None, components, choice)
            .unwrap()
            .components
            .ncols()
    };
    // 9 + 4 of 14.25 are 91 %, and one more 98 %; the mean is over 31 eigenvalues.
    assert_eq!(rule(Components::Share(0.9)), 2);
    assert_eq!(rule(Components::Share(0.95)), 3);
    assert_eq!(rule(Components::Kaiser), 3);
}

#[test]
fn people_are_recognised_strangers_and_other_pictures_refused() {
    let (values, names) = people(12, 6, 1);
    let config = FitConfig { components: Components::Number(6), ..FitConfig::default() };
    let model = fit(&face_set(values, &names), Some(&others(40)), &config).unwrap();
    let calibration = model.calibration();
    assert_eq!(calibration.face.unwrap().rule, ThresholdRule::EqualError);
    assert!(calibration.face.unwrap().false_accept.unwrap() < 0.01);
    let (new, new_names) = people(12, 6, 1);
    let verdict = |picture: &[f32], metric| model.recognize(picture, metric, 3).unwrap();
    for metric in Metric::ALL {
        let right = new
            .chunks(PIXELS)
            .zip(&new_names)
            .filter(|(picture, name)| {
                let found = verdict(picture, metric);
                found.verdict == Verdict::Known && found.candidates[0].person == **name
            })
            .count();
        assert!(right >= 70, "{metric:?}: {right} of 72");
    }
    let (strangers, _) = people(40, 1, 7);
    let refused = strangers
        .chunks(PIXELS)
        .filter(|picture| verdict(picture, Metric::Euclidean).verdict == Verdict::Unknown)
        .count();
    assert!(refused >= 36, "{refused} of 40 strangers");
    for other in others(20).iter() {
        assert_eq!(verdict(other, Metric::Euclidean).verdict, Verdict::NotAFace);
    }
}

#[test]
fn evaluation_counts_each_held_out_face_once_and_the_mean_distance_fails() {
    let (values, names) = people(10, 6, 2);
    let config = FitConfig { components: Components::Number(6), ..FitConfig::default() };
    let faces = face_set(values, &names);
    let found = evaluate(&faces, Some(&others(30)), &config).unwrap();
    for rate in &found.recognition {
        assert_eq!(rate.faces, 60);
        assert_eq!(rate.confusion.iter().flatten().sum::<u64>(), 60);
        assert!(rate.rate > 0.97, "{rate:?}");
        let right: u64 = rate.confusion.iter().enumerate().map(|(i, row)| row[i]).sum();
        assert!((rate.rate - right as f64 / 60.0).abs() < 1e-12);
        assert!(rate.cumulative.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!((rate.cumulative[0] - rate.rate).abs() < 1e-12);
        assert!((rate.cumulative[9] - 1.0).abs() < 1e-12);
    }
    let face = &found.face[0];
    assert_eq!(face.by, FaceMeasure::FromFaceSpace);
    assert_eq!((face.accept, face.reject), (60, 30));
    assert!(face.roc.equal_error.rate < 0.01);
    let error = |rule: Rule| {
        let known = found.known.iter().find(|known| known.by == rule).unwrap();
        assert_eq!((known.accept, known.reject), (60, 60));
        known.roc.equal_error.rate
    };
    assert!(error(Rule::Nearest(Metric::Euclidean)) < 0.05);
    assert!(error(Rule::Mean) > 0.3, "{}", error(Rule::Mean));
    // The same again, whatever the number of threads.
    let again = evaluate(&faces, Some(&others(30)), &config).unwrap();
    assert_eq!(again.recognition[0].rate.to_bits(), found.recognition[0].rate.to_bits());
}

/// Without others and without people, thresholds follow from what there is.
#[test]
fn thresholds_say_why() {
    let (values, names) = people(12, 1, 3);
    let pictures = Pictures::new(WIDTH, HEIGHT, values).unwrap();
    let faces = FaceSet::unlabelled(pictures, names).unwrap();
    let config = FitConfig { components: Components::Number(3), ..FitConfig::default() };
    let calibration = *fit(&faces, None, &config).unwrap().calibration();
    assert_eq!(calibration.face.unwrap().rule, ThresholdRule::AcceptsMost);
    assert_eq!(calibration.known[0].unwrap().rule, ThresholdRule::AcceptsFew);
    let error = evaluate(&faces, None, &config).unwrap_err().to_string();
    assert!(error.contains("--non-faces"), "{error}");
    // The only person there is would always be the right one.
    let (values, names) = people(1, 6, 3);
    let error = evaluate(&face_set(values, &names), None, &config).unwrap_err().to_string();
    assert!(error.contains("there are not two people"), "{error}");
}

#[test]
fn all_eigenfaces_rebuild_a_face_and_fewer_do_worse() {
    let (values, names) = people(5, 4, 4);
    for normalisation in [Normalisation::None, Normalisation::Contrast] {
        let components = Components::Number(19);
        let config = FitConfig { components, normalisation, ..FitConfig::default() };
        let model = fit(&face_set(values.clone(), &names), None, &config).unwrap();
        let steps = model.reconstruct(&values[..PIXELS], &[0, 1, 4, 19]).unwrap();
        assert!(steps.windows(2).all(|pair| pair[1].error <= pair[0].error), "{normalisation:?}");
        assert!(steps[3].error < 1e-6 && steps[0].error > 0.05, "{normalisation:?}");
        let difference: f64 = steps[1]
            .picture
            .iter()
            .zip(&values)
            .map(|(a, b)| (a - f64::from(*b)).powi(2))
            .sum::<f64>();
        assert!(((difference / PIXELS as f64).sqrt() - steps[1].error).abs() < 1e-12);
    }
}

#[test]
fn impossible_fits_are_refused() {
    let (values, names) = people(5, 1, 5);
    let message = |values: &[f32], names: &[String], components| {
        let config = FitConfig { components, ..FitConfig::default() };
        fit(&face_set(values.to_vec(), names), None, &config).unwrap_err().to_string()
    };
    let share = Components::Share(0.9);
    assert!(message(&values[..PIXELS], &names[..1], share).contains("1 picture is given"));
    let same = values[..PIXELS].repeat(5);
    assert!(message(&same, &names, share).contains("all 5 pictures are identical"));
    assert_eq!(
        message(&values, &names, Components::Number(5)),
        "--components 5: 5 pictures of 120 pixels vary in 4 directions; choose from 1 to 4"
    );
    // Three times the same two: one direction.
    let two = values[..2 * PIXELS].repeat(3);
    let six: Vec<String> = (0..6).map(|index| index.to_string()).collect();
    assert!(message(&two, &six, Components::Number(2)).contains("vary in 1 direction;"));
    let pictures = Pictures::new(WIDTH, HEIGHT, values).unwrap();
    let randomised = MethodChoice::Given(Method::Randomised);
    let error = principal_components(&pictures, Normalisation::None, share, randomised);
    assert_eq!(error, Err(EigenfacesError::RandomisedNeedsNumber));
    // The d x d way with 20,000 pixels takes 3 GiB; it is not tried.
    let wide = Pictures::new(20_000, 1, (0..40_000_u16).map(f32::from).collect()).unwrap();
    let covariance = MethodChoice::Given(Method::Covariance);
    let error = principal_components(&wide, Normalisation::None, share, covariance).unwrap_err();
    assert!(error.to_string().starts_with("--method covariance: its matrix of 20000 x 20000"));
}

#[test]
fn folds_follow_one_rule() {
    let (values, names) = people(2, 2, 5);
    let faces = face_set(values, &names);
    let with = |folds| FitConfig { components: Components::Number(2), folds, ..Default::default() };
    for folds in [0, 1, 5, 100] {
        let expected = format!("--folds {folds}: from 2 to 4 are possible with 4 pictures");
        let fitted = fit(&faces, None, &with(Some(folds))).unwrap_err();
        let measured = evaluate(&faces, None, &with(Some(folds))).unwrap_err();
        assert_eq!([fitted, measured].map(|error| error.to_string()), [&*expected, &*expected]);
    }
    for (asked, folds) in [(None, 4), (Some(2), 2), (Some(4), 4)] {
        let fitted = fit(&faces, None, &with(asked)).unwrap();
        let measured = evaluate(&faces, None, &with(asked)).unwrap();
        assert_eq!((fitted.calibration().folds, measured.folds), (folds, folds));
    }
}

#[test]
fn undefined_pictures_are_refused() {
    let (values, names) = people(4, 3, 8);
    let config = FitConfig { components: Components::Number(3), ..FitConfig::default() };
    let model = fit(&face_set(values.clone(), &names), None, &config).unwrap();
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut picture = values[..PIXELS].to_vec();
        picture[PIXELS - 1] = value;
        let found = model.recognize(&picture, Metric::Euclidean, 1);
        assert_eq!(found, Err(EigenfacesError::PictureNotFinite));
        assert_eq!(model.reconstruct(&picture, &[1]), Err(EigenfacesError::PictureNotFinite));
    }
}

#[test]
fn a_model_file_gives_the_same_answers_and_damage_is_refused() {
    let (values, names) = people(4, 3, 6);
    let config = FitConfig { components: Components::Number(3), ..FitConfig::default() };
    let model = fit(&face_set(values.clone(), &names), None, &config).unwrap();
    let bytes = model.to_bytes().unwrap();
    assert_eq!(bytes, model.to_bytes().unwrap());
    let read = Eigenfaces::from_bytes(&bytes).unwrap();
    // Once in single precision, it stays what it is.
    assert_eq!(read.to_bytes().unwrap(), bytes);
    for picture in values.chunks(PIXELS) {
        let [a, b] = [&model, &read].map(|m| m.recognize(picture, Metric::Cosine, 2).unwrap());
        assert_eq!((a.verdict, &a.candidates[0].person), (b.verdict, &b.candidates[0].person));
        assert!((a.distances.from_face_space - b.distances.from_face_space).abs() < 1e-5);
    }
    for length in 0..bytes.len() {
        assert!(Eigenfaces::from_bytes(&bytes[..length]).is_err(), "cut to {length}");
    }
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 0x11;
        if let Ok(same) = Eigenfaces::from_bytes(&changed) {
            assert_eq!(same, read, "byte {place} was changed");
        }
    }
    let message = |bytes: &[u8]| Eigenfaces::from_bytes(bytes).unwrap_err().to_string();
    assert!(message(b"\x89PNG\r\n\x1a\n0123456789").contains("no intact .safetensors file"));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("format_version"));
    let mut newer = bytes.clone();
    let place = bytes.windows(18).position(|part| part == b"format_version\\\":1").unwrap();
    newer[place + 17] = b'2';
    assert!(message(&newer).contains("format version 2; this program reads version 1"));
}
