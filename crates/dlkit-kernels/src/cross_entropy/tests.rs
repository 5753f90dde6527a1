use super::*;
use crate::reference::{numbers, on_threads};
use crate::simd::{Program, Simd, with_each};

/// Mean loss and gradient by the definition, in double precision.
#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn definition(
    shape: Shape,
    scores: &[f32],
    shares: &[f32],
    weights: Option<&[f32]>,
    smoothing: f32,
) -> (f64, Vec<f64>) {
    let Shape { batch, classes, places } = shape;
    let (mut mean, mut gradient) = (0.0, vec![0.0; scores.len()]);
    let each = 1.0 / (batch * places) as f64;
    for sample in 0..batch {
        for place in 0..places {
            let index = |class: usize| (sample * classes + class) * places + place;
            let weight = weights.map_or(1.0, |weights| f64::from(weights[sample * places + place]));
            let exponentials: Vec<f64> =
                (0..classes).map(|class| f64::from(scores[index(class)]).exp()).collect();
            let sum: f64 = exponentials.iter().sum();
            let smoothing = f64::from(smoothing);
            let share = |class: usize| {
                f64::from(shares[index(class)]) * (1.0 - smoothing) + smoothing / classes as f64
            };
            let total: f64 = (0..classes).map(share).sum();
            for class in 0..classes {
                let softmax = exponentials[class] / sum;
                mean -= share(class) * softmax.ln() * weight * each;
                gradient[index(class)] = (softmax * total - share(class)) * weight * each;
            }
        }
    }
    (mean, gradient)
}

fn close((mean, gradient): &(f32, Vec<f32>), expected: &(f64, Vec<f64>), what: &str) {
    let (expected_mean, expected) = expected;
    let error = (f64::from(*mean) - expected_mean).abs();
    assert!(error <= 2e-6 * expected_mean.abs(), "{what}: {mean} {expected_mean}");
    let largest = expected.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    for (value, expected) in gradient.iter().zip(expected) {
        let error = (f64::from(*value) - expected).abs();
        assert!(error <= 2e-6 * largest, "{what}: {value} {expected}");
    }
}

fn bits((mean, gradient): (f32, Vec<f32>)) -> Vec<u32> {
    std::iter::once(mean).chain(gradient).map(f32::to_bits).collect()
}

const SHAPES: [[usize; 3]; 5] = [[2, 3, 64], [1, 5, 63], [3, 2, 130], [4, 7, 1], [2, 1, 9]];

#[test]
fn shares_are_held_to_the_definition() {
    for [batch, classes, places] in SHAPES {
        let shape = Shape { batch, classes, places };
        let scores: Vec<f32> =
            numbers(shape.numbers(), 1, 0.5).iter().map(|number| 8.0 * number).collect();
        let shares = numbers(shape.numbers(), 2, 1.0);
        let drawn = numbers(batch * places, 3, 1.5);
        for (weights, smoothing) in [(None, 0.0), (Some(drawn.as_slice()), 0.1)] {
            let what = format!("{shape:?}, weights {}", weights.is_some());
            let targets = Targets::Shares { shares: &shares, weights };
            let found = mean_and_gradient(shape, &scores, targets, smoothing);
            close(&found, &definition(shape, &scores, &shares, weights, smoothing), &what);
            let alone = mean(shape, &scores, targets, smoothing);
            assert_eq!(alone.to_bits(), found.0.to_bits(), "{what}");
            let few = on_threads(1, || mean_and_gradient(shape, &scores, targets, smoothing));
            let many = on_threads(3, || mean_and_gradient(shape, &scores, targets, smoothing));
            assert_eq!(bits(few), bits(many), "{what}");
        }
    }
}

#[test]
fn classes_are_shares_of_one() {
    let shape = Shape { batch: 6, classes: 5, places: 1 };
    let scores = numbers(30, 4, 0.0);
    let classes = [0, 4, 2, 2, 1, 3];
    let mut shares = vec![0.0; 30];
    for (sample, class) in classes.iter().enumerate() {
        shares[sample * 5 + class] = 1.0;
    }
    for smoothing in [0.0, 0.2] {
        let expected = definition(shape, &scores, &shares, None, smoothing);
        let targets = Targets::Classes(&classes);
        close(&mean_and_gradient(shape, &scores, targets, smoothing), &expected, "classes");
        let targets = Targets::Shares { shares: &shares, weights: None };
        close(&mean_and_gradient(shape, &scores, targets, smoothing), &expected, "shares");
    }
}

