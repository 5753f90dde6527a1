//! Operators that multiply, enlarge or pool.

use std::collections::HashMap;

use super::known::{Known, float, index};
use super::numbers::joint;
use super::step::Step;

type Made = (Vec<Option<Known>>, f64);

/// The output of such an operator and its operations.
pub(super) fn made(step: &Step, inputs: &[Option<Known>]) -> Option<Made> {
    let at = |place: usize| inputs.get(place).and_then(Option::as_ref);
    let (value, operations) = match step.operator.as_str() {
        "Conv" | "ConvInteger" => convolved(step, at(0)?, at(1)?),
        "ConvTranspose" => convolved_back(step, at(0)?, at(1)?),
        "MaxPool" | "AveragePool" => pooled(step, at(0)?),
        "GlobalAveragePool" | "GlobalMaxPool" => {
            let sizes = at(0)?.sizes.iter().enumerate();
            let sizes = sizes.map(|(place, &size)| if place < 2 { size } else { 1.0 }).collect();
            Some((Known::new(sizes), at(0)?.count()))
        }
        "MatMul" | "MatMulInteger" => multiplied(at(0)?, at(1)?),
        "Gemm" => {
            let turned = |known: &Known, name: &str| match known.sizes[..] {
                [rows, columns] if step.is(name) => Some([columns, rows]),
                [rows, columns] => Some([rows, columns]),
                _ => None,
            };
            let [rows, inner] = turned(at(0)?, "transA")?;
            let [_, columns] = turned(at(1)?, "transB")?;
            Some((Known::new(vec![rows, columns]), rows * columns * inner))
        }
        "Einsum" => summed(step.text("equation")?, inputs),
        "Resize" | "Upsample" => {
            let value = enlarged(step, inputs)?;
            // A cubic weighs 16.
            let operations = 16.0 * value.count();
            Some((value, operations))
        }
        _ => None,
    }?;
    Some((vec![Some(value)], operations))
}

/// Settings of a window that moves over a map, for each of its axes.
struct Window {
    kernel: Vec<f64>,
    strides: Vec<f64>,
    dilations: Vec<f64>,
    pads: Option<Vec<f64>>,
    keeps_size: bool,
}

impl Window {
    fn new(step: &Step, kernel: &[f64]) -> Option<Self> {
        let list = |name: &str| {
            let list = step.numbers(name).map_or_else(|| vec![1.0; kernel.len()], <[f64]>::to_vec);
            (list.len() == kernel.len() && list.iter().all(|&number| number >= 1.0)).then_some(list)
        };
        let padding = step.text("auto_pad").unwrap_or("NOTSET");
        let pads = step.numbers("pads").filter(|_| padding == "NOTSET").map(<[f64]>::to_vec);
        Some(Self {
            kernel: kernel.to_vec(),
            strides: list("strides")?,
            dilations: list("dilations")?,
            pads,
            keeps_size: padding.starts_with("SAME"),
        })
    }

    fn pad(&self, axis: usize) -> Option<f64> {
        let Some(pads) = &self.pads else { return Some(0.0) };
        Some(pads.get(axis)? + pads.get(self.kernel.len() + axis)?)
    }

    /// How far a kernel reaches along an axis.
    fn reach(&self, axis: usize) -> f64 {
        (self.kernel[axis] - 1.0) * self.dilations[axis] + 1.0
    }

    fn across(&self, sizes: &[f64], rounds_up: bool) -> Option<Vec<f64>> {
        let size = |axis: usize| {
            let (size, stride) = (*sizes.get(axis)?, self.strides[axis]);
            if self.keeps_size {
                return Some((size / stride).ceil());
            }
            let steps = (size + self.pad(axis)? - self.reach(axis)) / stride;
            Some(if rounds_up { steps.ceil() } else { steps.floor() } + 1.0)
        };
        (0..self.kernel.len()).map(size).collect()
    }
}

fn convolved(step: &Step, of: &Known, kernels: &Known) -> Option<(Known, f64)> {
    let (&[batch, _], places) = of.sizes.split_first_chunk::<2>()?;
    let (&[out, depth], kernel) = kernels.sizes.split_first_chunk::<2>()?;
    let window = Window::new(step, kernel)?;
    let value = Known::new([vec![batch, out], window.across(places, false)?].concat());
    let operations = value.count() * depth * kernel.iter().product::<f64>();
    Some((value, operations))
}

