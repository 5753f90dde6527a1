//! NumPy's `.npz`: a ZIP archive of `.npy` files.

use std::io::{Cursor, Read, Write};

use burn::tensor::TensorData;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::LARGEST_FILE;
use crate::npy::{npy_bytes, read_npy};

/// The bytes of a file, as `numpy.savez` writes it: not compressed.
pub(super) fn pack(weights: &[(String, TensorData)]) -> Result<Vec<u8>, String> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, data) in weights {
        let values: Vec<f32> = data.iter::<f32>().collect();
        archive.start_file(format!("{name}.npy"), options).map_err(|error| error.to_string())?;
        archive
            .write_all(&npy_bytes(&data.shape().to_vec(), &values))
            .map_err(|error| error.to_string())?;
    }
    archive.finish().map(Cursor::into_inner).map_err(|error| error.to_string())
}

/// The weights in the bytes of a file.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<(String, TensorData)>, String> {
    let damaged = |error: String| format!("is no intact .npz file: {error}");
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let mut left = LARGEST_FILE;
    let mut weights = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| damaged(error.to_string()))?;
        let name = entry.name().map_err(|error| damaged(error.to_string()))?.into_owned();
        let mut array = Vec::new();
        // What a small archive unpacks to may be without bound.
        entry
            .take(left)
            .read_to_end(&mut array)
            .map_err(|error| damaged(format!("{name}: {error}")))?;
        left -= array.len() as u64;
        if left == 0 {
            return Err(damaged(format!("it unpacks to {LARGEST_FILE} bytes or more")));
        }
        let (sizes, values) = read_npy(&array).map_err(|error| format!("{name} {error}"))?;
        let name = name.strip_suffix(".npy").unwrap_or(&name).to_owned();
        weights.push((name, TensorData::new(values, sizes)));
    }
    Ok(weights)
}
