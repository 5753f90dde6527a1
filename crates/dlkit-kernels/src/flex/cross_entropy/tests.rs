use burn::tensor::{DType, Device};

use super::*;

const DTYPES: [DType; 2] = [DType::F32, DType::F64];

/// Numbers from -3 to 4 without an order, the same in every run.
fn drawn(dims: [usize; 4], start: u16) -> TensorData {
    let count: usize = dims.iter().product();
    let value = |place: u16| (f32::from(place) * 0.618_034).fract() * 7.0 - 3.0;
    let values: Vec<f32> = (start..).map(value).take(count).collect();
    TensorData::new(values, dims)
}

fn tensor(data: &TensorData, dtype: DType) -> Tensor<4> {
    let device = Device::flex().autodiff();
    Tensor::from_data(data.clone().convert_dtype(dtype), (&device, dtype))
}

/// Holds three times a loss and its gradient to the same in double precision, which is Burn's.
fn check(scores: &TensorData, loss: impl Fn(Tensor<4>, DType) -> Tensor<1>) {
    let [ours, burn] = DTYPES.map(|dtype| {
        let scores = tensor(scores, dtype).require_grad();
        assert_eq!(is_single_flex(&scores), dtype == DType::F32);
        let loss = loss(scores.clone(), dtype).mul_scalar(3.0);
        let gradient = scores.grad(&loss.backward()).unwrap();
        let numbers = loss.into_data().iter().chain(gradient.into_data().iter()).collect();
        let numbers: Vec<f64> = numbers;
        numbers
    });
    assert_eq!(ours.len(), burn.len());
    let largest = burn[1..].iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    assert!((ours[0] - burn[0]).abs() <= 1e-6 * burn[0].abs().max(1.0));
    for (ours, burn) in ours[1..].iter().zip(&burn[1..]) {
        assert!((ours - burn).abs() <= 1e-6 * largest, "{ours} {burn}");
    }
}

#[test]
fn losses_and_gradients_are_those_of_burn() {
    let (scores, shares) = (drawn([3, 4, 5, 7], 1), drawn([3, 4, 5, 7], 1_000));
    let weights = drawn([3, 1, 5, 7], 2_000);
    let one = drawn([6, 10, 1, 1], 3_000);
    for smoothing in [0.0, 0.1] {
        for weighted in [false, true] {
            check(&scores, |scores, dtype| {
                let weights = weighted.then(|| tensor(&weights, dtype));
                cross_entropy_of_shares(scores, tensor(&shares, dtype), weights, smoothing)
            });
        }
        let weights: Arc<[f32]> = (0_u8..10).map(|class| f32::from(class) * 0.5).collect();
        for weighted in [false, true] {
            check(&one, |scores, _| {
                let classes = Tensor::<1, Int>::from_data([0, 9, 4, 4, 1, 2], &scores.device());
                let scores = scores.reshape([6, 10]);
                if weighted {
                    weighted_cross_entropy(scores, classes, &weights, smoothing)
                } else {
                    cross_entropy(scores, classes, smoothing)
                }
            });
        }
    }
}
