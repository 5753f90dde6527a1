//! The rules for files that a command writes: existing files are overwritten only with `--force`,
//! input files never. Commands check both before anything slow starts.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::staged::StagedFile;

/// Why a file cannot be written. `flag` is the option that names it, such as `--output`.
#[derive(Debug, Error)]
pub enum OverwriteError {
    /// The path of the file is that of a directory.
    #[error("{flag} {}: a directory; give the name of a file", path.display())]
    IsDirectory {
        /// The option.
        flag: String,
        /// The directory.
        path: PathBuf,
    },
    /// The path of the directory is that of a file.
    #[error("{flag} {}: a file; give the name of a directory", path.display())]
    IsFile {
        /// The option.
        flag: String,
        /// The file.
        path: PathBuf,
    },
    /// The file exists.
    #[error(
        "{}: file already exists; choose another {flag}, or overwrite it with --force",
        path.display()
    )]
    Exists {
        /// The option.
        flag: String,
        /// The file.
        path: PathBuf,
    },
    /// The directory already contains some of the files.
    #[error(
        "{}: {} already exist{} ({}); choose another {flag}, or overwrite with --force",
        directory.display(), counted(names.len(), "file"), if names.len() == 1 { "s" } else { "" },
        named(names)
    )]
    ExistIn {
        /// The option.
        flag: String,
        /// The directory.
        directory: PathBuf,
        /// The files that exist, relative to the directory.
        names: Vec<PathBuf>,
    },
    /// The directory of the file is missing.
    #[error("{flag} {}: no such directory: {}", path.display(), directory.display())]
    NoDirectory {
        /// The option.
        flag: String,
        /// The file.
        path: PathBuf,
        /// The missing directory.
        directory: PathBuf,
    },
    /// The file is an input of the same command.
    #[error("{flag} {}: an input file ({input}); choose another {flag}", path.display())]
    IsInput {
        /// The option.
        flag: String,
        /// The file.
        path: PathBuf,
        /// The name of the input.
        input: String,
    },
    /// Two options name the same file.
    #[error("{first} and {flag} both name {}; give each its own file", path.display())]
    Same {
        /// The first option.
        first: String,
        /// The second option.
        flag: String,
        /// The file.
        path: PathBuf,
    },
    /// The text is not a path.
    #[error("{flag} {}: not a valid path; choose another name", path.display())]
    NotAPath {
        /// The option.
        flag: String,
        /// What was given.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{}: cannot be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Checks a file that a command will write, before anything slow starts.
///
/// # Errors
/// The file exists and `force` is false; it is a directory; its directory is missing.
pub fn check_file(flag: &str, output: &Path, force: bool) -> Result<(), OverwriteError> {
    let (flag, path) = (flag.to_owned(), output.to_owned());
    if output.is_dir() {
        return Err(OverwriteError::IsDirectory { flag, path });
    }
    if exists(output) && !force {
        return Err(OverwriteError::Exists { flag, path });
    }
    match output.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) if !parent.is_dir() => {
            Err(OverwriteError::NoDirectory { flag, path, directory: parent.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Checks a directory that a command will write files into, before anything slow starts. The names
/// are relative to the directory, which may be missing.
///
/// # Errors
/// Some of the files exist and `force` is false; the error names them all. With or without `force`:
/// one of them is a directory or an input, or the directory is a file.
pub fn check_directory<N: AsRef<Path>>(
    flag: &str,
    directory: &Path,
    names: &[N],
    inputs: &[(&str, &Path)],
    force: bool,
) -> Result<(), OverwriteError> {
    if exists(directory) && !directory.is_dir() {
        return Err(OverwriteError::IsFile { flag: flag.to_owned(), path: directory.to_owned() });
    }
    let paths: Vec<PathBuf> = names.iter().map(|name| directory.join(name)).collect();
    let inputs: Vec<(&str, Option<&Path>)> =
        inputs.iter().map(|&(name, path)| (name, Some(path))).collect();
    let known = inputs_of(&inputs);
    for path in &paths {
        check_is_new(flag, path, &known)?;
    }
    let names: Vec<PathBuf> = names
        .iter()
        .zip(&paths)
        .filter(|(_, path)| exists(path))
        .map(|(name, _)| name.as_ref().to_owned())
        .collect();
    if names.is_empty() || force {
        return Ok(());
    }
    let (flag, directory) = (flag.to_owned(), directory.to_owned());
    Err(OverwriteError::ExistIn { flag, directory, names })
}

/// Checks the files that a command will write, with the options that name them. They must differ
/// from each other and from the inputs, and must not be directories. Links are followed.
///
/// # Errors
/// The first option that breaks a rule.
pub fn check_distinct(
    inputs: &[(&str, Option<&Path>)],
    outputs: &[(&str, Option<&Path>)],
) -> Result<(), OverwriteError> {
    let inputs = inputs_of(inputs);
    let mut outputs_so_far: Vec<(&str, PathBuf)> = Vec::new();
    for (flag, path) in outputs {
        let Some(path) = path else { continue };
        let whole = check_is_new(flag, path, &inputs)?;
        if let Some((first, _)) = outputs_so_far.iter().find(|(_, known)| *known == whole) {
            return Err(OverwriteError::Same {
                first: (*first).to_owned(),
                flag: (*flag).to_owned(),
                path: path.to_path_buf(),
            });
        }
        outputs_so_far.push((flag, whole));
    }
    Ok(())
}

/// Publishes a file; without `force`, only if its name is still free.
///
/// # Errors
/// The name is taken, even if only since the check; the system refuses.
pub fn publish(flag: &str, staged: StagedFile, force: bool) -> Result<PathBuf, OverwriteError> {
    let path = staged.path().to_owned();
    let published = if force { staged.publish() } else { staged.publish_new() };
    published.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => OverwriteError::Exists { flag: flag.to_owned(), path },
        _ => OverwriteError::Write { path, source },
    })
}

/// The absolute path, with links resolved as far as it exists.
#[must_use]
pub fn resolved(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.ancestors().find_map(|ancestor| {
        let rest = path.strip_prefix(ancestor).ok()?;
        let known = ancestor.canonicalize().ok()?;
        // Joined to nothing, a path would get a separator at its end.
        Some(if rest.as_os_str().is_empty() { known } else { known.join(rest) })
    })
}

/// Whether the name is taken, even by a link to a missing file.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn inputs_of<'a>(inputs: &[(&'a str, Option<&Path>)]) -> Vec<(&'a str, PathBuf)> {
    inputs.iter().filter_map(|(name, path)| Some((*name, resolved((*path)?)?))).collect()
}

/// Checks that an output is neither a directory nor an input, and returns its whole path.
fn check_is_new(
    flag: &str,
    output: &Path,
    inputs: &[(&str, PathBuf)],
) -> Result<PathBuf, OverwriteError> {
    let (flag, path) = (flag.to_owned(), output.to_owned());
    if output.is_dir() {
        return Err(OverwriteError::IsDirectory { flag, path });
    }
    let Some(whole) = resolved(output) else {
        return Err(OverwriteError::NotAPath { flag, path });
    };
    match inputs.iter().find(|(_, known)| *known == whole) {
        Some((input, _)) => Err(OverwriteError::IsInput { flag, path, input: (*input).to_owned() }),
        None => Ok(whole),
    }
}

/// Most names that a message lists.
const MOST_NAMES: usize = 3;

/// The first names of a list, separated by commas.
pub(crate) fn named(paths: &[PathBuf]) -> String {
    let mut names: Vec<String> =
        paths.iter().take(MOST_NAMES).map(|path| path.display().to_string()).collect();
    if paths.len() > MOST_NAMES {
        names.push("...".to_owned());
    }
    names.join(", ")
}

/// A number and its noun.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn assert_facts(message: &str, facts: &[&str]) {
        for fact in facts {
            assert!(message.contains(fact), "{fact}: {message}");
        }
    }

    /// The message of a check, without the path of the directory.
    fn said(directory: &tempfile::TempDir, result: Result<(), OverwriteError>) -> String {
        let prefix = format!("{}/", directory.path().display());
        result.map_or_else(|error| error.to_string().replace(&prefix, ""), |()| "fine".to_owned())
    }

    #[test]
    fn an_existing_file_needs_force() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("a.svg"), "old").unwrap();
        let check = |name: &str, force| said(&directory, check_file("--output", &at(name), force));
        assert_facts(&check("a.svg", false), &["a.svg: ", "exists", "--output", "--force"]);
        assert_eq!(check("a.svg", true), "fine");
        assert_eq!(check("b.svg", false), "fine");
        assert_facts(&check("c/b.svg", true), &["--output c/b.svg: ", "no such directory: c"]);
        assert_facts(&check("", true), &["--output ", "a directory", "a file"]);
        assert_eq!(said(&directory, check_file("--output", Path::new("bare"), false)), "fine");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_missing_file_exists() {
        let directory = tempfile::tempdir().unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(directory.path().join("none"), &link).unwrap();
        assert!(matches!(check_file("--output", &link, false), Err(OverwriteError::Exists { .. })));
    }

    #[test]
    fn existing_files_of_a_directory_are_all_named() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for name in ["a", "b", "c", "d"] {
            fs::write(at(name), "").unwrap();
        }
        fs::create_dir(at("folder")).unwrap();
        let check = |names: &[&str], inputs: &[(&str, &Path)], force| {
            let place = directory.path();
            let found = check_directory("--output", place, names, inputs, force);
            said(&directory, found).replace(&place.display().to_string(), "DIR")
        };
        let one = check(&["new", "a"], &[], false);
        assert_facts(&one, &["DIR: 1 file ", "(a)", "--output", "--force"]);
        let four = check(&["a", "b", "c", "d", "e"], &[], false);
        assert_facts(&four, &["DIR: 4 files ", "(a, b, c, ...)", "--output", "--force"]);
        assert_eq!(check(&["a", "b"], &[], true), "fine");
        assert_eq!(check(&["new"], &[], false), "fine");
        let input = at("a");
        let overwritten = check(&["b", "a"], &[("the picture", &input)], true);
        assert_facts(&overwritten, &["--output a: ", "input", "(the picture)"]);
        assert_facts(&check(&["folder"], &[], true), &["--output folder: ", "a directory"]);
        let into = |place: &str| {
            said(&directory, check_directory("--output", &at(place), &["x"], &[], true))
        };
        assert_facts(&into("a"), &["--output a: ", "a file", "a directory"]);
        assert_eq!(into("missing/one"), "fine");
    }

    #[test]
    fn inputs_are_never_overwritten_and_outputs_differ() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("in.png"), "").unwrap();
        let (input, again, out) = (at("in.png"), at("../x/./in.png"), at("out.png"));
        let inputs = [("the picture", Some(input.as_path())), ("--points", None)];
        let check =
            |outputs: &[(&str, Option<&Path>)]| said(&directory, check_distinct(&inputs, outputs));
        assert_eq!(check(&[("--output", Some(&out)), ("--overlay", None)]), "fine");
        let overwritten = check(&[("--output", Some(&input))]);
        assert_facts(&overwritten, &["--output in.png: ", "input", "(the picture)"]);
        let same = check(&[("--output", Some(&out)), ("--overlay", Some(&out))]);
        assert_facts(&same, &["--output", "--overlay", "out.png"]);
        assert_eq!(check(&[("--output", Some(&again))]), "fine");
        let name = directory.path().file_name().unwrap();
        let roundabout = at("..").join(name).join("./in.png");
        assert_facts(&check(&[("--output", Some(&roundabout))]), &["input"]);
    }

    #[cfg(unix)]
    #[test]
    fn an_input_is_known_through_links() {
        let directory = tempfile::tempdir().unwrap();
        let (input, link) = (directory.path().join("in"), directory.path().join("link"));
        fs::write(&input, "").unwrap();
        std::os::unix::fs::symlink(&input, &link).unwrap();
        let found = check_distinct(&[("the input", Some(&input))], &[("--output", Some(&link))]);
        assert!(matches!(found, Err(OverwriteError::IsInput { .. })));
    }

    #[test]
    fn publishing_without_force_overwrites_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        let staged = || StagedFile::write(&path, b"new").unwrap();
        publish("--output", staged(), false).unwrap();
        fs::write(&path, "old").unwrap();
        let late = publish("--overlay", staged(), false).unwrap_err().to_string();
        assert_facts(&late, &["exists", "--overlay", "--force"]);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(publish("--output", staged(), true).unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }
}
