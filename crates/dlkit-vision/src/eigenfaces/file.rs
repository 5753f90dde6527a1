//! Model files: safetensors with one entry of metadata.
//!
//! | tensor | type and shape |
//! |---|---|
//! | `mean` | float32 `[height, width]` |
//! | `eigenfaces` | float32 `[components, height, width]`, each of length 1 |
//! | `weights` | float32 `[known faces, components]` |
//!
//! The metadata entry `dlkit.eigenfaces` is a JSON object with the version of the format, the
//! SHA-256 of everything else, and a description of the model.

use std::collections::HashMap;

use nalgebra::{DMatrix, DVector};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, serialize};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::calibration::Calibration;
use super::method::Method;
use super::model::Eigenfaces;
use super::normalization::Normalization;
use super::pictures::MOST_VALUES;
use super::principal::PrincipalComponents;
use super::spectrum::Spectrum;

/// Most bytes of a model file: twice the size of the most values that can be fitted.
pub const LARGEST_MODEL_FILE: u64 = 8 * MOST_VALUES as u64;

const VERSION: u32 = 1;
const KEY: &str = "dlkit.eigenfaces";

/// Why bytes cannot be read as a model.
#[derive(Debug, Error)]
pub enum ModelFileError {
    /// The bytes are not of the format, or cut off.
    #[error("not an intact .safetensors file: {0}")]
    Container(#[from] safetensors::SafeTensorError),
    /// The file holds something else than a model.
    #[error("not a model of eigenfaces: {0}; give a file that `dlkit eigenfaces fit` wrote")]
    Content(String),
    /// The format has another version.
    #[error(
        "format version {found}, but this program reads version {VERSION}; fit the model again"
    )]
    Version {
        /// The version found.
        found: u32,
    },
    /// The model was changed or damaged.
    #[error("damaged: {0}; copy the file again, or fit the model again")]
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    format_version: u32,
    sha256: String,
    description: Description,
}

/// The part that tells the version, whatever else has changed.
#[derive(Deserialize)]
struct VersionOnly {
    format_version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    width: usize,
    height: usize,
    components: usize,
    #[serde(rename = "normalisation")]
    normalization: Normalization,
    method: Method,
    spectrum: Spectrum,
    calibration: Calibration,
    #[serde(rename = "labelled")]
    labeled: bool,
    people: Vec<String>,
    faces: Vec<Face>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Face {
    name: String,
    person: usize,
}

/// Values in single precision, as stored.
fn bytes_of(values: &[f64]) -> Vec<u8> {
    #[expect(clippy::cast_possible_truncation, reason = "stored in single precision")]
    values.iter().flat_map(|value| (*value as f32).to_le_bytes()).collect()
}

fn checksum(description: &Description, tensors: [&[u8]; 3]) -> Result<String, ModelFileError> {
    let json = serde_json::to_vec(description)
        .map_err(|error| ModelFileError::Content(error.to_string()))?;
    let mut hash = Sha256::new();
    hash.update(json);
    for tensor in tensors {
        hash.update(tensor);
    }
    Ok(format!("{:x}", hash.finalize()))
}

impl Eigenfaces {
    /// Encodes the model as a file; equal models give equal bytes.
    ///
    /// # Errors
    /// The library of the format refuses, which no model is known to cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelFileError> {
        let (width, height, components) = (self.width, self.height, self.components());
        let faces = self.names.iter().zip(&self.person_of);
        let description = Description {
            width,
            height,
            components,
            normalization: self.normalization,
            method: self.principal.method,
            spectrum: self.principal.spectrum.clone(),
            calibration: self.calibration,
            labeled: self.labeled,
            people: self.people.clone(),
            faces: faces
                .map(|(name, person)| Face { name: name.clone(), person: *person })
                .collect(),
        };
        let mean = bytes_of(self.principal.mean.as_slice());
        // Columns follow each other in memory, so that each is a row of the tensor.
        let eigenfaces = bytes_of(self.principal.components.as_slice());
        let weights = bytes_of(self.gallery.as_slice());
        let sha256 = checksum(&description, [&mean, &eigenfaces, &weights])?;
        let sealed = Sealed { format_version: VERSION, sha256, description };
        let json = serde_json::to_string(&sealed)
            .map_err(|error| ModelFileError::Content(error.to_string()))?;
        let view = |shape: Vec<usize>, bytes| TensorView::new(Dtype::F32, shape, bytes);
        let tensors = [
            ("mean", view(vec![height, width], &mean)?),
            ("eigenfaces", view(vec![components, height, width], &eigenfaces)?),
            ("weights", view(vec![self.names.len(), components], &weights)?),
        ];
        Ok(serialize(tensors, Some(HashMap::from([(KEY.to_owned(), json)])))?)
    }

