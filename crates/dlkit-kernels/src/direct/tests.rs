//! Against the definition in double precision.

use proptest::prelude::*;

use super::forward::Convolution;
use super::input_gradient::InputGradient;
use super::weight_gradient::WeightGradient;
use super::{Shape, bias_gradient, convolution, input_gradient, weight_gradient};
use crate::reference::{Sums, numbers, on_threads};
use crate::simd::with_each;
use crate::winograd::Ending;

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
        let Shape { batch, channels, filters, input: [height, width], .. } = shape;
        let weights = filters * shape.group_channels() * shape.taps();
        Self {
            shape,
            output,
            input: numbers(batch * channels * height * width, seed, mean),
            weight: numbers(weights, seed + 1, 0.0),
            bias: numbers(filters, seed + 2, 0.0),
            gradient: numbers(batch * filters * output[0] * output[1], seed + 3, 0.0),
        }
    }

    /// Calls `visit(output, input, weight)` with the indices of each product of the definition.
    fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let Shape { batch, channels, filters, input: [height, width], kernel, .. } = self.shape;
        let Shape { stride, dilation, padding, .. } = self.shape;
        let (each, own) = (self.shape.group_channels(), self.shape.group_filters());
        let [rows, columns] = self.output;
        for (image, filter) in (0..batch).flat_map(|i| (0..filters).map(move |f| (i, f))) {
            for (y, x) in (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x))) {
                let output = ((image * filters + filter) * rows + y) * columns + x;
                for channel in 0..each {
                    let read = filter / own * each + channel;
                    for (i, j) in (0..kernel[0]).flat_map(|i| (0..kernel[1]).map(move |j| (i, j))) {
                        let row = (y * stride[0] + i * dilation[0]).wrapping_sub(padding[0].0);
                        let column = (x * stride[1] + j * dilation[1]).wrapping_sub(padding[1].0);
                        if row < height && column < width {
                            let input = ((image * channels + read) * height + row) * width + column;
                            let weight =
                                ((filter * each + channel) * kernel[0] + i) * kernel[1] + j;
                            visit(output, input, weight);
                        }
                    }
                }
            }
        }
    }

    fn check(&self) {
        let Self { input, weight, bias, gradient, .. } = self;
        let (shape, output) = (self.shape, self.output);
        let area = output[0] * output[1];
        let mut forward = Sums::new(gradient.len());
        for index in 0..gradient.len() {
            forward.add(index, [bias[index / area % shape.filters], 1.0]);
        }
        let mut for_input = Sums::new(input.len());
        let mut for_weight = Sums::new(weight.len());
        self.products(|o, i, w| {
            forward.add(o, [input[i], weight[w]]);
            for_input.add(i, [gradient[o], weight[w]]);
            for_weight.add(w, [gradient[o], input[i]]);
        });
        let ending = Ending { bias: Some(bias), rectified: false };
        for (name, result) in with_each(&Convolution { shape, output, input, weight, ending }) {
            forward.close(&result, &format!("{name} forward {shape:?}"));
        }
        for (name, result) in with_each(&InputGradient { shape, output, gradient, weight }) {
            for_input.close(&result, &format!("{name} input gradient {shape:?}"));
        }
        for (name, result) in with_each(&WeightGradient { shape, output, input, gradient }) {
            for_weight.close(&result, &format!("{name} weight gradient {shape:?}"));
        }
    }
}

/// Stride and dilation 1, no padding, no groups.
const PLAIN: Shape = Shape {
    batch: 2,
    channels: 5,
    filters: 7,
    groups: 1,
    input: [9, 12],
    kernel: [3, 2],
    stride: [1, 1],
    dilation: [1, 1],
    padding: [(0, 0), (0, 0)],
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 128 }))]

    #[test]
    fn equals_the_definition(
        batch in 1_usize..4,
        (groups, channels, filters) in (1_usize..4, 1_usize..9, 1_usize..12),
        input in [1_usize..16, 1_usize..70],
        kernel in [1_usize..6, 1_usize..6],
        stride in [1_usize..9, 1_usize..9],
        dilation in [1_usize..3, 1_usize..3],
        padding in [(0_usize..3, 0_usize..3), (0_usize..3, 0_usize..3)],
        mean in prop::sample::select(vec![0.0_f32, 1.0, 100.0]),
        seed in 0_u64..1000,
    ) {
        let (channels, filters) = (channels * groups, filters * groups);
        let shape = Shape { batch, channels, filters, groups, input, kernel, stride, dilation, padding };
        prop_assume!(shape.output().is_some());
        Case::new(shape, seed, mean).check();
    }
}

