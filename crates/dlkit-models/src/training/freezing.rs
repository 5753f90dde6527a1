//! Layers that keep their weights in training.

use super::config::TrainingConfig;
use crate::network::{LayerSpec, Network, NetworkSpec};
use crate::value::Problem;
use crate::value::pattern::fits;

impl TrainingConfig {
    /// Whether a layer keeps its weights: its name, or that of the layer it is part of, fits a pattern of
    /// `freeze`.
    #[must_use]
    pub fn freezes(&self, layer: &LayerSpec) -> bool {
        let named =
            |pattern: &String| fits(pattern, layer.name()) || fits(pattern, layer.table_name());
        layer.costs().parameters > 0 && self.freeze.iter().any(named)
    }

    /// Refuses patterns that no layer with weights fits, and a network of which nothing is left to train.
    pub(crate) fn check_freeze(&self, network: &NetworkSpec) -> Result<(), Problem> {
        let weighted = || network.layers().iter().filter(|layer| layer.costs().parameters > 0);
        let names = || weighted().map(LayerSpec::name).collect::<Vec<_>>().join(", ");
        for pattern in &self.freeze {
            let fitting = |layer: &LayerSpec| {
                fits(pattern, layer.name()) || fits(pattern, layer.table_name())
            };
            if !weighted().any(fitting) {
                let reason = format!(
                    "names no layer with weights by \"{pattern}\"; those of the network are {}",
                    names()
                );
                return Err(Problem::new("training.freeze", reason));
            }
        }
        if weighted().next().is_some() && weighted().all(|layer| self.freezes(layer)) {
            let reason = format!("leaves nothing to train; leave out one of {}", names());
            return Err(Problem::new("training.freeze", reason));
        }
        Ok(())
    }

    /// The network with frozen layers: no gradient goes to their weights, and batch normalizations among them
    /// normalize by their running statistics and keep these.
    pub(crate) fn frozen(&self, network: Network) -> Network {
        if self.freeze.is_empty() {
            return network;
        }
        network.freezing(|layer| self.freezes(layer))
    }
}
