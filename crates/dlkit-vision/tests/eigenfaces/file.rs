//! Model files.

use dlkit_vision::eigenfaces::{
    Alignment, Components, Eigenfaces, FeatureConfig, FeatureKind, FitConfig, Metric, fit,
};

use dlkit_vision::faces::EyePlaces;

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
    newer[place + 17] = b'4';
    let message = message(&newer);
    assert!(message.contains("version 4") && message.contains("versions 2 and 3"), "{message}");
}

/// The picture `eva/1.png` of that file, and what the program that wrote it printed about it.
const EVA: [u8; 30] = [
    184, 71, 57, 181, 203, 189, 69, 121, 112, 185, 74, 79, 118, 36, 53, 25, 185, 128, 70, 115, 153,
    66, 204, 93, 187, 108, 136, 120, 25, 62,
];
const FROM_FACE_SPACE: f64 = 0.130_004_527_822_902_6;
const FROM_MEAN_FACE: f64 = 0.915_693_956_416_923_9;
const TO_ADA: f64 = 1.923_901_433_438_369_3;

/// Written before models knew how faces were cut out: two people with three pictures of 6x5 pixels.
/// The distances are those that the program printed that wrote the file.
#[test]
fn files_of_the_second_format_are_read() {
    let bytes = include_bytes!("../reference/eigenfaces-format-2.safetensors");
    let model = Eigenfaces::from_bytes(bytes).unwrap();
    assert_eq!((model.width(), model.height(), model.components()), (6, 5, 2));
    assert_eq!((model.people().len(), model.alignment()), (2, None));
    assert_eq!(model.to_bytes().unwrap(), bytes);
    let found =
        model.recognize(&EVA.map(|level| f32::from(level) / 255.0), Metric::Cosine, 2).unwrap();
    assert!(found.fitted && found.candidates[0].person == "eva");
    assert!((found.distances.from_face_space - FROM_FACE_SPACE).abs() < 1e-6, "{found:?}");
    assert!((found.distances.from_mean_face - FROM_MEAN_FACE).abs() < 1e-5, "{found:?}");
    assert!((found.candidates[1].distance - TO_ADA).abs() < 1e-6, "{found:?}");
}

/// How faces were cut out is part of the file, and of its checksum.
#[test]
fn the_cut_of_the_faces_is_kept() {
    let (values, names) = people(3, 3, 6);
    for alignment in
        [Alignment::Located, Alignment::Eyes(EyePlaces { left: [1.0, 1.5], right: [3.0, 1.5] })]
    {
        let config = FitConfig { alignment: Some(alignment), ..FitConfig::default() };
        let model = fit(&face_set(values.clone(), &names), None, &config).unwrap();
        let bytes = model.to_bytes().unwrap();
        let read = Eigenfaces::from_bytes(&bytes).unwrap();
        assert_eq!(read.alignment(), Some(alignment));
        assert!(String::from_utf8_lossy(&bytes).contains("format_version\\\":3"));
    }
    let eyes = EyePlaces { left: [1.0, 1.5], right: [300.0, 1.5] };
    let config = FitConfig { alignment: Some(Alignment::Eyes(eyes)), ..FitConfig::default() };
    let model = fit(&face_set(values, &names), None, &config).unwrap();
    let error = Eigenfaces::from_bytes(&model.to_bytes().unwrap()).unwrap_err().to_string();
    assert!(error.contains("places of the eyes"), "{error}");
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
