//! What was predicted for each sample, as a table: one line for each, with truth and loss.

use std::fmt;

use anyhow::Result;
use dlkit_models::data::Origin;
use dlkit_models::tasks::TaskReport;
use dlkit_models::tasks::classification::ClassificationReport;
use dlkit_models::tasks::colorization::ColorizationReport;
use dlkit_models::tasks::regression::RegressionReport;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::arguments::PredictionFile;

/// One line for each sample, under names of columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SampleTable {
    columns: Vec<String>,
    rows: Vec<Vec<Field>>,
}

/// A value of a sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Field {
    Text(String),
    Number(f64),
    Whole(u64),
    Mark(bool),
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(formatter),
            Self::Number(number) => number.fmt(formatter),
            Self::Whole(number) => number.fmt(formatter),
            Self::Mark(mark) => mark.fmt(formatter),
        }
    }
}

/// A line of the table; as JSON an object whose keys are the columns.
struct SampleRow<'a> {
    columns: &'a [String],
    fields: &'a [Field],
}

impl SampleRow<'_> {
    /// The line as texts.
    fn cells(&self) -> Vec<String> {
        self.fields.iter().map(ToString::to_string).collect()
    }
}

impl Serialize for SampleRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (name, field) in self.columns.iter().zip(self.fields) {
            map.serialize_entry(name, field)?;
        }
        map.end()
    }
}

impl SampleTable {
    /// The samples of a report, in the order of the data.
    pub(crate) fn new(report: &TaskReport) -> Self {
        match report {
            TaskReport::Classification(report) => Self::of_classes(report),
            TaskReport::Colorization(report) => Self::of_photos(report),
            TaskReport::Regression(report) => Self::of_numbers(report),
        }
    }

    /// Writes a line for each sample; returns the path of the file.
    pub(crate) fn write(&self, file: PredictionFile<'_>) -> Result<String> {
        let columns = &self.columns;
        let rows: Vec<SampleRow<'_>> =
            self.rows.iter().map(|fields| SampleRow { columns, fields }).collect();
        file.write(&rows, columns, SampleRow::cells)
    }

    /// Adds columns at the end; `fields` are those of each line.
    pub(crate) fn add<const N: usize>(
        &mut self,
        names: [&str; N],
        fields: impl IntoIterator<Item = [Field; N]>,
    ) {
        self.columns.extend(names.map(str::to_owned));
        for (row, fields) in self.rows.iter_mut().zip(fields) {
            row.extend(fields);
        }
    }

    /// Adds the lines of a table with the same columns.
    pub(crate) fn append(&mut self, other: Self) {
        self.rows.extend(other.rows);
    }

    /// The lines sorted by the last column, a whole number.
    pub(crate) fn sorted_by_last(mut self) -> Self {
        self.rows.sort_by_key(|row| match row.last() {
            Some(Field::Whole(number)) => *number,
            _ => u64::MAX,
        });
        self
    }

    fn of_classes(report: &ClassificationReport) -> Self {
        let class = |place: usize| {
            Field::Text(
                report.classes.get(place).map(|class| class.class.clone()).unwrap_or_default(),
            )
        };
        let kind = if report.scored.are_probabilities { "probability" } else { "score" };
        let mut names = ["truth", "prediction", "loss"].map(str::to_owned).to_vec();
        names.extend(report.classes.iter().map(|class| format!("{kind}_{}", class.class)));
        let samples = report.scored.samples(report.threshold).map(|sample| {
            let mut fields = vec![class(sample.actual), class(sample.predicted)];
            fields.push(Field::Number(sample.loss));
            fields.extend(sample.scores.iter().copied().map(Field::Number));
            (sample.origin, fields)
        });
        Self::of_samples(names, samples)
    }

    fn of_numbers(report: &RegressionReport) -> Self {
        let mut names = vec!["truth".to_owned(), "prediction".to_owned()];
        if !report.targets.is_empty() {
            let target = |kind: &'static str| {
                report.targets.iter().map(move |target| format!("{kind}_{}", target.target))
            };
            names = target("truth").chain(target("prediction")).collect();
        }
        names.push("loss".to_owned());
        let samples = report.fitted.iter().map(|sample| {
            let numbers = sample.targets.iter().chain(&sample.predictions).chain([&sample.loss]);
            (sample.origin.clone(), numbers.copied().map(Field::Number).collect())
        });
        Self::of_samples(names, samples)
    }

    fn of_photos(report: &ColorizationReport) -> Self {
        let names = ["ciede2000", "auc", "rebalanced_auc", "psnr", "colourfulness"];
        let samples = report.photos.iter().map(|photo| {
            let figures = &photo.model;
            let figures = [
                figures.ciede2000,
                figures.auc,
                figures.rebalanced_auc,
                figures.psnr,
                figures.colourfulness,
            ];
            let origin = Origin { file: Some(photo.file.as_path().into()), ..Origin::default() };
            (origin, figures.map(Field::Number).to_vec())
        });
        Self::of_samples(names.map(str::to_owned).to_vec(), samples)
    }

    /// Where each sample comes from, and then its fields.
    fn of_samples(names: Vec<String>, samples: impl Iterator<Item = (Origin, Vec<Field>)>) -> Self {
        let mut table = Self::default();
        for (origin, fields) in samples {
            let parts = origin.parts();
            if table.columns.is_empty() {
                table.columns = parts.iter().map(|(name, _)| (*name).to_owned()).collect();
            }
            let parts = parts.into_iter().map(|(name, text)| match (name, text.parse()) {
                ("file", _) | (_, Err(_)) => Field::Text(text),
                (_, Ok(number)) => Field::Whole(number),
            });
            table.rows.push(parts.chain(fields).collect());
        }
        table.columns.extend(names);
        table
    }
}
