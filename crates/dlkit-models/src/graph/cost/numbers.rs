//! Operators on each number, which sizes are computed with.

use super::known::{Known, is_same};
use super::step::Step;

/// The sizes of values that are stretched to each other.
pub(super) fn joint(values: &[&Known]) -> Option<Vec<f64>> {
    let axes = values.iter().map(|value| value.axes()).max()?;
    let mut sizes = vec![1.0_f64; axes];
    for value in values {
        let first = axes - value.axes();
        for (size, &own) in sizes[first..].iter_mut().zip(&value.sizes) {
            if !is_same(own, 1.0) {
                if !is_same(*size, 1.0) && !is_same(*size, own) {
                    return None;
                }
                *size = own;
            }
        }
    }
    Some(sizes)
}

/// What an operator makes of two or three values, number by number.
pub(super) fn combined(step: &Step, inputs: &[&Known]) -> Option<Known> {
    let sizes = joint(inputs)?;
    let is_compared = matches!(
        step.operator.as_str(),
        "And" | "Equal" | "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" | "Or" | "Xor"
    );
    let is_whole = is_compared || inputs.last().is_some_and(|input| input.is_whole);
    let numbers = numbers(step, inputs, &sizes, is_whole);
    Some(Known { sizes, numbers, is_whole })
}

/// The numbers, where all have as many or one.
fn numbers(step: &Step, inputs: &[&Known], sizes: &[f64], is_whole: bool) -> Option<Vec<f64>> {
    let lists: Vec<&[f64]> =
        inputs.iter().map(|input| input.numbers.as_deref()).collect::<Option<_>>()?;
    let count = lists.iter().map(|list| list.len()).max()?;
    let fit = lists.iter().all(|list| list.len() == 1 || list.len() == count);
    if !fit || sizes.iter().filter(|&&size| !is_same(size, 1.0)).count() > 1 {
        return None;
    }
    let at = |input: usize, place: usize| {
        lists.get(input).and_then(|list| list.get(place.min(list.len() - 1))).copied()
    };
    (0..count)
        .map(|place| {
            let first = at(0, place)?;
            let second = at(1, place).unwrap_or(0.0);
            let truth = |is: bool| Some(f64::from(u8::from(is)));
            match step.operator.as_str() {
                "Add" | "Sum" if lists.len() <= 2 => Some(first + second),
                "Sub" => Some(first - second),
                "Mul" => Some(first * second),
                "Div" if second == 0.0 => None,
                "Div" if is_whole => Some((first / second).trunc()),
                "Div" => Some(first / second),
                "Mod" if second != 0.0 => Some(first - second * (first / second).floor()),
                "Pow" => Some(first.powf(second)),
                "Min" if lists.len() == 2 => Some(first.min(second)),
                "Max" if lists.len() == 2 => Some(first.max(second)),
                "Equal" => truth((first - second).abs() < f64::EPSILON),
                "Less" => truth(first < second),
                "Greater" => truth(first > second),
                "Where" => at(if first == 0.0 { 2 } else { 1 }, place),
                _ => None,
            }
        })
        .collect()
}

/// What an operator makes of one value, number by number.
pub(super) fn changed(step: &Step, input: &Known) -> Known {
    /// Whole types that a value can be cast to.
    const WHOLE: [f64; 3] = [6.0, 7.0, 9.0];
    let mut is_whole = input.is_whole;
    if step.operator == "Cast" {
        is_whole = step.number("to").is_some_and(|to| WHOLE.contains(&to));
    }
    let change = |number: f64| match step.operator.as_str() {
        "Cast" if is_whole => Some(number.trunc()),
        "Identity" | "Cast" => Some(number),
        "Neg" => Some(-number),
        "Abs" => Some(number.abs()),
        "Floor" => Some(number.floor()),
        "Ceil" => Some(number.ceil()),
        "Round" => Some(number.round_ties_even()),
        "Sqrt" => Some(number.sqrt()),
        "Not" => Some(f64::from(u8::from(number == 0.0))),
        _ => None,
    };
    let numbers = input.numbers.as_ref();
    let numbers = numbers.and_then(|list| list.iter().map(|&number| change(number)).collect());
    Known { sizes: input.sizes.clone(), numbers, is_whole }
}
