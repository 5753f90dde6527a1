//! Reads and writes NumPy's `.npy` files in double precision.

use crate::npy::{
    Header, NpyArray, NpyError, check_length, header_and_data, numbers, read_npy_array, row_major,
    start,
};

/// Encodes values as [`npy_bytes`](crate::npy::npy_bytes) does, in double precision.
#[must_use]
pub fn npy_bytes_of_doubles(sizes: &[usize], values: &[f64]) -> Vec<u8> {
    let mut bytes = start("<f8", sizes);
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// Reads the sizes and the values, in row-major order, of a `.npy` file of real numbers or of
/// integers, in double precision.
///
/// # Errors
/// The bytes are not a `.npy` file; the values are neither float16, float32, float64, int32, int64
/// nor uint8.
pub fn read_npy_doubles(bytes: &[u8]) -> Result<(Vec<usize>, Vec<f64>), NpyError> {
    let (header, data) = header_and_data(bytes)?;
    let Header { kind, first_fastest, sizes } = Header::parse(&String::from_utf8_lossy(header))?;
    let check = |width| check_length(&sizes, data, width);
    #[expect(clippy::cast_precision_loss, reason = "as NumPy converts them")]
    let long = |bytes| i64::from_le_bytes(bytes) as f64;
    let values: Vec<f64> = match &*kind {
        "<f8" | ">f8" => {
            check(8)?;
            numbers(&kind, data, f64::from_le_bytes)
        }
        "<i8" | ">i8" => {
            check(8)?;
            numbers(&kind, data, long)
        }
        "<i4" | ">i4" => {
            check(4)?;
            numbers(&kind, data, |bytes| f64::from(i32::from_le_bytes(bytes)))
        }
        // These fit into single precision.
        _ => {
            let NpyArray { sizes, values, .. } = read_npy_array(bytes)?;
            return Ok((sizes, values.into_iter().map(f64::from).collect()));
        }
    };
    let values = if first_fastest { row_major(&sizes, &values) } else { values };
    Ok((sizes, values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::npy::npy_bytes;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let length = u8::try_from(header.len()).unwrap();
        [b"\x93NUMPY\x02\x00", &[length, 0, 0, 0][..], header.as_bytes(), data].concat()
    }

    #[test]
    fn doubles_keep_all_their_digits() {
        let values = [0.1, -1e-300, 813.148_237_302_096_2, 0.0, 1.0, 2.0];
        let bytes = npy_bytes_of_doubles(&[2, 3], &values);
        assert_eq!(read_npy_doubles(&bytes), Ok((vec![2, 3], values.to_vec())));
        let header = |kind: &str| {
            format!("{{'descr': '{kind}', 'fortran_order': True, 'shape': (2, 2), }}\n")
        };
        let long = [1_i64, -2, 3, 4].map(i64::to_le_bytes).concat();
        let int = [1_i32, -2, 3, 4].map(i32::to_be_bytes).concat();
        let expected = Ok((vec![2, 2], vec![1.0, 3.0, -2.0, 4.0]));
        assert_eq!(read_npy_doubles(&file(&header("<i8"), &long)), expected);
        assert_eq!(read_npy_doubles(&file(&header(">i4"), &int)), expected);
        let single = npy_bytes(&[2], &[0.5, -2.0]);
        assert_eq!(read_npy_doubles(&single), Ok((vec![2], vec![0.5, -2.0])));
        let message = read_npy_doubles(&file(&header("<c8"), &[0; 32])).unwrap_err().to_string();
        assert!(message.contains("values of type <c8"), "{message}");
        assert!(read_npy_doubles(&file(&header("<i8"), &long[1..])).is_err());
    }
}
