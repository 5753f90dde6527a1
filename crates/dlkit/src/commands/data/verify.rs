//! `dlkit data verify`.

use std::path::PathBuf;

use anyhow::Result;
use dlkit_files::picture::summary_of_left_out;
use dlkit_models::data::verify;

use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, thousands};

/// Verify a data directory and summarize its content
///
/// Reads IDX files of MNIST (raw or gzip), image folders and photos. Image folders are train/CLASS/,
/// validation/CLASS/ and test/CLASS/, or CLASS/; photos are in train/, validation/ and test/, or one folder.
/// Includes subfolders. Decodes every file, and compares it with SHA256SUMS if present. Counts and names
/// ignored files.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit data verify datasets/mnist-small\n  dlkit data verify datasets/faces/known --json"
)]
pub(crate) struct Args {
    /// Data directory.
    directory: PathBuf,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let summary = verify(&args.directory)?;
    let classes = match summary.classes.len() {
        0 => String::new(),
        count => format!(", {count} classes"),
    };
    console.line(format!("{}: kind = \"{}\"{classes}", args.directory.display(), summary.kind))?;
    let mut table = TextTable::new(&[("class", Align::Left)]);
    for part in &summary.parts {
        table.column(part.name, Align::Right);
    }
    for (index, class) in summary.classes.iter().enumerate() {
        let counts = summary.parts.iter().map(|part| {
            part.per_class.get(index).map_or_else(String::new, |&count| thousands(count))
        });
        table.row(std::iter::once(class.clone()).chain(counts));
    }
    let totals = summary.parts.iter().map(|part| thousands(part.samples));
    table.row(std::iter::once("all".to_owned()).chain(totals));
    console.line(&table)?;
    for part in &summary.parts {
        let sizes: Vec<String> = part
            .sizes
            .iter()
            .take(8)
            .map(|(size, count)| format!("{size} ({})", thousands(*count)))
            .collect();
        let more = if part.sizes.len() > 8 { ", ..." } else { "" };
        console.line(format!(
            "{}: channels x height x width {}{more}",
            part.name,
            sizes.join(", ")
        ))?;
    }
    if let Some(left_out) = summary_of_left_out(&summary.left_out) {
        console.line(left_out)?;
    }
    if summary.verified_files > 0 {
        console.line(format!("{} files match SHA256SUMS", summary.verified_files))?;
    }
    console.object(&summary)?;
    Ok(ExitStatus::Done)
}