/// Weighted shares are targets whose sum is not one; the mean is over weights in place of samples.
#[test]
fn weighted_classes_are_held_to_the_definition() {
    let shape = Shape { batch: 6, classes: 5, places: 1 };
    let scores: Vec<f32> = numbers(30, 4, 0.5).iter().map(|number| 8.0 * number).collect();
    let classes = [0, 4, 2, 2, 1, 3];
    let weights = [1.5, 0.25, 4.0, 1.0, 0.0_f32];
    let total: f64 = classes.iter().map(|&class| f64::from(weights[class])).sum();
    for smoothing in [0.0_f32, 0.2] {
        let mut shares = vec![0.0; 30];
        for (sample, &class) in classes.iter().enumerate() {
            for (index, weight) in weights.iter().enumerate() {
                let kept = if index == class { 1.0 - smoothing } else { 0.0 };
                shares[sample * 5 + index] = (kept + smoothing / 5.0) * weight;
            }
        }
        let (mean_loss, gradient) = definition(shape, &scores, &shares, None, 0.0);
        let scale = 6.0 / total;
        let gradient = gradient.iter().map(|value| value * scale).collect();
        let targets = Targets::WeightedClasses { classes: &classes, weights: &weights };
        let found = mean_and_gradient(shape, &scores, targets, smoothing);
        close(&found, &(mean_loss * scale, gradient), "weighted classes");
        let alone = mean(shape, &scores, targets, smoothing);
        assert_eq!(alone.to_bits(), found.0.to_bits());
    }
    // Samples without a weight teach nothing.
    let shape = Shape { batch: 2, classes: 2, places: 1 };
    let targets = Targets::WeightedClasses { classes: &[1, 1], weights: &[1.0, 0.0] };
    let found = mean_and_gradient(shape, &[0.0, 1.0, 2.0, 3.0], targets, 0.0);
    assert_eq!(found, (0.0, vec![0.0; 4]));
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let shape = Shape { batch: 2, classes: 6, places: 70 };
    let (scores, shares) = (numbers(840, 5, 0.0), numbers(840, 6, 1.0));
    let weights = numbers(140, 7, 1.5);
    let smoothed = Smoothed { kept: 0.9, spread: 0.02 };
    let mut gradient = vec![0.0; 840];
    let target = Target::new(&mut gradient);
    let (weights, gradient) = (Some(weights.as_slice()), Some(target));
    let whole = OfShares { shape, scores: &scores, shares: &shares, weights, smoothed, gradient };
    same_bits(&whole, target);
    let shape = Shape { batch: 84, classes: 10, places: 1 };
    let classes: Vec<usize> = (0..84).map(|sample| sample % 10).collect();
    same_bits(&OfClasses { shape, scores: &scores, classes: &classes, smoothed, gradient }, target);
    let weights = numbers(10, 8, 1.5);
    let (scores, classes, weights) = (&scores, &classes, &weights);
    let per_sample = OfWeightedClasses::per_sample(classes, weights);
    let whole =
        OfWeightedClasses { shape, scores, classes, weights, per_sample, smoothed, gradient };
    same_bits(&whole, target);
}

/// Runs a program with each set of instructions and compares losses and the gradient at `target`.
fn same_bits(program: &(impl Program<Output = Vec<f64>> + Copy), target: Target) {
    let mut found: Vec<(Vec<u64>, Vec<u32>)> = Vec::new();
    for (_, losses) in with_each(&AndGradient { program: *program, target }) {
        let (losses, gradient) = losses;
        let losses = losses.into_iter().map(f64::to_bits).collect();
        found.push((losses, gradient.into_iter().map(f32::to_bits).collect()));
    }
    assert!(found.iter().all(|each| *each == found[0]));
}

/// A program, and the gradient that it left.
#[derive(Clone, Copy)]
struct AndGradient<P> {
    program: P,
    target: Target,
}

impl<P: Program<Output = Vec<f64>> + Copy> Program for AndGradient<P> {
    type Output = (Vec<f64>, Vec<f32>);

    fn run<S: Simd>(self, s: S) -> Self::Output {
        let losses = self.program.run(s);
        // SAFETY: the test keeps the numbers, and no task is left that writes them.
        let gradient = unsafe { std::slice::from_raw_parts(self.target.at(0, 840), 840) };
        (losses, gradient.to_vec())
    }
}

#[test]
fn large_and_undefined_scores_are_what_the_definition_says() {
    let shape = Shape { batch: 2, classes: 3, places: 1 };
    let scores = [1000.0, -1000.0, f32::NEG_INFINITY, 0.0, f32::NAN, 1.0];
    let found = |scores: &[f32], classes: &[usize]| {
        let shape = Shape { batch: classes.len(), ..shape };
        mean_and_gradient(shape, scores, Targets::Classes(classes), 0.0)
    };
    let (loss, gradient) = found(&scores[..3], &[0]);
    assert_eq!((loss, gradient), (0.0, vec![0.0; 3]));
    let (loss, gradient) = found(&scores[..3], &[1]);
    assert_eq!((loss, gradient), (2000.0, vec![1.0, -1.0, 0.0]));
    let (loss, gradient) = found(&scores[3..], &[0]);
    assert!(loss.is_nan() && gradient.iter().all(|value| value.is_nan()));
    // The same as shares.
    let found = |scores: &[f32], shares: &[f32; 3]| {
        let shape = Shape { batch: 1, ..shape };
        mean_and_gradient(shape, scores, Targets::Shares { shares, weights: None }, 0.0)
    };
    assert_eq!(found(&scores[..3], &[1.0, 0.0, 0.0]), (0.0, vec![0.0; 3]));
    assert_eq!(found(&scores[..3], &[0.0, 1.0, 0.0]), (2000.0, vec![1.0, -1.0, 0.0]));
    let (loss, gradient) = found(&scores[3..], &[1.0, 0.0, 0.0]);
    assert!(loss.is_nan() && gradient.iter().all(|value| value.is_nan()));
}

#[test]
#[should_panic(expected = "a class is none of the 3 that have scores")]
fn unknown_classes_are_refused() {
    let shape = Shape { batch: 1, classes: 3, places: 1 };
    let _ = mean(shape, &[0.0; 3], Targets::Classes(&[3]), 0.0);
}
