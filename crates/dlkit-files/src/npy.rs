//! Writes NumPy's `.npy` files in single precision, and reads them in most precisions.

use half::f16;
use thiserror::Error;

/// The header is padded to a multiple of this length, so that values are aligned.
const ALIGNMENT: usize = 64;
/// Magic, version and header length before the header itself.
const PREAMBLE: usize = 10;

/// Encodes values in row-major order as a `.npy` file (version 1.0).
///
/// # References
/// NumPy, `numpy.lib.format`.
#[must_use]
pub fn npy_bytes(sizes: &[usize], values: &[f32]) -> Vec<u8> {
    let mut bytes = start("<f4", sizes);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// The bytes of a file before its values.
pub(crate) fn start(kind: &str, sizes: &[usize]) -> Vec<u8> {
    // A comma after a single size makes it a Python tuple.
    let sizes = match sizes {
        [single] => format!("{single},"),
        _ => sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({sizes}), }}");
    let padding = (PREAMBLE + header.len() + 1).next_multiple_of(ALIGNMENT);
    header.push_str(&" ".repeat(padding - PREAMBLE - header.len() - 1));
    header.push('\n');
    let length = u16::try_from(header.len()).unwrap_or(u16::MAX);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes
}

/// Why bytes cannot be read as an array.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NpyError {
    /// The magic number is missing.
    #[error("not a .npy file")]
    Magic,
    /// The header is damaged.
    #[error("damaged .npy header: {0}")]
    Header(String),
    /// Values of an unsupported type.
    #[error(
        "values of type {0}: only float16, float32 and float64 are supported; save \
         array.astype(\"float32\")"
    )]
    Type(String),
    /// More or fewer values than the shape needs.
    #[error(
        "{found} bytes of values, but the shape {sizes:?} needs {needed}; write the file again"
    )]
    Length {
        /// The shape.
        sizes: Vec<usize>,
        /// Bytes found.
        found: usize,
        /// Bytes needed.
        needed: usize,
    },
}

/// Reads the sizes and the values, in row-major order, of a `.npy` file of real numbers. NumPy
/// writes transposed arrays in Fortran order, which is converted.
///
/// # Errors
/// The bytes are not a `.npy` file; the values are neither float16, float32 nor float64.
pub fn read_npy(bytes: &[u8]) -> Result<(Vec<usize>, Vec<f32>), NpyError> {
    match read_npy_array(bytes)? {
        NpyArray { kind: NpyKind::Uint8, .. } => Err(NpyError::Type(UINT8.to_owned())),
        NpyArray { sizes, values, .. } => Ok((sizes, values)),
    }
}

/// An array and the type it was stored in.
#[derive(Clone, Debug, PartialEq)]
pub struct NpyArray {
    /// The type in the file.
    pub kind: NpyKind,
    /// Sizes; the last index runs fastest.
    pub sizes: Vec<usize>,
    /// Values in that order.
    pub values: Vec<f32>,
}

/// Supported types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NpyKind {
    /// Half precision; converted to single.
    Float16,
    /// Single precision.
    Float32,
    /// Double precision; converted to single.
    Float64,
    /// Integers from 0 to 255, such as pixels.
    Uint8,
}

const UINT8: &str = "|u1";

/// Reads an array as [`read_npy`] does, and arrays of integers from 0 to 255 too.
///
/// # Errors
/// The bytes are not a `.npy` file; the values are neither float16, float32, float64 nor uint8.
///
/// # References
/// NumPy, `numpy.lib.format`, versions 1.0 to 3.0.
pub fn read_npy_array(bytes: &[u8]) -> Result<NpyArray, NpyError> {
    let (header, data) = header_and_data(bytes)?;
    let Header { kind, first_fastest, sizes } = Header::parse(&String::from_utf8_lossy(header))?;
    let check = |width| check_length(&sizes, data, width);
    #[expect(clippy::cast_possible_truncation, reason = "networks take f32")]
    let single = |value: f64| value as f32;
    let (number, values): (NpyKind, Vec<f32>) = match &*kind {
        "<f2" | ">f2" => {
            check(2)?;
            let value = |bytes| f16::from_le_bytes(bytes).to_f32();
            (NpyKind::Float16, numbers(&kind, data, value))
        }
        "<f4" | ">f4" => {
            check(4)?;
            (NpyKind::Float32, numbers(&kind, data, f32::from_le_bytes))
        }
        "<f8" | ">f8" => {
            check(8)?;
            let value = |bytes| single(f64::from_le_bytes(bytes));
            (NpyKind::Float64, numbers(&kind, data, value))
        }
        UINT8 => {
            check(1)?;
            (NpyKind::Uint8, data.iter().map(|value| f32::from(*value)).collect())
        }
        _ => return Err(NpyError::Type(kind)),
    };
    let values = if first_fastest { row_major(&sizes, &values) } else { values };
    Ok(NpyArray { kind: number, sizes, values })
}

