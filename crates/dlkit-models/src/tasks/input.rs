//! Input of a network, from picture files and arrays.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use dlkit_files::npy::read_npy;
use dlkit_files::regular::{LARGEST_ARRAY, read_regular};

use super::colorization::lightness_of_middle;
use crate::data::{DataConfig, DataError, read_picture};
use crate::facts::{PictureInput, PixelTable, TaskFacts};
use crate::recipe::Experiment;
use crate::value::Shape;

/// How a picture becomes a network's input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PictureReading {
    /// Its pixels, resized and scaled.
    Pixels(PictureInput),
    /// The lightness of its middle, for a colorizer.
    Lightness {
        /// Pictures whose shorter side has more pixels are made smaller to this first; 0 for none.
        short_side: u32,
    },
}

impl PictureReading {
    /// That of an experiment whose network accepts pictures.
    #[must_use]
    pub fn of_experiment(experiment: &Experiment) -> Option<Self> {
        let data = &experiment.config().data;
        match data {
            DataConfig::Photos(photos) => Some(Self::Lightness { short_side: photos.short_side }),
            _ => data.images().map(|images| Self::Pixels(images.into())),
        }
    }

    /// That of a trained network that accepts pictures.
    #[must_use]
    pub fn of_facts(facts: &TaskFacts) -> Option<Self> {
        match facts {
            TaskFacts::Colorization(facts) => {
                Some(Self::Lightness { short_side: facts.short_side })
            }
            _ => facts.pictures().map(Self::Pixels),
        }
    }

    fn values(self, file: &Path, shape: Shape) -> Result<Vec<f32>, DataError> {
        match (self, shape) {
            (Self::Pixels(PictureInput { normalization, invert }), _) => {
                let pixels = read_picture(file, shape, invert)?;
                Ok(PixelTable::from(normalization).values(&pixels).collect())
            }
            (Self::Lightness { short_side }, Shape::Maps { channels: 1, height, width }) => {
                lightness_of_middle(file, short_side, [height, width])
            }
            (Self::Lightness { .. }, _) => Err(DataError::Unfit(format!(
                "network.input: a colorizer needs lightness, [1, height, width], not {shape}"
            ))),
        }
    }
}

/// Reads inputs of a network: pictures, prepared as in its recipe, and `.npy` files, whose values
/// stay unchanged.
///
/// # Shapes
/// - a `.npy` file: that of the network's input, or several such inputs along a first axis
/// - output: `[inputs, channels, height, width]`
///
/// # Errors
/// A file is neither a picture nor a suitable array; the network does not accept pictures.
pub fn read_batch(
    shape: Shape,
    pictures: Option<PictureReading>,
    files: &[PathBuf],
    device: &Device,
) -> Result<Tensor<4>, DataError> {
    let mut values = Vec::new();
    for file in files {
        if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy")) {
            values.extend(read_array(file, shape)?);
        } else if let Some(reading) = pictures {
            values.extend(reading.values(file, shape)?);
        } else {
            let reason = format!("not a .npy file; the network expects {shape}, not pictures");
            return Err(DataError::content(file, reason));
        }
    }
    let inputs = values.len() / shape.values();
    Ok(Tensor::from_data(TensorData::new(values, shape.batch(inputs)), device))
}

/// The values of one or more inputs.
fn read_array(file: &Path, shape: Shape) -> Result<Vec<f32>, DataError> {
    let bytes = read_regular(file, LARGEST_ARRAY).map_err(DataError::unread(file))?;
    let (sizes, values) =
        read_npy(&bytes).map_err(|error| DataError::content(file, error.to_string()))?;
    let one = Vec::from(shape);
    let several = sizes.split_first().is_some_and(|(&count, rest)| count > 0 && rest == one);
    if sizes == one || several {
        return Ok(values);
    }
    Err(DataError::content(
        file,
        format!(
            "its shape is {sizes:?}, but the network expects {one:?}, or several of these along a \
             first axis"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dlkit_files::npy::npy_bytes;

    #[test]
    fn an_array_is_one_input_or_several() {
        let directory = tempfile::tempdir().unwrap();
        let shape = Shape::Maps { channels: 1, height: 2, width: 3 };
        let read = |sizes: &[usize]| {
            let values: Vec<f32> = vec![0.5; sizes.iter().product()];
            let path = directory.path().join("a.npy");
            std::fs::write(&path, npy_bytes(sizes, &values)).unwrap();
            read_array(&path, shape).map(|values| values.len()).map_err(|error| error.to_string())
        };
        assert_eq!(read(&[1, 2, 3]), Ok(6));
        assert_eq!(read(&[4, 1, 2, 3]), Ok(24));
        for sizes in [&[2, 3][..], &[0, 1, 2, 3], &[1, 3, 2], &[]] {
            let message = read(sizes).unwrap_err();
            assert!(message.ends_with(
                "the network expects [1, 2, 3], or several of these along a first axis"
            ));
        }
    }
}
