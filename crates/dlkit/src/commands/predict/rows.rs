//! A class or numbers for each row of tables.

use std::path::Path;

use anyhow::{Error, Result};
use dlkit_models::data::{DataError, TableFile};
use dlkit_models::tasks::RowOutputs;
use dlkit_models::tasks::classification::RowPredictor;
use dlkit_models::tasks::regression::{Column, RegressionPredictor};
use serde::Serialize;

use super::{Args, pictures};
use crate::arguments::{Failures, open_table};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::report::{Align, TextTable, counted, figure};

pub(super) fn predict_classes(
    predictor: &RowPredictor,
    args: &Args,
    console: Console,
) -> Result<ExitStatus> {
    let predict = |file: &TableFile| predictor.predict(file, args.top());
    let (predictions, outcome) = of_tables(args, predict, |_, _, answer| answer, console)?;
    let verdict = pictures::Verdict {
        score_kind: predictor.score_kind(),
        threshold: predictor.threshold(),
        understood: None,
    };
    pictures::conclude(predictions, verdict, outcome, args, console)
}

/// Numbers for the rows of CSV files.
#[derive(Serialize)]
struct Answer {
    run: String,
    #[serde(flatten)]
    targets: Named,
    predictions: Vec<RowPrediction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(flatten)]
    failures: Failures,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Named {
    Target(String),
    Targets(Vec<String>),
}

#[derive(Serialize)]
struct RowPrediction {
    file: String,
    /// Row number from 1, without the header.
    row: usize,
    #[serde(flatten)]
    values: Values,
}

/// What is predicted for a row: one number, or one of each target.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Values {
    Value(f64),
    Values(Vec<f64>),
}

impl Values {
    fn new(values: Vec<f64>) -> Self {
        if let [only] = values[..] { Self::Value(only) } else { Self::Values(values) }
    }

    fn all(&self) -> &[f64] {
        match self {
            Self::Value(value) => std::slice::from_ref(value),
            Self::Values(values) => values,
        }
    }
}

pub(super) fn predict_numbers(
    predictor: &RegressionPredictor,
    args: &Args,
    console: Console,
) -> Result<ExitStatus> {
    let answer = |file: &Path, row, values| RowPrediction {
        file: file.display().to_string(),
        row,
        values: Values::new(values),
    };
    let predict = |file: &TableFile| predictor.predict(file);
    let (predictions, (mut failures, done)) = of_tables(args, predict, answer, console)?;
    let names: Vec<String> = predictor.targets().iter().map(|target| target.name.clone()).collect();
    let mut output = None;
    if !predictions.is_empty() {
        let columns = [vec!["file".to_owned(), "row".to_owned()], names.clone()].concat();
        output = args.output.write(&predictions, &columns, |row: &RowPrediction| {
            let cells = [row.file.clone(), row.row.to_string()];
            cells.into_iter().chain(row.values.all().iter().map(ToString::to_string)).collect()
        })?;
        match &output {
            Some(path) => {
                let predictions = counted(predictions.len(), "prediction");
                console.line(format!("{predictions}, written: {path}"))?;
            }
            None => console.line(table(&predictions, predictor.targets()))?,
        }
    }
    let status = failures.conclude(done);
    let targets = match &names[..] {
        [only] => Named::Target(only.clone()),
        _ => Named::Targets(names),
    };
    let run = args.run_name();
    console.object(&Answer { run, targets, predictions, output, failures })?;
    Ok(status)
}

fn table(predictions: &[RowPrediction], targets: &[Column]) -> TextTable {
    let mut table = TextTable::new(&[("file", Align::Left), ("row", Align::Right)]);
    for target in targets {
        table.column(&target.name, Align::Right);
    }
    for RowPrediction { file, row, values } in predictions {
        let figures = values.all().iter().map(|value| figure(*value, 4));
        table.row([file.clone(), row.to_string()].into_iter().chain(figures));
    }
    table
}

/// The answers for the rows of all tables; a table or row that cannot be used is a failure. Also returns
/// how many inputs could be used.
fn of_tables<T, A>(
    args: &Args,
    predict: impl Fn(&TableFile) -> Result<RowOutputs<T>, DataError>,
    answer: impl Fn(&Path, usize, T) -> A,
    console: Console,
) -> Result<(Vec<A>, (Failures, usize))> {
    let format = args.format.config()?;
    let (mut answers, mut failures, mut done) = (Vec::new(), Failures::default(), 0);
    for input in &args.inputs {
        let outputs = open_table(input, format, console)
            .and_then(|file| Ok((predict(&file)?, file.path().to_owned())));
        let (outputs, path) = match outputs {
            Ok(outputs) => outputs,
            Err(error) => {
                failures.add(input, &error);
                continue;
            }
        };
        if let Some(message) = outputs.skipped.message() {
            let rows = counted(outputs.skipped.rows(), "row");
            failures
                .add(&path, &Error::msg(format!("{}: {rows} skipped: {message}", path.display())));
        }
        done += usize::from(!outputs.rows.is_empty());
        answers.extend(outputs.rows.into_iter().map(|(row, output)| answer(&path, row, output)));
    }
    Ok((answers, (failures, done)))
}
