//! Lists of files.

use std::path::{Path, PathBuf};

use anyhow::Error;
use dlkit_files::picture::{READABLE, is_picture, picture_files};

use super::failures::Failures;
use crate::console::Console;

/// Files of an option: each value is a file or a comma-separated list of files. A value that exists as a
/// path is one file, even with commas in its name.
pub(crate) fn listed(values: &[PathBuf]) -> Vec<PathBuf> {
    values.iter().flat_map(|value| divided(value)).collect()
}

fn divided(value: &Path) -> Vec<PathBuf> {
    match value.to_str() {
        Some(text) if text.contains(',') && !value.exists() => {
            text.split(',').filter(|part| !part.is_empty()).map(PathBuf::from).collect()
        }
        _ => vec![value.to_owned()],
    }
}

/// The pictures of an input: itself, or those of a folder. Warns of ignored files in folders; a folder
/// without pictures becomes a failure.
pub(crate) fn pictures_of(input: &Path, failures: &mut Failures, console: Console) -> Vec<PathBuf> {
    let listing = picture_files(&[input.to_owned()]);
    console.warn_left_out(&listing.left_out);
    let mut files = Vec::new();
    for file in listing.files {
        match file {
            Ok(file) => files.push(file),
            Err(error) => failures.add(input, &Error::new(error)),
        }
    }
    files
}

/// Whether a path is a pattern: there is no such file, and it has `*`, `?` or `[`.
pub(crate) fn is_pattern(input: &Path) -> bool {
    !input.exists() && input.to_string_lossy().contains(['*', '?', '['])
}

/// Pictures and directories that match a pattern, sorted; a path that is not a pattern matches itself. A
/// pattern that matches nothing becomes a failure.
pub(crate) fn expanded(input: &Path, failures: &mut Failures) -> Vec<PathBuf> {
    expanded_to(input, is_picture, READABLE, failures)
}

/// The same for other files: those that `is_usable` accepts, which messages call `readable`.
pub(crate) fn expanded_to(
    input: &Path,
    is_usable: impl Fn(&Path) -> bool,
    readable: &str,
    failures: &mut Failures,
) -> Vec<PathBuf> {
    if !is_pattern(input) {
        return vec![input.to_owned()];
    }
    let text = input.to_string_lossy();
    let paths = match glob::glob(&text) {
        Ok(paths) => paths,
        Err(error) => {
            failures.add(input, &Error::msg(format!("{text}: not a valid pattern: {error}")));
            return Vec::new();
        }
    };
    let mut paths: Vec<PathBuf> =
        paths.flatten().filter(|path| path.is_dir() || is_usable(path)).collect();
    paths.sort();
    if paths.is_empty() {
        failures.add(input, &Error::msg(format!("{text}: no matching picture ({readable})")));
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_comma_is_one_file_where_it_exists() {
        let directory = tempfile::tempdir().unwrap();
        let whole = directory.path().join("a,b.png");
        let apart = [PathBuf::from("x/a.png"), PathBuf::from("b.png")];
        assert_eq!(listed(&[PathBuf::from("x/a.png,b.png,")]), apart);
        std::fs::write(&whole, "").unwrap();
        assert_eq!(listed(&[whole.clone(), apart[1].clone()]), [whole, apart[1].clone()]);
    }
}
