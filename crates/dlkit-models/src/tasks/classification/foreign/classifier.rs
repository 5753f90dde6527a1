//! A classifier of others, applied to pictures.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rten::Value;

use super::error::ForeignClassifierError;
use super::scale::PixelScale;
use super::signature::{AxisOrder, GivenScores, LONGEST_SIDE, Signature};
use crate::data::read_picture;
use crate::tasks::classification::predict::{Prediction, ranked};
use crate::tasks::classification::scored::softmax;
use crate::tasks::foreign::{ForeignModel, Opened};
use crate::value::Shape;

/// Side of the pictures of a model that takes any size: what most learn from.
const USUAL_SIDE: usize = 224;
/// Pictures that are read at a time.
const AT_ONCE: usize = 16;
/// Most by which probabilities of single precision miss a sum of one.
const ROUNDING: f64 = 1e-3;

/// A classifier of others, ready to run.
pub struct ForeignClassifier {
    model: ForeignModel,
    signature: Signature,
    classes: Vec<String>,
    scale: PixelScale,
    sides: [usize; 2],
    invert: bool,
}

/// What a model says of pictures.
pub struct ForeignAnswers {
    /// What it gives; none where no picture could be used.
    pub given: Option<GivenScores>,
    /// The answer to each picture, in their order.
    pub pictures: Vec<(PathBuf, Result<Prediction, ForeignClassifierError>)>,
}

impl ForeignClassifier {
    /// Opens an ONNX file, with the weights that lie beside it. `side` is the height and width of pictures for a
    /// model that takes any size.
    ///
    /// # Errors
    /// A file that cannot be read; inputs and outputs that are not those of a classifier with so many
    /// classes; a scale that does not suit its channels; what the runtime refuses.
    pub fn open(
        path: &Path,
        classes: Vec<String>,
        scale: PixelScale,
        side: Option<usize>,
    ) -> Result<Self, ForeignClassifierError> {
        let opened = Opened::read(path)?;
        let signature = Signature::of(&opened.graph)
            .map_err(|found| ForeignClassifierError::Unknown { path: path.to_owned(), found })?;
        let refused =
            |reason| Err(ForeignClassifierError::Option { path: path.to_owned(), reason });
        if let Some(outputs) = signature.classes.filter(|outputs| *outputs != classes.len()) {
            return Err(misfit(path, outputs, classes.len()));
        }
        if let Some(option) = scale.colorful_option().filter(|_| signature.channels == 1) {
            return refused(format!("{option} is for colors, but the model takes gray pictures"));
        }
        if let ([Some(height), Some(width)], Some(_)) = (signature.sides, side) {
            return refused(format!(
                "--size is for models that take any size, but this one takes {width}x{height}; leave it out"
            ));
        }
        if side.is_some_and(|side| side == 0 || side > LONGEST_SIDE) {
            return refused(format!("--size must be from 1 to {LONGEST_SIDE}"));
        }
        let sides = signature.sides.map(|fixed| fixed.or(side).unwrap_or(USUAL_SIDE));
        let model = opened.load(&[(&signature.input, signature.sizes(sides))])?;
        let opened = Self { model, signature, classes, scale, sides, invert: false };
        // What the runtime cannot do, and outputs that the file does not tell, show once and not for each picture.
        opened.values(&vec![0; opened.shape().iter().product()])?;
        Ok(opened)
    }

    /// The same classifier, which swaps dark and light.
    #[must_use]
    pub fn inverted(mut self, invert: bool) -> Self {
        self.invert = invert;
        self
    }

    /// In which order it takes pixels.
    #[must_use]
    pub const fn order(&self) -> AxisOrder {
        self.signature.order
    }

    /// Channels, height and width of its pictures.
    #[must_use]
    pub const fn shape(&self) -> [usize; 3] {
        [self.signature.channels, self.sides[0], self.sides[1]]
    }

    /// How pixels become its input.
    #[must_use]
    pub const fn scale(&self) -> &PixelScale {
        &self.scale
    }

    /// The `top` most likely classes of each picture. A file that cannot be used yields its error and does not
    /// stop the others. Where the file does not tell whether the model gives probabilities, what it gives for
    /// all of them does.
    #[must_use]
    pub fn predict(&self, files: &[PathBuf], top: usize) -> ForeignAnswers {
        let [channels, height, width] = self.shape();
        let shape = Shape::Maps { channels, height, width };
        let mut found = Vec::with_capacity(files.len());
        for chunk in files.chunks(AT_ONCE) {
            let pictures: Vec<_> =
                chunk.par_iter().map(|file| read_picture(file, shape, self.invert)).collect();
            let values = pictures.into_iter().map(|picture| self.values(&picture?));
            found.extend(chunk.iter().cloned().zip(values));
        }
        let mut rows = found.iter().filter_map(|(_, row)| row.as_ref().ok()).peekable();
        let given = rows.peek().is_some().then(|| match self.signature.given {
            Some(given) => given,
            None if rows.all(|row| are_shares(row)) => GivenScores::Probabilities,
            None => GivenScores::Logits,
        });
        let answer = |(file, row): (PathBuf, Result<Vec<f64>, _>)| {
            let answer = row.map(|row| {
                let shares = match given {
                    Some(GivenScores::Logits) => softmax(&row),
                    _ => row.clone(),
                };
                ranked(&self.classes, (&shares, &row), None, top, &file)
            });
            (file, answer)
        };
        ForeignAnswers { given, pictures: found.into_iter().map(answer).collect() }
    }

    /// What the model gives for the pixels of a picture, one value for each class.
    fn values(&self, pixels: &[u8]) -> Result<Vec<f64>, ForeignClassifierError> {
        let planes = self.scale.planes(pixels, self.signature.channels);
        let input = (&*self.signature.input, self.signature.sizes(self.sides));
        let values = self.signature.ordered(&planes);
        let found = self.model.run(vec![(input.0, input.1, values)], &self.signature.output)?;
        let Some((sizes, values)) = numbers(&found) else {
            return Err(self.model.failed("its output is not of single precision").into());
        };
        // Axes of one place besides that of the classes say nothing.
        let wide = sizes.iter().filter(|size| **size != 1).count();
        if wide > 1 {
            return Err(self
                .model
                .failed(format!("its output is {sizes:?}, not [1, classes]"))
                .into());
        }
        if values.len() != self.classes.len() {
            return Err(misfit(self.model.path(), values.len(), self.classes.len()));
        }
        Ok(values.into_iter().map(f64::from).collect())
    }
}

fn misfit(path: &Path, outputs: usize, classes: usize) -> ForeignClassifierError {
    ForeignClassifierError::Classes { path: path.to_owned(), outputs, classes }
}

/// Whether values are from 0 to 1 and sum to one, but for rounding.
fn are_shares(values: &[f64]) -> bool {
    let within = values.iter().all(|value| (-ROUNDING..=1.0 + ROUNDING).contains(value));
    within && (values.iter().sum::<f64>() - 1.0).abs() <= ROUNDING
}

/// The sizes and numbers of a value of one to four axes.
fn numbers(value: &Value) -> Option<(Vec<usize>, Vec<f32>)> {
    fn of<const AXES: usize>(value: &Value) -> Option<(Vec<usize>, Vec<f32>)> {
        let (sizes, values) = value.clone().into_shape_vec::<f32, AXES>().ok()?;
        Some((sizes.to_vec(), values))
    }
    of::<2>(value).or_else(|| of::<4>(value)).or_else(|| of::<3>(value)).or_else(|| of::<1>(value))
}
