//! What layers read along an axis of their input.

use crate::value::pair::Pair;

/// Longest input along one axis for which positions are exact.
pub(crate) const LARGEST: i64 = 1 << 40;

/// What one output value of a layer reads of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Values of every place: the layer accepts inputs of one size only.
    Everything,
    /// Values of every place, of inputs of any size; its output is one value for all places.
    Summary,
    /// Values of its own place.
    Place,
    /// Values around its place, over height and width.
    Around([Step; 2]),
}

/// What position `i` of a layer's output reads of its input along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// `i * stride - before ..= i * stride - before + reach`
    Window { reach: i64, stride: i64, before: i64 },
    /// `i / factor`
    Nearest { factor: i64 },
    /// The two positions around `(i + 1/2) / factor - 1/2`, or the one it falls on.
    Bilinear { factor: i64 },
    /// Those that are spread, each to `stride * j - before ..= stride * j - before + reach`, over `i`.
    Spread { reach: i64, stride: i64, before: i64 },
}

impl Reading {
    /// Whether a value depends on a part of the input only, however large the input is.
    pub(crate) const fn is_local(self) -> bool {
        match self {
            Self::Everything | Self::Summary => false,
            Self::Place | Self::Around(_) => true,
        }
    }

    /// Windows whose last pixel lies `reach` after the first; `before` pixels of padding come first.
    pub(super) fn windows(reach: [usize; 2], stride: Pair, before: [usize; 2]) -> Self {
        let stride = stride.to_array();
        Self::Around([0, 1].map(|axis| Step::Window {
            reach: signed(reach[axis]),
            stride: signed(stride[axis]),
            before: signed(before[axis]),
        }))
    }

    /// Positions that were enlarged by a factor.
    pub(super) fn enlarged(factor: Pair, step: impl Fn(i64) -> Step) -> Self {
        Self::Around(factor.to_array().map(signed).map(step))
    }
}

fn signed(pixels: usize) -> i64 {
    i64::try_from(pixels).unwrap_or(LARGEST)
}

impl Step {
    /// Positions that are each spread over `reach` more, `stride` apart; `before` are cut off.
    pub(super) fn spread(reach: usize, stride: usize, before: usize) -> Self {
        Self::Spread { reach: signed(reach), stride: signed(stride), before: signed(before) }
    }

    /// First and last position read.
    pub(crate) const fn span(self, position: i64) -> (i64, i64) {
        match self {
            Self::Window { reach, stride, before } => {
                let first = position.saturating_mul(stride).saturating_sub(before);
                (first, first.saturating_add(reach))
            }
            Self::Nearest { factor } => (position.div_euclid(factor), position.div_euclid(factor)),
            Self::Bilinear { factor } => {
                // In halves of a source pixel over the factor, so that nothing is rounded.
                let place = position.saturating_mul(2).saturating_add(1 - factor);
                let first = place.div_euclid(2 * factor);
                let between = place.rem_euclid(2 * factor) != 0;
                (first, if between { first + 1 } else { first })
            }
            Self::Spread { reach, stride, before } => {
                let place = position.saturating_add(before);
                let first = place.saturating_sub(reach).saturating_add(stride - 1);
                let (first, last) = (first.div_euclid(stride), place.div_euclid(stride));
                // A kernel shorter than its stride leaves outputs that read nothing.
                if first > last { (last, last) } else { (first, last) }
            }
        }
    }

    /// The same of an input that goes on for ever, counted from the first pixel of the padding.
    pub(crate) const fn without_padding(self) -> Self {
        match self {
            Self::Window { reach, stride, before: _ } => Self::Window { reach, stride, before: 0 },
            Self::Spread { reach, stride, before: _ } => Self::Spread { reach, stride, before: 0 },
            Self::Nearest { .. } | Self::Bilinear { .. } => self,
        }
    }
}
