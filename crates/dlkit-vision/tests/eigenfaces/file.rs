//! Model files.

use dlkit_vision::eigenfaces::{
    Components, Eigenfaces, FeatureConfig, FeatureKind, FitConfig, Metric, fit,
};

use crate::faces::{PIXELS, face_set, people};

#[test]
fn a_model_file_gives_the_same_answers_and_damage_is_refused() {
    let (values, names) = people(4, 3, 6);
    let features = FeatureConfig { kind: FeatureKind::Fisherfaces, skip: 1, whiten: false };
    let config = FitConfig { components: Components::Number(3), features, ..FitConfig::default() };
    let model = fit(&face_set(values.clone(), &names), None, &config).unwrap();
    let bytes = model.to_bytes().unwrap();
    assert_eq!(bytes, model.to_bytes().unwrap());
    let read = Eigenfaces::from_bytes(&bytes).unwrap();
    // The file is in single precision, so reading it changes nothing.
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
    assert!(message(b"\x89PNG\r\n\x1a\n0123456789").contains(".safetensors"));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.contains("format_version"));
    let mut newer = bytes.clone();
    let place = bytes.windows(18).position(|part| part == b"format_version\\\":2").unwrap();
    newer[place + 17] = b'3';
    let message = message(&newer);
    assert!(message.contains("version 3") && message.contains("version 2"), "{message}");
}

/// Written by dlkit 0.1.0, whose thresholds rejected its own pictures and most strangers.
#[test]
fn files_of_the_first_format_are_refused_with_what_to_do() {
    let bytes = include_bytes!("../reference/eigenfaces-format-1.safetensors");
    let message = Eigenfaces::from_bytes(bytes).unwrap_err().to_string();
    for fact in ["version 1", "fit the model again", "`dlkit eigenfaces fit`", "thresholds"] {
        assert!(message.contains(fact), "{fact}: {message}");
    }
}
