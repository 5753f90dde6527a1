//! Operators that move numbers, repeat them, or make them of sizes.

use super::known::{FOLLOWED, Known, axis_of, float, index, is_same};
use super::numbers::joint;
use super::step::Step;

/// The inputs of a node.
struct Inputs<'a>(&'a [Option<Known>]);

impl<'a> Inputs<'a> {
    fn get(&self, place: usize) -> Option<&'a Known> {
        self.0.get(place)?.as_ref()
    }

    /// The numbers of an input, or of the setting that older versions have in its place.
    fn numbers(&self, place: usize, step: &'a Step, setting: &str) -> Option<&'a [f64]> {
        match self.get(place) {
            Some(known) => known.numbers.as_deref(),
            None => step.numbers(setting),
        }
    }
}

/// The output of an operator that has one.
pub(super) fn value(step: &Step, inputs: &[Option<Known>]) -> Option<Known> {
    let inputs = Inputs(inputs);
    let first = || inputs.get(0);
    match step.operator.as_str() {
        "Shape" => shape(step, first()?),
        "Size" => Some(Known::scalar(first()?.count())),
        "ConstantOfShape" => filled(step, first()?),
        "Range" => range(&inputs),
        "Expand" => {
            let wanted = Known::new(inputs.get(1)?.of_list()?.to_vec());
            Some(Known::new(joint(&[first()?, &wanted])?))
        }
        "Tile" => {
            let sizes = first()?.sizes.iter().zip(inputs.get(1)?.of_list()?);
            Some(Known::new(sizes.map(|(size, times)| size * times).collect()))
        }
        "Reshape" => reshaped(step, &inputs),
        "Flatten" => flat(step, first()?),
        "Transpose" => transposed(step, first()?),
        "Squeeze" => squeezed(first()?, inputs.numbers(1, step, "axes")),
        "Unsqueeze" => unsqueezed(first()?, inputs.numbers(1, step, "axes")?),
        "Concat" => joined(step, inputs.0),
        "Slice" => sliced(step, &inputs),
        "Gather" => gathered(step, &inputs),
        "GatherElements" => Some(Known::new(inputs.get(1)?.sizes.clone())),
        "GatherND" => {
            let (last, before) = inputs.get(1)?.sizes.split_last()?;
            let rest = first()?.sizes.get(index(*last)?..)?;
            Some(Known::new([before, rest].concat()))
        }
        "Pad" => padded(step, &inputs),
        "DepthToSpace" => shuffled(step, first()?),
        "OneHot" => {
            let mut sizes = first()?.sizes.clone();
            let axis = axis_of(step.number("axis").unwrap_or(-1.0), sizes.len() + 1)?;
            sizes.insert(axis, inputs.get(1)?.single()?);
            Some(Known::new(sizes))
        }
        "GridSample" => {
            let [batch, channels, ..] = first()?.sizes[..] else { return None };
            let [_, places @ .., _] = &inputs.get(1)?.sizes[..] else { return None };
            Some(Known::new([&[batch, channels], places].concat()))
        }
        "ArgMax" | "ArgMin" => {
            let axis = [step.number("axis").unwrap_or(0.0)];
            reduced(step, first()?, Some(&axis))
        }
        operator if operator.starts_with("Reduce") => {
            reduced(step, first()?, inputs.numbers(1, step, "axes"))
        }
        _ => None,
    }
}

fn shape(step: &Step, of: &Known) -> Option<Known> {
    let place = |number: f64| {
        let number = if number < 0.0 { number + float(of.axes()) } else { number };
        index(number.clamp(0.0, float(of.axes())))
    };
    let start = place(step.number("start").unwrap_or(0.0))?;
    let end = place(step.number("end").unwrap_or(float(of.axes())))?;
    Some(Known::list(of.sizes.get(start..end.max(start))?.to_vec()))
}

fn filled(step: &Step, sizes: &Known) -> Option<Known> {
    let mut known = Known::new(sizes.of_list()?.to_vec());
    let value = step.value("value");
    known.is_whole = value.is_some_and(|value| value.is_whole);
    if known.count() <= FOLLOWED {
        let number = value.map_or(Some(0.0), Known::single)?;
        known.numbers = Some(vec![number; index(known.count())?]);
    }
    Some(known)
}

fn range(inputs: &Inputs<'_>) -> Option<Known> {
    let [start, limit, delta] = [0, 1, 2].map(|place| inputs.get(place).and_then(Known::single));
    let (start, limit, delta) = (start?, limit?, delta?);
    let count = ((limit - start) / delta).ceil().max(0.0);
    let mut known = Known::new(vec![count]);
    known.is_whole = inputs.get(0)?.is_whole;
    if count <= FOLLOWED {
        known.numbers = Some((0..index(count)?).map(|n| start + float(n) * delta).collect());
    }
    Some(known)
}

