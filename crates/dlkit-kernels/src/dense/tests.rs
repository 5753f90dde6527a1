//! Against the definition in double precision.

use proptest::prelude::*;

use super::*;
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
        let [x, w, g] = [input, weight, gradient]
            .map(|values| values.iter().copied().map(f64::from).collect::<Vec<_>>());
        let mut outputs: Vec<f64> =
            bias.iter().copied().map(f64::from).cycle().take(batch * units).collect();
        let (mut for_input, mut for_weight) = (vec![0.0; x.len()], vec![0.0; w.len()]);
        let mut for_bias = vec![0.0; units];
        self.products(|output, input, weight| {
            outputs[output] += x[input] * w[weight];
            for_input[input] += g[output] * w[weight];
            for_weight[weight] += g[output] * x[input];
        });
        for (index, gradient) in g.iter().enumerate() {
            for_bias[index % units] += gradient;
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
                close(&result, reference, &format!("{instructions} {name} {shape:?}"));
            }
        }
        close(&forward(*shape, input, weight, ending), &outputs, "forward");
        close(&input_gradient(*shape, gradient, weight), &for_input, "input gradient");
        close(&weight_gradient(*shape, input, gradient), &for_weight, "weight gradient");
        close(&bias_gradient(*shape, gradient), &for_bias, "bias gradient");
    }
}

fn close(result: &[f32], reference: &[f64], what: &str) {
    assert_eq!(result.len(), reference.len(), "{what}");
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>().sqrt();
    let pairs = result.iter().zip(reference);
    let error = norm(&mut pairs.map(|(&result, reference)| f64::from(result) - reference))
        / norm(&mut reference.iter().copied());
    assert!(error <= TOLERANCE, "{what}: relative error {error:e}");
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
fn any_number_of_threads_gives_the_same_bits() {
    let shape = Shape { batch: 61, inputs: 1100, units: 203 };
    let case = Case::new(shape, 4, 0.0);
    let results = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            [
                forward(shape, &case.input, &case.weight, Ending::default()),
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
