//! What the columns of a table hold.

use std::path::Path;

use anyhow::Result;
use dlkit_models::data::{Kind, Survey, TableFile, TableFormat};
use serde::Serialize;

use crate::arguments::{TableFormatArgs, open_table};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, counted, figure, thousands};

/// Content of a table.
#[derive(Serialize)]
struct Summary<'a> {
    kind: &'static str,
    rows: usize,
    format: TableFormat,
    columns: Vec<Column<'a>>,
}

#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    kind: Kind,
    present: usize,
    missing: usize,
    others: usize,
    range: Option<(f64, f64)>,
    different: Option<usize>,
    most_frequent: Vec<(&'a str, usize)>,
}

/// Most cells of a column that are named.
const MOST_NAMED: usize = 5;

pub(super) fn verify(
    path: &Path,
    format: &TableFormatArgs,
    console: Console,
) -> Result<ExitStatus> {
    let file = open_table(path, format.config()?, console)?;
    let surveys = file.survey()?;
    let ragged = ragged(&file)?;
    let rows = surveys.iter().map(|survey| survey.present + survey.missing).max().unwrap_or(0);
    let columns: Vec<Column<'_>> = surveys.iter().map(column).collect();
    console.line(format!(
        "{}: kind = \"table\", {}, {}, {}",
        file.path().display(),
        counted(rows, "row"),
        counted(columns.len(), "column"),
        file.format()
    ))?;
    console.line(table(&columns))?;
    if let Some(ragged) = &ragged {
        console.warning(ragged);
    }
    console.object(&Summary { kind: "table", rows, format: file.format(), columns })?;
    Ok(if ragged.is_some() { ExitStatus::No } else { ExitStatus::Done })
}

/// Lines with fewer or more cells than names.
fn ragged(file: &TableFile) -> Result<Option<String>> {
    let coded = file.code(&[])?;
    Ok(dlkit_models::tasks::Skipped(coded.bad).message())
}

fn column(survey: &Survey) -> Column<'_> {
    let distinct = survey.distinct.as_deref().unwrap_or_default();
    let mut most_frequent: Vec<(&str, usize)> =
        distinct.iter().map(|(text, count)| (text.as_str(), *count)).collect();
    most_frequent.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    most_frequent.truncate(MOST_NAMED);
    Column {
        name: &survey.column,
        kind: survey.kind,
        present: survey.present,
        missing: survey.missing,
        others: survey.others,
        range: survey.range,
        different: survey.distinct.as_ref().map(Vec::len),
        most_frequent,
    }
}

/// A number with at most six decimals, none of them a trailing zero.
fn short(value: f64) -> String {
    let text = figure(value, 6);
    if text.contains('e') || !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn table(columns: &[Column<'_>]) -> TextTable {
    let right = Align::Right;
    let mut table = TextTable::new(&[
        ("column", Align::Left),
        ("kind", Align::Left),
        ("missing", right),
        ("not of the kind", right),
        ("different", right),
        ("range or most frequent", Align::Left),
    ]);
    for column in columns {
        let kind = match column.kind {
            Kind::Number => "number",
            Kind::Date => "date",
            Kind::Boolean => "boolean",
            Kind::Text => "text",
            Kind::Empty => "empty",
        };
        let content = match (column.range, column.kind) {
            (Some((least, largest)), Kind::Number) => {
                format!("{} to {}", short(least), short(largest))
            }
            (Some((least, largest)), _) => {
                format!("day {least:.0} to {largest:.0} since 1970-01-01")
            }
            (None, _) => {
                let texts = column.most_frequent.iter();
                let texts: Vec<String> =
                    texts.map(|(text, count)| format!("{text} ({count})")).collect();
                texts.join(", ")
            }
        };
        let different = column
            .different
            .map_or_else(|| format!("more than {}", thousands(Survey::MOST_DISTINCT)), thousands);
        table.row([
            column.name.to_owned(),
            kind.to_owned(),
            thousands(column.missing),
            thousands(column.others),
            different,
            content,
        ]);
    }
    table
}
