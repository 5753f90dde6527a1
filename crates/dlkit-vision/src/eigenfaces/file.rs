//! Model files: safetensors with one entry of metadata.
//!
//! | tensor | type and shape |
//! |---|---|
//! | `mean` | float32 `[height, width]` |
//! | `eigenfaces` | float32 `[components, height, width]`, each of length 1 |
//! | `weights` | float32 `[known faces, components]` |
//! | `residuals` | float32 `[known faces]`, lengths outside face space |
//! | `thumbnails` | uint8 `[known faces, height, width]` |
//! | `features` | float64 `[features, components]`, if faces are not compared by their weights |
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
use super::cutting::Alignment;
use super::features::{FeatureConfig, Features};
use super::method::Method;
use super::model::Eigenfaces;
use super::normalization::Normalization;
use super::pictures::MOST_VALUES;
use super::principal::PrincipalComponents;
use super::spectrum::Spectrum;
use super::thumbnails::Thumbnails;

/// Most bytes of a model file: twice the size of the most values that can be fitted.
pub const LARGEST_MODEL_FILE: u64 = 8 * MOST_VALUES as u64;

/// The version of models of faces that were cut out of pictures.
const VERSION: u32 = 3;
/// The version of other models: programs that know no cuts read them as well.
const VERSION_UNCUT: u32 = 2;
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
        "format version {found}, but this program reads versions {VERSION_UNCUT} and {VERSION}; fit the model again with \
         `dlkit eigenfaces fit`{}",
        if *found == 1 { ": thresholds of version 1 did not hold for people outside the fit" } else { "" }
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
    features: FeatureConfig,
    feature_variances: Vec<f64>,
    /// Whether a tensor gives the features; otherwise they are the weights.
    is_projected: bool,
    thumbnail_range: [f32; 2],
    calibration: Calibration,
    #[serde(rename = "labelled")]
    labeled: bool,
    people: Vec<String>,
    faces: Vec<Face>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alignment: Option<Alignment>,
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

fn values_of(bytes: &[u8]) -> Vec<f64> {
    let singles = bytes.as_chunks().0.iter();
    singles.map(|value| f64::from(f32::from_le_bytes(*value))).collect()
}

fn doubles_of(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|value| f64::from_le_bytes(*value)).collect()
}

/// The SHA-256 of the description and the tensors, in the order of [`Description::tensors`].
fn checksum<'a>(
    description: &Description,
    tensors: impl Iterator<Item = &'a [u8]>,
) -> Result<String, ModelFileError> {
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
        let description = self.description();
        // Columns follow each other in memory, so that each is a row of the tensor.
        let mut contents = vec![
            bytes_of(self.principal.mean.as_slice()),
            bytes_of(self.principal.components.as_slice()),
            bytes_of(self.gallery.as_slice()),
            bytes_of(&self.residuals),
            self.thumbnails.pixels.clone(),
        ];
        if let Some(projection) = &self.features.projection {
            contents.push(projection.iter().flat_map(|value| value.to_le_bytes()).collect());
        }
        let sha256 = checksum(&description, contents.iter().map(Vec::as_slice))?;
        let tensors = description.tensors();
        let sealed = Sealed { format_version: description.version(), sha256, description };
        let json = serde_json::to_string(&sealed)
            .map_err(|error| ModelFileError::Content(error.to_string()))?;
        let views = tensors.into_iter().zip(&contents);
        let views: Vec<(&str, TensorView<'_>)> = views
            .map(|((name, kind, shape), bytes)| Ok((name, TensorView::new(kind, shape, bytes)?)))
            .collect::<Result<_, ModelFileError>>()?;
        Ok(serialize(views, Some(HashMap::from([(KEY.to_owned(), json)])))?)
    }

    fn description(&self) -> Description {
        let faces = self.names.iter().zip(&self.person_of);
        Description {
            width: self.width,
            height: self.height,
            components: self.components(),
            normalization: self.normalization,
            method: self.principal.method,
            spectrum: self.principal.spectrum.clone(),
            features: self.features.config,
            feature_variances: self.features.variances.clone(),
            is_projected: self.features.projection.is_some(),
            thumbnail_range: self.thumbnails.range,
            calibration: self.calibration.clone(),
            labeled: self.labeled,
            people: self.people.clone(),
            faces: faces
                .map(|(name, person)| Face { name: name.clone(), person: *person })
                .collect(),
            alignment: self.alignment,
        }
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
        if ![VERSION, VERSION_UNCUT].contains(&format_version) {
            return Err(ModelFileError::Version { found: format_version });
        }
        let Sealed { sha256, description, .. } = serde_json::from_str(json).map_err(content)?;
        let file = SafeTensors::deserialize(bytes)?;
        let mut views = Vec::new();
        for (name, kind, shape) in description.tensors() {
            let view = file.tensor(name)?;
            if view.dtype() != kind || view.shape() != shape {
                let found = format!("{:?} {:?}", view.dtype(), view.shape());
                return Err(ModelFileError::Damaged(format!(
                    "`{name}` is {found}, not {kind:?} {shape:?}"
                )));
            }
            views.push(view);
        }
        let contents: Vec<&[u8]> = views.iter().map(TensorView::data).collect();
        if checksum(&description, contents.iter().copied())? != sha256 {
            return Err(ModelFileError::Damaged("the checksum does not match".to_owned()));
        }
        description.check(&contents)?;
        Ok(description.model(&contents))
    }
}

