//! Which neurons can only be removed together.

use crate::network::layers::rule::Passage;
use crate::network::origin::Origin;
use crate::network::spec::{LayerSpec, NetworkSpec};

/// The neurons of a network in classes: what is added or multiplied belongs together.
pub(super) struct Classes {
    /// What the values of each layer stand for, and those of the input.
    layers: Vec<Vec<usize>>,
    input: Vec<usize>,
    /// The class each one was joined to, itself for a root.
    joined: Vec<usize>,
}

/// The class of all that cannot be removed.
const FIXED: usize = 0;

impl Classes {
    pub(super) fn new(spec: &NetworkSpec) -> Self {
        let input = vec![FIXED; spec.input().channels()];
        let mut classes = Self { layers: Vec::new(), input, joined: vec![FIXED] };
        for layer in spec.layers() {
            let made = classes.made_by(layer);
            classes.layers.push(made);
        }
        for class in classes.of(Origin::before(spec.layers().len())).to_vec() {
            classes.join(class, FIXED);
        }
        classes
    }

    /// The classes of the channels of a layer's output; joins what the layer ties.
    fn made_by(&mut self, layer: &LayerSpec) -> Vec<usize> {
        let channels = layer.output().channels();
        let inputs: Vec<Vec<usize>> =
            layer.origins().iter().map(|origin| self.of(*origin).to_vec()).collect();
        match layer.behavior().passage {
            Passage::Mixes(_) => {
                let first = self.joined.len();
                self.joined.extend(first..first + channels);
                (first..first + channels).collect()
            }
            Passage::Keeps | Passage::Changes(_) | Passage::Filters { .. } | Passage::Lists => {
                inputs.concat()
            }
            Passage::Spreads => {
                let each = channels / layer.input().channels();
                inputs.concat().into_iter().flat_map(|class| vec![class; each]).collect()
            }
            Passage::Joins { .. } => {
                let (first, others) = (&inputs[0], &inputs[1..]);
                for (class, other) in others.iter().flat_map(|other| first.iter().zip(other)) {
                    self.join(*class, *other);
                }
                first.clone()
            }
            Passage::Blocks => {
                for class in inputs.concat() {
                    self.join(class, FIXED);
                }
                vec![FIXED; channels]
            }
        }
    }

    /// The class of each channel of a value, before what was joined is looked up.
    fn of(&self, origin: Origin) -> &[usize] {
        match origin {
            Origin::Input => &self.input,
            Origin::Layer(index) => &self.layers[index],
        }
    }

    /// The class of each channel of a value; none of one that cannot be removed.
    pub(super) fn at(&self, origin: Origin) -> impl Iterator<Item = Option<usize>> {
        self.of(origin).iter().map(|class| Some(self.root(*class)).filter(|&root| root != FIXED))
    }

    fn root(&self, mut class: usize) -> usize {
        while self.joined[class] != class {
            class = self.joined[class];
        }
        class
    }

    /// Joins two classes; the lower root stays, so that what joins what is fixed becomes fixed.
    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        self.joined[left.max(right)] = left.min(right);
    }
}
