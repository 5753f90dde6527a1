//! A recipe for a table.

use std::fmt::Write as _;
use std::path::Path;

use super::{pace, quoted};
use crate::data::{
    DataError, FormatConfig, Kind, Names, Selection, Survey, TableConfig, TableFile,
};
use crate::facts::Task;
use crate::tasks::TaskError;
use crate::tasks::table::{MOST_CATEGORIES, input_count};

/// Most classes that a column of whole numbers is taken to name.
const MOST_CLASSES: usize = 20;
/// Names that columns to predict often have.
const TARGETS: [&str; 7] = ["target", "label", "class", "y", "species", "outcome", "price"];

pub(super) fn propose(
    path: &Path,
    targets: &[String],
    format: FormatConfig,
) -> Result<String, TaskError> {
    let file = TableFile::open(path, format)?;
    let surveys = file.survey()?;
    let given = !targets.is_empty();
    let targets = if given { targets.to_vec() } else { vec![guessed(&file)] };
    let of_targets = targets
        .iter()
        .map(|name| Ok(&surveys[file.place(name)?]))
        .collect::<Result<Vec<_>, DataError>>()?;
    let task = task_of(&file, &of_targets)?;
    let features: Vec<&Survey> =
        surveys.iter().filter(|survey| !targets.contains(&survey.column)).collect();
    let left_out: Vec<(&str, String)> = features
        .iter()
        .filter_map(|survey| Some((survey.column.as_str(), useless(survey)?)))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    let missing = features.iter().any(|survey| {
        survey.missing > 0 && left_out.iter().all(|(name, _)| *name != survey.column)
    });
    let mut config = TableConfig::new(path.to_owned(), Selection::All, Names(targets.clone()));
    config.exclude = left_out.iter().map(|(name, _)| (*name).to_owned()).collect();
    let inputs = input_count(&file, &surveys, &config)?;
    let rows = of_targets.first().map_or(0, |survey| survey.present);
    let outputs = match task {
        Task::Classification => {
            of_targets.first().and_then(|survey| survey.texts()).map_or(0, |texts| texts.len())
        }
        _ => targets.len(),
    };
    let table = Table { path, format: &file, targets: &targets, given, left_out, missing, rows };
    Ok(table.recipe(task, inputs, outputs, &features))
}

/// What a recipe says of a table.
struct Table<'a> {
    path: &'a Path,
    format: &'a TableFile,
    targets: &'a [String],
    given: bool,
    left_out: Vec<(&'a str, String)>,
    missing: bool,
    rows: usize,
}

impl Table<'_> {
    fn recipe(&self, task: Task, inputs: usize, outputs: usize, features: &[&Survey]) -> String {
        let learned = self.rows * 8 / 10;
        let (batch, epochs) = pace(learned);
        let (units, layers) = if self.rows < 2_000 { (64, 1) } else { (128, 2) };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut text = format!("# A recipe for {}, by `dlkit new`.\n\n", name.escape_debug());
        let is_classification = task == Task::Classification;
        let why = if is_classification {
            format!("{outputs} different values of the target are classes")
        } else {
            "the target is measured in numbers".to_owned()
        };
        let _ = writeln!(text, "task = \"{}\"  # {why}\nseed = 1\n", task.name());
        self.write_data(&mut text, features);
        let _ = writeln!(
            text,
            "\n[network]\ninput = [{inputs}]  # one for each number, date and boolean, one for each different text\n\
             activation = \"relu\""
        );
        let size =
            if layers == 1 { "few rows: one hidden layer" } else { "many rows: two hidden layers" };
        for layer in 0..layers {
            let why = if layer == 0 { format!("  # {size}") } else { String::new() };
            let _ = writeln!(text, "\n[[network.layers]]\ntype = \"dense\"\nunits = {units}{why}");
        }
        let why =
            if is_classification { "a score for each class" } else { "a number for each target" };
        let _ = writeln!(
            text,
            "\n[[network.layers]]\ntype = \"dense\"\nunits = {outputs}  # {why}\nactivation = \"none\""
        );
        let loss = if is_classification { "cross-entropy" } else { "mse" };
        let _ = writeln!(
            text,
            "\n[training]\nepochs = {epochs}  # about {} steps\nbatch_size = {batch}\nlearning_rate = 0.001\n\
             loss = \"{loss}\"\noptimizer = \"adam\"\n\n[penalty]\nl2 = 0.0001  # keeps weights small",
            epochs * learned.div_ceil(batch.max(1)),
        );
        text
    }

    fn write_data(&self, text: &mut String, features: &[&Survey]) {
        let path = self.path.display().to_string();
        let _ = writeln!(text, "[data]\nkind = \"table\"\npath = {}", quoted(&path));
        let texts: Vec<&str> = features
            .iter()
            .filter(|survey| survey.kind == Kind::Text)
            .map(|survey| survey.column.as_str())
            .filter(|name| self.left_out.iter().all(|(left, _)| left != name))
            .collect();
        if !texts.is_empty() {
            let _ = writeln!(
                text,
                "# Texts, an input for each different one: {}",
                plain(&texts.join(", "))
            );
        }
        let _ = writeln!(text, "features = \"all\"");
        let names: Vec<String> = self.targets.iter().map(|name| quoted(name)).collect();
        let names =
            if let [only] = &names[..] { only.clone() } else { format!("[{}]", names.join(", ")) };
        let guess = if self.given { "" } else { "  # a guess; name the column to predict" };
        let _ = writeln!(text, "target = {names}{guess}");
        for (name, reason) in &self.left_out {
            let _ = writeln!(text, "# {}: {reason}", plain(name));
        }
        if !self.left_out.is_empty() {
            let names: Vec<String> = self.left_out.iter().map(|(name, _)| quoted(name)).collect();
            let _ = writeln!(text, "exclude = [{}]", names.join(", "));
        }
        if self.missing {
            let _ = writeln!(text, "missing = \"median\"  # some cells are empty");
        }
        let format = self.format.format();
        if !format.is_plain() {
            let _ = writeln!(text, "# Recognized: {}", plain(&format.to_string()));
        }
        let _ = writeln!(
            text,
            "test = 0.2  # read once, at the end\nvalidation = 0.1  # chooses the best epoch"
        );
    }
}

