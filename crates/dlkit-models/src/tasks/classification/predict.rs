//! Classes of picture files.

use std::path::{Path, PathBuf};

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};
use rayon::prelude::*;
use serde::{Serialize, Serializer};

use super::model::Classifier;
use super::scored::predicted;
use crate::data::{DataError, read_picture};
use crate::facts::{PictureInput, PixelTable};
use crate::tasks::evaluation_batch;
use crate::training::Loss;

/// Names the classes of picture files.
pub struct Predictor {
    classifier: Classifier,
    classes: Vec<String>,
    table: PixelTable,
    invert: bool,
    device: Device,
}

/// What the figures of a prediction are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScoreKind {
    /// Shares that sum to one over all classes.
    Probability,
    /// Raw outputs of a network that was trained to output 1 for the true class.
    Score,
}

/// The likeliest classes of one picture or row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Prediction {
    /// The picture, or the table.
    #[serde(serialize_with = "as_text")]
    pub file: PathBuf,
    /// The row of the table, from 1, without the line of names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The predicted class: the likeliest one, or the one that the threshold decides for.
    pub class: String,
    /// Its figure.
    pub score: f64,
    /// The likeliest classes and their figures, best first; before them the class that a threshold decides for.
    pub top: Vec<(String, f64)>,
    /// Whether all outputs for it are finite; if not, its class is meaningless.
    pub finite: bool,
}

/// A path as text, the only form in JSON.
fn as_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

impl Classifier {
    /// What the figures of predictions are.
    pub(super) fn score_kind(&self) -> ScoreKind {
        if self.gives_probabilities() { ScoreKind::Probability } else { ScoreKind::Score }
    }
}

impl Predictor {
    /// A predictor on a device without gradients.
    #[must_use]
    pub fn new(
        classifier: Classifier,
        classes: Vec<String>,
        input: PictureInput,
        device: Device,
    ) -> Self {
        let PictureInput { normalization, invert } = input;
        Self { classifier, classes, table: normalization.into(), invert, device }
    }

    /// The same predictor, which always swaps dark and light.
    #[must_use]
    pub fn inverted(mut self) -> Self {
        self.invert = true;
        self
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

    /// The `top` most likely classes of each picture, in the order of the files. A file that cannot
    /// be read yields its error and does not stop the others.
    #[must_use]
    pub fn predict(
        &self,
        files: &[PathBuf],
        top: usize,
    ) -> Vec<(PathBuf, Result<Prediction, DataError>)> {
        let batch = evaluation_batch(self.classifier.network().spec());
        files.chunks(batch).flat_map(|chunk| self.predict_batch(chunk, top)).collect()
    }

    fn predict_batch(
        &self,
        files: &[PathBuf],
        top: usize,
    ) -> Vec<(PathBuf, Result<Prediction, DataError>)> {
        let shape = self.classifier.network().spec().input();
        let pictures: Vec<_> =
            files.par_iter().map(|file| read_picture(file, shape, self.invert)).collect();
        let readable: Vec<&[u8]> = pictures.iter().flatten().map(Vec::as_slice).collect();
        let count = readable.len();
        let (given, scores) = if count == 0 {
            (Vec::new(), Vec::new())
        } else {
            let images = self.table.tensor(readable.into_iter(), count, shape, &self.device);
            let (scores, given) = scores_of(&self.classifier, self.classifier.scores(images));
            (given, scores)
        };
        let classes = self.classes.len().max(1);
        let mut rows = scores.chunks(classes).zip(given.chunks(classes));
        files
            .iter()
            .zip(pictures)
            .map(|(file, picture)| {
                let row = picture.map(|_| rows.next().unwrap_or_default());
                (
                    file.clone(),
                    row.map(|row| {
                        ranked(&self.classes, row, self.classifier.threshold(), top, file)
                    }),
                )
            })
            .collect()
    }
}

/// The figures of predictions, and the outputs they come from, row by row.
pub(super) fn scores_of(classifier: &Classifier, given: Tensor<2>) -> (Vec<f64>, Vec<f64>) {
    let probabilities = matches!(classifier.loss(), Loss::CrossEntropy { .. });
    let scores = if probabilities { softmax(given.clone(), 1) } else { given.clone() };
    let values = |tensor: Tensor<2>| tensor.into_data().iter::<f64>().collect();
    (values(scores), values(given))
}

/// The `top` likeliest classes by their figures, before them the class that a threshold decides for; a softmax
/// would hide an infinite output.
pub(super) fn ranked(
    classes: &[String],
    (scores, given): (&[f64], &[f64]),
    threshold: Option<f64>,
    top: usize,
    file: &Path,
) -> Prediction {
    let mut ranked: Vec<(String, f64)> =
        classes.iter().cloned().zip(scores.iter().copied()).collect();
    ranked.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    if let (Some(_), Some(chosen)) = (threshold, classes.get(predicted(scores, threshold))) {
        ranked.sort_by_key(|(class, _)| class != chosen);
    }
    let (class, score) = ranked.first().cloned().unwrap_or_default();
    ranked.truncate(top.max(1));
    let finite = given.iter().all(|value| value.is_finite());
    Prediction { file: file.to_owned(), row: None, class, score, top: ranked, finite }
}
