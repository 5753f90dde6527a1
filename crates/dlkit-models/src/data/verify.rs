//! Content of a data directory.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use dlkit_files::picture::{LeftOut, entries, is_picture, open_on_white};

use super::error::DataError;
use super::files::require_directory;
use super::folder::{ClassFiles, ClassFolders};
use super::images::ImageSet;
use super::layout::{Layout, Part};
use super::mnist;
use super::photos::{PhotoFiles, PhotosConfig};
use crate::value::Shape;
use dlkit_files::regular::{LARGEST_TABLE, open_regular, read_regular_text};

/// Content of a data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DataSummary {
    /// `mnist`, `image-folder` or `photos`, as a recipe names it.
    pub kind: &'static str,
    /// Names of the classes; photos have none.
    pub classes: Vec<String>,
    /// The parts, `train` first.
    pub parts: Vec<PartSummary>,
    /// Files that were found but skipped.
    #[serde(serialize_with = "as_lines")]
    pub left_out: Vec<LeftOut>,
    /// Files that agree with `SHA256SUMS`, where the directory has one.
    pub verified_files: usize,
}

/// Each with its reason, as JSON holds them.
fn as_lines<S: Serializer>(left_out: &[LeftOut], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(left_out.iter().map(ToString::to_string))
}

/// One part of a data set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartSummary {
    /// `train`, `validation` or `test`.
    pub name: &'static str,
    /// Number of samples.
    pub samples: usize,
    /// Samples of each class.
    pub per_class: Vec<usize>,
    /// Sizes of the pictures as channels x height x width, and how many have each.
    pub sizes: BTreeMap<String, usize>,
}

/// Reads and describes everything in a data directory.
///
/// # Errors
/// A file is missing, contradictory or not as `SHA256SUMS` lists it; all pictures that cannot be decoded
/// are named.
pub fn verify(directory: &Path) -> Result<DataSummary, DataError> {
    require_directory(directory)?;
    let verified_files = verify_sums(directory)?;
    let mut summary = if mnist::holds_idx(directory)? {
        verify_mnist(directory)?
    } else if holds_photos(directory)? {
        verify_photos(directory)?
    } else {
        verify_folder(directory)?
    };
    summary.verified_files = verified_files;
    Ok(summary)
}

fn verify_mnist(directory: &Path) -> Result<DataSummary, DataError> {
    let data = mnist::load(directory)?;
    let count = data.classes.len();
    let part = |name, set: &ImageSet| PartSummary {
        name,
        samples: set.len(),
        per_class: set.counts(count),
        sizes: BTreeMap::from([(size_text(set.shape()), set.len())]),
    };
    let mut parts = vec![part("train", &data.train)];
    parts.extend(data.test.as_ref().map(|test| part("test", test)));
    Ok(DataSummary {
        kind: "mnist",
        classes: data.classes,
        parts,
        left_out: Vec::new(),
        verified_files: 0,
    })
}

fn size_text(shape: Shape) -> String {
    let sizes: Vec<usize> = shape.into();
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("x")
}

fn verify_folder(directory: &Path) -> Result<DataSummary, DataError> {
    let ClassFolders { classes, train, validation, test, left_out } =
        ClassFolders::find(directory)?;
    let parts = [(Part::Train, Some(train)), (Part::Validation, validation), (Part::Test, test)];
    let parts = parts
        .into_iter()
        .filter_map(|(part, files)| Some(folder_part(part.name(), &classes, &files?)));
    let parts = DataError::every(parts)?;
    Ok(DataSummary { kind: "image-folder", classes, parts, left_out, verified_files: 0 })
}

fn folder_part(
    name: &'static str,
    classes: &[String],
    files: &ClassFiles,
) -> Result<PartSummary, DataError> {
    let per_class: Vec<usize> =
        classes.iter().map(|class| files.get(class).map_or(0, Vec::len)).collect();
    let all: Vec<_> = files.values().flatten().collect();
    Ok(PartSummary { name, samples: all.len(), per_class, sizes: sizes_of(&all)? })
}

/// Decodes pictures and counts their sizes; all that cannot be used are named.
fn sizes_of(files: &[&PathBuf]) -> Result<BTreeMap<String, usize>, DataError> {
    let size = |path: &&PathBuf| -> Result<String, DataError> {
        let picture = open_on_white(path)?;
        let channels = picture.color().channel_count();
        Ok(format!("{channels}x{}x{}", picture.height(), picture.width()))
    };
    let sizes = DataError::every(files.par_iter().map(size).collect::<Vec<_>>())?;
    let mut counts = BTreeMap::new();
    for size in sizes {
        *counts.entry(size).or_insert(0) += 1;
    }
    Ok(counts)
}

/// Whether pictures lie beside each other, in the folder to learn from, rather than in folders of classes.
fn holds_photos(directory: &Path) -> Result<bool, DataError> {
    let layout = Layout::find(directory)?;
    Ok(entries(layout.learned(directory)?)?.visible.iter().any(|path| is_picture(path)))
}

fn verify_photos(directory: &Path) -> Result<DataSummary, DataError> {
    let config = PhotosConfig { validation: 0.0, ..PhotosConfig::new(directory.to_owned()) };
    let PhotoFiles { train, validation, test, left_out, .. } = PhotoFiles::find(&config, 0)?;
    let parts = [("train", train), ("validation", validation), ("test", test)];
    let parts = parts.into_iter().filter(|(_, files)| !files.is_empty()).map(|(name, files)| {
        let sizes = sizes_of(&files.iter().collect::<Vec<_>>())?;
        Ok(PartSummary { name, samples: files.len(), per_class: Vec::new(), sizes })
    });
    let parts = DataError::every(parts)?;
    Ok(DataSummary { kind: "photos", classes: Vec::new(), parts, left_out, verified_files: 0 })
}

/// The SHA-256 of a file of any size, read piece by piece.
fn sha256_of(path: &Path) -> Result<String, DataError> {
    let mut file = open_regular(path, u64::MAX).map_err(DataError::unread(path))?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut piece).map_err(DataError::read(path))? {
            0 => return Ok(format!("{:x}", hash.finalize())),
            count => hash.update(&piece[..count]),
        }
    }
}

/// Compares files with `SHA256SUMS`, as `sha256sum --check` does.
fn verify_sums(directory: &Path) -> Result<usize, DataError> {
    let path = directory.join("SHA256SUMS");
    if !path.is_file() {
        return Ok(0);
    }
    let text = read_regular_text(&path, LARGEST_TABLE).map_err(DataError::unread(&path))?;
    let mut count = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let Some((expected, name)) = line.split_once(char::is_whitespace) else {
            return Err(DataError::content(path, format!("a line is not a checksum: {line}")));
        };
        let file = directory.join(name.trim_start_matches([' ', '*']));
        let found = sha256_of(&file)?;
        if found != expected {
            return Err(DataError::content(
                file,
                format!(
                    "its SHA-256 is {found}, but SHA256SUMS lists {expected}; download it again"
                ),
            ));
        }
        count += 1;
    }
    Ok(count)
}
