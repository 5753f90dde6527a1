//! Against the definition in double precision.

use proptest::prelude::*;

use super::filters::Direction;
use super::forward::Convolution;
use super::weight_gradient::WeightGradient;
use super::{Ending, Shape, bias_gradient, convolution, input_gradient, weight_gradient};
use crate::simd::with_each;

/// Norm of the difference by the norm of the reference that is allowed.
const TOLERANCE: f64 = 1e-5;

/// Numbers between -1 and 1 plus `mean`, the same for the same seed (Knuth's MMIX generator).
fn numbers(count: usize, seed: u64, mean: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bits = u16::try_from(state >> 48).unwrap_or(0);
        f32::from(bits) / 32768.0 - 1.0
    };
    (0..count).map(|_| next() + mean).collect()
}

struct Case {
    shape: Shape,
    output: [usize; 2],
    input: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    gradient: Vec<f32>,
}

impl Case {
    fn new(shape: Shape, seed: u64, mean: f32) -> Self {
        let output = shape.output().unwrap();
        let Shape { batch, channels, filters, height, width, .. } = shape;
        Self {
            shape,
            output,
            input: numbers(batch * channels * height * width, seed, mean),
            weight: numbers(filters * channels * 9, seed + 1, 0.0),
            bias: numbers(filters, seed + 2, 0.0),
            gradient: numbers(batch * filters * output[0] * output[1], seed + 3, 0.0),
        }
    }

    /// Calls `visit(output, input, weight)` with the indices of each product of the definition.
    fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let Shape { batch, channels, filters, height, width, padding } = self.shape;
        let [rows, columns] = self.output;
        for (image, filter) in (0..batch).flat_map(|i| (0..filters).map(move |f| (i, f))) {
            for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
                let output = ((image * filters + filter) * rows + y) * columns + x;
                for channel in 0..channels {
                    for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
                        let row = (y + i).wrapping_sub(padding[0]);
                        let column = (x + j).wrapping_sub(padding[1]);
                        if row < height && column < width {
                            let input =
                                ((image * channels + channel) * height + row) * width + column;
                            visit(output, input, ((filter * channels + channel) * 3 + i) * 3 + j);
                        }
                    }
                }
            }
        }
    }

    fn forward(&self) -> Vec<f64> {
        let area = self.output[0] * self.output[1];
        let mut sums: Vec<f64> = (0..self.gradient.len())
            .map(|index| f64::from(self.bias[index / area % self.shape.filters]))
            .collect();
        self.products(|o, i, w| sums[o] += f64::from(self.input[i]) * f64::from(self.weight[w]));
        sums
    }

    fn input_gradient(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.input.len()];
        self.products(|o, i, w| {
            sums[i] += f64::from(self.gradient[o]) * f64::from(self.weight[w]);
        });
        sums
    }

    fn weight_gradient(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.weight.len()];
        self.products(|o, i, w| sums[w] += f64::from(self.gradient[o]) * f64::from(self.input[i]));
        sums
    }

    fn check(&self) {
        let Self { shape, output, input, weight, bias, gradient } = self;
        let [forward, for_input, for_weight] =
            [self.forward(), self.input_gradient(), self.weight_gradient()];
        let (shape, output) = (*shape, *output);
        for (name, result) in with_each(&Convolution {
            shape,
            output,
            input,
            weight,
            ending: Ending { bias: Some(bias), rectified: false },
            direction: Direction::Forward,
        }) {
            close(&result, &forward, &format!("{name} forward {shape:?}"));
        }
        for (name, result) in with_each(&Convolution {
            shape: shape.reversed(output),
            output: [shape.height, shape.width],
            input: gradient,
            weight,
            ending: Ending::default(),
            direction: Direction::Reverse,
        }) {
            close(&result, &for_input, &format!("{name} input gradient {shape:?}"));
        }
        for (name, result) in with_each(&WeightGradient { shape, output, input, gradient }) {
            close(&result, &for_weight, &format!("{name} weight gradient {shape:?}"));
        }
    }
}

fn close(result: &[f32], reference: &[f64], what: &str) {
    assert_eq!(result.len(), reference.len(), "{what}");
    let square = |sum: f64, value: f64| sum + value * value;
    let difference = result
        .iter()
        .zip(reference)
        .map(|(&result, reference)| f64::from(result) - reference)
        .fold(0.0, square);
    let norm = reference.iter().copied().fold(0.0, square);
    let error = (difference / norm).sqrt();
    assert!(error <= TOLERANCE, "{what}: relative error {error:e}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn equals_the_definition(
        batch in 1_usize..4,
        channels in 1_usize..36,
        filters in 1_usize..36,
        height in 1_usize..20,
        width in 1_usize..20,
        padding in [0_usize..3, 0_usize..3],
        mean in prop::sample::select(vec![0.0_f32, 1.0, 100.0]),
        seed in 0_u64..1000,
    ) {
        let shape = Shape { batch, channels, filters, height, width, padding };
        prop_assume!(shape.output().is_some());
        Case::new(shape, seed, mean).check();
    }
}

