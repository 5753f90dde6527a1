//! Against the definition in double precision.

use super::*;
use crate::reference::{numbers, on_threads};

/// Maps, and vectors of more channels than are computed together.
const SHAPES: [Shape; 2] =
    [Shape { batch: 3, channels: 5, area: 77 }, Shape { batch: 131, channels: 70, area: 1 }];

struct Case {
    shape: Shape,
    input: Vec<f32>,
    gradient: Vec<f32>,
    gamma: Vec<f32>,
    beta: Vec<f32>,
}

impl Case {
    fn new(shape: Shape, mean: f32) -> Self {
        let count = shape.numbers();
        Self {
            shape,
            input: numbers(count, 1, mean),
            gradient: numbers(count, 2, 0.3),
            gamma: numbers(shape.channels, 3, 1.5),
            beta: numbers(shape.channels, 4, 0.0),
        }
    }

    fn ending(&self, rectified: bool) -> Ending<'_> {
        Ending { gamma: &self.gamma, beta: &self.beta, epsilon: 1e-3, rectified }
    }

    /// The output by the definition, in double precision, for a changed input or weight.
    fn output(&self, input: &[f64], rectified: bool) -> Vec<f64> {
        let mut output = vec![0.0; input.len()];
        for channel in 0..self.shape.channels {
            let places: Vec<usize> = self
                .shape
                .starts(channel)
                .flat_map(|start| start..start + self.shape.area)
                .collect();
            let count = f64::from(u32::try_from(places.len()).unwrap());
            let mean = places.iter().map(|&place| input[place]).sum::<f64>() / count;
            let squares = places.iter().map(|&place| (input[place] - mean).powi(2));
            let deviation = (squares.sum::<f64>() / count + 1e-3).sqrt();
            for &place in &places {
                let value = (input[place] - mean) / deviation * f64::from(self.gamma[channel])
                    + f64::from(self.beta[channel]);
                output[place] = if rectified { value.max(0.0) } else { value };
            }
        }
        output
    }

    fn loss(&self, input: &[f64], rectified: bool) -> f64 {
        let slopes = self.gradient.iter().map(|&slope| f64::from(slope));
        self.output(input, rectified).into_iter().zip(slopes).map(|(a, b)| a * b).sum()
    }
}

#[test]
fn outputs_are_those_of_the_definition() {
    let cases = [(0.0, false), (20.0, true)].into_iter();
    for ((mean, rectified), shape) in cases.flat_map(|case| SHAPES.map(|shape| (case, shape))) {
        let case = Case::new(shape, mean);
        let input: Vec<f64> = case.input.iter().map(|&value| f64::from(value)).collect();
        let moments = moments(shape, &case.input);
        let output = normalized(shape, &case.input, &moments, case.ending(rectified));
        for (value, expected) in output.iter().zip(case.output(&input, rectified)) {
            assert!((f64::from(*value) - expected).abs() < 5e-5, "{value} {expected}");
        }
    }
}

#[test]
fn gradients_are_slopes() {
    for (rectified, shape) in [false, true].into_iter().flat_map(|r| SHAPES.map(|s| (r, s))) {
        let case = Case::new(shape, 0.5);
        let moments = moments(shape, &case.input);
        let ending = case.ending(rectified);
        let output = normalized(shape, &case.input, &moments, ending);
        let output = rectified.then_some(&output[..]);
        let found = gradients(shape, [&case.input, &case.gradient], output, &moments, ending);
        let input: Vec<f64> = case.input.iter().map(|&value| f64::from(value)).collect();
        let step = 1e-5;
        for place in [0, 80, 200, 1000] {
            let moved = |step: f64| {
                let mut input = input.clone();
                input[place] += step;
                case.loss(&input, rectified)
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            assert!((slope - f64::from(found.input[place])).abs() < 1e-4, "{place}");
        }
        let masked = |place: usize, expected: f64| {
            let slope = f64::from(case.gradient[place]);
            if rectified && expected <= 0.0 { 0.0 } else { slope }
        };
        let expected = case.output(&input, false);
        let places = || shape.starts(2).flat_map(|start| start..start + shape.area);
        let beta: f64 = places().map(|place| masked(place, expected[place])).sum();
        let gamma: f64 = places()
            .map(|place| {
                let normal = (expected[place] - f64::from(case.beta[2])) / f64::from(case.gamma[2]);
                masked(place, expected[place]) * normal
            })
            .sum();
        assert!((beta - f64::from(found.beta[2])).abs() < 1e-3);
        assert!((gamma - f64::from(found.gamma[2])).abs() < 1e-3);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for shape in SHAPES {
        let case = Case::new(shape, 1.0);
        let (numbers, ending) = ([&case.input[..], &case.gradient], case.ending(false));
        let run = |threads| {
            on_threads(threads, || {
                let moments = moments(shape, &case.input);
                let found = gradients(shape, numbers, None, &moments, ending);
                (moments, found)
            })
        };
        assert_eq!(run(1), run(3));
    }
}
