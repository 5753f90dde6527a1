//! The first weights of a training, taken from another network.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::error::TaskError;
use super::session::Session;
use super::trained::TrainedNetwork;
use crate::network::{Inherited, Legacy, Network};
use crate::weights_file::{WeightsFormat, read_weights};

/// The first weights of a training, taken from another network layer by layer; the rest is drawn.
pub struct Start {
    /// The run or file they are taken from.
    pub source: PathBuf,
    /// The network, and which layers were taken.
    pub inherited: Inherited,
}

impl Start {
    /// Takes the weights of a run at its best checkpoint, a frozen file or a file of weights
    /// (`.safetensors`, `.npz`) for the network of a session, as [`Network::inheriting`] does. Outputs of
    /// runs and frozen files are taken by what they stand for: classes by name, colors by bin, a target by
    /// its name.
    ///
    /// # Errors
    /// The source cannot be read; none of its layers fits.
    pub fn new(session: &Session, source: &Path) -> Result<Self, TaskError> {
        let (experiment, device) = (session.experiment(), Device::flex());
        let network = Network::new(experiment.network(), experiment.config().seed, &device);
        let legacy = if WeightsFormat::of(source).is_ok() {
            let weights = read_weights(source, &network)
                .map_err(|error| TaskError::Contradiction(format!("--init {error}")))?;
            Legacy { weights, outputs: None }
        } else {
            let trained = TrainedNetwork::open(source, None)?;
            let outputs = Some([trained.facts().outputs(), session.facts().outputs()]);
            Legacy { weights: trained.network(&device)?.weights(), outputs }
        };
        let inherited = network.inheriting(legacy).map_err(|error| {
            TaskError::Contradiction(format!("--init {}: {error}", source.display()))
        })?;
        if inherited.taken.is_empty() {
            let reason = inherited.fresh.first().map_or_else(
                || "the network has no weights".to_owned(),
                |(_, reason)| reason.clone(),
            );
            return Err(TaskError::Contradiction(format!(
                "--init {}: no layer of the recipe has its weights there ({reason}); layers are found by \
                 name and must have the same shapes, as dlkit inspect lists them",
                source.display()
            )));
        }
        Ok(Self { source: source.to_owned(), inherited })
    }
}
