//! Rows read from a table, and divided.

use std::collections::HashMap;
use std::sync::Arc;

use super::columns::{Chosen, check_numbers, choose, classes_of};
use super::fit::fit;
use crate::data::{
    Cells, DataConfig, DataError, Fold, LineConfig, MissingRule, Split, Strata, Survey,
    TableConfig, TableFile, TableSet, Wanted,
};
use crate::facts::{Column, Feature, inputs_of};
use crate::recipe::Experiment;
use crate::tasks::TaskError;
use crate::value::Shape;

/// All rows of a table, as codes.
pub(crate) struct Rows {
    set: TableSet,
    chosen: Vec<Chosen>,
    /// Names of the targets.
    targets: Vec<String>,
    /// The classes that the target names, of a classification.
    classes: Option<Vec<String>>,
    /// The group of each row.
    groups: Option<Vec<usize>>,
    test: f64,
    seed: u64,
    missing: MissingRule,
    standardise: bool,
}

/// Rows, divided, with what the training rows tell.
pub(crate) struct Divided {
    /// Rows to learn from, the validation part among them.
    pub(crate) train: TableSet,
    /// Rows of the test part.
    pub(crate) held_out: TableSet,
    /// Training and validation part.
    pub(crate) split: Split,
    /// The features, fitted to the training part.
    pub(crate) features: Arc<[Feature]>,
    /// Names of the targets.
    pub(crate) targets: Vec<String>,
    /// The classes, of a classification.
    pub(crate) classes: Vec<String>,
    /// SHA-256 of all rows.
    pub(crate) fingerprint: String,
    /// Whether numbers are standardized.
    standardise: bool,
}

impl Rows {
    /// The rows of a regression.
    ///
    /// # Errors
    /// Data without numbers; every column or cell that cannot be used.
    pub(crate) fn of_numbers(data: &DataConfig) -> Result<Self, TaskError> {
        match data {
            DataConfig::Line(line) => Ok(Self::of_line(line)),
            DataConfig::Table(config) => {
                let file = open(config)?;
                let surveys = file.survey()?;
                for target in &config.target.0 {
                    check_numbers(survey_of(&file, &surveys, target)?)
                        .map_err(|reason| unfit_target(&file, target, &reason))?;
                }
                let number = Cells::Number;
                let targets: Vec<Wanted<'_>> = config
                    .target
                    .0
                    .iter()
                    .map(|name| Wanted { name, cells: &number, optional: false })
                    .collect();
                Ok(Self::read(&file, &surveys, config, &targets)?)
            }
            other => Err(TaskError::Contradiction(format!(
                "data.kind: \"{}\" has no numbers to predict",
                other.kind()
            ))),
        }
    }

    /// The rows of a classification; the code of the target is the place of its class.
    ///
    /// # Errors
    /// Several targets; every column or cell that cannot be used.
    pub(crate) fn of_classes(config: &TableConfig) -> Result<Self, TaskError> {
        let [target] = &config.target.0[..] else {
            return Err(TaskError::Contradiction(
                "data.target: a classification predicts one column, not several".to_owned(),
            ));
        };
        let file = open(config)?;
        let surveys = file.survey()?;
        let classes = classes_of(survey_of(&file, &surveys, target)?)
            .map_err(|reason| unfit_target(&file, target, &reason))?;
        let cells = Cells::Categories(classes.clone());
        let wanted = [Wanted { name: target, cells: &cells, optional: false }];
        let rows = Self::read(&file, &surveys, config, &wanted)?;
        Ok(Self { classes: Some(classes), ..rows })
    }

    fn of_line(line: &LineConfig) -> Self {
        let chosen =
            vec![Chosen { name: "x".to_owned(), cells: Cells::Number, has_missing: false }];
        Self {
            set: line.points(),
            chosen,
            targets: vec!["y".to_owned()],
            classes: None,
            groups: None,
            test: line.test,
            seed: line.seed,
            missing: MissingRule::Error,
            standardise: line.standardise,
        }
    }

