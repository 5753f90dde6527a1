//! Finds pictures and their people in folders.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dlkit_files::picture::{
    Entries, LeftOut, LeftOutReason, READABLE, entries, is_picture, summary_of_left_out,
};

use super::list_file::{is_list, listed_files};
use super::named_file::File;
use crate::arguments::{Failures, expanded_to};

/// The files of a set of faces.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<File>,
    /// Ignored files in folders.
    pub(super) left_out: Vec<LeftOut>,
}

/// The files of several inputs.
pub(super) struct Found {
    pub(super) files: Vec<File>,
    /// Note on ignored files in folders.
    pub(super) left_out: Option<String>,
}

/// The pictures of a path: a picture, a stack, a list of pictures, a folder of pictures, or a folder with a
/// folder for each person.
pub(super) fn list(path: &Path) -> Result<Listing> {
    let mut listing = Listing::default();
    if is_list(path) {
        listing.files = listed_files(path)?;
        return Ok(listing);
    }
    if !path.is_dir() {
        listing.files.push(file(path, path, None));
        return Ok(listing);
    }
    let folders = listing.take(path, path, None)?;
    let direct = listing.files.len();
    for folder in &folders {
        let person = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        listing.search(path, folder, person.as_deref())?;
    }
    if direct > 0 && listing.files.len() > direct {
        bail!(
            "{}: a folder with both pictures and folders of pictures; give a folder of pictures, or \
             one with a folder for each person",
            path.display()
        );
    }
    if listing.files.is_empty() {
        bail!(
            "{}: a folder without pictures ({READABLE}, or .npy stacks), also within its folders",
            path.display()
        );
    }
    Ok(listing)
}

/// The files of several inputs, named by their paths. An input without pictures becomes a failure.
pub(super) fn files_of(inputs: &[PathBuf], failures: &mut Failures) -> Found {
    let (mut files, mut left_out) = (Vec::new(), Vec::new());
    let is_usable = |path: &Path| is_picture(path) || is_stack(path);
    let readable = format!("{READABLE}, or .npy stacks");
    let inputs: Vec<PathBuf> = inputs
        .iter()
        .flat_map(|input| expanded_to(input, is_usable, &readable, failures))
        .collect();
    for input in &inputs {
        match list(input) {
            Ok(listing) => {
                left_out.extend(listing.left_out);
                files.extend(listing.files.into_iter().map(|file| {
                    let name = file.path.display().to_string();
                    File { name, ..file }
                }));
            }
            Err(error) => failures.add(input, &error),
        }
    }
    Found { files, left_out: summary_of_left_out(&left_out) }
}

impl Listing {
    /// Adds the pictures of a folder and its subfolders.
    fn search(&mut self, root: &Path, folder: &Path, person: Option<&str>) -> Result<()> {
        for folder in self.take(root, folder, person)? {
            // A link to a parent folder would make the search endless.
            if folder.is_symlink() {
                self.left_out.push(LeftOut { path: folder, reason: LeftOutReason::FolderLink });
            } else {
                self.search(root, &folder, person)?;
            }
        }
        Ok(())
    }

    /// Adds the pictures of a folder and returns its subfolders.
    fn take(&mut self, root: &Path, folder: &Path, person: Option<&str>) -> Result<Vec<PathBuf>> {
        let Entries { visible, hidden } = entries(folder)?;
        let mut leave = |path, reason| self.left_out.push(LeftOut { path, reason });
        for path in hidden {
            leave(path, LeftOutReason::Hidden);
        }
        let mut folders = Vec::new();
        for path in visible {
            if path.is_dir() {
                folders.push(path);
            } else if !path.is_file() {
                leave(path, LeftOutReason::NotRegular);
            } else if is_picture(&path) || is_stack(&path) {
                self.files.push(file(root, &path, person));
            } else {
                leave(path, LeftOutReason::Ending);
            }
        }
        Ok(folders)
    }
}

fn file(root: &Path, path: &Path, person: Option<&str>) -> File {
    let shown = path.strip_prefix(root).ok().filter(|rest| !rest.as_os_str().is_empty());
    File {
        path: path.to_owned(),
        name: shown.unwrap_or(path).display().to_string(),
        person: person.map(str::to_owned),
        is_labeled: false,
    }
}

/// Whether a path names a stack of pictures.
pub(super) fn is_stack(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy"))
}
