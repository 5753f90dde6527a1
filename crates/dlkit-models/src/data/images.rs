//! Labelled pictures in memory.

use std::path::Path;

use super::config::DataConfig;
use super::error::DataError;
use super::{folder, mnist};
use crate::network::Shape;

/// Labelled pictures: 8-bit pixels, channel by channel, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSet {
    pub(crate) pixels: Vec<u8>,
    pub(crate) labels: Vec<u32>,
    pub(crate) shape: Shape,
}

impl ImageSet {
    /// The number of pictures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The shape of one picture.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The class of each picture.
    #[must_use]
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The pixels of one picture.
    ///
    /// # Errors
    /// An index beyond the last picture.
    pub fn image(&self, index: usize) -> Result<&[u8], DataError> {
        let size = self.shape.values();
        self.pixels.get(index * size..(index + 1) * size).ok_or_else(|| {
            DataError::Unfit(format!("picture {index} of {} was asked for", self.len()))
        })
    }

    /// How many pictures each of `classes` classes has.
    #[must_use]
    pub fn counts(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for &label in &self.labels {
            if let Some(count) = counts.get_mut(label as usize) {
                *count += 1;
            }
        }
        counts
    }
}

/// A data set of pictures and the names of its classes.
#[derive(Clone, Debug)]
pub struct ImageData {
    /// Names of the classes; a label is an index into them.
    pub classes: Vec<String>,
    /// The training part, the validation part still in it.
    pub train: ImageSet,
    /// The test part, if there is one.
    pub test: Option<ImageSet>,
}

impl ImageData {
    /// Reads a data set for a network whose input has the shape `input`.
    ///
    /// # Errors
    /// Files that are missing, damaged or contradict each other, pictures that do not fit.
    pub fn load(config: &DataConfig, input: Shape) -> Result<Self, DataError> {
        let images = config.require_images()?;
        let path = &images.path;
        require_directory(path)?;
        match config {
            DataConfig::Mnist(_) => {
                let data = mnist::load(path)?;
                if data.train.shape == input {
                    return Ok(data);
                }
                let found = data.train.shape;
                let advice = if found.values() == input.values() {
                    format!("set network.input to {found} and let a flatten layer come first")
                } else {
                    format!("set network.input to {found}")
                };
                Err(DataError::Unfit(format!(
                    "the pictures in {} have the shape {found}, network.input is {input}; {advice}",
                    path.display()
                )))
            }
            _ => folder::load(path, input, images.invert),
        }
    }
}

pub(crate) fn require_directory(path: &Path) -> Result<(), DataError> {
    if path.is_dir() {
        return Ok(());
    }
    let advice = if path.exists() {
        " as a directory: it is a file".to_owned()
    } else if path.ends_with("datasets/mnist") {
        "; scripts/fetch-mnist.sh gets the whole MNIST".to_owned()
    } else {
        String::new()
    };
    Err(DataError::Missing { path: path.to_owned(), advice })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::data::ImagesConfig;

    fn mnist(path: &Path) -> DataConfig {
        DataConfig::Mnist(ImagesConfig {
            path: path.to_owned(),
            validation: 0.0,
            invert: false,
            mean: 0.0,
            deviation: 1.0,
        })
    }

    #[test]
    fn rejects_a_path_that_is_no_directory() {
        let directory = tempfile::tempdir().unwrap();
        let message = |name: &str| {
            let path = directory.path().join(name);
            let error = ImageData::load(&mnist(&path), Shape::Features(6)).unwrap_err();
            error.to_string().replace(&path.display().to_string(), "PATH")
        };
        fs::write(directory.path().join("file"), "").unwrap();
        assert_eq!(message("file"), "PATH is not there as a directory: it is a file");
        assert_eq!(message("nowhere"), "PATH is not there");
        assert_eq!(
            message("datasets/mnist"),
            "PATH is not there; scripts/fetch-mnist.sh gets the whole MNIST"
        );
    }

    #[test]
    fn rejects_pictures_of_another_shape_than_the_input() {
        let directory = tempfile::tempdir().unwrap();
        let images = [[0, 0, 8, 3], [0, 0, 0, 1], [0, 0, 0, 2], [0, 0, 0, 3]].concat();
        let images = [images, vec![7; 6]].concat();
        fs::write(directory.path().join("train-images-idx3-ubyte"), images).unwrap();
        let labels = [0, 0, 8, 1, 0, 0, 0, 1, 5];
        fs::write(directory.path().join("train-labels-idx1-ubyte"), labels).unwrap();
        let load = |input| ImageData::load(&mnist(directory.path()), input);
        let message = |input| {
            let path = directory.path().display().to_string();
            load(input).unwrap_err().to_string().replace(&path, "PATH")
        };
        assert_eq!(
            message(Shape::Features(6)),
            "the pictures in PATH have the shape [1, 2, 3], network.input is [6]; set \
             network.input to [1, 2, 3] and let a flatten layer come first"
        );
        assert_eq!(
            message(Shape::Maps { channels: 1, height: 3, width: 3 }),
            "the pictures in PATH have the shape [1, 2, 3], network.input is [1, 3, 3]; set \
             network.input to [1, 2, 3]"
        );
        let data = load(Shape::Maps { channels: 1, height: 2, width: 3 }).unwrap();
        assert_eq!((data.train.len(), data.train.counts(6)), (1, vec![0, 0, 0, 0, 0, 1]));
        assert!(data.train.image(1).unwrap_err().to_string().contains("picture 1 of 1"));
    }
}
