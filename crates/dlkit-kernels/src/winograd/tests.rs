//! Against the definition in double precision.

use proptest::prelude::*;

use super::filters::Direction;
use super::forward::Convolution;
use super::weight_gradient::WeightGradient;
use super::{Ending, Shape, bias_gradient, convolution, input_gradient, weight_gradient};
use crate::reference::{Sums, numbers, on_threads};
use crate::simd::with_each;

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

    fn forward(&self) -> Sums {
        let area = self.output[0] * self.output[1];
        let mut sums = Sums::new(self.gradient.len());
        for index in 0..self.gradient.len() {
            sums.add(index, [self.bias[index / area % self.shape.filters], 1.0]);
        }
        self.products(|o, i, w| sums.add(o, [self.input[i], self.weight[w]]));
        sums
    }

    fn input_gradient(&self) -> Sums {
        let mut sums = Sums::new(self.input.len());
        self.products(|o, i, w| sums.add(i, [self.gradient[o], self.weight[w]]));
        sums
    }

    fn weight_gradient(&self) -> Sums {
        let mut sums = Sums::new(self.weight.len());
        self.products(|o, i, w| sums.add(w, [self.gradient[o], self.input[i]]));
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
            forward.close(&result, &format!("{name} forward {shape:?}"));
        }
        for (name, result) in with_each(&Convolution {
            shape: shape.reversed(output),
            output: [shape.height, shape.width],
            input: gradient,
            weight,
            ending: Ending::default(),
            direction: Direction::Reverse,
        }) {
            for_input.close(&result, &format!("{name} input gradient {shape:?}"));
        }
        for (name, result) in with_each(&WeightGradient { shape, output, input, gradient }) {
            for_weight.close(&result, &format!("{name} weight gradient {shape:?}"));
        }
    }
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
        on_threads(threads, || {
            [
                convolution(shape, &case.input, &case.weight, Ending::default()),
                input_gradient(shape, &case.gradient, &case.weight),
                weight_gradient(shape, &case.input, &case.gradient),
                bias_gradient(shape, &case.gradient),
            ]
            .map(|values| values.into_iter().map(f32::to_bits).collect::<Vec<_>>())
        })
    };
    let one = results(1);
    for threads in [2, 3, 5, 8] {
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
    let mut expected = Sums::new(2);
    for (index, &gradient) in case.gradient.iter().enumerate() {
        expected.add(index / area % 2, [gradient, 1.0]);
    }
    expected.close(&bias_gradient(shape, &case.gradient), "bias gradient");
}

#[test]
fn an_undefined_input_reaches_its_tiles_and_no_others() {
    let shape = Shape { batch: 2, channels: 2, filters: 3, height: 12, width: 12, padding: [1, 1] };
    let case = Case::new(shape, 2, 0.0);
    let run = |input: &[f32]| convolution(shape, input, &case.weight, Ending::default());
    let defined = run(&case.input);
    for undefined in [f32::NAN, f32::INFINITY] {
        let mut input = case.input.clone();
        // Pixel (1, 1) of the first image belongs to the first tile, rows and columns 0 to 3, only.
        input[13] = undefined;
        for (index, (value, defined)) in run(&input).into_iter().zip(&defined).enumerate() {
            let (image, y, x) = (index / (3 * 144), index / 12 % 12, index % 12);
            let what = format!("{undefined} at {image}, {y}, {x}: {value}");
            if image == 0 && y <= 3 && x <= 3 {
                let through = value.is_nan() || (undefined.is_infinite() && value.is_infinite());
                assert!(through, "{what}");
            } else {
                assert_eq!(value.to_bits(), defined.to_bits(), "{what}");
            }
        }
    }
}

