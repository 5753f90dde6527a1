//! What is known of a value before it is computed.

use prost::encoding::decode_varint;

use crate::graph::onnx::{EXTERNAL, TensorProto, data_type};

/// Most numbers of a value that are followed: those that sizes are computed from are few.
pub(super) const FOLLOWED: f64 = 1024.0;

/// The sizes of a value and, where these are few and follow, its numbers, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) sizes: Vec<f64>,
    pub(super) numbers: Option<Vec<f64>>,
    /// Whether its numbers are whole by their type, so that a quotient is.
    pub(super) is_whole: bool,
}

impl Known {
    /// A value of which only the sizes are known.
    pub(super) const fn new(sizes: Vec<f64>) -> Self {
        Self { sizes, numbers: None, is_whole: false }
    }

    pub(super) fn of_sizes(sizes: &[usize]) -> Self {
        Self::new(sizes.iter().map(|&size| float(size)).collect())
    }

    /// A list of whole numbers.
    pub(super) fn list(numbers: Vec<f64>) -> Self {
        Self { sizes: vec![float(numbers.len())], numbers: Some(numbers), is_whole: true }
    }

    /// One whole number.
    pub(super) fn scalar(number: f64) -> Self {
        Self { sizes: Vec::new(), numbers: Some(vec![number]), is_whole: true }
    }

    /// A weight, or the value of a constant.
    pub(super) fn of_tensor(tensor: &TensorProto) -> Option<Self> {
        let sizes: Option<Vec<f64>> =
            tensor.dims.iter().map(|&size| usize::try_from(size).ok().map(float)).collect();
        let mut known = Self::new(sizes?);
        let (numbers, is_whole) = numbers(tensor);
        known.is_whole = is_whole;
        known.numbers = numbers.filter(|numbers| {
            known.count() <= FOLLOWED && is_same(known.count(), float(numbers.len()))
        });
        Some(known)
    }

    /// How many numbers it has.
    pub(super) fn count(&self) -> f64 {
        self.sizes.iter().product()
    }

    pub(super) fn axes(&self) -> usize {
        self.sizes.len()
    }

    /// The numbers of a list.
    pub(super) fn of_list(&self) -> Option<&[f64]> {
        self.numbers.as_deref().filter(|_| self.axes() == 1)
    }

    /// A single number.
    pub(super) fn single(&self) -> Option<f64> {
        match self.numbers.as_deref() {
            Some([number]) => Some(*number),
            _ => None,
        }
    }

    /// The place of an axis that may be counted from the end.
    pub(super) fn axis(&self, axis: f64) -> Option<usize> {
        axis_of(axis, self.axes())
    }

    /// Its sizes as text.
    pub(super) fn text(&self) -> String {
        let sizes: Vec<String> = self.sizes.iter().map(|size| format!("{size:.0}")).collect();
        format!("[{}]", sizes.join(", "))
    }
}

/// Whether a size is another one.
pub(super) fn is_same(size: f64, other: f64) -> bool {
    (size - other).abs() < 0.5
}

/// The place of an axis of so many that may be counted from the end.
pub(super) fn axis_of(axis: f64, count: usize) -> Option<usize> {
    let place = if axis < 0.0 { axis + float(count) } else { axis };
    index(place).filter(|&place| place < count)
}

/// A whole number as a place.
pub(super) fn index(number: f64) -> Option<usize> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked: not negative and small"
    )]
    (0.0..=FOLLOWED * FOLLOWED).contains(&number).then_some(number as usize)
}

/// The numbers of a tensor of a type that sizes are computed with, and whether the type is one of whole
/// numbers. Those in other files are not read.
fn numbers(tensor: &TensorProto) -> (Option<Vec<f64>>, bool) {
    use data_type::{BOOL, DOUBLE, FLOAT, INT32, INT64};
    if tensor.data_location == EXTERNAL {
        return (None, matches!(tensor.data_type, INT32 | BOOL | INT64));
    }
    let raw = tensor.raw_data.as_ref();
    match tensor.data_type {
        FLOAT => {
            let bytes = if raw.is_empty() { &tensor.float_data } else { raw };
            (read(bytes, |bytes| f64::from(f32::from_le_bytes(bytes))), false)
        }
        DOUBLE => {
            let bytes = if raw.is_empty() { &tensor.double_data } else { raw };
            (read(bytes, f64::from_le_bytes), false)
        }
        INT64 if raw.is_empty() => (varints(&tensor.int64_data), true),
        INT64 => (read(raw, |bytes| whole(i64::from_le_bytes(bytes))), true),
        INT32 | BOOL if raw.is_empty() => (varints(&tensor.int32_data), true),
        INT32 => (read(raw, |bytes| f64::from(i32::from_le_bytes(bytes))), true),
        BOOL => (read(raw, |[byte]| f64::from(byte)), true),
        _ => (None, false),
    }
}

/// Numbers of a fixed width, if they are few.
fn read<const WIDTH: usize>(bytes: &[u8], number: impl Fn([u8; WIDTH]) -> f64) -> Option<Vec<f64>> {
    let (chunks, rest) = bytes.as_chunks::<WIDTH>();
    (rest.is_empty() && float(chunks.len()) <= FOLLOWED)
        .then(|| chunks.iter().map(|&chunk| number(chunk)).collect())
}

/// Numbers of seven bits a byte, as `int64_data` and `int32_data` have them.
fn varints(mut bytes: &[u8]) -> Option<Vec<f64>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        found.push(whole(decode_varint(&mut bytes).ok()?.cast_signed()));
        if float(found.len()) > FOLLOWED {
            return None;
        }
    }
    Some(found)
}

/// A whole number, exact below 2^53: larger ones mean "to the end", or are no sizes.
#[expect(clippy::cast_precision_loss, reason = "sizes are smaller by far")]
pub(super) const fn whole(number: i64) -> f64 {
    number as f64
}

/// A count as a number.
pub(super) fn float(count: usize) -> f64 {
    whole(i64::try_from(count).unwrap_or(i64::MAX))
}
