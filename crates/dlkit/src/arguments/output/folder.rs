//! A directory for the files of a command.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;

use super::Existing;
use super::paths::resolved;
use crate::arguments::force::ForceArgs;
use crate::plot::stage_picture;

/// Where the files of a command go.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OutputDirectory {
    /// Directory for the results.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

impl OutputDirectory {
    /// The directory, if one was named.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// The directory for files of these names, checked before anything slow starts.
    ///
    /// # Errors
    /// `--force` where nothing is written; a path that is a file; existing files that are to be kept.
    pub(crate) fn open(&self, names: &[String]) -> Result<Option<Folder>> {
        let Some(path) = &self.output else {
            if self.force.is_given() {
                bail!("--force overwrites the files of --output; give --output DIR");
            }
            return Ok(None);
        };
        Folder::open("--output", path.clone(), self.force.existing(), names).map(Some)
    }
}

/// A directory that files are written into, whole or not at all.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    flag: &'static str,
    path: PathBuf,
    existing: Existing,
}

impl Folder {
    /// The directory that a flag names, for files of these names.
    ///
    /// # Errors
    /// A path that is a file; existing files that are to be kept.
    pub(crate) fn open(
        flag: &'static str,
        path: PathBuf,
        existing: Existing,
        names: &[String],
    ) -> Result<Self> {
        if path.exists() && !path.is_dir() {
            bail!("{flag} {} is a file; name a directory", path.display());
        }
        let folder = Self { flag, path, existing };
        folder.check(names)?;
        Ok(folder)
    }

    /// Checks that files of these names may be written.
    pub(crate) fn check(&self, names: &[String]) -> Result<()> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path.join(name)).collect();
        self.existing.check(self.flag, &paths)
    }

    /// Checks that no file of these names is one that is read.
    pub(crate) fn spare(&self, names: &[String], inputs: &[PathBuf]) -> Result<()> {
        let read: Vec<PathBuf> = inputs.iter().filter_map(|input| resolved(input)).collect();
        for name in names {
            let path = self.path.join(name);
            if resolved(&path).is_some_and(|path| read.contains(&path)) {
                bail!(
                    "{} is an input file, which is never overwritten; choose another {}",
                    path.display(),
                    self.flag
                );
            }
        }
        Ok(())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Creates the directory.
    pub(crate) fn create(&self) -> Result<()> {
        fs::create_dir_all(&self.path).with_context(|| {
            format!("cannot create {} ({} names another)", self.path.display(), self.flag)
        })
    }

    /// Writes a file and gives its path.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<String> {
        self.create()?;
        let path = self.path.join(name);
        let staged = StagedFile::write(&path, content)
            .with_context(|| format!("cannot write {}", path.display()))?;
        self.publish(staged)
    }

    /// Writes a drawing as `STEM.svg` and `STEM.png` and gives their paths.
    pub(crate) fn write_picture(&self, stem: &str, svg: &str) -> Result<[String; 2]> {
        self.create()?;
        // Both are on disk before either has its name.
        let [svg, png] = stage_picture(svg, &self.path.join(stem))?;
        Ok([self.publish(svg)?, self.publish(png)?])
    }

    fn publish(&self, staged: StagedFile) -> Result<String> {
        Ok(self.existing.publish(staged, self.flag)?.display().to_string())
    }
}

/// The names of the files that a drawing of this stem becomes.
pub(crate) fn picture_names(stem: &str) -> [String; 2] {
    ["svg", "png"].map(|ending| format!("{stem}.{ending}"))
}
