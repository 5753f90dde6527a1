//! Which positions of the input an output position reads, along one axis.

use super::layers::reading::{LARGEST, Reading, Step};
use super::origin::Origin;
use super::spec::LayerSpec;

/// What the layers of a network read along one axis (0 height, 1 width).
#[derive(Clone, Debug)]
pub(super) struct Reach(Vec<Reads>);

/// What a layer reads along one axis.
#[derive(Clone, Debug)]
struct Reads {
    /// None for a layer that reads its own place.
    step: Option<Step>,
    origins: Vec<Origin>,
}

impl Reach {
    /// The reach of layers along an axis; a layer that reads everything is taken to read its place.
    /// Steps are changed by `change`.
    pub(super) fn new(layers: &[LayerSpec], axis: usize, change: fn(Step) -> Step) -> Self {
        let reads = |layer: &LayerSpec| {
            let step = match layer.behavior().reading {
                Reading::Everything | Reading::Summary | Reading::Place => None,
                Reading::Around(steps) => Some(change(steps[axis])),
            };
            Reads { step, origins: layer.origins().to_vec() }
        };
        Self(layers.iter().map(reads).collect())
    }

    /// The step of each layer and where its inputs come from.
    pub(super) fn steps(&self) -> impl Iterator<Item = (Option<Step>, &[Origin])> {
        self.0.iter().map(|reads| (reads.step, reads.origins.as_slice()))
    }

    /// First and last position of the input that a position after some layers, through all that lead
    /// there, reads; the position itself where none does.
    pub(super) fn span(&self, layers: usize, position: i64) -> (i64, i64) {
        let mut spans: Vec<Option<(i64, i64)>> = vec![None; layers];
        let mut input = None;
        let mut widen = |spans: &mut [Option<(i64, i64)>], origin, (first, last): (i64, i64)| {
            let span = match origin {
                Origin::Input => &mut input,
                Origin::Layer(index) => &mut spans[index],
            };
            let (least, most) = span.unwrap_or((first, last));
            *span = Some((least.min(first), most.max(last)));
        };
        widen(&mut spans, Origin::before(layers), (position, position));
        for index in (0..layers).rev() {
            let Some((first, last)) = spans[index] else { continue };
            let Reads { step, origins } = &self.0[index];
            let read = step.map_or((first, last), |step| {
                (step.span(first).0.max(-LARGEST), step.span(last).1.min(LARGEST))
            });
            for origin in origins {
                widen(&mut spans, *origin, read);
            }
        }
        input.unwrap_or((position, position))
    }
}
