//! Which rule gives the sizes of an operator's outputs.

use super::known::Known;
use super::step::Step;
use super::{layers, layout, numbers};

/// What a node makes.
pub(super) struct Made {
    /// One for each output; none where its sizes do not follow.
    pub(super) values: Vec<Option<Known>>,
    pub(super) operations: f64,
}

/// What a node makes of its inputs.
pub(super) fn made(step: &Step, inputs: &[Option<Known>]) -> Made {
    let (values, operations) = layers::made(step, inputs).unwrap_or_else(|| {
        let values = values(step, inputs).unwrap_or_default();
        // What it reads, too: a sum makes one number of many.
        let read = inputs.iter().flatten().map(Known::count).fold(0.0, f64::max);
        let made: f64 = values.iter().flatten().map(Known::count).sum();
        (values, read.max(made))
    });
    let operations = if operations.is_finite() { operations } else { f64::MAX };
    let values = values.into_iter().map(|value| value.filter(is_sound)).take(step.outputs.len());
    Made { values: values.collect(), operations }
}

/// Whether no size is negative or undefined: a node that makes such a value fails.
fn is_sound(value: &Known) -> bool {
    value.sizes.iter().all(|&size| size >= 0.0)
}

/// The outputs of an operator that does not multiply.
fn values(step: &Step, inputs: &[Option<Known>]) -> Option<Vec<Option<Known>>> {
    let first = inputs.first().and_then(Option::as_ref);
    let one = |value: Option<Known>| Some(vec![value]);
    match step.operator.as_str() {
        "Add" | "And" | "Div" | "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual"
        | "Max" | "Mean" | "Min" | "Mod" | "Mul" | "Or" | "Pow" | "PRelu" | "Sub" | "Sum"
        | "Where" | "Xor" => {
            let all: Vec<&Known> = inputs.iter().map(Option::as_ref).collect::<Option<_>>()?;
            one(numbers::combined(step, &all))
        }
        "Abs" | "Cast" | "Ceil" | "Floor" | "Identity" | "Neg" | "Not" | "Round" | "Sqrt" => {
            one(Some(numbers::changed(step, first?)))
        }
        operator if KEEPS_SIZES.contains(&operator) => one(Some(Known::new(first?.sizes.clone()))),
        "DynamicQuantizeLinear" => {
            let single = || Some(Known::new(Vec::new()));
            Some(vec![Some(Known::new(first?.sizes.clone())), single(), single()])
        }
        "Split" => layout::split(step, inputs),
        "TopK" => {
            let value = layout::top(step, inputs)?;
            Some(vec![Some(value.clone()), Some(value)])
        }
        _ => one(layout::value(step, inputs)),
    }
}

/// Operators whose output has the sizes of the first input.
const KEEPS_SIZES: [&str; 55] = [
    "Acos",
    "Acosh",
    "Asin",
    "Asinh",
    "Atan",
    "Atanh",
    "BatchNormalization",
    "BiasGelu",
    "CastLike",
    "Clip",
    "Cos",
    "Cosh",
    "CumSum",
    "DequantizeLinear",
    "Dropout",
    "Elu",
    "Erf",
    "Exp",
    "EyeLike",
    "FastGelu",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "InstanceNormalization",
    "IsInf",
    "IsNaN",
    "LayerNormalization",
    "LeakyRelu",
    "Log",
    "LogSoftmax",
    "LpNormalization",
    "QuantizeLinear",
    "QuickGelu",
    "RMSNormalization",
    "RandomNormalLike",
    "RandomUniformLike",
    "Reciprocal",
    "Relu",
    "ReverseSequence",
    "Scatter",
    "ScatterElements",
    "ScatterND",
    "Sigmoid",
    "Sign",
    "SimplifiedLayerNormalization",
    "Sin",
    "Sinh",
    "Softmax",
    "Softplus",
    "Softsign",
    "Swish",
    "Tan",
    "Tanh",
    "ThresholdedRelu",
    "Trilu",
];
