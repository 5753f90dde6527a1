//! Against the formulas in double precision.

use super::*;
use crate::reference::on_threads;

const LENGTH: usize = TASK + 37;

fn wave(frequency: f64) -> Vec<f32> {
    waves(frequency, LENGTH)
}

fn waves(frequency: f64, length: usize) -> Vec<f32> {
    let mut phase = 0.0;
    std::iter::repeat_with(|| {
        phase += frequency;
        single((phase - frequency).sin())
    })
    .take(length)
    .collect()
}

fn close(given: &[f32], expected: &[f64]) {
    for (index, (&given, expected)) in given.iter().zip(expected).enumerate() {
        let difference = (f64::from(given) - expected).abs();
        assert!(difference < 1e-6 * expected.abs().max(1.0), "{index}: {given} {expected}");
    }
}

fn adam(decoupled: bool, time: usize) -> AdamStep {
    AdamStep {
        learning_rate: 0.01,
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.1,
        decoupled,
        time,
        penalty: None,
    }
}

#[test]
fn adam_follows_its_formulas() {
    for decoupled in [false, true] {
        let mut weight = wave(0.1);
        let [mut first, mut second] = [vec![0.0; LENGTH], vec![0.0; LENGTH]];
        let mut expected: Vec<[f64; 3]> =
            weight.iter().map(|&weight| [f64::from(weight), 0.0, 0.0]).collect();
        for time in 1..=5_u8 {
            let gradient = wave(0.3 * f64::from(time));
            let step = adam(decoupled, usize::from(time));
            step.apply(&mut weight, &gradient, &mut first, &mut second);
            for ([w, m, v], &g) in expected.iter_mut().zip(&gradient) {
                let mut g = f64::from(g);
                if decoupled {
                    *w *= 1.0 - 0.01 * 0.1;
                } else {
                    g += 0.1 * *w;
                }
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                let [mean, square] = [
                    *m / (1.0 - 0.9_f64.powi(i32::from(time))),
                    *v / (1.0 - 0.999_f64.powi(i32::from(time))),
                ];
                *w -= 0.01 * mean / (square.sqrt() + 1e-8);
            }
        }
        // The first gradient of all is zero: its root is that of rounding, its direction too.
        close(&weight[1..], &expected[1..].iter().map(|value| value[0]).collect::<Vec<_>>());
    }
}

#[test]
fn gradient_descent_follows_its_formulas() {
    for (momentum, nesterov) in [(0.0, false), (0.9, false), (0.9, true)] {
        let step = SgdStep { learning_rate: 0.1, momentum, nesterov, weight_decay: 0.01 };
        let mut weight = wave(0.1);
        let mut velocity = vec![0.0; LENGTH];
        let mut expected: Vec<[f64; 2]> =
            weight.iter().map(|&weight| [f64::from(weight), 0.0]).collect();
        for frequency in [0.2, 0.3, 0.4] {
            let gradient = wave(frequency);
            step.apply(&mut weight, &gradient, (momentum > 0.0).then_some(&mut velocity));
            for ([w, v], &g) in expected.iter_mut().zip(&gradient) {
                let g = f64::from(g) + 0.01 * *w;
                *v = momentum * *v + g;
                *w -= 0.1 * if nesterov { g + momentum * *v } else { *v };
            }
        }
        close(&weight, &expected.iter().map(|value| value[0]).collect::<Vec<_>>());
    }
}

#[test]
fn a_weight_that_is_kept_becomes_what_it_would_in_place() {
    for decoupled in [false, true] {
        let (old, gradient) = (wave(0.1), wave(0.3));
        let mut weight = old.clone();
        let mut moments = [wave(0.2), wave(0.4).iter().map(|value| value * value).collect()];
        let mut other_moments = moments.clone();
        let step = adam(decoupled, 3);
        let [first, second] = &mut moments;
        step.apply(&mut weight, &gradient, first, second);
        let [first, second] = &mut other_moments;
        let new = step.applied(&old, &gradient, first, second);
        assert_eq!(old, wave(0.1));
        assert_ne!(new, old);
        assert_eq!(new, weight);
        assert_eq!(other_moments, moments);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let length = 7 * TASK + 37;
    let run = || {
        let gradient = waves(0.3, length);
        let mut results = vec![];
        for decoupled in [false, true] {
            let mut state = [0.1, 0.2, 0.0].map(|frequency| waves(frequency, length));
            let [weight, first, second] = &mut state;
            let step = adam(decoupled, 2);
            step.apply(weight, &gradient, first, second);
            results.push(step.applied(weight, &gradient, first, second));
            results.extend(state);
        }
        for (momentum, nesterov) in [(0.0, false), (0.9, false), (0.9, true)] {
            let step = SgdStep { learning_rate: 0.1, momentum, nesterov, weight_decay: 0.01 };
            let mut state = [0.1, 0.2].map(|frequency| waves(frequency, length));
            let [weight, velocity] = &mut state;
            step.apply(weight, &gradient, (momentum > 0.0).then_some(velocity));
            results.extend(state);
        }
        results.into_iter().flatten().map(f32::to_bits).collect::<Vec<_>>()
    };
    let one = on_threads(1, run);
    for threads in [2, 5] {
        assert!(on_threads(threads, run) == one, "{threads} threads");
    }
}
