//! The names of results, by which those of earlier commands are recognized.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What is added to the name of a result beside its picture.
pub(super) const COLORIZED: &str = "-colorized";
/// What is added to the name of a result for its contact sheet and its comparison, after a hyphen.
pub(super) const SHEETS: [&str; 2] = ["sheet", "compare"];

/// The pictures of a folder, by their paths without endings.
pub(super) struct Originals(BTreeSet<PathBuf>);

impl Originals {
    pub(super) fn new<'a>(pictures: impl Iterator<Item = &'a PathBuf>) -> Self {
        Self(pictures.map(|path| path.with_extension("")).collect())
    }

    /// Whether a picture is named as a result of another one that lies beside it: as its
    /// `NAME-colorized`, `NAME-sheet.png` or `NAME-compare.png`.
    pub(super) fn have_as_result(&self, picture: &Path) -> bool {
        let Some(name) = picture.file_stem().and_then(|name| name.to_str()) else { return false };
        let is_png = picture.extension().is_some_and(|ending| ending == "png");
        let of_sheet = SHEETS
            .into_iter()
            .filter(|_| is_png)
            .find_map(|what| name.strip_suffix(what)?.strip_suffix('-'));
        // The sheet of a result is named after the result.
        let of_result = of_sheet.unwrap_or(name).strip_suffix(COLORIZED);
        [of_sheet, of_result]
            .into_iter()
            .flatten()
            .any(|original| self.0.contains(&picture.with_file_name(original)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_known_by_the_original_beside_them() {
        let pictures = [
            "a/x.jpg",
            "a/x-colorized.jpg",
            "a/x-colorized-sheet.png",
            "a/x-compare.png",
            "a/y-colorized.jpg",
            "a/y-colorized-compare.png",
            "b/x-colorized.png",
            "a/x-sheet.jpg",
            "a/x-sheets.png",
            "a/-sheet.png",
        ]
        .map(PathBuf::from);
        let originals = Originals::new(pictures.iter());
        let results: Vec<&str> = pictures
            .iter()
            .filter(|picture| originals.have_as_result(picture))
            .filter_map(|picture| picture.to_str())
            .collect();
        let expected = [
            "a/x-colorized.jpg",
            "a/x-colorized-sheet.png",
            "a/x-compare.png",
            "a/y-colorized-compare.png",
        ];
        assert_eq!(results, expected);
    }
}