#[test]
fn an_undefined_output_gradient_reaches_its_tiles_and_its_filter() {
    let shape = Shape { batch: 2, channels: 2, filters: 3, height: 14, width: 14, padding: [0, 0] };
    let case = Case::new(shape, 7, 0.0);
    let mut gradient = case.gradient.clone();
    // Output (3, 3) of filter 1 of the first image: it is made of inputs 3 to 5, of two tiles.
    gradient[144 + 3 * 12 + 3] = f32::NAN;
    for (index, value) in input_gradient(shape, &gradient, &case.weight).into_iter().enumerate() {
        let (image, y, x) = (index / (2 * 196), index / 14 % 14, index % 14);
        let what = format!("{image}, {y}, {x}: {value}");
        let reached = |place: usize| (3..6).contains(&place);
        assert!(!(image == 0 && reached(y) && reached(x)) || value.is_nan(), "{what}");
        assert!((image == 0 && y < 8 && x < 8) || value.is_finite(), "{what}");
    }
    for (index, value) in weight_gradient(shape, &case.input, &gradient).into_iter().enumerate() {
        assert_eq!(value.is_nan(), index / (2 * 9) == 1, "weight {index}: {value}");
    }
    for (filter, value) in bias_gradient(shape, &gradient).into_iter().enumerate() {
        assert_eq!(value.is_nan(), filter == 1, "bias {filter}: {value}");
    }
    let mut input = case.input.clone();
    // An input of channel 1 that every weight of the channel meets.
    input[196 + 5 * 14 + 6] = f32::NAN;
    for (index, value) in weight_gradient(shape, &input, &case.gradient).into_iter().enumerate() {
        assert_eq!(value.is_nan(), index / 9 % 2 == 1, "weight {index}: {value}");
    }
}

#[test]
fn an_undefined_weight_reaches_its_filter_and_its_channel() {
    let shape = Shape { batch: 2, channels: 4, filters: 3, height: 9, width: 7, padding: [1, 0] };
    let case = Case::new(shape, 8, 0.0);
    let [rows, columns] = case.output;
    for undefined in [f32::NAN, f32::INFINITY] {
        for place in 0..9 {
            let mut weight = case.weight.clone();
            // Of filter 1 and channel 2.
            weight[(shape.channels + 2) * 9 + place] = undefined;
            let output = convolution(shape, &case.input, &weight, Ending::default());
            for (index, value) in output.into_iter().enumerate() {
                let reached = index / (rows * columns) % shape.filters == 1;
                assert_eq!(!value.is_finite(), reached, "{undefined} at {index}: {value}");
            }
            let gradient = input_gradient(shape, &case.gradient, &weight);
            for (index, value) in gradient.into_iter().enumerate() {
                let reached = index / (shape.height * shape.width) % shape.channels == 2;
                assert_eq!(!value.is_finite(), reached, "{undefined} at {index}: {value}");
            }
        }
    }
}

#[test]
fn undefined_outputs_stay_so_when_rectified() {
    let shape = Shape { batch: 2, channels: 2, filters: 3, height: 9, width: 10, padding: [1, 1] };
    let case = Case::new(shape, 10, 0.0);
    let mut input = case.input.clone();
    input[3 * 10 + 4] = f32::NAN;
    let run = |rectified| {
        let ending = Ending { bias: Some(&case.bias), rectified };
        convolution(shape, &input, &case.weight, ending)
    };
    let (plain, rectified) = (run(false), run(true));
    assert!(plain.iter().any(|value| value.is_nan()));
    for (index, (plain, rectified)) in plain.into_iter().zip(rectified).enumerate() {
        // The larger of an undefined number and zero would be zero.
        let expected = if plain < 0.0 { 0.0 } else { plain };
        let same = rectified.to_bits() == expected.to_bits();
        let both_undefined = rectified.is_nan() && expected.is_nan();
        assert!(same || both_undefined, "{index}: {rectified}, {expected} expected");
    }
}

#[test]
fn rejects_shapes_whose_lengths_wrap_around() {
    // Four images of a quarter of what can be counted: no numbers, as it were.
    let side = 1 << (usize::BITS / 2 - 1);
    let shape =
        Shape { batch: 4, channels: 1, filters: 1, height: side, width: side, padding: [1, 1] };
    let refused =
        std::panic::catch_unwind(|| convolution(shape, &[], &[0.0; 9], Ending::default()));
    let text = refused.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("more numbers than can be counted"), "{text}");
    assert_eq!(Shape { height: usize::MAX, padding: [2, 0], ..shape }.output(), None);
}
