//! Output directories of commands.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_directory, publish};

use super::force::ForceArgs;
use super::spared::{check_no_run, check_outside};
use crate::plot::stage_picture;

/// The output directory of a command.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OutputDirectory {
    /// Directory for the results.
    #[arg(long, short, value_name = "DIR", help_heading = "Results")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

impl OutputDirectory {
    /// Path of the directory, if given.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Whether existing files are overwritten.
    pub(crate) const fn is_forced(&self) -> bool {
        self.force.is_given()
    }

    /// Checks the directory for files of these names, before slow work starts.
    ///
    /// # Errors
    /// `--force` without `--output`; the path is a file; files exist and `--force` is missing.
    pub(crate) fn open(&self, names: &[String]) -> Result<Option<Folder>> {
        self.open_beside(names, false)
    }

    /// The same of a command whose `--force` may also be for another file.
    pub(crate) fn open_beside(&self, names: &[String], other: bool) -> Result<Option<Folder>> {
        let Some(path) = &self.output else {
            if self.force.is_given() && !other {
                bail!("--force overwrites the files of --output; give --output DIR");
            }
            return Ok(None);
        };
        names.iter().try_for_each(|name| check_no_run("--output", &path.join(name)))?;
        Folder::open("--output", path.clone(), self.force.is_given(), names).map(Some)
    }
}

/// A directory for complete files: a partial file never gets its name.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    flag: &'static str,
    path: PathBuf,
    /// Whether existing files are overwritten.
    force: bool,
}

impl Folder {
    /// Checks the directory of a flag for files of these names.
    ///
    /// # Errors
    /// The path is a file; files exist and `force` is false.
    pub(crate) fn open(
        flag: &'static str,
        path: PathBuf,
        force: bool,
        names: &[String],
    ) -> Result<Self> {
        let folder = Self { flag, path, force };
        folder.check(names)?;
        Ok(folder)
    }

    /// Checks that the command may write files of these names.
    pub(crate) fn check(&self, names: &[String]) -> Result<()> {
        Ok(check_directory(self.flag, &self.path, names, &[], self.force)?)
    }

    /// Checks that the command may write files of these names, and that none is an input of the option.
    pub(crate) fn check_inputs(
        &self,
        names: &[String],
        option: &str,
        inputs: &[PathBuf],
    ) -> Result<()> {
        let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
        check_outside(self.flag, &self.path, &inputs)?;
        let inputs: Vec<(&str, &Path)> = inputs.into_iter().map(|input| (option, input)).collect();
        Ok(check_directory(self.flag, &self.path, names, &inputs, self.force)?)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Creates the directory.
    pub(crate) fn create(&self) -> Result<()> {
        fs::create_dir_all(&self.path).with_context(|| {
            format!("cannot create {}; choose another {}", self.path.display(), self.flag)
        })
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<String> {
        self.create()?;
        let path = self.path.join(name);
        let staged = StagedFile::write(&path, content)
            .with_context(|| format!("cannot write {}", path.display()))?;
        self.publish(staged)
    }

    /// Writes a drawing as `STEM.svg` and `STEM.png` and returns their paths.
    pub(crate) fn write_picture(&self, stem: &str, svg: &str) -> Result<[String; 2]> {
        self.create()?;
        // Both files are on disk before the first gets its name.
        let [svg, png] = stage_picture(svg, &self.path.join(stem))?;
        Ok([self.publish(svg)?, self.publish(png)?])
    }

    fn publish(&self, staged: StagedFile) -> Result<String> {
        Ok(publish(self.flag, staged, self.force)?.display().to_string())
    }
}

/// Names of the files of a drawing.
pub(crate) fn picture_names(stem: &str) -> [String; 2] {
    ["svg", "png"].map(|ending| format!("{stem}.{ending}"))
}
