//! Files that are asked for by `--output` and other flags: what is there is replaced only when told to, what
//! is read never.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::run::StagedFile;

/// Checks where the file of `--output` goes before anything slow starts.
pub(crate) fn check_file(output: &Path, force: bool) -> Result<()> {
    check_file_of("--output", output, force)
}

/// Checks where the file of a flag goes before anything slow starts.
pub(crate) fn check_file_of(flag: &str, output: &Path, force: bool) -> Result<()> {
    let shown = output.display();
    if output.is_dir() {
        bail!("{flag} {shown} is a directory; the name of a file is needed");
    }
    // Links that lead nowhere are there, too.
    if output.symlink_metadata().is_ok() && !force {
        return Err(taken(flag, output));
    }
    let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty());
    match parent {
        Some(parent) if !parent.is_dir() => {
            bail!("{flag} {shown}: there is no directory {}", parent.display())
        }
        _ => Ok(()),
    }
}

/// Checks that files to be written, by the flags that name them, are different ones, none of those that
/// are read, and no directories.
pub(crate) fn check_distinct(
    inputs: &[(&str, Option<&Path>)],
    outputs: &[(&str, Option<&Path>)],
) -> Result<()> {
    let mut seen: Vec<(&str, PathBuf)> = Vec::new();
    for (name, path) in inputs {
        seen.extend(path.and_then(resolved).map(|whole| (*name, whole)));
    }
    let read = seen.len();
    for (flag, path) in outputs {
        let Some(path) = path else { continue };
        let shown = path.display();
        if path.is_dir() {
            bail!("{flag} {shown} is a directory; the name of a file is needed");
        }
        let whole = resolved(path).with_context(|| format!("{flag} {shown} is no path"))?;
        match seen.iter().position(|(_, known)| *known == whole) {
            Some(index) if index < read => {
                let name = seen[index].0;
                bail!("{flag} {shown} is a file that is read ({name}); choose another for {flag}");
            }
            Some(index) => {
                bail!("{} and {flag} both name {shown}; give each its own file", seen[index].0);
            }
            None => seen.push((flag, whole)),
        }
    }
    Ok(())
}

/// The whole path, without links as far as it exists.
pub(crate) fn resolved(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    path.ancestors().find_map(|ancestor| {
        let rest = path.strip_prefix(ancestor).ok()?;
        Some(ancestor.canonicalize().ok()?.join(rest))
    })
}

/// Gives a file its name; without `force`, only if nothing has it, not even since a moment ago.
pub(crate) fn publish(staged: StagedFile, force: bool) -> Result<PathBuf> {
    let output = staged.path().to_owned();
    let published = if force { staged.publish() } else { staged.publish_new() };
    match published {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(taken("--output", &output)),
        published => published.with_context(|| format!("cannot write {}", output.display())),
    }
}

fn taken(flag: &str, output: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "{} already exists; choose another {flag} or replace it by --force",
        output.display()
    )
}
