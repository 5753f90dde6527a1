//! Counts and names what is left out of folders.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::overwrite::named;

/// An entry of a folder that is not read as a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The file or folder.
    pub path: PathBuf,
    /// Why it is left out.
    pub reason: LeftOutReason,
}

/// Why an entry of a folder is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOutReason {
    /// Its name does not have the extension of a picture.
    Ending,
    /// By its name, an earlier command wrote it for another picture.
    Result,
    /// Its name begins with a dot.
    Hidden,
    /// It lies beside the folders of parts or classes.
    Beside,
    /// It is a link to a folder, and could lead back to a folder above.
    FolderLink,
    /// It is a pipe, a device, or a link to a missing file.
    NotRegular,
}

impl LeftOutReason {
    const fn text(self) -> &'static str {
        match self {
            Self::Ending => {
                "without a picture extension (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff, .gif, \
                 .pgm, .ppm, .pnm or .pbm)"
            }
            Self::Result => "named as a result of another picture",
            Self::Hidden => "hidden",
            Self::FolderLink => "linked folder",
            Self::Beside => "beside the folders of parts or classes",
            Self::NotRegular => "not a regular file",
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: left out: {}", self.path.display(), self.reason.text())
    }
}

/// Counts and names what was left out, in one line; none if nothing was.
///
/// ```
/// use dlkit_files::picture::{LeftOut, LeftOutReason, summary_of_left_out};
///
/// let left_out = |name: &str, reason| LeftOut { path: name.into(), reason };
/// let scan = left_out("a/scan.psd", LeftOutReason::Ending);
/// let hidden = left_out("a/.b", LeftOutReason::Hidden);
/// assert_eq!(
///     summary_of_left_out(&[hidden, scan]).unwrap(),
///     "left out: 1 without a picture extension (.png, .jpg, .jpeg, .webp, .bmp, .tif, .tiff, .gif, \
///      .pgm, .ppm, .pnm or .pbm): a/scan.psd; 1 hidden: a/.b"
/// );
/// assert_eq!(summary_of_left_out(&[]), None);
/// ```
#[must_use]
pub fn summary_of_left_out(left_out: &[LeftOut]) -> Option<String> {
    let mut groups: BTreeMap<LeftOutReason, Vec<PathBuf>> = BTreeMap::new();
    for LeftOut { path, reason } in left_out {
        groups.entry(*reason).or_default().push(path.clone());
    }
    let groups: Vec<String> = groups
        .iter()
        .map(|(reason, paths)| format!("{} {}: {}", paths.len(), reason.text(), named(paths)))
        .collect();
    (!groups.is_empty()).then(|| format!("left out: {}", groups.join("; ")))
}
