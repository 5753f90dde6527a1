//! Model files.

use dlkit_vision::eigenfaces::{
    Components, Eigenfaces, FitConfig, Method, Metric, Normalization, fit,
};

use crate::faces::{PIXELS, face_set, people};

#[test]
fn a_model_file_gives_the_same_answers_and_damage_is_refused() {
    let (values, names) = people(4, 3, 6);
    let config = FitConfig { components: Components::Number(3), ..FitConfig::default() };
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
    let place = bytes.windows(18).position(|part| part == b"format_version\\\":1").unwrap();
    newer[place + 17] = b'2';
    let message = message(&newer);
    assert!(message.contains("version 2") && message.contains("version 1"), "{message}");
}

/// `bea/1.png` of the faces that the stored model was fitted to.
#[rustfmt::skip]
const KNOWN_FACE: [u8; 20] = [
    54, 143, 83, 214, 209,
    153, 117, 96, 121, 148,
    197, 116, 204, 179, 82,
    118, 65, 62, 91, 109,
];

/// Written by dlkit 0.1.0 with `eigenfaces fit FACES --normalise contrast --method randomised
/// --components 3`; its `eigenfaces recognize MODEL FACES/bea/1.png --json` printed the expected
/// numbers.
#[test]
fn files_of_the_first_format_are_read_and_written_unchanged() {
    let bytes = include_bytes!("../reference/eigenfaces-format-1.safetensors");
    let model = Eigenfaces::from_bytes(bytes).unwrap();
    assert_eq!(model.to_bytes().unwrap(), bytes);
    assert_eq!(model.normalization(), Normalization::Contrast);
    assert_eq!(model.method(), Method::Randomized);
    assert!(model.is_labeled());
    let picture = KNOWN_FACE.map(|pixel| f32::from(pixel) / 255.0);
    let found = model.recognize(&picture, Metric::Euclidean, 3).unwrap();
    let people: Vec<_> = found.candidates.iter().map(|near| near.person.as_str()).collect();
    assert_eq!(people, ["bea", "ada", "cyd"]);
    assert!((found.candidates[1].distance - 5.469_527_005_310_213).abs() < 1e-9);
    assert!((found.face_score.unwrap() - 1.368_642_672_773_403_6).abs() < 1e-9);
    assert!((found.mean_distance - 4.244_893_526_730_353).abs() < 1e-9);
}
