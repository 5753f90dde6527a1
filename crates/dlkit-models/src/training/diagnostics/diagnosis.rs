//! What the measures of an epoch say.

use serde::Serialize;

use super::finding::Finding;
use super::layer_diagnosis::LayerDiagnosis;
use super::layer_findings::findings;
use crate::network::NetworkSpec;
use crate::training::record::EpochRecord;

/// What was measured of a network in an epoch, and what stands out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnosis {
    /// The epoch, counted from 1.
    pub epoch: usize,
    /// The layers that were measured, from input to output.
    pub layers: Vec<LayerDiagnosis>,
    /// What stands out, the likeliest cause first.
    pub findings: Vec<Finding>,
    /// What else is to be said, such as how far the training came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Diagnosis {
    /// What an epoch's figures say of the network they were measured on; `None` if it was trained
    /// without `[diagnostics]`.
    #[must_use]
    pub fn new(network: &NetworkSpec, record: &EpochRecord) -> Option<Self> {
        let mut layers: Vec<LayerDiagnosis> = Vec::new();
        for spec in network.layers() {
            let mut row = LayerDiagnosis::new(spec, record);
            let owner = spec.name().strip_suffix(".activation");
            if let Some(owner) = layers.iter_mut().find(|row| Some(row.layer.as_str()) == owner) {
                owner.dead_units = row.dead_units.take();
            }
            if row.gradient_norm.is_some() || row.dead_units.is_some() {
                layers.push(row);
            }
        }
        let findings = findings(network, &layers);
        let epoch = record.epoch;
        (!layers.is_empty()).then_some(Self { epoch, layers, findings, notes: Vec::new() })
    }

    /// The diagnosis of an epoch in which no layer was measured.
    pub(crate) const fn without_layers(epoch: usize) -> Self {
        Self { epoch, layers: Vec::new(), findings: Vec::new(), notes: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_the_measured_layers_with_their_activations() {
        let recipe = r#"
            input = [4]
            activation = "prelu"
            layers = [
                { type = "dense", units = 3 },
                { type = "dropout", rate = 0.5 },
                { type = "dense", units = 2 },
            ]
        "#;
        let network = NetworkSpec::new(&toml::from_str(recipe).unwrap()).unwrap();
        let diagnosis = |figures: &[(&str, f64)]| {
            let metrics = figures.iter().map(|(key, value)| ((*key).to_owned(), *value));
            let record = EpochRecord { metrics: metrics.collect(), ..EpochRecord::default() };
            Diagnosis::new(&network, &record)
        };
        assert_eq!(diagnosis(&[("train_loss", 1.0)]), None);
        let found = diagnosis(&[
            ("gradient_norm.dense1", 1.0),
            ("gradient_norm.dense1.activation", 0.5),
            ("dead_units.dense1.activation", 0.25),
            ("gradient_norm.dense2", 2.0),
        ]);
        let rows: Vec<_> = found
            .unwrap()
            .layers
            .into_iter()
            .map(|row| (row.layer, row.gradient_norm, row.dead_units))
            .collect();
        let expected = [
            ("dense1", Some(1.0), Some(0.25)),
            ("dense1.activation", Some(0.5), None),
            ("dense2", Some(2.0), None),
        ];
        assert_eq!(rows, expected.map(|(name, norm, dead)| (name.to_owned(), norm, dead)));
    }
}
