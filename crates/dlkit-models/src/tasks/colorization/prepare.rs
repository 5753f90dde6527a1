//! Photos and a network, checked against each other.

use std::path::PathBuf;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::colorizer::Colorizer;
use super::crops::{CropBatch, CropGeometry, CropSource, Fresh};
use super::draws::Draws;
use super::evaluate::evaluate_photos;
use super::model::measure;
use super::photos::Photos;
use crate::data::{DataConfig, DataError, PhotoStore, PhotosConfig, Split};
use crate::facts::color::{ColorFacts, Encoder, Fit};
use crate::network::Network;
use crate::recipe::Experiment;
use crate::tasks::{Learning, Prepared, TaskError, TaskFacts, TaskReport};
use crate::training::{BatchSource, Examined, Loader, Loaders, Loss, Measure, Measured, Trainable};

/// Crops on which a unit must be zero to count as dead.
const EXAMINED_CROPS: usize = 200;

/// Reads the photos of an experiment, computes bins and prior, and checks that the network fits.
pub(crate) fn prepare(experiment: &Experiment) -> Result<Prepared, TaskError> {
    let config = experiment.config();
    let DataConfig::Photos(data) = &config.data else {
        let kind = config.data.kind();
        let reason = format!("data.kind: a colorizer learns from \"photos\", not \"{kind}\"");
        return Err(TaskError::Contradiction(reason));
    };
    if config.training.loss != Loss::default() {
        return Err(TaskError::Contradiction(
            "training.loss: a colorizer always uses weighted cross-entropy with soft targets; \
             remove training.loss"
                .to_owned(),
        ));
    }
    let fit = Fit::new(experiment.network()).map_err(TaskError::Contradiction)?;
    let photos = Photos::find(data, config.seed, fit.crop)?;
    let colors = config.colorization.clone().unwrap_or_default();
    let last = config.network.last_neurons().map_or(0, |(index, _)| index);
    let (facts, draws) = photos.facts(&colors, data, fit.bins, last)?;
    let (bins, prior) = facts.restored().map_err(TaskError::Contradiction)?;
    #[expect(clippy::cast_possible_truncation, reason = "networks take single precision")]
    let weights = prior.weights().iter().map(|&weight| weight as f32).collect();
    let trained = photos.train.len();
    let split = Split {
        train: (0..trained).collect(),
        validation: (trained..trained + photos.validation.len()).collect(),
        ..Split::default()
    };
    let fingerprint = photos.fingerprint()?;
    let (left_out, notes) = (photos.left_out.clone(), photos.notes.clone());
    let material = Coloring {
        data: data.clone(),
        encoder: Arc::new(Encoder::new(colors.encoding, bins)),
        weights: Arc::new(weights),
        seed: config.seed,
        draws: draws.map(Arc::new),
        facts: facts.clone(),
        photos,
        fit,
    };
    let facts = TaskFacts::Colorization(facts);
    Ok(Prepared { facts, fingerprint, split, left_out, notes, material: Box::new(material) })
}

/// The task of colorization. Its samples are photos, first the training part, then the validation
/// part; it learns from crops of them.
struct Coloring {
    data: PhotosConfig,
    photos: Photos,
    facts: ColorFacts,
    /// How photos are drawn in training, if not each once.
    draws: Option<Arc<Draws>>,
    encoder: Arc<Encoder>,
    weights: Arc<Vec<f32>>,
    fit: Fit,
    seed: u64,
}

impl Coloring {
    fn crops(&self, photos: &Arc<PhotoStore>, fresh: Option<Fresh>) -> Arc<CropSource> {
        Arc::new(CropSource {
            photos: Arc::clone(photos),
            crops: self.data.crops,
            encoder: Arc::clone(&self.encoder),
            weights: Arc::clone(&self.weights),
            geometry: CropGeometry::new(&self.fit.alignment, self.fit.crop, self.fit.output),
            seed: self.seed,
            fresh,
        })
    }

    /// The files of some photos, of the test part or of the others.
    fn files(&self, test: bool, indices: &[usize]) -> Vec<PathBuf> {
        let Photos { train, validation, test: held_out, .. } = &self.photos;
        let files: Vec<&PathBuf> = if test {
            held_out.files().iter().collect()
        } else {
            train.files().iter().chain(validation.files()).collect()
        };
        indices.iter().filter_map(|&index| files.get(index).map(|&file| file.clone())).collect()
    }
}

impl Trainable for Coloring {
    type Batch = CropBatch;

    fn measure(&self, network: &Network, batch: CropBatch) -> (Tensor<1>, Measured) {
        measure(network, batch)
    }

    fn input(batch: CropBatch) -> Tensor<4> {
        batch.lightness
    }
}

impl Learning for Coloring {
    type Source = CropSource;

    const MEASURES: &'static [Measure] = &[Measure { name: "loss", higher_is_better: false }];

    fn loaders(&self, experiment: &Experiment, _: &Split, device: &Device) -> Loaders<CropSource> {
        let config = experiment.config();
        let (batch_size, seed) = (config.training.batch_size, config.seed);
        let inner = device.clone().inner();
        let PhotosConfig { flip, zoom, stretch, lightness_jitter, .. } = self.data;
        let draws = self.draws.clone();
        let fresh = Fresh { flip, zoom, stretch, lightness_jitter, draws };
        let source = self.crops(&self.photos.train, Some(fresh));
        let in_order = |source: Arc<CropSource>, step: usize| {
            let indices = (0..source.samples()).step_by(step).collect();
            Loader::in_order(source, indices, batch_size, inner.clone()).in_background()
        };
        let examined = config.diagnostics.map(|config| {
            let source = self.crops(&self.photos.train, None);
            let step = source.samples().div_ceil(EXAMINED_CROPS).max(1);
            Examined { config, samples: in_order(source, step) }
        });
        let indices = (0..source.samples()).collect();
        let train = Loader::shuffled(source, indices, batch_size, seed, device.clone());
        Loaders {
            train: train.in_background(),
            validation: in_order(self.crops(&self.photos.validation, None), 1),
            examined,
        }
    }

    fn test_samples(&self) -> usize {
        self.photos.test.len()
    }

    fn inputs(&self, indices: &[usize], device: &Device) -> Result<Tensor<4>, DataError> {
        let trained = self.photos.train.len();
        let crops = indices.iter().map(|&index| {
            let (photos, index) = match index.checked_sub(trained) {
                Some(index) => (&self.photos.validation, index),
                None => (&self.photos.train, index),
            };
            let batch = self.crops(photos, None).batch(&[index * self.data.crops], 0, device)?;
            Ok(batch.lightness)
        });
        Ok(Tensor::cat(crops.collect::<Result<Vec<_>, DataError>>()?, 0))
    }

    fn report(
        &self,
        network: Network,
        _: Option<f64>,
        test: bool,
        indices: Vec<usize>,
        device: &Device,
    ) -> Result<TaskReport, DataError> {
        let colorizer = Colorizer::new(network, self.facts.clone(), device.clone())
            .map_err(DataError::Unfit)?;
        let temperature =
            colorizer.temperature().map_err(|error| DataError::Unfit(error.to_string()))?;
        let report = evaluate_photos(&colorizer, &self.files(test, &indices), temperature, |_| ())?;
        Ok(TaskReport::Colorization(Box::new(report)))
    }
}
