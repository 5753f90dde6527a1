//! Something that stands out in a training.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// Something that stands out, with its likely cause and what may mend it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What stands out.
    pub symptom: Symptom,
    /// The layers it is seen at, if any; for a gradient that vanishes or explodes, the first and the last.
    pub layers: Vec<String>,
    /// The most conspicuous value; undefined if that is the symptom.
    pub figure: f64,
    /// What was seen, with its figure, and what it says.
    pub seen: String,
    /// What may mend it, the best first; nothing that is there already.
    pub remedies: Vec<String>,
}

/// What can stand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Symptom {
    /// Gradients or weights left the range of numbers.
    Undefined,
    /// Weights are zero or nearly, far below what their number of inputs asks for.
    SmallWeights,
    /// Many units never answer.
    DeadUnits,
    /// No weight has a gradient.
    NoGradient,
    /// The gradient is far smaller at the input than at the output.
    VanishingGradient,
    /// The gradient is far larger at the input than at the output.
    ExplodingGradient,
    /// Steps hardly move the weights.
    SmallUpdates,
    /// Steps throw the weights about.
    LargeUpdates,
    /// All samples are the same to the network.
    ConstantInputs,
    /// Inputs are far from zero, far from one in size, or of very different sizes.
    UnscaledInputs,
    /// Batch normalization of single values, which leaves nothing of them.
    BatchOfOne,
    /// The learning rate rises during all of the training.
    LongWarmUp,
    /// All units of a layer are the same.
    EqualUnits,
    /// The outputs cannot be negative.
    RectifiedOutput,
    /// A penalty on weights, or weight decay, leaves nothing of them.
    StrongPenalty,
    /// An activation is at its limits for most samples.
    SaturatedUnits,
    /// The loss jumps up and down, or rises.
    HighLearningRate,
    /// The loss falls evenly and slowly.
    LowLearningRate,
    /// The loss is still falling when the training ends.
    FewEpochs,
    /// Gradients are clipped to a small part of themselves.
    TightClipping,
    /// Rare classes are never predicted.
    ImbalancedClasses,
    /// Labels have nothing to do with the inputs.
    UnrelatedLabels,
    /// A hidden layer is too narrow.
    NarrowLayer,
    /// So much is dropped in training that little can be learned.
    StrongDropout,
    /// Batch normalization answers otherwise outside training.
    LaggingStatistics,
    /// Training samples are learned by heart.
    Overfitting,
    /// No better than guessing.
    AtChance,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.seen)?;
        if self.remedies.is_empty() {
            return Ok(());
        }
        write!(formatter, "; try {}", self.remedies.join(", or "))
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 5)?;
        object.serialize_field("symptom", &self.symptom)?;
        object.serialize_field("layers", &self.layers)?;
        object.serialize_field("figure", &self.figure)?;
        object.serialize_field("remedies", &self.remedies)?;
        object.serialize_field("text", &self.to_string())?;
        object.end()
    }
}