impl Description {
    const fn version(&self) -> u32 {
        if self.alignment.is_some() { VERSION } else { VERSION_UNCUT }
    }

    /// Name, type and shape of each tensor.
    fn tensors(&self) -> Vec<(&'static str, Dtype, Vec<usize>)> {
        let Self { width, height, components, .. } = *self;
        let count = self.faces.len();
        let mut tensors = vec![
            ("mean", Dtype::F32, vec![height, width]),
            ("eigenfaces", Dtype::F32, vec![components, height, width]),
            ("weights", Dtype::F32, vec![count, components]),
            ("residuals", Dtype::F32, vec![count]),
            ("thumbnails", Dtype::U8, vec![count, height, width]),
        ];
        if self.is_projected {
            let shape = vec![self.feature_variances.len(), components];
            tensors.push(("features", Dtype::F64, shape));
        }
        tensors
    }

    /// The model of checked contents, in the order of [`Description::tensors`].
    fn model(self, contents: &[&[u8]]) -> Eigenfaces {
        let (pixels, count) = (self.width * self.height, self.faces.len());
        let part = |index: usize| contents.get(index).copied().unwrap_or_default();
        let gallery = DMatrix::from_vec(self.components, count, values_of(part(2)));
        let size = self.feature_variances.len();
        let projection = self
            .is_projected
            .then(|| DMatrix::from_vec(self.components, size, doubles_of(part(5))));
        let features =
            Features { config: self.features, projection, variances: self.feature_variances };
        let (names, person_of) =
            self.faces.into_iter().map(|face| (face.name, face.person)).unzip();
        Eigenfaces {
            width: self.width,
            height: self.height,
            normalization: self.normalization,
            principal: PrincipalComponents {
                mean: DVector::from_vec(values_of(part(0))),
                components: DMatrix::from_vec(pixels, self.components, values_of(part(1))),
                spectrum: self.spectrum,
                method: self.method,
            },
            known: features.of_all(&gallery),
            features,
            gallery,
            residuals: values_of(part(3)),
            thumbnails: Thumbnails { range: self.thumbnail_range, pixels: part(4).to_vec() },
            names,
            people: self.people,
            person_of,
            labeled: self.labeled,
            calibration: self.calibration,
            alignment: self.alignment,
        }
    }

    /// Checks what even a matching checksum does not guarantee.
    fn check(&self, contents: &[&[u8]]) -> Result<(), ModelFileError> {
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
        let variances = &self.feature_variances;
        if variances.is_empty()
            || !variances.iter().all(positive)
            || !(self.is_projected || variances.len() == self.components)
        {
            return damaged("the features do not fit the eigenfaces");
        }
        if self.alignment.is_some_and(|alignment| !alignment.is_sound(self.width, self.height)) {
            return damaged("the places of the eyes are outside the pictures");
        }
        if !self.calibration.is_sound() {
            return damaged("scores are infinite or incomplete");
        }
        let [low, high] = self.thumbnail_range;
        let finite = |(index, bytes): (usize, &&[u8])| match index {
            4 => low.is_finite() && high.is_finite(),
            5 => doubles_of(bytes).iter().all(|value| value.is_finite()),
            _ => bytes.as_chunks().0.iter().all(|value| f32::from_le_bytes(*value).is_finite()),
        };
        if contents.iter().enumerate().all(finite) {
            Ok(())
        } else {
            damaged("some values are infinite or NaN")
        }
    }
}
