//! Inputs that are refused, and what the messages say.

use dlkit_vision::eigenfaces::{
    Components, EigenfacesError, FitConfig, Method, MethodChoice, Metric, Normalization, Pictures,
    evaluate, fit, principal_components,
};

use crate::faces::{HEIGHT, PIXELS, WIDTH, face_set, people};

fn assert_facts(message: &str, facts: &[&str]) {
    for fact in facts {
        assert!(message.contains(fact), "{fact}: {message}");
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
    assert_facts(&message(&values[..PIXELS], &names[..1], share), &["2 or more", "not 1"]);
    let same = values[..PIXELS].repeat(5);
    assert_facts(&message(&same, &names, share), &["5 pictures", "identical"]);
    let facts = ["--components 5", "5 pictures of 120 pixels", "4 directions", "1 to 4"];
    assert_facts(&message(&values, &names, Components::Number(5)), &facts);
    // Three times the same two: one direction.
    let two = values[..2 * PIXELS].repeat(3);
    let six: Vec<String> = (0..6).map(|index| index.to_string()).collect();
    assert_facts(&message(&two, &six, Components::Number(2)), &["1 direction;"]);
    let pictures = Pictures::new(WIDTH, HEIGHT, values).unwrap();
    let randomized = MethodChoice::Given(Method::Randomized);
    let error = principal_components(&pictures, Normalization::None, share, randomized);
    assert_eq!(error, Err(EigenfacesError::RandomizedNeedsNumber));
    // The d x d matrix of 20,000 pixels takes 3 GiB, and is refused.
    let wide = Pictures::new(20_000, 1, (0..40_000_u16).map(f32::from).collect()).unwrap();
    let covariance = MethodChoice::Given(Method::Covariance);
    let error = principal_components(&wide, Normalization::None, share, covariance).unwrap_err();
    assert_facts(&error.to_string(), &["--method covariance", "20000 x 20000", "--size WxH"]);
}

#[test]
fn folds_follow_one_rule() {
    let (values, names) = people(2, 2, 5);
    let faces = face_set(values, &names);
    let with = |folds| FitConfig { components: Components::Number(2), folds, ..Default::default() };
    for folds in [0, 1, 5, 100] {
        let fitted = fit(&faces, None, &with(Some(folds))).unwrap_err();
        let measured = evaluate(&faces, None, &with(Some(folds))).unwrap_err();
        assert_eq!(fitted, measured);
        let given = format!("--folds {folds}");
        assert_facts(&fitted.to_string(), &[&given, "4 pictures", "2 to 4"]);
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
