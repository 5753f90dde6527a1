//! What a model takes and gives, by its file.

use super::kind::ForeignKind;
use crate::graph::onnx::GraphProto;
use crate::tasks::foreign::Port;

/// An input or output of four axes: its name and sizes, none where any size will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MapPort {
    pub(super) name: String,
    pub(super) sizes: [Option<usize>; 4],
}

/// What a model takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    /// The input that takes the picture.
    pub(super) picture: MapPort,
    /// Inputs for hints.
    pub(super) hints: Vec<MapPort>,
    pub(super) output: MapPort,
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
        let mut inputs: Vec<MapPort> =
            Port::inputs(graph)?.into_iter().map(MapPort::of).collect::<Result<_, _>>()?;
        if !(1..=MOST_INPUTS).contains(&inputs.len()) {
            return Err(format!("it has {} inputs", inputs.len()));
        }
        let is_picture = |port: &MapPort| matches!(port.sizes[1], Some(1 | 3));
        // The mask of hints has one channel too.
        let is_hint = |port: &MapPort| {
            let name = port.name.to_ascii_lowercase();
            inputs.len() > 1 && ["mask", "map", "hint"].iter().any(|part| name.contains(part))
        };
        let place = inputs.iter().position(|port| is_picture(port) && !is_hint(port));
        let place = place.ok_or_else(|| format!("its input is {}", inputs[0].shape()))?;
        let picture = inputs.remove(place);
        if let Some(hint) = inputs.iter().find(|port| !matches!(port.sizes[1], Some(1 | 2))) {
            return Err(format!("its input `{}` is {}", hint.name, hint.shape()));
        }
        let output = MapPort::of(Port::of(graph.output.first().ok_or("it has no output")?)?)?;
        let mut picture = picture;
        for axis in [2, 3] {
            // Hints have the size of the picture.
            let of_hints = inputs.iter().find_map(|hint| hint.sizes[axis]);
            picture.sizes[axis] = picture.sizes[axis].or(of_hints);
        }
        let fits = |of: &MapPort| {
            of.sizes[0].is_none_or(|batch| batch == 1)
                && of.sizes[2..].iter().flatten().all(|side| (1..=LONGEST_SIDE).contains(side))
        };
        let alike = |hint: &&MapPort| {
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
    pub(super) fn inputs(&self, [height, width]: [usize; 2]) -> Vec<(&MapPort, [usize; 4])> {
        let sized = |port: &MapPort| [1, port.sizes[1].unwrap_or(1), height, width];
        let ports = std::iter::once(&self.picture).chain(&self.hints);
        ports.map(|port| (port, sized(port))).collect()
    }

    /// The same, by their names.
    pub(super) fn named(&self, size: [usize; 2]) -> Vec<(&str, [usize; 4])> {
        self.inputs(size).into_iter().map(|(port, sizes)| (port.name.as_str(), sizes)).collect()
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

impl MapPort {
    fn of(port: Port) -> Result<Self, String> {
        let Port { name, sizes } = port;
        // An output may be without a shape.
        match sizes.map(<[Option<usize>; 4]>::try_from) {
            None => Ok(Self { name, sizes: [None; 4] }),
            Some(Ok(sizes)) => Ok(Self { name, sizes }),
            Some(Err(sizes)) => Err(format!("`{name}` has {} axes", sizes.len())),
        }
    }

    /// Its shape as text.
    pub(super) fn shape(&self) -> String {
        Port::text(&self.sizes)
    }
}