fn reshaped(step: &Step, inputs: &Inputs<'_>) -> Option<Known> {
    let of = inputs.get(0)?;
    let wanted = inputs.numbers(1, step, "shape")?;
    let mut sizes = Vec::new();
    for (place, &size) in wanted.iter().enumerate() {
        let is_kept = size == 0.0 && !step.is("allowzero");
        sizes.push(if is_kept { *of.sizes.get(place)? } else { size });
    }
    let rest: f64 = sizes.iter().filter(|&&size| size >= 0.0).product();
    for size in &mut sizes {
        if *size < 0.0 {
            *size = if rest > 0.0 { (of.count() / rest).floor() } else { 0.0 };
        }
    }
    Some(Known { sizes, ..of.clone() })
}

fn flat(step: &Step, of: &Known) -> Option<Known> {
    let axis = step.number("axis").unwrap_or(1.0);
    let axis = if axis < 0.0 { axis + float(of.axes()) } else { axis };
    let (before, after) = of.sizes.split_at_checked(index(axis)?)?;
    Some(Known::new(vec![before.iter().product(), after.iter().product()]))
}

fn transposed(step: &Step, of: &Known) -> Option<Known> {
    let Some(order) = step.numbers("perm") else {
        return Some(Known::new(of.sizes.iter().rev().copied().collect()));
    };
    let sizes = order.iter().map(|&axis| of.sizes.get(of.axis(axis)?).copied());
    Some(Known::new(sizes.collect::<Option<_>>()?))
}

fn squeezed(of: &Known, axes: Option<&[f64]>) -> Option<Known> {
    let places: Vec<usize> = match axes {
        Some(axes) => axes.iter().map(|&axis| of.axis(axis)).collect::<Option<_>>()?,
        None => (0..of.axes()).filter(|&axis| is_same(of.sizes[axis], 1.0)).collect(),
    };
    let kept = of.sizes.iter().enumerate().filter(|(place, _)| !places.contains(place));
    Some(Known { sizes: kept.map(|(_, &size)| size).collect(), ..of.clone() })
}

fn unsqueezed(of: &Known, axes: &[f64]) -> Option<Known> {
    let all = of.axes() + axes.len();
    let mut places: Vec<usize> =
        axes.iter().map(|&axis| axis_of(axis, all)).collect::<Option<_>>()?;
    places.sort_unstable();
    let mut sizes = of.sizes.clone();
    for place in places {
        if place > sizes.len() {
            return None;
        }
        sizes.insert(place, 1.0);
    }
    Some(Known { sizes, ..of.clone() })
}

fn joined(step: &Step, inputs: &[Option<Known>]) -> Option<Known> {
    let all: Vec<&Known> = inputs.iter().map(Option::as_ref).collect::<Option<_>>()?;
    let first = all.first()?;
    let axis = first.axis(step.number("axis")?)?;
    let mut sizes = first.sizes.clone();
    sizes[axis] = all.iter().map(|value| value.sizes.get(axis).copied()).sum::<Option<_>>()?;
    let lists: Option<Vec<&[f64]>> = all.iter().map(|value| value.of_list()).collect();
    let numbers = lists.map(|lists| lists.concat()).filter(|list| float(list.len()) <= FOLLOWED);
    Some(Known { sizes, numbers, is_whole: first.is_whole })
}

/// The outputs of a division into parts.
pub(super) fn split(step: &Step, inputs: &[Option<Known>]) -> Option<Vec<Option<Known>>> {
    let inputs = Inputs(inputs);
    let of = inputs.get(0)?;
    let axis = of.axis(step.number("axis").unwrap_or(0.0))?;
    let parts = if let Some(parts) = inputs.numbers(1, step, "split") {
        parts.to_vec()
    } else {
        let part = (of.sizes[axis] / float(step.outputs.len())).ceil();
        let starts = (0..step.outputs.len()).map(|place| float(place) * part);
        starts.map(|start| (of.sizes[axis] - start).clamp(0.0, part)).collect()
    };
    let mut start = 0.0;
    let part = |size: f64| {
        let mut sizes = of.sizes.clone();
        sizes[axis] = size;
        let range = index(start)?..index(start + size)?;
        start += size;
        let numbers = of.of_list().and_then(|list| list.get(range)).map(<[f64]>::to_vec);
        Some(Known { sizes, numbers, is_whole: of.is_whole })
    };
    Some(parts.into_iter().map(part).collect())
}

