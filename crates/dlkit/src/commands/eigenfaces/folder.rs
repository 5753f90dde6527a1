//! Which files are pictures, and whose.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::picture::is_picture;

use crate::arguments::{Failures, resolved};

/// A picture or a stack of pictures.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// What it is called in reports.
    pub(super) name: String,
    /// The folder that names its person.
    pub(super) person: Option<String>,
}

/// The files of a set of faces.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<File>,
    /// Files that are no pictures by their names.
    pub(super) ignored: usize,
}

/// What a path holds: the picture or the stack it is, the pictures of a folder, or those of a
/// folder for each person.
pub(super) fn list(path: &Path) -> Result<Listing> {
    let mut listing = Listing::default();
    if !path.is_dir() {
        fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        listing.files.push(file(path, path, None));
        return Ok(listing);
    }
    let entries = entries(path)?;
    let (folders, others): (Vec<PathBuf>, Vec<PathBuf>) =
        entries.into_iter().partition(|entry| entry.is_dir());
    listing.take(path, others, None);
    let direct = listing.files.len();
    for folder in &folders {
        let person = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        listing.search(path, folder, person.as_deref())?;
    }
    if direct > 0 && listing.files.len() > direct {
        bail!(
            "{} holds both pictures and folders with pictures; give a folder of pictures, or one \
             with a folder for each person",
            path.display()
        );
    }
    if listing.files.is_empty() {
        bail!(
            "{} holds no pictures (PNG, JPEG, WebP, BMP or .npy stacks), neither directly nor in \
             folders for people",
            path.display()
        );
    }
    Ok(listing)
}

/// The files that several paths hold, named as they are reached; paths that hold none fail.
pub(super) fn files_of(inputs: &[PathBuf], failures: &mut Failures) -> Vec<File> {
    let mut files = Vec::new();
    for input in inputs {
        match list(input) {
            Ok(listing) => files.extend(listing.files.into_iter().map(|file| {
                let name = file.path.display().to_string();
                File { name, ..file }
            })),
            Err(error) => failures.add(input, &error),
        }
    }
    files
}

impl Listing {
    fn search(&mut self, root: &Path, folder: &Path, person: Option<&str>) -> Result<()> {
        let (folders, others): (Vec<PathBuf>, Vec<PathBuf>) =
            entries(folder)?.into_iter().partition(|entry| entry.is_dir());
        self.take(root, others, person);
        // A link may lead back to a folder above, and the search would never end.
        for folder in folders.iter().filter(|folder| !folder.is_symlink()) {
            self.search(root, folder, person)?;
        }
        Ok(())
    }

    fn take(&mut self, root: &Path, paths: Vec<PathBuf>, person: Option<&str>) {
        for path in paths {
            if is_picture(&path) || is_stack(&path) {
                self.files.push(file(root, &path, person));
            } else {
                self.ignored += 1;
            }
        }
    }
}

fn file(root: &Path, path: &Path, person: Option<&str>) -> File {
    let shown = path.strip_prefix(root).ok().filter(|rest| !rest.as_os_str().is_empty());
    File {
        path: path.to_owned(),
        name: shown.unwrap_or(path).display().to_string(),
        person: person.map(str::to_owned),
    }
}

/// Checks a folder to be written to before anything slow starts: it is no file, and does not lie
/// among pictures that are read, where what is written would be taken for faces the next time.
pub(super) fn check_folder(flag: &str, folder: &Path, inputs: &[&Path]) -> Result<()> {
    let shown = folder.display();
    if folder.is_file() {
        bail!("{flag} {shown}: there is a file of that name; give a folder");
    }
    let whole = resolved(folder);
    for input in inputs.iter().filter(|input| input.is_dir()) {
        if let (Some(whole), Some(input_whole)) = (&whole, resolved(input))
            && whole.starts_with(input_whole)
        {
            bail!(
                "{flag} {shown} lies in {}, where pictures are read from: what is written would be \
                 taken for faces; choose another folder",
                input.display()
            );
        }
    }
    Ok(())
}

/// Whether a name is that of a stack of pictures.
pub(super) fn is_stack(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy"))
}

/// What a folder holds, sorted by name, without hidden entries.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>())
        .with_context(|| format!("cannot read {}", folder.display()))?;
    let hidden = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
    };
    paths.retain(|path| !hidden(path));
    paths.sort();
    Ok(paths)
}