    /// Reads a model from the bytes of a file.
    ///
    /// # Errors
    /// The bytes are not a model, of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelFileError> {
        let (_, metadata) = SafeTensors::read_metadata(bytes)?;
        let json = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
        let json = json.ok_or_else(|| ModelFileError::Content(format!("no entry `{KEY}`")))?;
        let content = |error: serde_json::Error| ModelFileError::Content(error.to_string());
        let VersionOnly { format_version } = serde_json::from_str(json).map_err(content)?;
        if format_version != VERSION {
            return Err(ModelFileError::Version { found: format_version });
        }
        let Sealed { sha256, description, .. } = serde_json::from_str(json).map_err(content)?;
        let file = SafeTensors::deserialize(bytes)?;
        let Description { width, height, components, .. } = description;
        let count = description.faces.len();
        let tensor = |name: &str, shape: &[usize]| {
            let view = file.tensor(name)?;
            if view.dtype() != Dtype::F32 || view.shape() != shape {
                let found = format!("{:?} {:?}", view.dtype(), view.shape());
                return Err(ModelFileError::Damaged(format!(
                    "`{name}` is {found}, not F32 {shape:?}"
                )));
            }
            Ok(view)
        };
        let views = [
            tensor("mean", &[height, width])?,
            tensor("eigenfaces", &[components, height, width])?,
            tensor("weights", &[count, components])?,
        ];
        let [mean, eigenfaces, weights] = views.each_ref().map(TensorView::data);
        if checksum(&description, [mean, eigenfaces, weights])? != sha256 {
            return Err(ModelFileError::Damaged("the checksum does not match".to_owned()));
        }
        description.check([mean, eigenfaces, weights])?;
        let pixels = width * height;
        let values = |bytes: &[u8]| -> Vec<f64> {
            let singles = bytes.as_chunks().0.iter();
            singles.map(|value| f64::from(f32::from_le_bytes(*value))).collect()
        };
        let (names, person_of) =
            description.faces.into_iter().map(|face| (face.name, face.person)).unzip();
        Ok(Self {
            width,
            height,
            normalization: description.normalization,
            principal: PrincipalComponents {
                mean: DVector::from_vec(values(mean)),
                components: DMatrix::from_vec(pixels, components, values(eigenfaces)),
                spectrum: description.spectrum,
                method: description.method,
            },
            gallery: DMatrix::from_vec(components, count, values(weights)),
            names,
            people: description.people,
            person_of,
            labeled: description.labeled,
            calibration: description.calibration,
        })
    }
}

impl Description {
    /// Checks what even a matching checksum does not guarantee.
    fn check(&self, tensors: [&[u8]; 3]) -> Result<(), ModelFileError> {
        let damaged = |reason: &str| Err(ModelFileError::Damaged(reason.to_owned()));
        if self.width == 0 || self.height == 0 || self.components == 0 || self.faces.is_empty() {
            return damaged("pixels, eigenfaces or faces are missing");
        }
        if self.faces.iter().any(|face| face.person >= self.people.len()) {
            return damaged("the person of a face is missing");
        }
        let Spectrum { eigenvalues, total_variance, .. } = &self.spectrum;
        let positive = |value: &f64| value.is_finite() && *value > 0.0;
        if eigenvalues.len() < self.components
            || !eigenvalues.iter().all(positive)
            || !positive(total_variance)
        {
            return damaged("there are too few eigenvalues, or some are not positive");
        }
        let finite = |bytes: &[u8]| {
            bytes.as_chunks().0.iter().all(|value| f32::from_le_bytes(*value).is_finite())
        };
        if tensors.iter().all(|bytes| finite(bytes)) {
            Ok(())
        } else {
            damaged("some values are infinite or NaN")
        }
    }
}
