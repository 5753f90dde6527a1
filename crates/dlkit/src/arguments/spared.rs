//! What results never touch, even with `--force`: runs, and the data that a command reads.

use std::path::Path;

use anyhow::{Result, bail};
use dlkit_files::overwrite::resolved;
use dlkit_models::run::RunDirectory;

/// Checks that a file to be written is none of those that a run consists of.
pub(crate) fn check_no_run(flag: &str, path: &Path) -> Result<()> {
    let Some(run) = resolved(path).as_deref().and_then(RunDirectory::of_file) else {
        return Ok(());
    };
    bail!(
        "{flag} {}: belongs to the run {}; choose another {flag}",
        path.display(),
        run.path().display()
    )
}

/// Checks that a directory to be written does not lie among the files that are read: what is written
/// would be taken for input the next time.
pub(crate) fn check_outside(flag: &str, directory: &Path, inputs: &[&Path]) -> Result<()> {
    let whole = resolved(directory);
    for input in inputs.iter().filter(|input| input.is_dir()) {
        if let (Some(whole), Some(input_whole)) = (&whole, resolved(input))
            && whole.starts_with(input_whole)
        {
            bail!(
                "{flag} {}: lies in the input folder {}; its files would be taken for input; choose \
                 another folder",
                directory.display(),
                input.display()
            );
        }
    }
    Ok(())
}
