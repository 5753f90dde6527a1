//! Where values come from.

/// Where a value in a network comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The input of the network.
    Input,
    /// The layer at this place of the specification.
    Layer(usize),
}

impl Origin {
    /// What belongs to it: that of the input of the network, or that of a layer.
    pub(crate) fn among<T: Copy>(self, input: T, layers: &[T]) -> T {
        match self {
            Self::Input => input,
            Self::Layer(index) => layers[index],
        }
    }

    /// What stands before the layer of this number.
    pub(crate) const fn before(number: usize) -> Self {
        match number.checked_sub(1) {
            Some(index) => Self::Layer(index),
            None => Self::Input,
        }
    }
}
