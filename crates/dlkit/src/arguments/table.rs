//! Tables as inputs.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::regular::LARGEST_SAMPLES;
use dlkit_models::data::{FormatConfig, TableFile};

use crate::console::Console;

/// How tables are written, where that is not recognized rightly.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TableFormatArgs {
    /// Sign between the cells of a table, such as ";" or tab [default: recognized].
    #[arg(long, value_name = "SIGN", help_heading = "Input")]
    separator: Option<String>,
    /// Sign before the decimals in a table, "." or "," [default: recognized].
    #[arg(long, value_name = "SIGN", help_heading = "Input")]
    decimal: Option<String>,
    /// Encoding of a table, such as utf-8 or windows-1252 [default: recognized].
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    encoding: Option<String>,
}

impl TableFormatArgs {
    /// The settings.
    ///
    /// # Errors
    /// Settings that mean nothing.
    pub(crate) fn config(&self) -> Result<FormatConfig> {
        FormatConfig::new(
            self.separator.as_deref(),
            self.decimal.as_deref(),
            self.encoding.as_deref(),
        )
        .map_err(|problem| anyhow::anyhow!("--{}: {}", problem.key, problem.reason))
    }

    /// The first option that is given, for commands whose input is no table.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let options = [
            ("--separator", &self.separator),
            ("--decimal", &self.decimal),
            ("--encoding", &self.encoding),
        ];
        options.into_iter().find(|(_, value)| value.is_some()).map(|(option, _)| option)
    }
}

/// The input that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// Whether an input is standard input.
pub(crate) fn is_standard_input(input: &Path) -> bool {
    input == Path::new(STANDARD_INPUT)
}

/// Opens a table, or that of standard input. Says how it is written if that is not as usual.
pub(crate) fn open_table(
    input: &Path,
    format: FormatConfig,
    console: Console,
) -> Result<TableFile> {
    let file = if is_standard_input(input) {
        let path = PathBuf::from("standard input");
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .take(LARGEST_SAMPLES + 1)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        if bytes.len() as u64 > LARGEST_SAMPLES {
            bail!("standard input: larger than {LARGEST_SAMPLES} bytes, the size limit");
        }
        TableFile::of_bytes(&path, bytes, format)?
    } else {
        TableFile::open(input, format)?
    };
    if !file.format().is_plain() {
        console.note(format!("{}: {}", file.path().display(), file.format()));
    }
    Ok(file)
}
