//! A frozen network, read and checked.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, TensorData};
use prost::Message;
use prost::bytes::Bytes;

use super::agreement::Agreement;
use super::canonical::{Mismatch, initial_values};
use super::error::FreezeError;
use super::file::{check_probabilities, decode_model, file_bytes, model as file_model, read_model};
use super::lower::lower;
use super::metadata::{Metadata, VERSION, checksum};
use super::referee::OPERATORS;
use crate::facts::TaskFacts;
use crate::graph::node_text::operator_text;
use crate::graph::onnx::{Entry, GraphProto, ModelProto, TensorProto};
use crate::graph::text::shortened;
use crate::network::{LayerSpec, Network, NetworkSpec};
use crate::value::Shape;

/// A frozen network: the bytes of an ONNX file that any runtime executes and that this crate
/// makes a [`Network`] of again.
///
/// ```
/// use dlkit_models::Device;
/// use dlkit_models::recipe::parse_experiment;
/// use dlkit_models::freeze::{FrozenNetwork, Metadata, freeze};
/// use dlkit_models::network::Network;
/// use dlkit_models::tasks::TaskFacts;
/// use dlkit_models::tasks::classification::PictureInput;
///
/// let experiment = parse_experiment(r#"
///     task = "classification"
///     data = { kind = "mnist", path = "digits" }
///     [network]
///     input = [1, 2, 2]
///     layers = [{ type = "flatten" }, { type = "dense", units = 2 }]
/// "#, "recipe", &[])?;
/// let network = Network::new(experiment.network(), 42, &Device::flex());
/// let input = PictureInput::from(experiment.config().data.images().ok_or("no pictures")?);
/// let facts = TaskFacts::Classification { classes: vec!["cat".into(), "dog".into()], input: input.into() };
/// let metadata = Metadata::of_experiment(&experiment, facts.clone())?;
/// let directory = tempfile::tempdir()?;
/// let path = directory.path().join("model.onnx");
/// std::fs::write(&path, freeze(&network, &metadata, false)?)?;
///
/// let frozen = FrozenNetwork::load(&path)?;
/// assert_eq!(frozen.metadata().facts, facts);
/// assert_eq!(frozen.network(&Device::flex())?.weights(), network.weights());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FrozenNetwork {
    path: PathBuf,
    bytes: Bytes,
    model: ModelProto,
    spec: NetworkSpec,
    metadata: Metadata,
}

/// Freezes a network: the bytes of an ONNX file. With `with_softmax`, probabilities are a second
/// output.
///
/// # Errors
/// The network is too large for one file; a constant exceeds single precision; the network does not
/// output probabilities.
pub fn freeze(
    network: &Network,
    metadata: &Metadata,
    with_softmax: bool,
) -> Result<Vec<u8>, FreezeError> {
    file_bytes(network, metadata, with_softmax)
}

/// Whether a network is a classifier whose outputs are probabilities, as they are or after a softmax.
#[must_use]
pub fn gives_probabilities(network: &NetworkSpec, metadata: &Metadata) -> bool {
    matches!(metadata.facts, TaskFacts::Classification { .. })
        && check_probabilities(network, metadata.loss).is_ok()
}

impl FrozenNetwork {
    /// Reads a frozen file. Checks that its graph equals, byte for byte, the graph of the network
    /// in its metadata, and that metadata and weights are unchanged.
    ///
    /// # Errors
    /// No ONNX file, one that was not frozen by dlkit, one that was changed since.
    pub fn load(path: &Path) -> Result<Self, FreezeError> {
        Self::load_changed(path)?.unchanged()
    }

    /// The same of the bytes of a file, which errors call by `name`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(name: &Path, bytes: &'static [u8]) -> Result<Self, FreezeError> {
        let bytes = Bytes::from_static(bytes);
        let model = decode_model(bytes.clone()).map_err(FreezeError::damaged(name))?;
        Self::of_unchanged_model(name, bytes, model)
    }

    /// The same of a file that was read.
    pub(super) fn of_unchanged_model(
        path: &Path,
        bytes: Bytes,
        model: ModelProto,
    ) -> Result<Self, FreezeError> {
        Self::of_model(path, bytes, model)?.unchanged()
    }

    fn unchanged(self) -> Result<Self, FreezeError> {
        let found = self.checksum();
        let expected = &self.metadata.sha256;
        if found == *expected {
            return Ok(self);
        }
        let (path, expected) = (self.path.clone(), expected.clone());
        Err(FreezeError::Changed { path, found, expected })
    }

    /// Reads a frozen file whose metadata and weights may have been changed since, to compare it.
    ///
    /// # Errors
    /// As [`load`](Self::load), changed metadata and weights aside.
    pub fn load_changed(path: &Path) -> Result<Self, FreezeError> {
        let (bytes, model) = read_model(path)?;
        Self::of_model(path, bytes, model)
    }

    fn of_model(path: &Path, bytes: Bytes, model: ModelProto) -> Result<Self, FreezeError> {
        let path = path.to_owned();
        if !Metadata::is_in(&model.metadata_props) {
            return Err(FreezeError::Foreign { path, unknown: unknown_operators(&model) });
        }
        let version = match Metadata::version_in(&model.metadata_props) {
            Ok(version) => version,
            Err(reason) => return Err(FreezeError::Unusable { path, reason: shortened(&reason) }),
        };
        let versions = if version == VERSION {
            String::new()
        } else {
            format!(" (frozen by dlkit {version}, this is {VERSION})")
        };
        let reason = |reason: String| shortened(&reason) + &versions;
        let (metadata, spec) = match read_entries(&model.metadata_props) {
            Ok(read) => read,
            Err(error) => return Err(FreezeError::Unusable { path, reason: reason(error) }),
        };
        match check_model(&model, &bytes, &metadata, &spec) {
            Ok(()) => Ok(Self { path, bytes, model, spec, metadata }),
            // Another version may turn the same network into another graph.
            Err(mismatch) if version != VERSION => {
                Err(FreezeError::Unusable { path, reason: reason(mismatch.reason) })
            }
            Err(Mismatch { reason: found, layer }) => {
                Err(FreezeError::Mismatch { path, reason: reason(found), layer })
            }
        }
    }

    /// Whether metadata and weights are as they were frozen.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.checksum() == self.metadata.sha256
    }

    /// Where it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Metadata of the file, besides the graph.
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

    /// The bytes of the file.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    fn initializers(&self) -> &[TensorProto] {
        self.model.graph.as_ref().map_or(&[], |graph: &GraphProto| &graph.initializer)
    }

    fn checksum(&self) -> String {
        let values: Vec<Bytes> =
            self.initializers().iter().map(|tensor| tensor.raw_data.clone()).collect();
        checksum(&self.model.metadata_props, &values)
    }
}