/// A text for a comment: on one line.
fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// The column that is most likely to be predicted: one that is called so, or the last.
fn guessed(file: &TableFile) -> String {
    let is_called = |name: &&String| TARGETS.iter().any(|known| name.eq_ignore_ascii_case(known));
    let mut names = file.names().iter().filter(|name| !name.is_empty());
    names.clone().find(is_called).or_else(|| names.next_back()).cloned().unwrap_or_default()
}

/// What kind of task the targets are for.
fn task_of(file: &TableFile, targets: &[&Survey]) -> Result<Task, DataError> {
    for target in targets {
        let empty = target.missing;
        if empty > 0 {
            let reason = format!(
                "column `{}`: {empty} cells of the target are empty; fill them in, remove the rows, or \
                 name another with --target",
                target.column
            );
            return Err(DataError::content(file.path(), reason));
        }
    }
    let names_classes = |target: &&&Survey| match target.kind {
        Kind::Number => {
            let different = target.distinct.as_ref().map_or(usize::MAX, Vec::len);
            target.whole && different <= MOST_CLASSES && different * 5 <= target.present
        }
        _ => true,
    };
    match targets {
        [only] if names_classes(&only) => match &only.distinct {
            Some(texts) if (2..=Survey::MOST_DISTINCT / 2).contains(&texts.len()) => {
                Ok(Task::Classification)
            }
            Some(texts) if texts.len() < 2 => Err(DataError::content(
                file.path(),
                format!(
                    "column `{}` is the same in every row; name the column to predict with --target",
                    only.column
                ),
            )),
            _ => Err(DataError::content(
                file.path(),
                format!(
                    "column `{}` has too many different texts to be classes; name the column to predict with --target",
                    only.column
                ),
            )),
        },
        several => match several.iter().find(|target| target.kind != Kind::Number) {
            Some(target) => Err(DataError::content(
                file.path(),
                format!("column `{}` has texts; several targets must be numbers", target.column),
            )),
            None => Ok(Task::Regression),
        },
    }
}

/// Why a column is no input.
fn useless(survey: &Survey) -> Option<String> {
    let different = survey.distinct.as_ref().map(Vec::len);
    match (survey.kind, different) {
        (Kind::Empty, _) => Some("empty".to_owned()),
        (_, Some(1)) => Some("the same in every row".to_owned()),
        (Kind::Text, None) => Some("a different text in nearly every row".to_owned()),
        (Kind::Text, Some(count)) if count > MOST_CATEGORIES => {
            Some(format!("{count} different texts, too many to be inputs"))
        }
        (Kind::Number, _) if is_numbering(survey) => Some("numbers the rows".to_owned()),
        _ => None,
    }
}

/// Whether a column only numbers the rows: whole numbers without gaps, each once.
fn is_numbering(survey: &Survey) -> bool {
    let Some((least, largest)) = survey.range else { return false };
    let count = crate::value::number::float(survey.present);
    let once = survey.distinct.as_ref().is_none_or(|texts| texts.len() == survey.present);
    survey.whole && once && survey.present > 20 && (largest - least + 1.0 - count).abs() < 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(text: &str, targets: &[&str]) -> Result<String, String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        let targets: Vec<String> = targets.iter().map(|&name| name.to_owned()).collect();
        let recipe = super::super::propose(&path, &targets, FormatConfig::default());
        recipe.map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn classes_numbers_and_useless_columns_are_told_apart() {
        let rows = (0..40)
            .map(|row| {
                format!(
                    "{row},{},{},c{},same,{}.5\n",
                    ["x", "y", "z"][row % 3],
                    row % 7,
                    row % 2,
                    row
                )
            })
            .collect::<Vec<_>>()
            .concat();
        let table = format!("id,color,size,class,unit,weight\n{rows}");
        let classes = recipe(&table, &[]).unwrap();
        for line in [
            "task = \"classification\"",
            "target = \"class\"  # a guess",
            "exclude = [\"id\", \"unit\"]",
            "input = [5]",
            "units = 2  # a score for each class",
        ] {
            assert!(classes.contains(line), "{line}: {classes}");
        }
        let numbers = recipe(&table, &["weight", "size"]).unwrap();
        assert!(numbers.contains("task = \"regression\"") && numbers.contains("loss = \"mse\""));
        assert!(numbers.contains("target = [\"weight\", \"size\"]\n"), "{numbers}");
        let error = recipe(&table, &["color", "size"]).unwrap_err();
        assert_eq!(error, "FILE: column `color` has texts; several targets must be numbers");
        assert!(
            recipe("a,b\n1,\n2,3\n", &[]).unwrap_err().contains("cells of the target are empty")
        );
    }
}