fn sliced(step: &Step, inputs: &Inputs<'_>) -> Option<Known> {
    let of = inputs.get(0)?;
    let starts = inputs.numbers(1, step, "starts")?;
    let ends = inputs.numbers(2, step, "ends")?;
    let all: Vec<f64> = (0..starts.len()).map(float).collect();
    let along = inputs.numbers(3, step, "axes").unwrap_or(&all);
    let ones = vec![1.0; starts.len()];
    let steps = inputs.numbers(4, step, "steps").unwrap_or(&ones);
    let mut sizes = of.sizes.clone();
    let mut numbers = of.of_list().map(<[f64]>::to_vec);
    for (((&start, &end), &axis), &by) in starts.iter().zip(ends).zip(along).zip(steps) {
        let axis = of.axis(axis)?;
        let size = sizes[axis];
        // From the end backward, the place before the first one is -1.
        let (least, most): (f64, f64) = if by < 0.0 { (-1.0, size - 1.0) } else { (0.0, size) };
        let place = |at: f64| {
            let at = if at < 0.0 { at + size } else { at };
            at.clamp(least.min(most), most)
        };
        let start = place(start).max(0.0);
        let count = ((place(end) - start) / by).ceil().max(0.0);
        sizes[axis] = count;
        numbers = numbers.and_then(|list| {
            let places = (0..index(count)?).map(|n| index(start + float(n) * by));
            places.map(|place| list.get(place?).copied()).collect()
        });
    }
    Some(Known { sizes, numbers, is_whole: of.is_whole })
}

fn gathered(step: &Step, inputs: &Inputs<'_>) -> Option<Known> {
    let (of, places) = (inputs.get(0)?, inputs.get(1)?);
    let axis = of.axis(step.number("axis").unwrap_or(0.0))?;
    let sizes = [&of.sizes[..axis], &places.sizes, &of.sizes[axis + 1..]].concat();
    let pick = |list: &[f64]| {
        let places = places.numbers.as_deref()?.iter();
        places.map(|&place| list.get(axis_of(place, list.len())?).copied()).collect()
    };
    Some(Known { sizes, numbers: of.of_list().and_then(pick), is_whole: of.is_whole })
}

fn padded(step: &Step, inputs: &Inputs<'_>) -> Option<Known> {
    let of = inputs.get(0)?;
    let pads = inputs.numbers(1, step, "pads").or_else(|| step.numbers("paddings"))?;
    let all: Vec<f64> = (0..of.axes()).map(float).collect();
    let along = inputs.get(3).map_or(Some(&all[..]), |known| known.numbers.as_deref())?;
    let mut sizes = of.sizes.clone();
    for (place, &axis) in along.iter().enumerate() {
        sizes[of.axis(axis)?] += pads.get(place)? + pads.get(along.len() + place)?;
    }
    Some(Known::new(sizes))
}

fn shuffled(step: &Step, of: &Known) -> Option<Known> {
    let [batch, channels, height, width] = of.sizes[..] else { return None };
    let factor = step.number("blocksize").filter(|&factor| factor >= 1.0)?;
    let channels = (channels / (factor * factor)).floor();
    Some(Known::new(vec![batch, channels, height * factor, width * factor]))
}

fn reduced(step: &Step, of: &Known, axes: Option<&[f64]>) -> Option<Known> {
    let axes = axes.filter(|axes| !axes.is_empty());
    if axes.is_none() && step.is("noop_with_empty_axes") {
        return Some(Known::new(of.sizes.clone()));
    }
    let places: Vec<usize> = match axes {
        Some(axes) => axes.iter().map(|&axis| of.axis(axis)).collect::<Option<_>>()?,
        None => (0..of.axes()).collect(),
    };
    let is_kept = step.number("keepdims").is_none_or(|kept| kept != 0.0);
    let sizes = of.sizes.iter().enumerate().filter_map(|(place, &size)| {
        let is_reduced = places.contains(&place);
        if is_reduced { is_kept.then_some(1.0) } else { Some(size) }
    });
    Some(Known::new(sizes.collect()))
}

/// What is left of the largest numbers along an axis.
pub(super) fn top(step: &Step, inputs: &[Option<Known>]) -> Option<Known> {
    let inputs = Inputs(inputs);
    let of = inputs.get(0)?;
    let axis = of.axis(step.number("axis").unwrap_or(-1.0))?;
    let mut sizes = of.sizes.clone();
    sizes[axis] = inputs.numbers(1, step, "k").and_then(|k| k.first().copied())?;
    Some(Known::new(sizes))
}
