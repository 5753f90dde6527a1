//! A file with its name in reports and the person that it shows.

use std::path::PathBuf;

/// A picture or a stack of pictures.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Name in reports.
    pub(super) name: String,
    /// Name of the person, from the folder.
    pub(super) person: Option<String>,
}
