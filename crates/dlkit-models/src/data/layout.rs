//! The folders of a data directory that are parts: train, validation, test.

use std::path::{Path, PathBuf};

use dlkit_files::picture::{Entries, LeftOut, LeftOutReason, entries};

use super::error::DataError;

/// What the folders of each part may be called, in any case; the first is what messages say.
const NAMES: [(Part, &[&str]); 3] = [
    (Part::Train, &["train", "training"]),
    (Part::Validation, &["validation", "val", "valid"]),
    (Part::Test, &["test", "testing"]),
];

/// A part of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What is learned from.
    Train,
    /// What decides.
    Validation,
    /// What is held out.
    Test,
}

impl Part {
    /// Its name: `train`, `validation` or `test`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }

    /// The part for a folder name.
    fn of_folder(name: &str) -> Option<Self> {
        let is_one = |known: &&str| name.eq_ignore_ascii_case(known);
        NAMES.iter().find(|(_, names)| names.iter().any(is_one)).map(|(part, _)| *part)
    }
}

/// The folders of a data directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Training part, if it has a folder.
    pub(crate) train: Option<PathBuf>,
    /// Validation part, if it has a folder.
    pub(crate) validation: Option<PathBuf>,
    /// Test part, if it has a folder.
    pub(crate) test: Option<PathBuf>,
    /// What lies beside the folders of parts.
    pub(crate) left_out: Vec<LeftOut>,
}

impl Layout {
    /// Looks for the folders of parts. What lies beside them is left out; a directory without them has no
    /// parts.
    ///
    /// # Errors
    /// A directory that cannot be read; two folders of one part.
    pub(crate) fn find(directory: &Path) -> Result<Self, DataError> {
        let Entries { visible, hidden } = entries(directory)?;
        let mut folders: [Option<PathBuf>; 3] = Default::default();
        let mut beside = Vec::new();
        for path in visible {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let part = Part::of_folder(&name).filter(|_| path.is_dir());
            match part.map(|part| &mut folders[part as usize]) {
                None => beside.push(path),
                Some(Some(other)) => {
                    return Err(DataError::content(
                        directory,
                        format!(
                            "{} and {name} both name the same part; merge or rename one",
                            other.file_name().unwrap_or_default().to_string_lossy()
                        ),
                    ));
                }
                Some(folder) => *folder = Some(path),
            }
        }
        let [train, validation, test] = folders;
        if [&train, &validation, &test].iter().all(|folder| folder.is_none()) {
            return Ok(Self::default());
        }
        let left_out = |path, reason| LeftOut { path, reason };
        let hidden = hidden.into_iter().map(|path| left_out(path, LeftOutReason::Hidden));
        let beside = beside.into_iter().map(|path| left_out(path, LeftOutReason::Beside));
        Ok(Self { train, validation, test, left_out: hidden.chain(beside).collect() })
    }

    /// The folder of a part, if it has its own.
    pub(crate) fn folder(&self, part: Part) -> Option<&Path> {
        match part {
            Part::Train => self.train.as_deref(),
            Part::Validation => self.validation.as_deref(),
            Part::Test => self.test.as_deref(),
        }
    }

    /// The folder of a part, if it has its own. Without a part: the folders of all parts, or the
    /// directory itself if it has no parts.
    pub(crate) fn folders<'a>(&'a self, directory: &'a Path, part: Option<Part>) -> Vec<&'a Path> {
        if let Some(part) = part {
            return self.folder(part).into_iter().collect();
        }
        let parts = [Part::Train, Part::Validation, Part::Test];
        let folders: Vec<&Path> = parts.iter().filter_map(|part| self.folder(*part)).collect();
        if folders.is_empty() { vec![directory] } else { folders }
    }

    /// The folder to learn from: that of the training part, or a directory without parts.
    ///
    /// # Errors
    /// Other parts without a training part.
    pub(crate) fn learned<'a>(&'a self, directory: &'a Path) -> Result<&'a Path, DataError> {
        match (self.train.as_deref(), self.folders(directory, None).as_slice()) {
            (Some(train), _) => Ok(train),
            (None, [only]) if *only == directory => Ok(directory),
            (None, others) => {
                let names = others.iter().map(|folder| folder.display().to_string());
                Err(DataError::content(
                    directory,
                    format!(
                        "no training part beside {}; add a folder named train, or rename these",
                        names.collect::<Vec<_>>().join(", ")
                    ),
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn layout(folders: &[&str]) -> (tempfile::TempDir, Result<Layout, DataError>) {
        let directory = tempfile::tempdir().unwrap();
        for folder in folders {
            fs::create_dir_all(directory.path().join(folder)).unwrap();
        }
        let found = Layout::find(directory.path());
        (directory, found)
    }

    #[test]
    fn parts_are_known_by_the_names_people_give_them() {
        for [train, validation, test] in [
            ["train", "val", "test"],
            ["Train", "Valid", "Test"],
            ["training", "validation", "testing"],
        ] {
            let (directory, found) = layout(&[train, validation, test, "extra", ".cache"]);
            let found = found.unwrap();
            let at = |name: &str| directory.path().join(name);
            assert_eq!(found.train, Some(at(train)));
            assert_eq!((found.validation, found.test), (Some(at(validation)), Some(at(test))));
            let left_out: Vec<PathBuf> = found.left_out.into_iter().map(|left| left.path).collect();
            assert_eq!(left_out, [at(".cache"), at("extra")]);
        }
    }

    #[test]
    fn a_directory_without_folders_of_parts_is_learned_from_as_a_whole() {
        let (directory, found) = layout(&["cats", "dogs"]);
        let found = found.unwrap();
        assert_eq!(found, Layout::default());
        assert_eq!(found.learned(directory.path()).unwrap(), directory.path());
        assert_eq!(found.folders(directory.path(), None), [directory.path()]);
    }

    #[test]
    fn parts_without_one_to_learn_from_can_be_measured_only() {
        let (directory, found) = layout(&["test", "cats"]);
        let found = found.unwrap();
        let test = directory.path().join("test");
        assert_eq!(found.folders(directory.path(), None), [&test]);
        let message = found.learned(directory.path()).unwrap_err().to_string();
        assert!(message.contains("test; add a folder named train"), "{message}");
    }

    #[test]
    fn two_folders_of_one_part_are_refused() {
        let (_directory, found) = layout(&["train", "val", "valid"]);
        let message = found.unwrap_err().to_string();
        assert!(message.contains("val and valid") && message.contains("rename"), "{message}");
    }
}
