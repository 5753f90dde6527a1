//! What the measures of an epoch say.

use std::fmt;

use serde::{Serialize, Serializer};

use super::measure::LayerMeasure;
use crate::network::{NetworkSpec, Operation};
use crate::run::EpochRecord;

/// What was measured of a network in an epoch, and what stands out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The layers that were measured, from input to output.
    pub layers: Vec<LayerDiagnosis>,
    /// What stands out.
    pub findings: Vec<Finding>,
}

/// What was measured of a layer; see [`LayerMeasure`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerDiagnosis {
    /// Name of the layer.
    pub layer: String,
    /// Whether it is a dense layer or a convolution.
    #[serde(skip)]
    pub weighted: bool,
    /// Norm of the gradient; absent for a layer without trained parameters, as the next two.
    pub gradient_norm: Option<f64>,
    /// Norm of the parameters.
    pub weight_norm: Option<f64>,
    /// Norm of a step over that of the parameters.
    pub update_ratio: Option<f64>,
    /// Share of dead units, of the layer's own activation or of an activation layer.
    pub dead_units: Option<f64>,
}

/// Something that stands out, with its remedy.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// The gradient is far smaller at the input than at the output.
    VanishingGradient {
        /// The first weighted layer.
        first: String,
        /// The last.
        last: String,
        /// Norm of the gradient of the first over that of the last.
        ratio: f64,
    },
    /// The gradient is far larger at the input than at the output.
    ExplodingGradient {
        /// The first weighted layer.
        first: String,
        /// The last.
        last: String,
        /// Norm of the gradient of the first over that of the last.
        ratio: f64,
    },
    /// Steps hardly move some layers.
    SmallUpdates {
        /// The layers.
        layers: Vec<String>,
        /// The smallest of their update ratios.
        ratio: f64,
    },
    /// Steps throw some layers about.
    LargeUpdates {
        /// The layers.
        layers: Vec<String>,
        /// The largest of their update ratios.
        ratio: f64,
    },
    /// Many units of some layers never answer.
    DeadUnits {
        /// The layers.
        layers: Vec<String>,
        /// The largest share of dead units.
        share: f64,
    },
}

/// A gradient that shrinks or grows this much between output and input stands out; well-scaled
/// networks stay within a factor of about ten.
const LARGEST_GRADIENT_RATIO: f64 = 1e3;
/// Update ratios stand out beyond a factor of 100 from 1e-3.
///
/// # References
/// Stanford CS231n, Neural Networks Part 3, "Ratio of weights:updates".
const UPDATE_RATIOS: [f64; 2] = [1e-5, 1e-1];
/// A share of dead units above this stands out.
///
/// # References
/// Stanford CS231n, Neural Networks Part 1, names 40 % as the mark of a too large learning rate.
const LARGEST_DEAD_SHARE: f64 = 0.4;

impl Diagnosis {
    /// What an epoch's figures say of the network they were measured on; `None` if it was trained
    /// without `[diagnostics]`.
    #[must_use]
    pub fn new(network: &NetworkSpec, record: &EpochRecord) -> Option<Self> {
        let mut layers: Vec<LayerDiagnosis> = Vec::new();
        for spec in network.layers() {
            let figure = |measure: LayerMeasure| measure.of(record, spec.name());
            let dead_units = figure(LayerMeasure::DeadUnits);
            let owner = spec.name().strip_suffix(".activation");
            if let Some(row) = layers.iter_mut().find(|row| Some(row.layer.as_str()) == owner) {
                row.dead_units = dead_units;
                continue;
            }
            let operation = spec.operation();
            let row = LayerDiagnosis {
                layer: spec.name().to_owned(),
                weighted: matches!(operation, Operation::Dense { .. } | Operation::Conv2d(_)),
                gradient_norm: figure(LayerMeasure::GradientNorm),
                weight_norm: figure(LayerMeasure::WeightNorm),
                update_ratio: figure(LayerMeasure::UpdateRatio),
                dead_units,
            };
            if row.gradient_norm.is_some() || row.dead_units.is_some() {
                layers.push(row);
            }
        }
        let findings = findings(&layers);
        (!layers.is_empty()).then_some(Self { epoch: record.epoch, layers, findings })
    }
}

