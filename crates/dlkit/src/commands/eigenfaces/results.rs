//! Files with the results of recognition.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::StagedFile;
use dlkit_files::overwrite::{check_distinct, check_file, publish};
use dlkit_vision::eigenfaces::Eigenfaces;

use crate::arguments::{ForceArgs, check_no_run, check_outside};
use crate::report::{Recognized, asked_sheet, recognition_csv};

/// Files to write.
#[derive(Debug, clap::Args)]
pub(super) struct ResultFiles {
    /// Table to write, with a line for each picture.
    #[arg(long, value_name = "FILE.csv", help_heading = "Results")]
    csv: Option<PathBuf>,
    /// Picture to write: each asked picture beside the nearest known face.
    #[arg(long, value_name = "FILE.png", help_heading = "Results")]
    sheet: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
}

impl ResultFiles {
    fn all(&self) -> impl Iterator<Item = (&'static str, &'static str, &PathBuf)> {
        let csv = self.csv.iter().map(|path| ("--csv", "csv", path));
        csv.chain(self.sheet.iter().map(|path| ("--sheet", "png", path)))
    }

    /// Whether existing files are overwritten.
    pub(super) const fn is_forced(&self) -> bool {
        self.force.is_given()
    }

    /// Checks the files before slow work starts; `output` is one more file that is written.
    pub(super) fn check(&self, inputs: &[&Path], output: Option<&Path>) -> Result<()> {
        for (flag, ending, path) in self.all() {
            if path.extension().is_none_or(|own| !own.eq_ignore_ascii_case(ending)) {
                bail!("{flag} {}: the file name must end in .{ending}", path.display());
            }
            check_no_run(flag, path)?;
            check_file(flag, path, self.force.is_given())?;
            if ending == "png" {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                check_outside(flag, folder.unwrap_or(Path::new(".")), inputs)?;
            }
        }
        let outputs: Vec<(&str, Option<&Path>)> = self
            .all()
            .map(|(flag, _, path)| (flag, Some(path.as_path())))
            .chain([("--output", output)])
            .collect();
        let inputs: Vec<(&str, Option<&Path>)> =
            inputs.iter().map(|input| ("the input", Some(*input))).collect();
        check_distinct(&inputs, &outputs)?;
        if self.force.is_given() && self.all().next().is_none() && output.is_none() {
            bail!("--force overwrites the files of --csv and --sheet; give one of them");
        }
        Ok(())
    }

    /// Whether the pictures themselves are needed.
    pub(super) const fn needs_pictures(&self) -> bool {
        self.sheet.is_some()
    }

    /// Writes the files, and returns their paths.
    pub(super) fn write(
        &self,
        model: &Eigenfaces,
        pictures: &[Recognized],
        values: &[Vec<f32>],
    ) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for (flag, _, path) in self.all() {
            let bytes = match flag {
                "--csv" => recognition_csv(pictures).into_bytes(),
                _ => asked_sheet(model, pictures, values).to_png()?,
            };
            let file = StagedFile::write(path, &bytes)
                .with_context(|| format!("cannot write {}", path.display()))?;
            files.push((flag, file));
        }
        // All files are on disk before the first gets its name.
        let mut written = Vec::new();
        for (flag, file) in files {
            let path = publish(flag, file, self.force.is_given())?;
            written.push(path.display().to_string());
        }
        Ok(written)
    }
}
