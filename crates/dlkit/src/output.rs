//! Files that are asked for by `--output`: what is there is replaced only when told to.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_models::run::StagedFile;

/// Checks where a file goes before anything slow starts.
pub(crate) fn check_file(output: &Path, force: bool) -> Result<()> {
    let shown = output.display();
    if output.is_dir() {
        bail!("--output {shown} is a directory; the name of a file is needed");
    }
    // Links that lead nowhere are there, too.
    if output.symlink_metadata().is_ok() && !force {
        return Err(taken(output));
    }
    let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty());
    match parent {
        Some(parent) if !parent.is_dir() => {
            bail!("--output {shown}: there is no directory {}", parent.display())
        }
        _ => Ok(()),
    }
}

/// Checks that files to be written, by the flags that name them, are different ones and no
/// directories.
pub(crate) fn check_distinct(outputs: &[(&str, Option<&Path>)]) -> Result<()> {
    let mut seen: Vec<(&str, PathBuf)> = Vec::new();
    for (flag, path) in outputs {
        let Some(path) = path else { continue };
        if path.is_dir() {
            bail!("{flag} {} is a directory; the name of a file is needed", path.display());
        }
        let whole = std::path::absolute(path)
            .with_context(|| format!("{flag} {} is no path", path.display()))?;
        if let Some((other, _)) = seen.iter().find(|(_, known)| *known == whole) {
            bail!("{other} and {flag} both name {}; give each its own file", path.display());
        }
        seen.push((flag, whole));
    }
    Ok(())
}

/// Gives a file its name; without `force`, only if nothing has it, not even since a moment ago.
pub(crate) fn publish(staged: StagedFile, force: bool) -> Result<PathBuf> {
    let output = staged.path().to_owned();
    let published = if force { staged.publish() } else { staged.publish_new() };
    match published {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(taken(&output)),
        published => published.with_context(|| format!("cannot write {}", output.display())),
    }
}

fn taken(output: &Path) -> anyhow::Error {
    anyhow::anyhow!(
        "{} already exists; choose another --output or replace it by --force",
        output.display()
    )
}
