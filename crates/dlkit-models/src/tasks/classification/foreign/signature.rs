//! What a classifier takes and gives, by its file.

use serde::Serialize;

use crate::graph::onnx::GraphProto;
use crate::tasks::foreign::Port;

/// In which order a model takes the pixels of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AxisOrder {
    /// `[batch, channels, height, width]`.
    Nchw,
    /// `[batch, height, width, channels]`.
    Nhwc,
}

/// What a classifier takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) input: String,
    pub(super) order: AxisOrder,
    pub(super) channels: usize,
    /// Height and width; none where any will do.
    pub(super) sides: [Option<usize>; 2],
    pub(super) output: String,
    /// The number of outputs, if the file tells.
    pub(super) classes: Option<usize>,
    /// What the outputs are, if the node that makes them tells.
    pub(super) given: Option<GivenScores>,
}

/// What a model gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GivenScores {
    /// Values of which a softmax makes probabilities.
    Logits,
    /// Values from 0 to 1 with a sum of one.
    Probabilities,
}

/// Largest side of an input.
pub(super) const LONGEST_SIDE: usize = 4096;

impl Signature {
    /// Reads it off a graph.
    ///
    /// # Errors
    /// What the graph has in place of the input and output of a classifier.
    pub(super) fn of(graph: &GraphProto) -> Result<Self, String> {
        let inputs = Port::inputs(graph)?;
        let [input] = &inputs[..] else { return Err(format!("it has {} inputs", inputs.len())) };
        let axes = input.sizes.as_deref().unwrap_or_default();
        let misfit = || format!("its input `{}` is {}", input.name, Port::text(axes));
        let [batch, first, second, third] = *axes else { return Err(misfit()) };
        let is_channels = |size: Option<usize>| matches!(size, Some(1 | 3));
        let (order, channels, sides) = match (is_channels(first), is_channels(third)) {
            (true, false) => (AxisOrder::Nchw, first, [second, third]),
            (false, true) => (AxisOrder::Nhwc, third, [first, second]),
            (false, false) => return Err(misfit()),
            (true, true) => {
                return Err(format!("{}, where channels may be first or last", misfit()));
            }
        };
        let has_sides = sides.iter().flatten().all(|side| (1..=LONGEST_SIDE).contains(side));
        if batch.is_some_and(|batch| batch != 1) || !has_sides {
            return Err(misfit());
        }
        let (output, classes) = output(graph)?;
        let (channels, given) = (channels.unwrap_or(1), given(graph, &output));
        Ok(Self { input: input.name.clone(), order, channels, sides, output, classes, given })
    }

    /// The sizes of the input for pictures of a height and a width.
    pub(super) const fn sizes(&self, [height, width]: [usize; 2]) -> [usize; 4] {
        match self.order {
            AxisOrder::Nchw => [1, self.channels, height, width],
            AxisOrder::Nhwc => [1, height, width, self.channels],
        }
    }

    /// Planes of channels as the model takes them.
    pub(super) fn ordered(&self, planes: &[Vec<f32>]) -> Vec<f32> {
        match self.order {
            AxisOrder::Nchw => planes.concat(),
            AxisOrder::Nhwc => {
                let pixels = planes.first().map_or(0, Vec::len);
                (0..pixels).flat_map(|pixel| planes.iter().map(move |plane| plane[pixel])).collect()
            }
        }
    }
}

/// The first output that may be `[1, classes]`, perhaps with further axes of one place, and its classes.
fn output(graph: &GraphProto) -> Result<(String, Option<usize>), String> {
    let mut misfits = Vec::new();
    for value in &graph.output {
        let port = match Port::of(value) {
            Ok(port) => port,
            Err(reason) => {
                misfits.push(reason);
                continue;
            }
        };
        // An output may be without a shape.
        let Some(sizes) = &port.sizes else { return Ok((port.name, None)) };
        if let [batch, rest @ ..] = &sizes[..]
            && batch.is_none_or(|batch| batch == 1)
            && (1..=3).contains(&rest.len())
        {
            let mut wide = rest.iter().filter(|size| **size != Some(1));
            match (wide.next(), wide.next()) {
                (Some(classes), None) => return Ok((port.name, *classes)),
                // Which of several is the classes is told when it has run.
                (Some(_), Some(_)) if rest.iter().all(Option::is_none) => {
                    return Ok((port.name, None));
                }
                _ => {}
            }
        }
        misfits.push(format!("its output `{}` is {}", port.name, Port::text(sizes)));
    }
    Err(misfits.into_iter().next().unwrap_or_else(|| "it has no output".to_owned()))
}

/// What an output is by the node that makes it, those that only regroup values aside: a softmax makes
/// probabilities, and sums and means of any values do not.
fn given(graph: &GraphProto, output: &str) -> Option<GivenScores> {
    const REGROUPING: [&str; 7] =
        ["Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose"];
    const OF_ANY_SIZE: [&str; 8] = [
        "Gemm",
        "MatMul",
        "Add",
        "Conv",
        "GlobalAveragePool",
        "ReduceMean",
        "BatchNormalization",
        "LogSoftmax",
    ];
    let mut name = output;
    // Nodes come after those that they read, so this ends.
    for node in graph.node.iter().rev() {
        if !node.output.iter().any(|made| made == name) {
            continue;
        }
        match node.op_type.as_str() {
            operator if REGROUPING.contains(&operator) => name = node.input.first()?,
            "Softmax" => return Some(GivenScores::Probabilities),
            operator if OF_ANY_SIZE.contains(&operator) => return Some(GivenScores::Logits),
            _ => return None,
        }
    }
    None
}