#[test]
fn many_tiles_and_channels_equal_the_definition() {
    let shape =
        Shape { batch: 9, channels: 39, filters: 78, height: 14, width: 18, padding: [0, 0] };
    Case::new(shape, 5, 0.0).check();
    let shape =
        Shape { batch: 2, channels: 130, filters: 49, height: 9, width: 70, padding: [1, 1] };
    Case::new(shape, 6, 10.0).check();
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let shape =
        Shape { batch: 7, channels: 20, filters: 33, height: 21, width: 30, padding: [1, 0] };
    let case = Case::new(shape, 1, 0.0);
    let results = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            [
                convolution(shape, &case.input, &case.weight, Ending::default()),
                input_gradient(shape, &case.gradient, &case.weight),
                weight_gradient(shape, &case.input, &case.gradient),
            ]
            .map(|values| values.into_iter().map(f32::to_bits).collect::<Vec<_>>())
        })
    };
    let one = results(1);
    for threads in [2, 3, 8] {
        assert!(results(threads) == one, "{threads} threads");
    }
}

#[test]
fn gradients_are_slopes_of_the_convolution() {
    let shape = Shape { batch: 2, channels: 3, filters: 2, height: 6, width: 7, padding: [1, 0] };
    let case = Case::new(shape, 3, 0.0);
    let dot = |a: &[f32], b: &[f32]| {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>()
    };
    let loss = |input: &[f32], weight: &[f32]| {
        dot(&convolution(shape, input, weight, Ending::default()), &case.gradient)
    };
    let for_input = input_gradient(shape, &case.gradient, &case.weight);
    let for_weight = weight_gradient(shape, &case.input, &case.gradient);
    // The convolution is linear in each argument: a large step has no error of its own.
    let indices: &[usize] = if cfg!(miri) { &[17] } else { &[0, 17, 50] };
    for &index in indices {
        let mut moved = case.input.clone();
        moved[index] += 1.0;
        let slope = loss(&moved, &case.weight) - loss(&case.input, &case.weight);
        assert!((slope - f64::from(for_input[index])).abs() < 1e-4);
        let mut moved = case.weight.clone();
        moved[index] += 1.0;
        let slope = loss(&case.input, &moved) - loss(&case.input, &case.weight);
        assert!((slope - f64::from(for_weight[index])).abs() < 1e-4);
    }
}

#[test]
fn rejects_slices_of_other_lengths() {
    let shape = Shape { batch: 1, channels: 1, filters: 1, height: 4, width: 4, padding: [0, 0] };
    let refused =
        std::panic::catch_unwind(|| convolution(shape, &[0.0; 15], &[0.0; 9], Ending::default()));
    assert!(refused.is_err());
}

#[test]
fn a_rectified_convolution_has_no_negative_outputs() {
    let shape = Shape { batch: 2, channels: 4, filters: 3, height: 9, width: 7, padding: [1, 1] };
    let case = Case::new(shape, 4, 0.0);
    let run = |rectified| {
        let ending = Ending { bias: Some(&case.bias), rectified };
        convolution(shape, &case.input, &case.weight, ending)
    };
    let expected: Vec<f32> = run(false).into_iter().map(|value| value.max(0.0)).collect();
    assert_eq!(run(true), expected);
}

#[test]
fn the_gradient_of_the_bias_sums_images_and_pixels() {
    let shape = Shape { batch: 3, channels: 1, filters: 2, height: 9, width: 8, padding: [0, 0] };
    let case = Case::new(shape, 9, 10.0);
    let area = case.output[0] * case.output[1];
    let mut expected = [0.0; 2];
    for (index, &gradient) in case.gradient.iter().enumerate() {
        expected[index / area % 2] += f64::from(gradient);
    }
    close(&bias_gradient(shape, &case.gradient), &expected, "bias gradient");
}

#[test]
fn an_undefined_input_reaches_its_tiles_and_no_others() {
    let shape = Shape { batch: 2, channels: 2, filters: 3, height: 12, width: 12, padding: [1, 1] };
    let case = Case::new(shape, 2, 0.0);
    for undefined in [f32::NAN, f32::INFINITY] {
        let mut input = case.input.clone();
        // Pixel (1, 1) of the first image belongs to the first tile, rows and columns 0 to 3, only.
        input[13] = undefined;
        let output = convolution(shape, &input, &case.weight, Ending::default());
        for (index, value) in output.iter().enumerate() {
            let (image, y, x) = (index / (3 * 144), index / 12 % 12, index % 12);
            let reached = image == 0 && y <= 2 && x <= 2;
            let in_tile = image == 0 && y <= 3 && x <= 3;
            assert!(!reached || !value.is_finite(), "{undefined} at {image}, {y}, {x}");
            assert!(in_tile || value.is_finite(), "{undefined} at {image}, {y}, {x}");
        }
    }
}