impl LayerDiagnosis {
    /// The figure of a measure.
    #[must_use]
    pub const fn figure(&self, measure: LayerMeasure) -> Option<f64> {
        match measure {
            LayerMeasure::GradientNorm => self.gradient_norm,
            LayerMeasure::WeightNorm => self.weight_norm,
            LayerMeasure::UpdateRatio => self.update_ratio,
            LayerMeasure::DeadUnits => self.dead_units,
        }
    }
}

fn findings(layers: &[LayerDiagnosis]) -> Vec<Finding> {
    let largest = |figures: Vec<f64>| figures.into_iter().fold(0.0, f64::max);
    let smallest = |figures: Vec<f64>| figures.into_iter().fold(f64::MAX, f64::min);
    let update_ratio = |row: &LayerDiagnosis| row.update_ratio.filter(|_| row.weighted);
    let [small, large] = UPDATE_RATIOS;

    let dead = beyond(layers, |row| row.dead_units, |share| share > LARGEST_DEAD_SHARE)
        .map(|(layers, shares)| Finding::DeadUnits { layers, share: largest(shares) });
    let wild = beyond(layers, update_ratio, |ratio| ratio > large)
        .map(|(layers, ratios)| Finding::LargeUpdates { layers, ratio: largest(ratios) });
    // Behind a layer that is dead as a whole there is no gradient, and where the gradient vanishes,
    // updates are small: what follows from a finding, and has its remedy, is left out.
    let cut = matches!(dead, Some(Finding::DeadUnits { share, .. }) if share >= 1.0);
    let scale = gradient_scale(layers).filter(|_| !cut);
    let still = beyond(layers, update_ratio, |ratio| ratio < small)
        .filter(|_| !cut && scale.is_none())
        .map(|(layers, ratios)| Finding::SmallUpdates { layers, ratio: smallest(ratios) });
    [dead, scale, still, wild].into_iter().flatten().collect()
}

/// How the gradient at the first weighted layer compares to that at the last.
fn gradient_scale(layers: &[LayerDiagnosis]) -> Option<Finding> {
    let mut weighted = layers.iter().filter(|layer| layer.weighted);
    let (first, last) = (weighted.next()?, weighted.next_back()?);
    let ratio = first.gradient_norm? / last.gradient_norm?;
    let (first, last) = (first.layer.clone(), last.layer.clone());
    if ratio < 1.0 / LARGEST_GRADIENT_RATIO {
        Some(Finding::VanishingGradient { first, last, ratio })
    } else if ratio > LARGEST_GRADIENT_RATIO {
        Some(Finding::ExplodingGradient { first, last, ratio })
    } else {
        None
    }
}

