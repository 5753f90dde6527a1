//! Pictures that stay together, told by their names.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use regex::Regex;

use super::error::DataError;
use crate::value::Problem;

/// What pictures of a patient, a place or a series have in common in their paths.
pub(crate) struct GroupPattern {
    pattern: Regex,
}

impl GroupPattern {
    /// The pattern of the key `group`.
    ///
    /// # Errors
    /// Text that is not a regular expression.
    pub(crate) fn new(text: &str) -> Result<Self, Problem> {
        let pattern = Regex::new(text).map_err(|error| {
            // The parser draws the place below the pattern; its last line is the reason.
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
            Problem::new(
                "group",
                format!(
                    "must be a regular expression such as \"patient([0-9]+)\", but \"{text}\" is not: \
                     {reason}"
                ),
            )
        })?;
        Ok(Self { pattern })
    }

    /// What a path matches: the parts in parentheses, or all that matches without any.
    fn key(&self, path: &str) -> Option<String> {
        let found = self.pattern.captures(path)?;
        if found.len() == 1 {
            return found.get(0).map(|whole| whole.as_str().to_owned());
        }
        let parts = found.iter().skip(1).map(|part| part.map_or("", |part| part.as_str()));
        Some(parts.collect::<Vec<_>>().join("\u{1f}"))
    }

    /// The key of each file's path within a directory.
    ///
    /// # Errors
    /// A file whose path does not match.
    fn keys(&self, directory: &Path, files: &[PathBuf]) -> Result<Vec<String>, DataError> {
        let path = |file: &PathBuf| {
            let within = file.strip_prefix(directory).unwrap_or(file.as_path());
            let parts = within.components().map(|part| part.as_os_str().to_string_lossy());
            parts.collect::<Vec<_>>().join("/")
        };
        let paths: Vec<String> = files.iter().map(path).collect();
        let keys: Vec<Option<String>> = paths.iter().map(|path| self.key(path)).collect();
        let others = || paths.iter().zip(&keys).filter(|(_, key)| key.is_none());
        let Some((first, _)) = others().next() else {
            return Ok(keys.into_iter().flatten().collect());
        };
        let (count, all) = (others().count(), paths.len());
        let what = if count == all {
            format!("matches none of the {all} pictures, such as {first}")
        } else {
            format!("does not match {count} of the {all} pictures, such as {first}")
        };
        Err(DataError::Unfit(format!(
            "data.group: \"{}\" {what}; write a pattern that is in every path within {}",
            self.pattern.as_str(),
            directory.display()
        )))
    }
}

/// The groups of the pictures to learn from, and a note where a group is also in another part.
pub(crate) struct PictureGroups {
    /// The group of each file to learn from.
    pub(crate) of_each: Vec<usize>,
    pub(crate) note: Option<String>,
}

impl PictureGroups {
    /// The groups of files to learn from. `held_out` are those of folders of other parts.
    ///
    /// # Errors
    /// No regular expression; a file whose path does not match.
    pub(crate) fn of(
        pattern: &str,
        directory: &Path,
        learned: &[PathBuf],
        held_out: &[PathBuf],
    ) -> Result<Self, DataError> {
        let pattern = GroupPattern::new(pattern)
            .map_err(|problem| DataError::Unfit(problem.within("data").to_string()))?;
        let keys = pattern.keys(directory, learned)?;
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let number = |key| {
            let next = numbers.len();
            *numbers.entry(key).or_insert(next)
        };
        let of_each = keys.iter().map(String::as_str).map(number).collect();
        let others: HashSet<String> = pattern.keys(directory, held_out)?.into_iter().collect();
        let shared: Vec<&String> =
            others.iter().filter(|key| numbers.contains_key(key.as_str())).collect();
        let note = shared.iter().min().map(|first| {
            format!(
                "data.group: {} of {} groups of the other folders are also learned from, such as {}; \
                 their figures are better than those of new groups",
                shared.len(),
                others.len(),
                first.replace('\u{1f}', " ")
            )
        });
        Ok(Self { of_each, note })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(pattern: &str, learned: &[&str], held_out: &[&str]) -> Result<PictureGroups, String> {
        let root = Path::new("data");
        let within = |files: &[&str]| files.iter().map(|file| root.join(file)).collect::<Vec<_>>();
        let (learned, held_out) = (within(learned), within(held_out));
        PictureGroups::of(pattern, root, &learned, &held_out).map_err(|error| error.to_string())
    }

    #[test]
    fn pictures_of_equal_parts_are_a_group() {
        let files = ["a/patient12-1.png", "a/patient7-1.png", "b/patient12-2.png"];
        assert_eq!(groups("patient([0-9]+)", &files, &[]).unwrap().of_each, [0, 1, 0]);
        // All that matches, without parentheses; folders belong to the path.
        assert_eq!(groups("^[ab]/", &files, &[]).unwrap().of_each, [0, 0, 1]);
        assert_eq!(groups("^([ab])/patient([0-9])", &files, &[]).unwrap().of_each, [0, 1, 2]);
        let shared = groups("patient([0-9]+)", &files, &["test/patient7-9.png"]).unwrap().note;
        assert!(
            shared.unwrap().contains("1 of 1 groups of the other folders are also learned from")
        );
        assert_eq!(groups("patient([0-9]+)", &files, &["test/patient8-9.png"]).unwrap().note, None);
    }

    #[test]
    fn a_pattern_that_does_not_match_is_refused() {
        let files = ["a/patient1.png", "a/other.png"];
        let message = |pattern| groups(pattern, &files, &[]).err().unwrap();
        assert_eq!(
            message("subject([0-9]+)"),
            "data.group: \"subject([0-9]+)\" matches none of the 2 pictures, such as a/patient1.png; \
             write a pattern that is in every path within data"
        );
        assert!(
            message("patient").contains("does not match 1 of the 2 pictures, such as a/other.png")
        );
        let message = message("patient(");
        assert!(message.starts_with("`data.group` must be a regular expression"), "{message}");
        assert!(message.ends_with("unclosed group"), "{message}");
    }
}