/// The metadata and the network that the entries of a file describe.
fn read_entries(entries: &[Entry]) -> Result<(Metadata, NetworkSpec), String> {
    let metadata = Metadata::from_entries(entries)?;
    let spec = NetworkSpec::new(&metadata.network)
        .map_err(|error| format!("its network does not fit together: {error}"))?;
    check_work(&spec)?;
    Ok((metadata, spec))
}

/// Checks that a file equals, byte for byte, what freezing its network produces. Its metadata
/// entries are copied, so that keys missing in earlier versions keep their defaults.
fn check_model(
    model: &ModelProto,
    bytes: &Bytes,
    metadata: &Metadata,
    spec: &NetworkSpec,
) -> Result<(), Mismatch> {
    metadata.facts.check(spec).map_err(|reason| format!("it {reason}"))?;
    Agreement::of(&metadata.facts, spec, metadata.loss).check(&model.metadata_props)?;
    let graph = model.graph.as_ref().ok_or("it contains no graph")?;
    let with_softmax = graph.output.len() > 1;
    if with_softmax {
        check_probabilities(spec, metadata.loss)
            .map_err(|_| "its graph outputs probabilities, but its network does not")?;
    }
    let lowered = lower(spec, with_softmax).map_err(|error| error.to_string())?;
    let values = initial_values(&lowered.initializers, &graph.initializer)?;
    let rebuilt = file_model(lowered, values, &metadata.version, model.metadata_props.clone());
    if rebuilt.encode_to_vec() == *bytes {
        return Ok(());
    }
    Err(Mismatch::between(graph, &rebuilt.graph.unwrap_or_default()))
}

/// The first few operators of a graph that no frozen file has, each once.
fn unknown_operators(model: &ModelProto) -> Vec<String> {
    const MOST: usize = 4;
    let mut unknown: Vec<String> = Vec::new();
    for node in model.graph.iter().flat_map(|graph| &graph.node) {
        let own = ["", "ai.onnx"].contains(&node.domain.as_str());
        if own && OPERATORS.contains(&node.op_type.as_str()) {
            continue;
        }
        let name = shortened(&operator_text(node));
        if unknown.contains(&name) {
            continue;
        }
        if unknown.len() == MOST {
            unknown.push("...".to_owned());
            break;
        }
        unknown.push(name);
    }
    unknown
}

/// Most multiplications, or values of windows looked at, for one input: a minute of one core or so.
const MOST_WORK: usize = 1 << 40;
/// Most values of one layer for one input: a quarter of a gibibyte.
const MOST_VALUES: usize = 1 << 26;
/// Most values that wait for layers that read them, for one input: a gibibyte.
const MOST_KEPT: usize = 1 << 28;

/// Refuses a network that would take hours or all memory; a file of some hundred bytes can ask for it.
fn check_work(spec: &NetworkSpec) -> Result<(), String> {
    let values_read = spec.layers().iter().map(|layer| layer.costs().values_read);
    let products = spec.layers().iter().map(|layer| layer.costs().multiply_adds);
    let work = values_read.chain(products).fold(0, usize::saturating_add);
    if work > MOST_WORK {
        return Err(format!(
            "its network needs {work} operations for one input; the limit is {MOST_WORK}"
        ));
    }
    let shapes = spec.layers().iter().map(LayerSpec::output).chain([spec.input()]);
    let most = shapes.map(Shape::values).max().unwrap_or(0);
    if most > MOST_VALUES {
        return Err(format!(
            "a layer of its network outputs {most} values for one input; the limit is {MOST_VALUES}"
        ));
    }
    let kept = spec.values_kept();
    if kept > MOST_KEPT {
        return Err(format!(
            "its network keeps {kept} values at a time for one input; the limit is {MOST_KEPT}"
        ));
    }
    Ok(())
}

/// Whether an initializer belongs to an operator: names of layers have no slash.
fn is_constant(name: &str) -> bool {
    name.contains('/')
}

fn values(tensor: &TensorProto) -> Vec<f32> {
    let (numbers, _) = tensor.raw_data.as_chunks::<4>();
    numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}