/// Checks that there are as many values of `width` bytes as the sizes need.
pub(crate) fn check_length(sizes: &[usize], data: &[u8], width: usize) -> Result<(), NpyError> {
    let values = sizes.iter().try_fold(width, |product, size| product.checked_mul(*size));
    let needed = values.unwrap_or(usize::MAX);
    if needed == data.len() {
        return Ok(());
    }
    Err(NpyError::Length { sizes: sizes.to_vec(), found: data.len(), needed })
}

/// The header of a file, and the bytes of its values.
pub(crate) fn header_and_data(bytes: &[u8]) -> Result<(&[u8], &[u8]), NpyError> {
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or(NpyError::Magic)?;
    let short = || NpyError::Header("the file ends inside it".to_owned());
    let (version, rest) = rest.split_first_chunk::<2>().ok_or_else(short)?;
    let (length, rest) = if version[0] == 1 {
        let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
        (usize::from(u16::from_le_bytes(*length)), rest)
    } else {
        let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
        (usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX), rest)
    };
    rest.split_at_checked(length).ok_or_else(short)
}

/// What the header of a file says: a Python dictionary.
pub(crate) struct Header {
    /// NumPy's name of the type, such as `<f4`.
    pub(crate) kind: String,
    /// Fortran order: the first index runs fastest.
    pub(crate) first_fastest: bool,
    pub(crate) sizes: Vec<usize>,
}

impl Header {
    pub(crate) fn parse(text: &str) -> Result<Self, NpyError> {
        let missing = |key: &str| NpyError::Header(format!("`{key}` is missing"));
        let entry = |key: &str| {
            let (_, value) = text.split_once(&format!("'{key}':"))?;
            Some(value.trim_start())
        };
        let order = entry("fortran_order").ok_or_else(|| missing("fortran_order"))?;
        let shape = entry("shape").and_then(|value| value.strip_prefix('(')?.split_once(')'));
        let (shape, _) = shape.ok_or_else(|| missing("shape"))?;
        let sizes = shape
            .split(',')
            .map(str::trim)
            .filter(|size| !size.is_empty())
            .map(|size| size.parse().map_err(|_| NpyError::Header(format!("the size `{size}`"))))
            .collect::<Result<Vec<usize>, _>>()?;
        let kind = entry("descr").and_then(|value| value.strip_prefix('\'')?.split_once('\''));
        let (kind, _) = kind.ok_or_else(|| missing("descr"))?;
        Ok(Self { kind: kind.to_owned(), first_fastest: order.starts_with("True"), sizes })
    }
}

/// Reads numbers of a type; `value` reads one from bytes of which the lowest is first.
pub(crate) fn numbers<const WIDTH: usize, T>(
    kind: &str,
    data: &[u8],
    value: impl Fn([u8; WIDTH]) -> T,
) -> Vec<T> {
    let highest_first = kind.starts_with('>');
    let number = |&(mut bytes): &[u8; WIDTH]| {
        if highest_first {
            bytes.reverse();
        }
        value(bytes)
    };
    data.as_chunks().0.iter().map(number).collect()
}

