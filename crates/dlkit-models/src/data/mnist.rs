//! The IDX files of MNIST, raw or gzip.

use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::error::DataError;
use super::images::{ImageData, ImageSet};
use super::origin::Origins;
use crate::value::{Shape, ShapeError};
use dlkit_files::regular::{LARGEST_TABLE, open_regular, read_regular_text};

/// First four bytes of a file of unsigned bytes with three axes (LeCun's description of IDX).
const IMAGES_MAGIC: u32 = 0x0000_0803;
/// First four bytes of a file of unsigned bytes with one axis.
const LABELS_MAGIC: u32 = 0x0000_0801;
/// More than any IDX data set in use; guards memory against a damaged header.
const LARGEST_BODY: usize = 4 << 30;
/// Most bytes of a file: a body with its header, packed or not.
const LARGEST_FILE: u64 = (4 << 30) + (1 << 20);

/// Whether a directory contains files with MNIST's names.
pub(crate) fn holds_idx(directory: &Path) -> Result<bool, DataError> {
    let entries = std::fs::read_dir(directory).map_err(DataError::read(directory))?;
    let is_idx = |name: std::ffi::OsString| name.to_string_lossy().contains("idx");
    Ok(entries.flatten().any(|entry| is_idx(entry.file_name())))
}

/// Reads both parts of a data set in MNIST's files.
pub(crate) fn load(directory: &Path) -> Result<ImageData, DataError> {
    let train = part(directory, "train")?;
    // One of the two files alone is a part that lost the other.
    let test = ["images-idx3-ubyte", "labels-idx1-ubyte"]
        .iter()
        .any(|name| find(directory, "t10k", name).is_ok())
        .then(|| part(directory, "t10k"))
        .transpose()?;
    let largest = train.labels.iter().chain(test.iter().flat_map(|part| &part.labels)).max();
    let count = largest.map_or(1, |largest| *largest as usize + 1);
    let classes = match class_names(directory, count)? {
        Some(names) => names,
        None => (0..count).map(|class| class.to_string()).collect(),
    };
    if let Some(test) = test.as_ref().filter(|test| test.shape != train.shape) {
        return Err(DataError::content(
            directory,
            format!(
                "training pictures have shape {}, but test pictures have {}",
                train.shape, test.shape
            ),
        ));
    }
    Ok(ImageData { classes, train, validation: None, test, left_out: Vec::new() })
}

/// File beside the IDX files that names the classes, one in each line, in the order of the labels.
const CLASS_NAMES: &str = "classes.txt";

/// The names of the classes, if a file lists them; `count` are in use.
fn class_names(directory: &Path, count: usize) -> Result<Option<Vec<String>>, DataError> {
    let path = directory.join(CLASS_NAMES);
    if !path.exists() {
        return Ok(None);
    }
    let text = read_regular_text(&path, LARGEST_TABLE).map_err(DataError::unread(&path))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let names: Vec<String> = text.trim_end().lines().map(|line| line.trim().to_owned()).collect();
    let refused = |reason: String| Err(DataError::content(&path, reason));
    if names.len() < count {
        return refused(format!(
            "names {} classes, but the labels are of {count}, from 0 to {}; add a line for each",
            names.len(),
            count - 1
        ));
    }
    for (place, name) in names.iter().enumerate() {
        let line = place + 1;
        if name.is_empty() {
            return refused(format!("line {line}: empty; name the class of label {place}"));
        }
        if name.contains(char::is_control) {
            return refused(format!("line {line}: contains control characters"));
        }
        if names[..place].contains(name) {
            return refused(format!("line {line}: `{name}` is named twice"));
        }
    }
    Ok(Some(names))
}

fn part(directory: &Path, prefix: &str) -> Result<ImageSet, DataError> {
    let images_path = find(directory, prefix, "images-idx3-ubyte")?;
    let labels_path = find(directory, prefix, "labels-idx1-ubyte")?;
    let (shape, pixels) = read_images(&images_path)?;
    let labels = read_labels(&labels_path)?;
    let images = pixels.len() / shape.values();
    if images != labels.len() {
        return Err(DataError::content(
            labels_path,
            format!(
                "contains {} labels, but {} contains {images} pictures; use files of the same \
                 data set",
                labels.len(),
                images_path.display()
            ),
        ));
    }
    let labels = labels.into_iter().map(u32::from).collect();
    let origins = Origins::of_entries(&images_path, images);
    Ok(ImageSet { pixels, labels, shape, origins })
}

