//! Recognition, thresholds, evaluation and reconstruction.

use dlkit_vision::eigenfaces::{
    Components, FaceMeasure, FaceSet, FeatureConfig, FeatureKind, FitConfig, Metric, Normalization,
    Pictures, Rule, ThresholdRule, Verdict, evaluate, fit,
};

use crate::faces::{HEIGHT, PIXELS, WIDTH, face_set, others, people};

#[test]
fn people_are_recognized_strangers_and_other_pictures_refused() {
    let (values, names) = people(12, 6, 1);
    let config = FitConfig { components: Components::Number(6), ..FitConfig::default() };
    let model = fit(&face_set(values, &names), Some(&others(40)), &config).unwrap();
    let calibration = model.calibration();
    assert_eq!(calibration.face.unwrap().rule, ThresholdRule::EqualError);
    assert!(calibration.face.unwrap().others_accepted.unwrap().share < 0.01);
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

/// Without other pictures and without names, thresholds use the scores that remain.
#[test]
fn thresholds_say_why() {
    let (values, names) = people(12, 1, 3);
    let pictures = Pictures::new(WIDTH, HEIGHT, values).unwrap();
    let faces = FaceSet::unlabeled(pictures, names).unwrap();
    let config = FitConfig { components: Components::Number(3), ..FitConfig::default() };
    let calibration = fit(&faces, None, &config).unwrap().calibration().clone();
    assert_eq!(calibration.face.unwrap().rule, ThresholdRule::AcceptsMost);
    assert_eq!(calibration.known[0].unwrap().rule, ThresholdRule::AcceptsFew);
    let error = evaluate(&faces, None, &config).unwrap_err().to_string();
    assert!(error.contains("--non-faces"), "{error}");
    // A single person would always be the right one.
    let (values, names) = people(1, 6, 3);
    let error = evaluate(&face_set(values, &names), None, &config).unwrap_err().to_string();
    assert!(error.contains("two people") && error.contains("--non-faces"), "{error}");
}

#[test]
fn all_eigenfaces_rebuild_a_face_and_fewer_do_worse() {
    let (values, names) = people(5, 4, 4);
    for normalization in [Normalization::None, Normalization::Contrast] {
        let components = Components::Number(19);
        let config = FitConfig { components, normalization, ..FitConfig::default() };
        let model = fit(&face_set(values.clone(), &names), None, &config).unwrap();
        let steps = model.reconstruct(&values[..PIXELS], &[0, 1, 4, 19]).unwrap();
        assert!(steps.windows(2).all(|pair| pair[1].error <= pair[0].error), "{normalization:?}");
        assert!(steps[3].error < 1e-6 && steps[0].error > 0.05, "{normalization:?}");
        let difference: f64 = steps[1]
            .picture
            .iter()
            .zip(&values)
            .map(|(a, b)| (a - f64::from(*b)).powi(2))
            .sum::<f64>();
        assert!(((difference / PIXELS as f64).sqrt() - steps[1].error).abs() < 1e-12);
    }
}

/// Two people have a single discriminant. Numbers have no angle: by cosine every stranger would be as
/// near as a fitted face.
#[test]
fn the_cosine_of_single_numbers_is_refused() {
    let (values, names) = people(2, 6, 8);
    let features = FeatureConfig { kind: FeatureKind::Fisherfaces, ..FeatureConfig::default() };
    let config = FitConfig { features, ..FitConfig::default() };
    let faces = face_set(values.clone(), &names);
    let model = fit(&faces, None, &config).unwrap();
    assert_eq!(model.feature_count(), 1);
    assert!(!model.allows(Metric::Cosine) && model.allows(Metric::Euclidean));
    let error = model.recognize(&values[..PIXELS], Metric::Cosine, 1).unwrap_err().to_string();
    assert!(error.contains("single number") && error.contains("--metric euclidean"), "{error}");
    let found = model.recognize(&values[..PIXELS], Metric::Euclidean, 1).unwrap();
    assert_eq!(found.verdict, Verdict::Known);
    let metrics: Vec<Metric> = evaluate(&faces, None, &config)
        .unwrap()
        .recognition
        .iter()
        .map(|rate| rate.metric)
        .collect();
    assert_eq!(metrics, [Metric::Euclidean, Metric::Mahalanobis]);
}
