//! Picture files among files and folders.

use std::path::{Path, PathBuf};

use super::error::DataError;
use super::picture::is_picture;

/// The pictures that files and directories stand for, in their order.
///
/// A file is taken as it is, whatever its name. A directory is searched with all its folders,
/// sorted by name; hidden entries are skipped and links to directories not followed. A folder that
/// cannot be read and a directory without pictures give an error in their place, and the others go
/// on.
#[must_use]
pub fn picture_files(inputs: &[PathBuf]) -> Vec<Result<PathBuf, DataError>> {
    let mut files = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            files.push(Ok(input.clone()));
            continue;
        }
        let before = files.len();
        search(input, &mut files);
        if files.len() == before {
            files.push(Err(DataError::content(
                input,
                "is a directory without pictures (PNG, JPEG, WebP or BMP)",
            )));
        }
    }
    files
}

fn search(directory: &Path, files: &mut Vec<Result<PathBuf, DataError>>) {
    let paths = match entries(directory) {
        Ok(paths) => paths,
        Err(error) => return files.push(Err(error)),
    };
    for path in paths {
        if path.is_dir() {
            // A link may lead back to a folder above, and the search would never end.
            if !path.is_symlink() {
                search(&path, files);
            }
        } else if is_picture(&path) {
            files.push(Ok(path));
        }
    }
}

/// What a directory holds, sorted by name and without hidden entries.
pub(crate) fn entries(directory: &Path) -> Result<Vec<PathBuf>, DataError> {
    let mut paths = std::fs::read_dir(directory)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>())
        .map_err(DataError::read(directory))?;
    paths.retain(|path| {
        !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
    });
    paths.sort();
    Ok(paths)
}

/// Refuses a path that is no directory.
pub(crate) fn require_directory(path: &Path) -> Result<(), DataError> {
    if path.is_dir() {
        return Ok(());
    }
    let advice = if path.exists() {
        " as a directory: it is a file".to_owned()
    } else if path.ends_with("datasets/mnist") {
        "; scripts/fetch-mnist.sh gets the whole MNIST".to_owned()
    } else {
        String::new()
    };
    Err(DataError::Missing { path: path.to_owned(), advice })
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

    /// What is found for inputs relative to a directory, errors as their messages.
    fn found(directory: &tempfile::TempDir, inputs: &[&str]) -> Vec<String> {
        let inputs: Vec<_> = inputs.iter().map(|input| directory.path().join(input)).collect();
        let prefix = format!("{}/", directory.path().display());
        picture_files(&inputs)
            .into_iter()
            .map(|file| match file {
                Ok(path) => path.display().to_string().replace(&prefix, ""),
                Err(error) => error.to_string().replace(&prefix, ""),
            })
            .collect()
    }

    #[test]
    fn directories_are_searched_and_files_taken_as_they_are() {
        let directory = directory(&[
            "a/z.png",
            "a/b/y.JPG",
            "a/b/notes.txt",
            "a/.hidden/x.png",
            "a/.w.png",
            "a/c.bmp",
            "d",
        ]);
        let pictures = ["nowhere.png", "d", "a/b/y.JPG", "a/c.bmp", "a/z.png"];
        assert_eq!(found(&directory, &["nowhere.png", "d", "a"]), pictures);
    }

    #[test]
    fn a_directory_without_pictures_is_an_error_in_its_place() {
        let directory = directory(&["a/notes.txt", "b/1.png"]);
        assert_eq!(
            found(&directory, &["a", "b"]),
            ["a: is a directory without pictures (PNG, JPEG, WebP or BMP)", "b/1.png"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_to_directories_are_not_followed() {
        let directory = directory(&["a/1.png", "b/2.png"]);
        let link = |target: &str, name: &str| {
            std::os::unix::fs::symlink(directory.path().join(target), directory.path().join(name))
        };
        link("a", "a/loop").unwrap();
        link("b", "a/other").unwrap();
        link("b/2.png", "a/link.png").unwrap();
        assert_eq!(found(&directory, &["a"]), ["a/1.png", "a/link.png"]);
        // One that is given by name is meant.
        assert_eq!(found(&directory, &["a/other"]), ["a/other/2.png"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_read_does_not_stop_the_others() {
        use std::os::unix::fs::PermissionsExt;

        let directory = directory(&["a/1.png", "a/b/2.png", "a/c/3.png"]);
        let closed = directory.path().join("a/b");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        let readable = fs::read_dir(&closed).is_ok();
        let found = found(&directory, &["a"]);
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
        // The administrator reads everything.
        if !readable {
            assert_eq!(
                found,
                ["a/1.png", "cannot read a/b: Permission denied (os error 13)", "a/c/3.png"]
            );
        }
    }
}
