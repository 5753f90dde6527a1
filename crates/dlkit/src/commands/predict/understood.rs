//! How a model of another project is understood.

use dlkit_models::tasks::classification::foreign::{
    AxisOrder, ForeignClassifier, GivenScores, PixelScale,
};
use serde::Serialize;

/// What pictures become for a model of another project, and what the model gives.
#[derive(Serialize)]
pub(super) struct Understood {
    /// Order of the axes of the input.
    axes: AxisOrder,
    /// Channels, height and width.
    shape: [usize; 3],
    scale: PixelScale,
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<GivenScores>,
}

impl Understood {
    pub(super) fn new(classifier: &ForeignClassifier, outputs: Option<GivenScores>) -> Self {
        Self {
            axes: classifier.order(),
            shape: classifier.shape(),
            scale: classifier.scale().clone(),
            outputs,
        }
    }

    /// One line on it.
    pub(super) fn text(&self) -> String {
        let [channels, height, width] = self.shape;
        let colors = match (channels, self.scale.is_bgr) {
            (1, _) => "gray",
            (_, false) => "RGB",
            (_, true) => "BGR",
        };
        let given = match self.outputs {
            Some(GivenScores::Probabilities) => "gives probabilities",
            _ => "gives logits, of which a softmax makes probabilities",
        };
        let axes = match self.axes {
            AxisOrder::Nchw => "channels first",
            AxisOrder::Nhwc => "channels last",
        };
        let numbers =
            |numbers: &[f64]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        format!(
            "the model takes {width}x{height} {colors}, {axes}, values from 0 to {}, mean {}, deviation {}; it {given}",
            self.scale.largest,
            numbers(&self.scale.mean),
            numbers(&self.scale.deviation)
        )
    }
}
