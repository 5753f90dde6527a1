//! A file with its name in reports and the person that it shows.

use std::path::PathBuf;

/// A picture or a stack of pictures.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Name in reports.
    pub(super) name: String,
    /// Name of the person, from the folder or the list.
    pub(super) person: Option<String>,
    /// Whether a list names the person, and not only a folder.
    pub(super) is_labeled: bool,
}
