//! Reading the pictures that a recipe names.

use super::config::DataConfig;
use super::error::DataError;
use super::files::require_directory;
use super::images::ImageData;
use super::{folder, mnist};
use crate::value::Shape;

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
                    format!("set network.input = {found} and add a flatten layer first")
                } else {
                    format!("set network.input = {found}")
                };
                Err(DataError::Unfit(format!(
                    "{}: the pictures have shape {found}, but network.input is {input}; {advice}",
                    path.display()
                )))
            }
            _ => folder::load(path, input, images.invert),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::data::ImagesConfig;

    fn mnist(path: &Path) -> DataConfig {
        DataConfig::Mnist(ImagesConfig {
            path: path.to_owned(),
            validation: 0.0,
            invert: false,
            mean: 0.0,
            deviation: 1.0,
            group: None,
            augmentation: None,
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
        assert_eq!(message("file"), "PATH: a file, not a directory");
        assert_eq!(message("nowhere"), "PATH: no such file or directory");
        assert!(message("datasets/mnist").contains("scripts/fetch-mnist.sh"));
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
            "PATH: the pictures have shape [1, 2, 3], but network.input is [6]; set network.input \
             = [1, 2, 3] and add a flatten layer first"
        );
        assert_eq!(
            message(Shape::Maps { channels: 1, height: 3, width: 3 }),
            "PATH: the pictures have shape [1, 2, 3], but network.input is [1, 3, 3]; set \
             network.input = [1, 2, 3]"
        );
        let data = load(Shape::Maps { channels: 1, height: 2, width: 3 }).unwrap();
        assert_eq!((data.train.len(), data.train.counts(6)), (1, vec![0, 0, 0, 0, 0, 1]));
        assert!(data.train.image(1).unwrap_err().to_string().contains("picture 1: only 1"));
    }
}
