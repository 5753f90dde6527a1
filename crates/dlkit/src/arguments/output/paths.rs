//! Files of several flags told apart.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

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