/// Names and figures of the layers that stand out, if any.
fn beyond(
    layers: &[LayerDiagnosis],
    figure: impl Fn(&LayerDiagnosis) -> Option<f64>,
    stands_out: impl Fn(f64) -> bool,
) -> Option<(Vec<String>, Vec<f64>)> {
    let found = layers.iter().filter_map(|row| {
        let figure = figure(row).filter(|&figure| stands_out(figure))?;
        Some((row.layer.clone(), figure))
    });
    let (names, figures): (Vec<_>, Vec<_>) = found.unzip();
    (!names.is_empty()).then_some((names, figures))
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VanishingGradient { first, last, ratio } => write!(
                formatter,
                "the gradient vanishes: at `{first}` it is {ratio:.1e} of that at `{last}`, so the \
                 layers near the input learn nothing; try network.activation = \"relu\", \
                 network.batch_norm = true, network.initializer = \"he-normal\", or fewer layers"
            ),
            Self::ExplodingGradient { first, last, ratio } => write!(
                formatter,
                "the gradient explodes: at `{first}` it is {ratio:.1e} times that at `{last}`; try \
                 network.batch_norm = true, network.initializer = \"xavier-uniform\", or \
                 training.gradient_clipping = {{ kind = \"norm\", limit = 1.0 }}"
            ),
            Self::SmallUpdates { layers, ratio } => write!(
                formatter,
                "weights hardly move: a step changes them by as little as {ratio:.1e} of their \
                 size, about 1e-3 is usual ({}); raise training.learning_rate, unless the training \
                 is done",
                layers.join(", ")
            ),
            Self::LargeUpdates { layers, ratio } => write!(
                formatter,
                "weights are thrown about: a step changes them by up to {ratio:.1e} of their size, \
                 about 1e-3 is usual ({}); lower training.learning_rate",
                layers.join(", ")
            ),
            Self::DeadUnits { layers, share } => write!(
                formatter,
                "up to {:.0} % of the units of a layer are dead ({}): zero for every sample, so \
                 they get no gradient; lower training.learning_rate, try network.activation = \
                 \"leaky-relu\" or network.batch_norm = true",
                100.0 * share,
                layers.join(", ")
            ),
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPE: &str = r#"
        input = [4]
        activation = "relu"
        layers = [
            { type = "dense", units = 3 },
            { type = "dropout", rate = 0.5 },
            { type = "dense", units = 2 },
        ]
    "#;

    fn diagnosis(figures: &[(&str, f64)]) -> Option<Diagnosis> {
        let network = NetworkSpec::new(&toml::from_str(RECIPE).unwrap()).unwrap();
        let record = EpochRecord {
            epoch: 3,
            step: 30,
            learning_rate: 0.1,
            seconds: 1.0,
            samples_per_second: 1.0,
            metrics: figures.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect(),
        };
        Diagnosis::new(&network, &record)
    }

    fn findings(first: [f64; 2], last: [f64; 2], dead: f64) -> Vec<Finding> {
        diagnosis(&[
            ("gradient_norm.dense1", first[0]),
            ("update_ratio.dense1", first[1]),
            ("gradient_norm.dense2", last[0]),
            ("update_ratio.dense2", last[1]),
            ("dead_units.dense1.activation", dead),
        ])
        .unwrap()
        .findings
    }

    #[test]
    fn rows_are_the_measured_layers_with_their_activations() {
        assert_eq!(diagnosis(&[("train_loss", 1.0)]), None);
        let found = diagnosis(&[
            ("gradient_norm.dense1", 1.0),
            ("gradient_norm.dense2", 2.0),
            ("dead_units.dense1.activation", 0.25),
        ]);
        let rows: Vec<_> = found
            .unwrap()
            .layers
            .into_iter()
            .map(|row| (row.layer, row.gradient_norm, row.dead_units))
            .collect();
        let expected = [("dense1", Some(1.0), Some(0.25)), ("dense2", Some(2.0), None)];
        assert_eq!(rows, expected.map(|(name, norm, dead)| (name.to_owned(), norm, dead)));
    }

    #[test]
    fn what_is_usual_does_not_stand_out() {
        assert_eq!(findings([0.1, 1e-3], [1.0, 1e-2], 0.3), []);
    }

    #[test]
    fn what_is_unusual_does() {
        let (first, last) = ("dense1".to_owned(), "dense2".to_owned());
        assert_eq!(
            findings([1e-6, 1e-3], [2.0, 1e-3], 0.0),
            [Finding::VanishingGradient { first: first.clone(), last: last.clone(), ratio: 5e-7 }]
        );
        assert_eq!(
            findings([1e6, 1e-3], [2.0, 1e-3], 0.0),
            [Finding::ExplodingGradient { first: first.clone(), last: last.clone(), ratio: 5e5 }]
        );
        assert_eq!(
            findings([1.0, 1e-7], [1.0, 0.5], 0.5),
            [
                Finding::DeadUnits { layers: vec![first.clone()], share: 0.5 },
                Finding::SmallUpdates { layers: vec![first.clone()], ratio: 1e-7 },
                Finding::LargeUpdates { layers: vec![last.clone()], ratio: 0.5 },
            ]
        );
        assert_eq!(
            findings([0.0, 0.0], [1.0, 1e-3], 1.0),
            [Finding::DeadUnits { layers: vec![first.clone()], share: 1.0 }]
        );
        assert_eq!(
            findings([1.0, 1e-6], [1.0, 1e-7], 0.0),
            [Finding::SmallUpdates { layers: vec![first, last], ratio: 1e-7 }]
        );
    }
}
