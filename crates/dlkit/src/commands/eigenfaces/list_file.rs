//! Lists of pictures: a text file with `path;label` on each line, as published sets and OpenCV have them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::regular::read_regular;

use super::named_file::File;

/// Maximum size of a list in bytes.
const LARGEST_LIST: u64 = 1 << 26;

/// Whether a path names a list of pictures. A folder is none, whatever its name.
pub(super) fn is_list(path: &Path) -> bool {
    let is_named_so = path.extension().is_some_and(|ending| {
        ending.eq_ignore_ascii_case("csv") || ending.eq_ignore_ascii_case("txt")
    });
    is_named_so && !path.is_dir()
}

/// The pictures of a list. A path that is not absolute starts at the folder of the list or, if nothing is
/// there, at the current directory. Empty lines and lines that begin with `#` are comments.
pub(super) fn listed_files(path: &Path) -> Result<Vec<File>> {
    let name = path.display();
    let bytes =
        read_regular(path, LARGEST_LIST).with_context(|| format!("{name}: cannot be read"))?;
    let text = String::from_utf8(bytes)
        .ok()
        .with_context(|| format!("{name}: not text in UTF-8; give lines of path;label"))?;
    let mut files = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let parts = line.rsplit_once(';').map(|(file, label)| (file.trim(), label.trim()));
        let Some((file, label)) =
            parts.filter(|(file, label)| !file.is_empty() && !label.is_empty())
        else {
            bail!("{name}, line {}: `{line}`; give path;label, such as s1/1.pgm;s1", index + 1);
        };
        files.push(File {
            path: located(path, Path::new(file)),
            name: file.to_owned(),
            person: Some(label.to_owned()),
            is_labeled: true,
        });
    }
    if files.is_empty() {
        bail!("{name}: lists no pictures; give lines of path;label, such as s1/1.pgm;s1");
    }
    Ok(files)
}

fn located(list: &Path, file: &Path) -> PathBuf {
    let beside = list.parent().map_or_else(|| file.to_owned(), |folder| folder.join(file));
    if !beside.exists() && file.exists() { file.to_owned() } else { beside }
}
