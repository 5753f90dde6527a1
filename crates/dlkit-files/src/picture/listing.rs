//! Lists picture files among files and folders.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::left_out::{LeftOut, LeftOutReason};
use super::readable::{EXTENSIONS, READABLE};

/// Why no pictures of a folder can be listed.
#[derive(Debug, Error)]
pub enum ListingError {
    /// The system refuses.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Neither the folder nor the folders within it contain pictures.
    #[error("{}: no pictures in this folder; add {READABLE} files", path.display())]
    NoPictures {
        /// The folder.
        path: PathBuf,
    },
}

/// The pictures of files and folders.
#[derive(Debug, Default)]
pub struct Listing {
    /// The pictures, in order; an error in place of each folder without pictures.
    pub files: Vec<Result<PathBuf, ListingError>>,
    /// The entries of folders that were left out, in order.
    pub left_out: Vec<LeftOut>,
}

/// The entries of a folder, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// Files and folders that are not hidden.
    pub visible: Vec<PathBuf>,
    /// Files and folders whose names begin with a dot.
    pub hidden: Vec<PathBuf>,
}

/// Whether a path is that of a regular file with the extension of a picture.
#[must_use]
pub fn is_picture(path: &Path) -> bool {
    path.is_file() && is_named_as_picture(path)
}

fn is_named_as_picture(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| EXTENSIONS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Lists the entries of a folder, sorted by name.
///
/// # Errors
/// The system refuses.
pub fn entries(folder: &Path) -> Result<Entries, ListingError> {
    let mut paths = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>())
        .map_err(|source| ListingError::Read { path: folder.to_owned(), source })?;
    paths.sort();
    let is_hidden = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    };
    let (hidden, visible) = paths.into_iter().partition(is_hidden);
    Ok(Entries { visible, hidden })
}

/// Lists the pictures among files and folders, in the order given, and what is left out.
///
/// A file is listed whatever its name. A folder is searched with all folders within it, in the
/// order of names; hidden entries and links to folders are left out. A folder that cannot be read
/// is an error in its place, and so is a given folder without pictures; the others are still
/// listed.
#[must_use]
pub fn picture_files(inputs: &[PathBuf]) -> Listing {
    let mut listing = Listing::default();
    for input in inputs {
        if !input.is_dir() {
            listing.files.push(Ok(input.clone()));
            continue;
        }
        let before = listing.files.len();
        listing.search(input);
        if listing.files.len() == before {
            listing.files.push(Err(ListingError::NoPictures { path: input.clone() }));
        }
    }
    listing
}

impl Listing {
    fn search(&mut self, folder: &Path) {
        let Entries { visible, hidden } = match entries(folder) {
            Ok(entries) => entries,
            Err(error) => return self.files.push(Err(error)),
        };
        for path in hidden {
            self.left_out.push(LeftOut { path, reason: LeftOutReason::Hidden });
        }
        for path in visible {
            let reason = if path.is_dir() {
                // A link may lead back to a folder above, and the search would never end.
                if !path.is_symlink() {
                    self.search(&path);
                    continue;
                }
                LeftOutReason::FolderLink
            } else if !path.is_file() {
                LeftOutReason::NotRegular
            } else if !is_named_as_picture(&path) {
                LeftOutReason::Ending
            } else {
                self.files.push(Ok(path));
                continue;
            };
            self.left_out.push(LeftOut { path, reason });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn directory(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            let path = directory.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        directory
    }

    /// The pictures and left-out entries of inputs relative to a directory, errors as messages.
    fn listed(directory: &tempfile::TempDir, inputs: &[&str]) -> [Vec<String>; 2] {
        let inputs: Vec<_> = inputs.iter().map(|input| directory.path().join(input)).collect();
        let prefix = format!("{}/", directory.path().display());
        let listing = picture_files(&inputs);
        let found = listing.files.into_iter().map(|file| match file {
            Ok(path) => path.display().to_string(),
            Err(error) => error.to_string(),
        });
        let left_out = listing.left_out.iter().map(ToString::to_string);
        let short = |text: String| text.replace(&prefix, "");
        [found.map(short).collect(), left_out.map(short).collect()]
    }

    const OTHER_EXTENSION: &str = "left out: without a picture extension (.png, .jpg, .jpeg, \
         .webp, .bmp, .tif, .tiff, .gif, .pgm, .ppm, .pnm or .pbm)";

    #[test]
    fn folders_are_searched_and_files_taken_as_they_are() {
        let directory = directory(&[
            "a/z.png",
            "a/b/y.JPG",
            "a/b/notes.txt",
            "a/b/scan.TIF",
            "a/b/scan.psd",
            "a/.hidden/x.png",
            "a/.w.png",
            "a/c.bmp",
            "d",
        ]);
        let [found, left_out] = listed(&directory, &["nowhere.png", "d", "a"]);
        assert_eq!(found, ["nowhere.png", "d", "a/b/scan.TIF", "a/b/y.JPG", "a/c.bmp", "a/z.png"]);
        let expected = [
            "a/.hidden: left out: hidden".to_owned(),
            "a/.w.png: left out: hidden".to_owned(),
            format!("a/b/notes.txt: {OTHER_EXTENSION}"),
            format!("a/b/scan.psd: {OTHER_EXTENSION}"),
        ];
        assert_eq!(left_out, expected);
    }

    #[test]
    fn a_folder_without_pictures_is_an_error_in_its_place() {
        let directory = directory(&["a/notes.txt", "b/1.png"]);
        let [found, left_out] = listed(&directory, &["a", "b"]);
        assert!(found[0].starts_with("a: no pictures"), "{found:?}");
        assert_eq!(found[1..], ["b/1.png"]);
        assert_eq!(left_out, [format!("a/notes.txt: {OTHER_EXTENSION}")]);
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_and_pipes_are_left_out() {
        let directory = directory(&["a/1.png", "b/2.png"]);
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(directory.path().join(target), directory.path().join(name))
        };
        link("a", "a/loop").unwrap();
        link("b", "a/other").unwrap();
        link("b/2.png", "a/link.png").unwrap();
        link("none", "a/broken.png").unwrap();
        let [found, left_out] = listed(&directory, &["a"]);
        assert_eq!(found, ["a/1.png", "a/link.png"]);
        let expected = [
            "a/broken.png: left out: not a regular file",
            "a/loop: left out: linked folder",
            "a/other: left out: linked folder",
        ];
        assert_eq!(left_out, expected);
        // A link that is given by name is followed.
        assert_eq!(listed(&directory, &["a/other"])[0], ["a/other/2.png"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_read_does_not_stop_the_others() {
        use std::os::unix::fs::PermissionsExt;

        let directory = directory(&["a/1.png", "a/b/2.png", "a/c/3.png"]);
        let closed = directory.path().join("a/b");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        let readable = fs::read_dir(&closed).is_ok();
        let [found, _] = listed(&directory, &["a"]);
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
        // The administrator reads everything.
        if !readable {
            assert!(found[1].starts_with("a/b: ") && found[1].contains("denied"), "{found:?}");
            assert_eq!([&*found[0], &*found[2]], ["a/1.png", "a/c/3.png"]);
        }
    }
}
