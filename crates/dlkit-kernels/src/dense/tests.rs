//! Against the definition in double precision.

use proptest::prelude::*;

use super::*;
use crate::reference::{Sums, numbers, on_threads};
use crate::simd::with_each;

struct Case {
    shape: Shape,
    input: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    gradient: Vec<f32>,
}

impl Case {
    fn new(shape: Shape, seed: u64, mean: f32) -> Self {
        let Shape { batch, inputs, units } = shape;
        Self {
            shape,
            input: numbers(batch * inputs, seed, mean),
            weight: numbers(inputs * units, seed + 1, 0.0),
            bias: numbers(units, seed + 2, 0.0),
            gradient: numbers(batch * units, seed + 3, 0.0),
        }
    }

    /// Calls `visit(output, input, weight)` with the indices of each product of the definition.
    fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let Shape { batch, inputs, units } = self.shape;
        for sample in 0..batch {
            for (input, unit) in (0..inputs).flat_map(|i| (0..units).map(move |u| (i, u))) {
                visit(sample * units + unit, sample * inputs + input, input * units + unit);
            }
        }
    }

    fn check(&self) {
        let Self { shape, input, weight, bias, gradient } = self;
        let Shape { batch, inputs, units } = *shape;
        let mut outputs = Sums::new(batch * units);
        let (mut for_input, mut for_weight) = (Sums::new(input.len()), Sums::new(weight.len()));
        let mut for_bias = Sums::new(units);
        self.products(|o, i, w| {
            outputs.add(o, [input[i], weight[w]]);
            for_input.add(i, [gradient[o], weight[w]]);
            for_weight.add(w, [gradient[o], input[i]]);
        });
        for index in 0..batch * units {
            outputs.add(index, [bias[index % units], 1.0]);
            for_bias.add(index % units, [gradient[index], 1.0]);
        }
        let ending = Ending { bias: Some(bias), rectified: false };
        for (name, product, reference) in [
            (
                "output",
                Product {
                    rows: Factor::transposed(input, [batch, inputs]),
                    columns: Factor::new(weight, [inputs, units]),
                    ending,
                },
                &outputs,
            ),
            (
                "input gradient",
                Product {
                    rows: Factor::transposed(gradient, [batch, units]),
                    columns: Factor::transposed(weight, [inputs, units]),
                    ending: Ending::default(),
                },
                &for_input,
            ),
            (
                "weight gradient",
                Product {
                    rows: Factor::new(input, [batch, inputs]),
                    columns: Factor::new(gradient, [batch, units]),
                    ending: Ending::default(),
                },
                &for_weight,
            ),
        ] {
            for (instructions, result) in with_each(&product) {
                reference.close(&result, &format!("{instructions} {name} {shape:?}"));
            }
        }
        outputs.close(&forward(*shape, input, weight, ending), "forward");
        for_input.close(&input_gradient(*shape, gradient, weight), "input gradient");
        for_weight.close(&weight_gradient(*shape, input, gradient), "weight gradient");
        for_bias.close(&bias_gradient(*shape, gradient), "bias gradient");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn equals_the_definition(
        batch in 1_usize..70,
        inputs in 1_usize..70,
        units in 1_usize..120,
        mean in prop::sample::select(vec![0.0_f32, 1.0, 100.0]),
        seed in 0_u64..1000,
    ) {
        Case::new(Shape { batch, inputs, units }, seed, mean).check();
    }
}

#[test]
fn long_sums_equal_the_definition() {
    // Longer than what is summed at once, in each of the three products.
    Case::new(Shape { batch: 5, inputs: 2051, units: 18 }, 1, 10.0).check();
    Case::new(Shape { batch: 17, inputs: 6, units: 1100 }, 2, 0.0).check();
    Case::new(Shape { batch: 1037, inputs: 21, units: 33 }, 3, 1.0).check();
}

#[test]
fn products_of_several_tasks_equal_the_definition() {
    // Two blocks of rows, of whole panels of columns and a part of one: in the first shape for Miri of
    // rows read as they are, in the second of rows put into order.
    let shapes: &[[usize; 3]] =
        if cfg!(miri) { &[[33, 3, 25], [9, 33, 25]] } else { &[[150, 140, 77]] };
    for &[batch, inputs, units] in shapes {
        on_threads(2, || Case::new(Shape { batch, inputs, units }, 7, 0.0).check());
    }
}