fn find(directory: &Path, prefix: &str, name: &str) -> Result<PathBuf, DataError> {
    let dashed = directory.join(format!("{prefix}-{name}"));
    let dotted = directory.join(format!("{prefix}-{}", name.replacen("-idx", ".idx", 1)));
    [dashed.clone(), add_gz(&dashed), dotted.clone(), add_gz(&dotted)]
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| DataError::Missing {
            path: dashed,
            advice: " (also not with .gz); kind = \"mnist\" needs IDX files with these names"
                .to_owned(),
        })
}

fn add_gz(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    PathBuf::from(name)
}

/// Reads pictures: the shape of one and the pixels of all.
pub(crate) fn read_images(path: &Path) -> Result<(Shape, Vec<u8>), DataError> {
    let mut file = IdxFile::open(path)?;
    let [magic, count, height, width] = file.header()?;
    file.check_magic(magic, IMAGES_MAGIC, "pictures")?;
    let shape = Shape::from_sizes(&[1, height as usize, width as usize]).map_err(|error| {
        DataError::content(
            path,
            match error {
                ShapeError::TooLarge => {
                    format!("the header gives {height}x{width} pixels; {error}")
                }
                _ => format!("the header gives {height}x{width} pixels"),
            },
        )
    })?;
    let pixels = file.body(count as usize, shape.values())?;
    Ok((shape, pixels))
}

/// Reads labels.
pub(crate) fn read_labels(path: &Path) -> Result<Vec<u8>, DataError> {
    let mut file = IdxFile::open(path)?;
    let [magic, count] = file.header()?;
    file.check_magic(magic, LABELS_MAGIC, "labels")?;
    file.body(count as usize, 1)
}

struct IdxFile<'a> {
    path: &'a Path,
    reader: Box<dyn Read>,
}

impl<'a> IdxFile<'a> {
    fn open(path: &'a Path) -> Result<Self, DataError> {
        let file = open_regular(path, LARGEST_FILE).map_err(DataError::unread(path))?;
        let file = BufReader::new(file);
        let compressed = path.extension().is_some_and(|extension| extension == "gz");
        let reader: Box<dyn Read> =
            if compressed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        Ok(Self { path, reader })
    }

    fn header<const N: usize>(&mut self) -> Result<[u32; N], DataError> {
        let mut header = [0; N];
        for word in &mut header {
            let mut bytes = [0; 4];
            self.reader.read_exact(&mut bytes).map_err(|error| self.damaged(error, 4 * N))?;
            *word = u32::from_be_bytes(bytes);
        }
        Ok(header)
    }

    fn check_magic(&self, found: u32, expected: u32, content: &str) -> Result<(), DataError> {
        if found == expected {
            return Ok(());
        }
        Err(DataError::content(
            self.path,
            format!(
                "starts with {found:#010x}, but an IDX file of {content} starts with \
                 {expected:#010x}"
            ),
        ))
    }

    fn body(&mut self, count: usize, size: usize) -> Result<Vec<u8>, DataError> {
        let length =
            count.checked_mul(size).filter(|&length| length <= LARGEST_BODY).ok_or_else(|| {
                DataError::content(
                    self.path,
                    format!("the header promises {count} entries of {size} bytes, more than 4 GiB"),
                )
            })?;
        if length == 0 {
            return Err(DataError::content(self.path, "no entries"));
        }
        // One byte more than promised shows a file that is too long; taking what is there, not
        // what is promised, keeps memory bounded by the file.
        let mut body = Vec::new();
        self.reader
            .by_ref()
            .take(length as u64 + 1)
            .read_to_end(&mut body)
            .map_err(|error| self.damaged(error, length))?;
        if body.len() == length {
            return Ok(body);
        }
        let found = if body.len() > length { "more".to_owned() } else { body.len().to_string() };
        Err(DataError::content(
            self.path,
            format!(
                "the header promises {count} entries of {size} bytes, {length} in total, but \
                 {found} follow; the file is truncated or damaged"
            ),
        ))
    }

    fn damaged(&self, error: std::io::Error, expected: usize) -> DataError {
        match error.kind() {
            ErrorKind::UnexpectedEof => {
                DataError::content(self.path, format!("truncated: expected {expected} bytes"))
            }
            ErrorKind::InvalidInput | ErrorKind::InvalidData => {
                DataError::content(self.path, format!("not an intact gzip file ({error})"))
            }
            _ => DataError::Read { path: self.path.to_owned(), source: error },
        }
    }
}

#[cfg(test)]
mod tests;
