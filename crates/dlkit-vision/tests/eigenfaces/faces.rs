//! Pictures drawn from a known model.

use dlkit_vision::eigenfaces::{FaceSet, Pictures};
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

pub(crate) const WIDTH: usize = 12;
pub(crate) const HEIGHT: usize = 10;
pub(crate) const PIXELS: usize = WIDTH * HEIGHT;

/// A mean and `dimensions` orthonormal directions: waves of the discrete cosine transform.
pub(crate) fn waves(index: usize) -> Vec<f64> {
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
pub(crate) fn picture(place: &[f64], noise: f64, random: &mut ChaCha12Rng) -> Vec<f32> {
    let mut values = vec![0.5; PIXELS];
    for (index, weight) in place.iter().enumerate() {
        for (value, wave) in values.iter_mut().zip(waves(index)) {
            *value += weight * wave;
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "pixels are single precision")]
    values.iter().map(|value| (value + noise * normal(random)) as f32).collect()
}

/// People at different places in a space of 6 dimensions, each with `each` pictures around.
pub(crate) fn people(count: usize, each: usize, seed: u64) -> (Vec<f32>, Vec<String>) {
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

pub(crate) fn face_set(values: Vec<f32>, people: &[String]) -> FaceSet {
    let pictures = Pictures::new(WIDTH, HEIGHT, values).unwrap();
    let names = (0..people.len()).map(|index| format!("picture{index}")).collect();
    FaceSet::of_people(pictures, names, people).unwrap()
}

/// Pictures that are not faces: other waves.
pub(crate) fn others(count: usize) -> Pictures {
    let random = &mut ChaCha12Rng::seed_from_u64(99);
    let values = (0..count).flat_map(|_| {
        let place: Vec<f64> =
            (0..24).map(|index| if index < 12 { 0.0 } else { normal(random) }).collect();
        picture(&place, 0.01, random)
    });
    Pictures::new(WIDTH, HEIGHT, values.collect()).unwrap()
}