fn convolved_back(step: &Step, of: &Known, kernels: &Known) -> Option<(Known, f64)> {
    let (&[batch, _], places) = of.sizes.split_first_chunk::<2>()?;
    let (&[_, each], kernel) = kernels.sizes.split_first_chunk::<2>()?;
    let out = each * step.number("group").unwrap_or(1.0);
    let window = Window::new(step, kernel)?;
    let more = step.numbers("output_padding");
    let size = |axis: usize| {
        if let Some(sizes) = step.numbers("output_shape") {
            return sizes.get(axis).copied();
        }
        let (size, stride) = (*places.get(axis)?, window.strides[axis]);
        if window.keeps_size {
            return Some(size * stride);
        }
        let more = more.and_then(|more| more.get(axis).copied()).unwrap_or(0.0);
        Some((size - 1.0) * stride + window.reach(axis) + more - window.pad(axis)?)
    };
    let sizes: Vec<f64> = (0..kernel.len()).map(size).collect::<Option<_>>()?;
    let operations = of.count() * each * kernel.iter().product::<f64>();
    Some((Known::new([vec![batch, out], sizes].concat()), operations))
}

fn pooled(step: &Step, of: &Known) -> Option<(Known, f64)> {
    let (&first, places) = of.sizes.split_first_chunk::<2>()?;
    let kernel = step.numbers("kernel_shape")?;
    let window = Window::new(step, kernel)?;
    let across = window.across(places, step.is("ceil_mode"))?;
    let value = Known::new([first.to_vec(), across].concat());
    let operations = value.count() * kernel.iter().product::<f64>();
    Some((value, operations))
}

fn multiplied(left: &Known, right: &Known) -> Option<(Known, f64)> {
    let row = |known: &Known| known.axes() == 1;
    let (left_is_row, right_is_column) = (row(left), row(right));
    let left = if left_is_row { vec![1.0, left.sizes[0]] } else { left.sizes.clone() };
    let right = if right_is_column { vec![right.sizes[0], 1.0] } else { right.sizes.clone() };
    let (before, &[rows, inner]) = left.split_last_chunk::<2>()?;
    let (other, &[_, columns]) = right.split_last_chunk::<2>()?;
    let mut sizes = joint(&[&Known::new(before.to_vec()), &Known::new(other.to_vec())])?;
    let operations = sizes.iter().product::<f64>() * rows * columns * inner;
    sizes.extend((!left_is_row).then_some(rows));
    sizes.extend((!right_is_column).then_some(columns));
    Some((Known::new(sizes), operations))
}

/// A sum of products by letters, such as `bqc,bchw->bqhw`.
fn summed(equation: &str, inputs: &[Option<Known>]) -> Option<(Known, f64)> {
    let equation: String = equation.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (terms, result) = equation.split_once("->")?;
    let mut sizes: HashMap<char, f64> = HashMap::new();
    for (term, input) in terms.split(',').zip(inputs) {
        let own = &input.as_ref()?.sizes;
        if term.chars().count() != own.len() {
            return None;
        }
        sizes.extend(term.chars().zip(own.iter().copied()));
    }
    let found: Option<Vec<f64>> =
        result.chars().map(|letter| sizes.get(&letter).copied()).collect();
    Some((Known::new(found?), sizes.values().product()))
}

fn enlarged(step: &Step, inputs: &[Option<Known>]) -> Option<Known> {
    let at = |place: usize| inputs.get(place).and_then(Option::as_ref);
    let of = at(0)?;
    let all: Vec<f64> = (0..of.axes()).map(float).collect();
    let along = step.numbers("axes").unwrap_or(&all);
    let mut sizes = of.sizes.clone();
    let given = |place: usize| {
        at(place)
            .and_then(|known| known.numbers.as_deref())
            .filter(|list| list.len() == along.len())
    };
    // Version 10 and `Upsample` have the factors second, later versions third.
    let factors = given(2).or_else(|| given(1)).or_else(|| step.numbers("scales"));
    for (place, &axis) in along.iter().enumerate() {
        let axis = index(axis).map_or_else(|| of.axis(axis), Some)?;
        let size = sizes.get_mut(axis)?;
        *size = match (given(3), factors) {
            (Some(wanted), _) => *wanted.get(place)?,
            (None, Some(factors)) => (*size * factors.get(place)?).floor(),
            (None, None) => return None,
        };
    }
    Some(Known::new(sizes))
}