#[test]
fn large_and_depthwise_convolutions_equal_the_definition() {
    let stride = Shape {
        channels: 33,
        filters: 50,
        input: [31, 45],
        kernel: [3, 3],
        stride: [2, 2],
        padding: [(1, 1), (1, 1)],
        ..PLAIN
    };
    Case::new(stride, 5, 0.0).check();
    let depthwise = Shape { filters: 33, groups: 33, batch: 9, ..stride };
    Case::new(depthwise, 6, 0.0).check();
    let pixels = Shape { channels: 130, filters: 70, kernel: [1, 1], ..PLAIN };
    Case::new(pixels, 7, 10.0).check();
}

#[test]
fn small_convolutions_of_all_kinds_equal_the_definition() {
    let small = Shape { channels: 2, filters: 3, input: [5, 7], batch: 1, ..PLAIN };
    for shape in [
        small,
        Shape { kernel: [1, 1], stride: [2, 2], ..small },
        Shape { stride: [2, 2], padding: [(1, 0), (0, 1)], ..small },
        Shape { kernel: [1, 2], stride: [3, 4], padding: [(2, 2), (1, 1)], ..small },
        Shape { filters: 2, groups: 2, dilation: [2, 3], batch: 2, ..small },
    ] {
        Case::new(shape, 4, 0.0).check();
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let shape = Shape { batch: 11, stride: [2, 1], padding: [(1, 0), (2, 1)], ..PLAIN };
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
fn shapes_that_do_not_go_together_have_no_output() {
    assert_eq!(PLAIN.output(), Some([7, 11]));
    for shape in [
        Shape { input: [2, 12], ..PLAIN },
        Shape { groups: 2, ..PLAIN },
        Shape { groups: 0, ..PLAIN },
        Shape { stride: [0, 1], ..PLAIN },
        Shape { kernel: [0, 1], ..PLAIN },
        Shape { batch: 0, ..PLAIN },
        Shape { padding: [(usize::MAX, 1), (0, 0)], ..PLAIN },
        Shape { stride: [9, 1], ..PLAIN },
        Shape { input: [0, 12], padding: [(3, 3), (0, 0)], ..PLAIN },
        // Numbers whose products wrap around.
        Shape {
            batch: 1,
            channels: 1,
            filters: 1,
            input: [1, 2],
            kernel: [2, 1],
            dilation: [usize::MAX / 3, 1],
            padding: [(0, usize::MAX / 3), (0, 1)],
            ..PLAIN
        },
    ] {
        assert_eq!(shape.output(), None, "{shape:?}");
    }
}

#[test]
fn an_undefined_number_reaches_what_is_made_of_it() {
    let case = Case::new(PLAIN, 3, 0.0);
    let mut input = case.input.clone();
    // Of the second channel of the first image.
    input[9 * 12 + 4 * 12 + 6] = f32::NAN;
    let output = convolution(PLAIN, &input, &case.weight, Ending { bias: None, rectified: true });
    for (index, value) in output.into_iter().enumerate() {
        let (image, y, x) = (index / (7 * 77), index / 11 % 7, index % 11);
        let reached = image == 0 && (2..=4).contains(&y) && (5..=6).contains(&x);
        assert_eq!(value.is_nan(), reached, "{image}, {y}, {x}: {value}");
    }
}

#[test]
fn rejects_slices_of_other_lengths() {
    let refused =
        std::panic::catch_unwind(|| convolution(PLAIN, &[0.0; 15], &[0.0; 9], Ending::default()));
    assert!(refused.is_err());
}