/// Reorders values whose first index runs fastest so that the last index does.
pub(crate) fn row_major<T: Copy>(sizes: &[usize], values: &[T]) -> Vec<T> {
    let strides: Vec<usize> = sizes
        .iter()
        .scan(1, |stride, size| Some(std::mem::replace(stride, *stride * size)))
        .collect();
    let source = |index: usize| {
        let mut rest = index;
        let mut position = 0;
        for (size, stride) in sizes.iter().zip(&strides).rev() {
            position += rest % size * stride;
            rest /= size;
        }
        position
    };
    (0..values.len()).map(|index| values[source(index)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for sizes in [&[3][..], &[1, 3], &[3, 1, 1]] {
            let values = [1.5, -2.0, f32::MIN_POSITIVE];
            let read = read_npy(&npy_bytes(sizes, &values)).unwrap();
            assert_eq!(read, (sizes.to_vec(), values.to_vec()));
        }
    }

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let length = u8::try_from(header.len()).unwrap();
        [b"\x93NUMPY\x02\x00", &[length, 0, 0, 0][..], header.as_bytes(), data].concat()
    }

    #[test]
    fn doubles_are_read() {
        let double = file(
            "{'descr': '<f8', 'fortran_order': False, 'shape': (), }\n",
            &0.25_f64.to_le_bytes(),
        );
        assert_eq!(read_npy(&double), Ok((vec![], vec![0.25])));
    }

    /// `numpy.array([1.5, -0.1], dtype=kind).tobytes()` for each kind.
    #[test]
    fn other_precisions_and_orders_of_bytes_are_read() {
        let half = [0x00, 0x3e, 0x66, 0xae];
        let single = [0x00, 0x00, 0xc0, 0x3f, 0xcd, 0xcc, 0xcc, 0xbd];
        let double = [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0xbf];
        let read = |kind: &str, data: &[u8]| {
            let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': (2,), }}");
            let array = read_npy_array(&file(&header, data)).unwrap();
            (array.kind, array.values)
        };
        for (name, kind, data, second) in [
            ("f2", NpyKind::Float16, &half[..], -0.099_975_586),
            ("f4", NpyKind::Float32, &single, -0.1),
            ("f8", NpyKind::Float64, &double, -0.1),
        ] {
            let swapped: Vec<u8> =
                data.chunks(data.len() / 2).flat_map(|value| value.iter().rev()).copied().collect();
            assert_eq!(read(&format!("<{name}"), data), (kind, vec![1.5, second]));
            assert_eq!(read(&format!(">{name}"), &swapped), (kind, vec![1.5, second]));
        }
    }

    /// `numpy.save` of `numpy.arange(12, dtype="<f4").reshape(2, 3, 2, order="C")` made Fortran:
    /// the values are those of `array.tobytes("F")`.
    #[test]
    fn transposed_arrays_are_read() {
        let stored = [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11_u8];
        let data: Vec<u8> = stored.iter().flat_map(|&v| f32::from(v).to_le_bytes()).collect();
        let header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 2), }\n";
        let expected: Vec<f32> = (0..12_u8).map(f32::from).collect();
        assert_eq!(read_npy(&file(header, &data)), Ok((vec![2, 3, 2], expected)));
        let empty = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 0), }\n";
        assert_eq!(read_npy(&file(empty, &[])), Ok((vec![2, 0], vec![])));
    }

    #[test]
    fn rejects_what_it_cannot_read() {
        let header = |descr: &str, order: &str, shape: &str| {
            let text =
                format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}}}");
            read_npy(&file(&text, &[0; 8])).unwrap_err().to_string()
        };
        let huge = "(99999999999, 99999999999)";
        for (kind, shape, facts) in [
            ("<i8", "(1,)", &["<i8", "float16, float32 and float64", "astype(\"float32\")"][..]),
            ("<f4", "(3,)", &["8 bytes", "[3]", "12"]),
            ("<f4", huge, &["18446744073709551615"]),
            ("<f4", "(x,)", &["`x`"]),
            ("<f4", "2", &["`shape`", "missing"]),
        ] {
            let message = header(kind, "False", shape);
            for fact in facts {
                assert!(message.contains(fact), "{fact}: {message}");
            }
        }
        assert_eq!(read_npy(b"PNG"), Err(NpyError::Magic));
        let whole = npy_bytes(&[3], &[0.0; 3]);
        for length in 0..whole.len() {
            assert!(read_npy(&whole[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn bytes_are_read_where_they_are_expected() {
        let bytes =
            file("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }\n", &[0, 7, 255]);
        let expected =
            NpyArray { kind: NpyKind::Uint8, sizes: vec![3], values: vec![0.0, 7.0, 255.0] };
        assert_eq!(read_npy_array(&bytes), Ok(expected));
        assert!(read_npy(&bytes).unwrap_err().to_string().contains("values of type |u1"));
    }

    /// As `numpy.save` writes `numpy.array([[1, 2, 3]], dtype="<f4")`.
    #[test]
    fn bytes_are_those_numpy_writes() {
        let bytes = npy_bytes(&[1, 3], &[1.0, 2.0, 3.0]);
        let mut expected = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        expected.extend(b"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }");
        assert_eq!(&bytes[..expected.len()], &expected[..]);
        assert_eq!(bytes[127], b'\n');
        assert_eq!(&bytes[128..], &[0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64]);
    }
}
