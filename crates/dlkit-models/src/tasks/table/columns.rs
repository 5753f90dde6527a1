//! Which columns of a file are features, and what their cells stand for.

use crate::data::{Cells, DataError, Kind, Selection, Survey, TableConfig, TableFile};

/// A column that is a feature.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chosen {
    pub(super) name: String,
    pub(super) cells: Cells,
    /// Whether the file has missing cells in it.
    pub(super) has_missing: bool,
}

/// Most texts of a column that become inputs of their own.
pub(crate) const MOST_CATEGORIES: usize = 100;

/// The columns that a recipe names as features.
///
/// # Errors
/// Every column that is missing or cannot be a feature.
pub(super) fn choose(
    file: &TableFile,
    surveys: &[Survey],
    config: &TableConfig,
) -> Result<Vec<Chosen>, DataError> {
    for name in config.exclude.iter().chain(&config.group) {
        file.place(name)?;
    }
    let names = match &config.features {
        Selection::Named(names) => names.clone(),
        Selection::All => remaining(file, config)?,
    };
    let others = config.ordinal.keys().map(|name| ("ordinal", name));
    let others = others.chain(config.categories.iter().map(|name| ("categories", name)));
    for (key, name) in others {
        if !names.contains(name) {
            return Err(DataError::Unfit(format!(
                "data.{key}: `{name}` is not one of the features ({})",
                names.join(", ")
            )));
        }
    }
    DataError::every(names.into_iter().map(|name| {
        let place = file.place(&name)?;
        let survey = surveys
            .get(place)
            .ok_or_else(|| DataError::content(file.path(), format!("no column `{name}`")))?;
        let cells = cells_of(survey, config).map_err(|reason| {
            DataError::content(file.path(), format!("column `{name}`: {reason}"))
        })?;
        Ok(Chosen { name, cells, has_missing: survey.missing > 0 })
    }))
}

/// All columns that have a name and no other purpose.
fn remaining(file: &TableFile, config: &TableConfig) -> Result<Vec<String>, DataError> {
    let taken = |name: &&String| {
        config.target.0.contains(name)
            || config.exclude.contains(name)
            || config.group.as_ref() == Some(name)
            || name.is_empty()
    };
    let names: Vec<String> = file.names().iter().filter(|name| !taken(name)).cloned().collect();
    if names.is_empty() {
        let reason = format!("no columns but {}", file.names().join(", "));
        return Err(DataError::content(file.path(), reason));
    }
    Ok(names)
}

fn cells_of(survey: &Survey, config: &TableConfig) -> Result<Cells, String> {
    let name = &survey.column;
    if let Some(order) = config.ordinal.get(name) {
        return Ok(Cells::Ordinal(order.clone()));
    }
    let kind = if config.categories.contains(name) { Kind::Text } else { survey.kind };
    match kind {
        Kind::Number => Ok(Cells::Number),
        Kind::Date => Ok(Cells::Date),
        Kind::Boolean => Ok(Cells::Boolean),
        Kind::Empty => Err("has no values; leave it out (data.features, data.exclude)".to_owned()),
        Kind::Text => match survey.texts() {
            Some(texts) if texts.len() <= MOST_CATEGORIES => Ok(Cells::Categories(texts)),
            texts => Err(format!(
                "has {} different texts, of which at most {MOST_CATEGORIES} can be inputs; leave it \
                 out (data.features, data.exclude)",
                texts.map_or_else(
                    || format!("more than {}", Survey::MOST_DISTINCT),
                    |texts| texts.len().to_string()
                )
            )),
        },
    }
}

/// The classes that a column names, in order.
///
/// # Errors
/// A column that names none, or that looks like a measured number.
pub(super) fn classes_of(survey: &Survey) -> Result<Vec<String>, String> {
    let regression =
        "a classification needs classes; to predict numbers, set task = \"regression\"";
    let texts = match (survey.texts(), survey.kind) {
        (_, Kind::Empty) => return Err("has no values; name the column of the classes".to_owned()),
        (None, Kind::Number) => {
            return Err(format!("has more than {} numbers; {regression}", Survey::MOST_DISTINCT));
        }
        (None, _) => {
            return Err(format!(
                "has more than {} different texts; name the column of the classes",
                Survey::MOST_DISTINCT
            ));
        }
        (Some(texts), _) => texts,
    };
    let is_measured = !survey.whole || 2 * texts.len() > survey.present.max(MOST_CATEGORIES);
    if survey.kind == Kind::Number && survey.others == 0 && is_measured {
        return Err(format!("has {} different numbers; {regression}", texts.len()));
    }
    if let [only] = &texts[..] {
        return Err(format!("has only the class `{only}`; a classification needs two or more"));
    }
    Ok(texts)
}

/// Refuses a column whose cells are no numbers.
pub(super) fn check_numbers(survey: &Survey) -> Result<(), String> {
    match survey.kind {
        Kind::Number => Ok(()),
        Kind::Empty => Err("has no values; name the column to predict".to_owned()),
        Kind::Date | Kind::Boolean | Kind::Text => {
            Err("has texts, not numbers; to predict classes, set task = \"classification\""
                .to_owned())
        }
    }
}
