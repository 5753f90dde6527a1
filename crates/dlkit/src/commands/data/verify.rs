//! `dlkit data verify`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use dlkit_files::picture::summary_of_left_out;
use dlkit_models::data::verify;

use crate::arguments::{TableFormatArgs, is_standard_input};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, thousands};

/// Verify a data directory or a table and summarize its content
///
/// Of a CSV file, shows what each column holds: numbers, dates, true and false or texts, their range or most
/// frequent cells, and how many are missing. Of a directory, reads IDX files of MNIST (raw or gzip), image folders and photos. Image folders are train/CLASS/,
/// validation/CLASS/ and test/CLASS/, or CLASS/; photos are in train/, validation/ and test/, or one folder.
/// Includes subfolders. Decodes every file, and compares it with SHA256SUMS if present. Counts and names
/// ignored files.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit data verify datasets/mnist-small\n  dlkit data verify datasets/faces/known --json\n  dlkit data verify houses.csv"
)]
pub(crate) struct Args {
    /// Data directory, CSV file, or - for a table from standard input.
    #[arg(value_name = "DIR|FILE")]
    data: PathBuf,
    #[command(flatten)]
    format: TableFormatArgs,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    if is_standard_input(&args.data) || args.data.is_file() {
        return super::table::verify(&args.data, &args.format, console);
    }
    if let Some(option) = args.format.given() {
        bail!("{option} is for tables; {} is a directory, so leave it out", args.data.display());
    }
    let summary = verify(&args.data)?;
    let classes = match summary.classes.len() {
        0 => String::new(),
        count => format!(", {count} classes"),
    };
    console.line(format!("{}: kind = \"{}\"{classes}", args.data.display(), summary.kind))?;
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
