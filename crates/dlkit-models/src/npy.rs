//! NumPy's `.npy` files, single precision.

/// Length the header is padded to a multiple of, so that values are aligned.
const ALIGNMENT: usize = 64;
/// Magic, version and header length before the header itself.
const PREAMBLE: usize = 10;

/// The bytes of a `.npy` file (version 1.0) of values in row-major order.
///
/// # References
/// NumPy, `numpy.lib.format`.
#[must_use]
pub fn npy_bytes(sizes: &[usize], values: &[f32]) -> Vec<u8> {
    // A comma after a single size makes it a Python tuple.
    let sizes = match sizes {
        [single] => format!("{single},"),
        _ => sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({sizes}), }}");
    let padding = (PREAMBLE + header.len() + 1).next_multiple_of(ALIGNMENT);
    header.push_str(&" ".repeat(padding - PREAMBLE - header.len() - 1));
    header.push('\n');
    let length = u16::try_from(header.len()).unwrap_or(u16::MAX);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

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
