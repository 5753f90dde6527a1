//! What a model takes and gives, by its file.

use super::kind::ForeignKind;
use crate::graph::onnx::{GraphProto, ValueInfo, data_type};

/// An input or output: its name and sizes, none where any size will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Port {
    pub(super) name: String,
    pub(super) sizes: [Option<usize>; 4],
}

/// What a model takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// The input that takes the picture.
    pub(super) picture: Port,
    /// Inputs for hints.
    pub(super) hints: Vec<Port>,
    pub(super) output: Port,
}

/// Largest fixed side of an input or of the output.
pub(super) const LONGEST_SIDE: usize = 2048;
/// Most inputs: a picture, hinted colors and where they are.
const MOST_INPUTS: usize = 3;

impl Signature {
    /// Reads it off a graph.
    ///
    /// # Errors
    /// What the graph has in place of the inputs and outputs of a colorizer.
    pub(super) fn of(graph: &GraphProto) -> Result<Self, String> {
        // Old files list weights among the inputs.
        let is_weight = |name: &str| graph.initializer.iter().any(|weight| weight.name == name);
        let inputs = graph.input.iter().filter(|input| !is_weight(&input.name));
        let mut inputs: Vec<Port> = inputs.map(port).collect::<Result<_, _>>()?;
        if !(1..=MOST_INPUTS).contains(&inputs.len()) {
            return Err(format!("it has {} inputs", inputs.len()));
        }
        let is_picture = |port: &Port| matches!(port.sizes[1], Some(1 | 3));
        // The mask of hints has one channel too.
        let is_hint = |port: &Port| {
            let name = port.name.to_ascii_lowercase();
            inputs.len() > 1 && ["mask", "map", "hint"].iter().any(|part| name.contains(part))
        };
        let place = inputs.iter().position(|port| is_picture(port) && !is_hint(port));
        let place = place.ok_or_else(|| format!("its input is {}", inputs[0].shape()))?;
        let picture = inputs.remove(place);
        if let Some(hint) = inputs.iter().find(|port| !matches!(port.sizes[1], Some(1 | 2))) {
            return Err(format!("its input `{}` is {}", hint.name, hint.shape()));
        }
        let output = port(graph.output.first().ok_or("it has no output")?)?;
        let mut picture = picture;
        for axis in [2, 3] {
            // Hints have the size of the picture.
            let of_hints = inputs.iter().find_map(|hint| hint.sizes[axis]);
            picture.sizes[axis] = picture.sizes[axis].or(of_hints);
        }
        let fits = |of: &Port| {
            of.sizes[0].is_none_or(|batch| batch == 1)
                && of.sizes[2..].iter().flatten().all(|side| (1..=LONGEST_SIDE).contains(side))
        };
        let alike = |hint: &&Port| {
            [2, 3]
                .iter()
                .all(|&axis| hint.sizes[axis].is_none() || hint.sizes[axis] == picture.sizes[axis])
        };
        if !fits(&picture)
            || !fits(&output)
            || !inputs.iter().all(|hint| fits(hint) && alike(&hint))
        {
            return Err(format!("it makes {} of {}", output.shape(), picture.shape()));
        }
        Ok(Self { picture, hints: inputs, output })
    }

    /// The kinds whose channels are those of the model; the web version of `DeOldify` has those of the other.
    pub(super) fn kinds(&self) -> impl Iterator<Item = ForeignKind> {
        [ForeignKind::Zhang, ForeignKind::DdColor, ForeignKind::DeOldify]
            .into_iter()
            .filter(|kind| self.fits(*kind))
    }

    /// The inputs and their sizes for a picture of a height and a width, the picture first.
    pub(super) fn inputs(&self, [height, width]: [usize; 2]) -> Vec<(&Port, [usize; 4])> {
        let sized = |port: &Port| [1, port.sizes[1].unwrap_or(1), height, width];
        let ports = std::iter::once(&self.picture).chain(&self.hints);
        ports.map(|port| (port, sized(port))).collect()
    }

    /// Whether it has inputs for hints: their colors and where they are.
    pub(super) fn takes_hints(&self) -> bool {
        [2, 1].iter().all(|&channels| self.hints.iter().any(|hint| hint.sizes[1] == Some(channels)))
    }

    /// Whether a kind's channels are those of the model, as far as they are known.
    pub(super) fn fits(&self, kind: ForeignKind) -> bool {
        let [given, found] = kind.channels();
        self.picture.sizes[1] == Some(given)
            && self.output.sizes[1].is_none_or(|channels| channels == found)
    }
}

impl Port {
    /// Its shape as text.
    pub(super) fn shape(&self) -> String {
        let size =
            |size: &Option<usize>| size.map_or_else(|| "?".to_owned(), |size| size.to_string());
        format!("[{}]", self.sizes.each_ref().map(size).join(", "))
    }
}

/// An input or output of four axes and a type that the runtime turns into single precision.
fn port(value: &ValueInfo) -> Result<Port, String> {
    let name = value.name.clone();
    let tensor = value.kind.as_ref().and_then(|kind| kind.tensor.as_ref());
    let tensor = tensor.ok_or_else(|| format!("`{name}` is not a tensor"))?;
    if ![data_type::FLOAT, data_type::FLOAT16, data_type::DOUBLE].contains(&tensor.elem_type) {
        return Err(format!("`{name}` is of {}", data_type::name(tensor.elem_type)));
    }
    // An output may be without a shape.
    let sizes = tensor.shape.as_ref().map(|shape| {
        let size = |value: Option<i64>| value.and_then(|size| usize::try_from(size).ok());
        shape.dim.iter().map(|dim| size(dim.value)).collect::<Vec<_>>()
    });
    match sizes {
        None => Ok(Port { name, sizes: [None; 4] }),
        Some(sizes) => match <[Option<usize>; 4]>::try_from(sizes) {
            Ok(sizes) => Ok(Port { name, sizes }),
            Err(sizes) => Err(format!("`{name}` has {} axes", sizes.len())),
        },
    }
}
