//! A frozen network, read and checked.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, TensorData};
use prost::Message;

use super::canonical::check_graph;
use super::error::FreezeError;
use super::file::{file_bytes, read_model};
use super::hash::sha256_hex;
use super::metadata::Metadata;
use super::onnx::{GraphProto, ModelProto, TensorProto};
use crate::network::{Network, NetworkSpec};

/// A frozen network: the bytes of an ONNX file that any runtime executes and that this crate
/// makes a [`Network`] of again.
///
/// ```
/// use dlkit_models::Device;
/// use dlkit_models::config::parse_experiment;
/// use dlkit_models::freeze::{FrozenNetwork, Metadata, freeze};
/// use dlkit_models::network::Network;
///
/// let experiment = parse_experiment(r#"
///     task = "classification"
///     data = { kind = "mnist", path = "digits" }
///     [network]
///     input = [1, 2, 2]
///     layers = [{ type = "flatten" }, { type = "dense", units = 2 }]
/// "#, "recipe", &[])?;
/// let network = Network::new(experiment.network(), 42, &Device::flex());
/// let metadata = Metadata::of_experiment(&experiment, vec!["cat".into(), "dog".into()])?;
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("model.onnx");
/// std::fs::write(&path, freeze(&network, &metadata, false)?)?;
///
/// let frozen = FrozenNetwork::load(&path)?;
/// assert_eq!(frozen.metadata().classes, ["cat", "dog"]);
/// assert_eq!(frozen.network(&Device::flex())?.weights(), network.weights());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FrozenNetwork {
    path: PathBuf,
    model: ModelProto,
    spec: NetworkSpec,
    metadata: Metadata,
}

/// Freezes a network: the bytes of an ONNX file. With `with_softmax`, probabilities are a second
/// output.
///
/// # Errors
/// A network too large for one file, a constant beyond single precision.
pub fn freeze(
    network: &Network,
    metadata: &Metadata,
    with_softmax: bool,
) -> Result<Vec<u8>, FreezeError> {
    file_bytes(network, metadata, with_softmax)
}

impl FrozenNetwork {
    /// Reads a frozen file and checks that graph, metadata and weights belong together.
    ///
    /// # Errors
    /// No ONNX file, one that was not frozen by dlkit, one that was changed since.
    pub fn load(path: &Path) -> Result<Self, FreezeError> {
        let frozen = Self::load_changed(path)?;
        let found = frozen.weights_sha256();
        let expected = &frozen.metadata.weights_sha256;
        if found == *expected {
            return Ok(frozen);
        }
        let (path, expected) = (path.to_owned(), expected.clone());
        Err(FreezeError::Changed { path, found, expected })
    }

    /// Reads a frozen file whose weights may have been changed since, to compare it.
    ///
    /// # Errors
    /// As [`load`](Self::load), changed weights aside.
    pub fn load_changed(path: &Path) -> Result<Self, FreezeError> {
        let model = read_model(path)?;
        if !Metadata::is_in(&model.metadata_props) {
            return Err(FreezeError::Foreign { path: path.to_owned() });
        }
        Self::from_model(path, model)
            .map_err(|reason| FreezeError::Unusable { path: path.to_owned(), reason })
    }

    fn from_model(path: &Path, model: ModelProto) -> Result<Self, String> {
        let metadata = Metadata::from_entries(&model.metadata_props)?;
        let spec = NetworkSpec::new(&metadata.network)
            .map_err(|error| format!("its network does not fit together: {error}"))?;
        let (classes, outputs) = (metadata.classes.len(), spec.output().values());
        if classes != outputs {
            return Err(format!("it names {classes} classes, its network has {outputs} outputs"));
        }
        let graph = model.graph.as_ref().ok_or("it holds no graph")?;
        check_graph(&model, graph, &spec)?;
        Ok(Self { path: path.to_owned(), model, spec, metadata })
    }

    /// Where it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says besides the graph.
    #[must_use]
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The network's specification.
    #[must_use]
    pub const fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    /// The network with the weights of the file.
    ///
    /// # Errors
    /// None that a checked file can have.
    pub fn network(&self, device: &Device) -> Result<Network, FreezeError> {
        let unusable = |reason: String| FreezeError::Unusable { path: self.path.clone(), reason };
        let network = Network::new(&self.spec, 0, device);
        // The graph was checked: its weights come in the order of the network's.
        let tensors = self.initializers().iter().filter(|tensor| !is_constant(&tensor.name));
        let weights = network.weights().into_iter().zip(tensors).map(|((_, own), tensor)| {
            // Slopes of channels lie along axis 1 of the graph's tensors, and are a vector here.
            (tensor.name.clone(), TensorData::new(values(tensor), own.shape().to_vec()))
        });
        let weights: Vec<_> = weights.collect();
        network.with_weights(weights).map_err(|error| unusable(error.to_string()))
    }

    /// The names of the graph's outputs: the last layer's, and that of the probabilities.
    #[must_use]
    pub fn outputs(&self) -> Vec<String> {
        let outputs = self.model.graph.iter().flat_map(|graph| &graph.output);
        outputs.map(|output| output.name.clone()).collect()
    }

    /// The name of the graph's input.
    pub(super) fn input(&self) -> String {
        let inputs = self.model.graph.iter().flat_map(|graph| &graph.input);
        inputs.map(|input| input.name.clone()).collect()
    }

    /// The bytes of what was checked; what else the file holds, such as unknown fields, is gone.
    pub(super) fn checked_bytes(&self) -> Vec<u8> {
        self.model.encode_to_vec()
    }

    fn initializers(&self) -> &[TensorProto] {
        self.model.graph.as_ref().map_or(&[], |graph: &GraphProto| &graph.initializer)
    }

    fn weights_sha256(&self) -> String {
        sha256_hex(self.initializers().iter().map(|tensor| tensor.raw_data.as_ref()))
    }
}

/// Whether an initializer belongs to an operator: names of layers have no slash.
fn is_constant(name: &str) -> bool {
    name.contains('/')
}

fn values(tensor: &TensorProto) -> Vec<f32> {
    let (numbers, _) = tensor.raw_data.as_chunks::<4>();
    numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}
