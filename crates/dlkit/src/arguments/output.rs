//! `--output`, and the one rule for what is written: existing files are overwritten only with
//! `--force`, input files never. It is checked before anything slow starts.

mod folder;
mod paths;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use dlkit_files::StagedFile;

pub(crate) use self::folder::{Folder, OutputDirectory, picture_names};
pub(crate) use self::paths::{check_distinct, resolved};
use super::force::ForceArgs;

/// What becomes of existing files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// They stay, and the command is refused.
    Keep,
    /// They are overwritten.
    Overwrite,
}

/// Existing files that a message names.
const MOST_NAMED: usize = 3;

impl Existing {
    /// Checks that files may be written whose place `flag` chooses.
    ///
    /// # Errors
    /// Existing ones that are to be kept; the first few are named.
    pub(crate) fn check(self, flag: &str, paths: &[PathBuf]) -> Result<()> {
        if self == Self::Overwrite {
            return Ok(());
        }
        // A link that leads nowhere exists, too.
        let is_there = |path: &&PathBuf| path.symlink_metadata().is_ok();
        let there: Vec<&PathBuf> = paths.iter().filter(is_there).collect();
        if there.is_empty() { Ok(()) } else { Err(taken(flag, &there)) }
    }

    /// Gives a file its name; one that has it is overwritten or kept, even if it came this moment.
    pub(crate) fn publish(self, staged: StagedFile, flag: &str) -> Result<PathBuf> {
        let output = staged.path().to_owned();
        let published = match self {
            Self::Overwrite => staged.publish(),
            Self::Keep => staged.publish_new(),
        };
        match published {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(taken(flag, &[&output])),
            published => published.with_context(|| format!("cannot write {}", output.display())),
        }
    }
}

fn taken(flag: &str, paths: &[&PathBuf]) -> anyhow::Error {
    let named: Vec<String> =
        paths.iter().take(MOST_NAMED).map(|path| path.display().to_string()).collect();
    let named = match paths.len() {
        0 | 1 => format!("{} already exists", named.concat()),
        more if more > MOST_NAMED => {
            format!("{} and {} more already exist", named.join(", "), more - MOST_NAMED)
        }
        _ => format!("{} already exist", named.join(", ")),
    };
    let them = if paths.len() > 1 { "them" } else { "it" };
    anyhow!("{named}; choose another {flag} or overwrite {them} with --force")
}

/// The file a command writes.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OutputFile {
    /// File to write.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    force: ForceArgs,
}

impl OutputFile {
    /// Checks where the file goes before anything slow starts.
    pub(crate) fn check(&self) -> Result<()> {
        check_file("--output", &self.output, self.existing())
    }

    /// What becomes of an existing one.
    pub(crate) const fn existing(&self) -> Existing {
        self.force.existing()
    }

    /// Gives the file its name.
    pub(crate) fn publish(&self, staged: StagedFile) -> Result<PathBuf> {
        self.existing().publish(staged, "--output")
    }

    /// What it is called.
    pub(crate) fn name(&self) -> String {
        self.output.display().to_string()
    }
}

/// The run a command makes.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct NewRunArgs {
    /// New run directory.
    #[arg(long, short, value_name = "RUN")]
    pub(crate) output: PathBuf,
}

/// Checks where the file of a flag goes before anything slow starts.
pub(crate) fn check_file(flag: &str, output: &Path, existing: Existing) -> Result<()> {
    let shown = output.display();
    if output.is_dir() {
        bail!("{flag} {shown} is a directory; the name of a file is needed");
    }
    existing.check(flag, &[output.to_owned()])?;
    let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty());
    match parent {
        Some(parent) if !parent.is_dir() => {
            bail!("{flag} {shown}: there is no directory {}", parent.display())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_few_existing_files_are_named() {
        let directory = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> =
            (0..5).map(|index| directory.path().join(index.to_string())).collect();
        let message = |paths: &[PathBuf]| {
            let error = Existing::Keep.check("--output", paths).unwrap_err();
            error.to_string().replace(&format!("{}/", directory.path().display()), "")
        };
        Existing::Keep.check("--output", &paths).unwrap();
        std::fs::write(&paths[1], "").unwrap();
        let one = "1 already exists; choose another --output or overwrite it with --force";
        assert_eq!(message(&paths), one);
        for path in &paths {
            std::fs::write(path, "").unwrap();
        }
        let many = "0, 1, 2 and 2 more already exist; choose another --output or overwrite them with --force";
        assert_eq!(message(&paths), many);
        assert!(message(&paths[..2]).starts_with("0, 1 already exist; "));
        Existing::Overwrite.check("--output", &paths).unwrap();
    }
}
