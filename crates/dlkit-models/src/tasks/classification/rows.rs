//! Rows of a table and their classes: gathered into batches, measured, predicted.

use std::sync::Arc;

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::batch::{ClassSource, ImageBatch};
use super::evaluate::evaluate;
use super::model::Classifier;
use super::predict::{Prediction, ScoreKind, ranked, scores_of};
use crate::data::{Augmentation, Cells, DataError, Origin, TableFile, TableSet, Wanted};
use crate::facts::Feature;
use crate::tasks::TaskReport;
use crate::tasks::table::{RowOutputs, Skipped, TableInputs, known_rows, outputs_of, wanted};
use crate::training::BatchSource;

/// Rows in memory, whose target is the place of their class.
#[derive(Clone, Debug)]
pub struct RowSource {
    inputs: TableInputs,
}

impl RowSource {
    /// Rows that become input when they are gathered.
    #[must_use]
    pub fn new(set: TableSet, features: Arc<[Feature]>) -> Self {
        Self { inputs: TableInputs::new(set, features) }
    }
}

impl ClassSource for RowSource {
    fn augmented(&self, _: Augmentation, _: u64) -> Option<Self> {
        None
    }

    fn origin(&self, index: usize) -> Origin {
        self.inputs.set().origin(index)
    }
}

impl BatchSource for RowSource {
    type Batch = ImageBatch;

    fn samples(&self) -> usize {
        self.inputs.set().len()
    }

    #[expect(clippy::cast_possible_truncation, reason = "the codes of classes are their places")]
    fn batch(&self, indices: &[usize], _: usize, device: &Device) -> Result<ImageBatch, DataError> {
        let images = self.inputs.tensor(indices, device)?;
        let class =
            |&row: &usize| self.inputs.set().targets(row).first().map_or(0, |&code| code as i64);
        let classes: Vec<i64> = indices.iter().map(class).collect();
        let classes =
            Tensor::<1, Int>::from_data(TensorData::new(classes, [indices.len()]), device);
        Ok(ImageBatch { images, classes })
    }
}

/// Evaluates a network on all rows of a CSV file, whose columns are found by name.
///
/// # Errors
/// A file without these columns; cells that cannot be used, classes that the network does not know.
pub(crate) fn evaluate_rows(
    classifier: &Classifier,
    classes: &[String],
    (features, target): (&[Feature], &str),
    file: &TableFile,
    device: &Device,
) -> Result<TaskReport, DataError> {
    let cells = Cells::Categories(classes.to_vec());
    let mut columns: Vec<Wanted<'_>> = features.iter().map(wanted).collect();
    columns.push(Wanted { name: target, cells: &cells, optional: false });
    let (values, origins) = file.code(&columns)?.whole(file)?;
    let set = TableSet::of_values(features.len(), 1, values).from_places(origins);
    let indices = (0..set.len()).collect();
    let source = Arc::new(RowSource::new(set, features.into()));
    let report = evaluate(classifier, &source, indices, classes, device)?;
    Ok(TaskReport::Classification(report))
}

/// Names the classes of rows of tables.
pub struct RowPredictor {
    classifier: Classifier,
    classes: Vec<String>,
    features: Vec<Feature>,
    device: Device,
}

impl RowPredictor {
    /// A predictor on a device without gradients.
    #[must_use]
    pub const fn new(
        classifier: Classifier,
        classes: Vec<String>,
        features: Vec<Feature>,
        device: Device,
    ) -> Self {
        Self { classifier, classes, features, device }
    }

    /// What the figures of predictions are.
    #[must_use]
    pub fn score_kind(&self) -> ScoreKind {
        self.classifier.score_kind()
    }

    /// The threshold between two classes: the second class and the probability from which on it is predicted;
    /// none where the likelier class is.
    #[must_use]
    pub fn threshold(&self) -> Option<(&str, f64)> {
        self.classifier.threshold_of(&self.classes)
    }

    /// The `top` most likely classes of each row of a file that has the columns of the features. Rows
    /// that cannot be used are left out.
    ///
    /// # Errors
    /// A file without these columns or without rows.
    pub fn predict(
        &self,
        file: &TableFile,
        top: usize,
    ) -> Result<RowOutputs<Prediction>, DataError> {
        let coded = known_rows(file, &self.features)?;
        let (network, classes) = (self.classifier.network(), self.classes.len().max(1));
        let mut rows = coded.rows.iter();
        let mut predictions = Vec::with_capacity(coded.rows.len());
        outputs_of(network, &self.features, &coded.values, &self.device, |given| {
            let (scores, given) = scores_of(&self.classifier, given);
            for (scores, given) in scores.chunks(classes).zip(given.chunks(classes)) {
                let row = rows.next().copied();
                let prediction = ranked(
                    &self.classes,
                    (scores, given),
                    self.classifier.threshold(),
                    top,
                    file.path(),
                );
                predictions.push((row.unwrap_or_default(), Prediction { row, ..prediction }));
            }
        });
        let skipped = Skipped(coded.bad);
        Ok(RowOutputs { format: file.format(), rows: predictions, skipped })
    }
}