#[test]
fn gradients_are_slopes_of_the_layer() {
    let shape = Shape { batch: 3, inputs: 5, units: 4 };
    let case = Case::new(shape, 8, 0.0);
    let loss = |input: &[f32], weight: &[f32], bias: &[f32]| {
        let output = forward(shape, input, weight, Ending { bias: Some(bias), rectified: false });
        let products = output.iter().zip(&case.gradient);
        products.map(|(&output, &slope)| f64::from(output) * f64::from(slope)).sum::<f64>()
    };
    let Case { input, weight, bias, gradient, .. } = &case;
    let before = loss(input, weight, bias);
    // The layer is linear in each argument: a large step has no error of its own.
    let moved = |numbers: &[f32], index: usize| {
        let mut moved = numbers.to_vec();
        moved[index] += 1.0;
        moved
    };
    let close = |name: &str, index: usize, after: f64, slope: f32| {
        let difference = (after - before - f64::from(slope)).abs();
        assert!(difference < 1e-5, "{name} {index}: {difference:e}");
    };
    for (index, slope) in input_gradient(shape, gradient, weight).into_iter().enumerate() {
        close("input", index, loss(&moved(input, index), weight, bias), slope);
    }
    for (index, slope) in weight_gradient(shape, input, gradient).into_iter().enumerate() {
        close("weight", index, loss(input, &moved(weight, index), bias), slope);
    }
    for (index, slope) in bias_gradient(shape, gradient).into_iter().enumerate() {
        close("bias", index, loss(input, weight, &moved(bias, index)), slope);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let shape = Shape { batch: 61, inputs: 1100, units: 203 };
    let case = Case::new(shape, 4, 0.0);
    let results = |threads: usize| {
        on_threads(threads, || {
            [
                forward(shape, &case.input, &case.weight, Ending::default()),
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
fn a_rectified_layer_has_no_negative_outputs() {
    let shape = Shape { batch: 9, inputs: 12, units: 50 };
    let case = Case::new(shape, 5, 0.0);
    let run = |rectified| {
        let ending = Ending { bias: Some(&case.bias), rectified };
        forward(shape, &case.input, &case.weight, ending)
    };
    let expected: Vec<f32> = run(false).into_iter().map(|value| value.max(0.0)).collect();
    assert_eq!(run(true), expected);
}

#[test]
fn an_undefined_number_reaches_its_sample_and_no_other() {
    let shape = Shape { batch: 11, inputs: 7, units: 19 };
    let case = Case::new(shape, 6, 0.0);
    for undefined in [f32::NAN, f32::INFINITY] {
        let mut input = case.input.clone();
        input[3 * shape.inputs + 2] = undefined;
        let ending = Ending { bias: Some(&case.bias), rectified: false };
        let output = forward(shape, &input, &case.weight, ending);
        for (index, value) in output.iter().enumerate() {
            assert_eq!(value.is_finite(), index / shape.units != 3, "{undefined} at {index}");
        }
        let mut weight = case.weight.clone();
        weight[2 * shape.units + 18] = undefined;
        let output = forward(shape, &case.input, &weight, ending);
        for (index, value) in output.iter().enumerate() {
            assert_eq!(value.is_finite(), index % shape.units != 18, "{undefined} at {index}");
        }
    }
    let ending = Ending { bias: None, rectified: true };
    let output = forward(shape, &[f32::NAN; 77], &case.weight, ending);
    assert!(output.iter().all(|value| value.is_nan()));
}

#[test]
fn sums_of_nothing_are_the_bias() {
    let shape = Shape { batch: 2, inputs: 0, units: 3 };
    let ending = Ending { bias: Some(&[1.0, -2.0, 3.0]), rectified: true };
    assert_eq!(forward(shape, &[], &[], ending), [1.0, 0.0, 3.0, 1.0, 0.0, 3.0]);
}

#[test]
fn rejects_slices_of_other_lengths() {
    let shape = Shape { batch: 2, inputs: 3, units: 4 };
    let refused =
        std::panic::catch_unwind(|| forward(shape, &[0.0; 5], &[0.0; 12], Ending::default()));
    assert!(refused.is_err());
}

#[test]
fn rejects_shapes_whose_lengths_wrap_around() {
    // The product is zero modulo the machine's word: no numbers, as it were.
    let shape = Shape { batch: 1 << (usize::BITS - 1), inputs: 2, units: 3 };
    let refused = std::panic::catch_unwind(|| forward(shape, &[], &[0.0; 6], Ending::default()));
    let text = refused.unwrap_err().downcast::<String>().unwrap();
    assert!(text.contains("more numbers than can be counted"), "{text}");
}
