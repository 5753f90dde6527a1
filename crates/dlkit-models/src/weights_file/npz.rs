//! NumPy's `.npz`: a ZIP archive of `.npy` files.

use std::io::{Cursor, Read, Write};

use burn::tensor::TensorData;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::Refusal;
use super::expected::Expected;
use dlkit_files::npy::{npy_bytes, read_npy};

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
pub(super) fn unpack(
    bytes: &[u8],
    expected: &Expected,
) -> Result<Vec<(String, TensorData)>, Refusal> {
    let damaged = |error: String| format!("not an intact .npz file: {error}");
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    let mut left = expected.bytes();
    let mut weights = Vec::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| damaged(error.to_string()))?;
        let file = entry.name().map_err(|error| damaged(error.to_string()))?.into_owned();
        let name = file.strip_suffix(".npy").unwrap_or(&file);
        expected.check(std::iter::once(name))?;
        let mut array = Vec::new();
        // What a small archive unpacks to may be without bound.
        entry
            .take(left + 1)
            .read_to_end(&mut array)
            .map_err(|error| damaged(format!("{file}: {error}")))?;
        left = left.checked_sub(array.len() as u64).ok_or_else(|| {
            format!(
                "it unpacks to more than {} bytes, the most that this network's weights need",
                expected.bytes()
            )
        })?;
        let (sizes, values) = read_npy(&array).map_err(|error| format!("{file}: {error}"))?;
        weights.push((name.to_owned(), TensorData::new(values, sizes)));
    }
    Ok(weights)
}

/// A compressed archive, as `numpy.savez_compressed` writes it.
#[cfg(test)]
pub(super) fn archive_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in files {
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}