    fn read(
        file: &TableFile,
        surveys: &[Survey],
        config: &TableConfig,
        targets: &[Wanted<'_>],
    ) -> Result<Self, DataError> {
        let chosen = choose(file, surveys, config)?;
        let optional = !config.missing.is_error();
        let mut wanted: Vec<Wanted<'_>> = chosen
            .iter()
            .map(|column| Wanted { name: &column.name, cells: &column.cells, optional })
            .collect();
        wanted.extend(targets.iter().cloned());
        let (values, origins) = file.code(&wanted)?.whole(file)?;
        let set = TableSet::of_values(chosen.len(), targets.len(), values).from_places(origins);
        let groups = config.group.as_deref().map(|group| groups_of(file, group)).transpose()?;
        Ok(Self {
            set,
            chosen,
            targets: targets.iter().map(|target| target.name.to_owned()).collect(),
            classes: None,
            groups,
            test: config.test,
            seed: config.seed,
            missing: config.missing,
            standardise: config.standardise,
        })
    }

    /// Divides the rows and fits the features to the training part. Classes keep their shares if
    /// `stratified`.
    ///
    /// # Errors
    /// Parts that leave nothing to train on; inputs that the network does not have.
    pub(crate) fn divided(
        self,
        experiment: &Experiment,
        fold: Option<Fold>,
        stratified: bool,
    ) -> Result<Divided, TaskError> {
        let config = experiment.config();
        let classes = (stratified && self.classes.is_some()).then(|| classes_in(&self.set));
        let strata = Strata::plain(self.set.len())
            .of_classes(classes.as_deref())
            .in_groups(self.groups.as_deref());
        let held_out = Split::hold_out(&strata, self.test, self.seed)?;
        let (classes, groups) = strata.selected(&held_out.train);
        let train = self.set.select(&held_out.train);
        let held_out = self.set.select(&held_out.validation);
        drop(self.set);
        let strata =
            Strata::plain(train.len()).of_classes(classes.as_deref()).in_groups(groups.as_deref());
        let split = Split::of(&strata, config.data.validation(), config.seed, fold)?;
        let rule = (self.missing, self.standardise);
        let features = fit(&self.chosen, &train, &split.train, rule)?;
        let classes = self.classes.unwrap_or_default();
        let texts = self.chosen.iter().flat_map(|column| column.cells.texts()).chain(&classes);
        let texts: Vec<&str> = texts.map(String::as_str).collect();
        let fingerprint = TableSet::fingerprint(&[&train, &held_out], &texts);
        let features = features.into();
        let (targets, standardise) = (self.targets, self.standardise);
        Ok(Divided { train, held_out, split, features, targets, classes, fingerprint, standardise })
    }
}

impl Divided {
    /// The targets of a regression, standardized as the features are.
    pub(crate) fn target_columns(&self) -> Vec<Column> {
        let column = |(place, name): (usize, &String)| {
            if !self.standardise {
                return Column::plain(name.as_str());
            }
            let value = |&row: &usize| self.train.targets(row).get(place).copied();
            let values: Vec<f64> =
                self.split.train.iter().map(|row| value(row).unwrap_or(f64::NAN)).collect();
            Column::standardized(name.as_str(), &values)
        };
        self.targets.iter().enumerate().map(column).collect()
    }
}

/// The number of inputs that the features of a recipe have, where none is missing.
pub(crate) fn input_count(
    file: &TableFile,
    surveys: &[Survey],
    config: &TableConfig,
) -> Result<usize, DataError> {
    let inputs = |column: &Chosen| match &column.cells {
        Cells::Categories(texts) => texts.len(),
        _ => 1,
    };
    Ok(choose(file, surveys, config)?.iter().map(inputs).sum())
}

/// Refuses a network whose input is not that of the features.
pub(crate) fn check_inputs(experiment: &Experiment, features: &[Feature]) -> Result<(), TaskError> {
    let (given, inputs) = (experiment.network().input(), inputs_of(features));
    if given == Shape::Features(inputs) {
        return Ok(());
    }
    // Text columns have more inputs than one.
    let what = if inputs == features.len() {
        format!("the data has {inputs} features")
    } else {
        format!("the {} columns have {inputs} inputs", features.len())
    };
    Err(TaskError::Contradiction(format!(
        "network.input: it is {given}, but {what}; set network.input = [{inputs}]"
    )))
}

/// The class of each row.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the codes of classes are their places"
)]
pub(crate) fn classes_in(set: &TableSet) -> Vec<usize> {
    (0..set.len()).map(|row| set.targets(row).first().map_or(0, |&code| code as usize)).collect()
}

fn open(config: &TableConfig) -> Result<TableFile, TaskError> {
    let format = config.format().map_err(|problem| {
        TaskError::Contradiction(format!("data.{}: {}", problem.key, problem.reason))
    })?;
    Ok(TableFile::open(&config.path, format)?)
}

fn survey_of<'a>(
    file: &TableFile,
    surveys: &'a [Survey],
    name: &str,
) -> Result<&'a Survey, DataError> {
    let place = file.place(name)?;
    surveys.get(place).ok_or_else(|| DataError::content(file.path(), format!("no column `{name}`")))
}

fn unfit_target(file: &TableFile, target: &str, reason: &str) -> DataError {
    DataError::content(file.path(), format!("column `{target}` (data.target): {reason}"))
}

/// The group of each row: rows with equal cells have the same.
fn groups_of(file: &TableFile, name: &str) -> Result<Vec<usize>, DataError> {
    let mut known: HashMap<String, usize> = HashMap::new();
    let texts = file.texts(file.place(name)?)?;
    Ok(texts
        .into_iter()
        .map(|text| {
            let next = known.len();
            *known.entry(text).or_insert(next)
        })
        .collect())
}
