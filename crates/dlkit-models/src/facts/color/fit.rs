//! Networks that can color pictures.

use crate::network::{Alignment, NetworkSpec};
use crate::value::Shape;

/// Alignment of crops and outputs of a network that can colorize: from one map of L to scores of
/// bins, for pictures of any size.
pub(crate) struct Fit {
    pub(crate) alignment: Alignment,
    pub(crate) crop: [usize; 2],
    pub(crate) output: [usize; 2],
    pub(crate) bins: usize,
}

impl Fit {
    /// Checks a network.
    pub(crate) fn new(network: &NetworkSpec) -> Result<Self, String> {
        let Shape::Maps { channels: 1, height, width } = network.input() else {
            return Err(format!(
                "network.input: a colorizer needs lightness only, [1, height, width], not {}",
                network.input()
            ));
        };
        let alignment = Alignment::new(network).map_err(|layer| {
            format!(
                "layer `{layer}`: accepts inputs of one size only; build a colorizer from \
                 convolutions, pooling and upsampling"
            )
        })?;
        if network.ends_in_softmax() {
            return Err(
                "a colorizer must output raw scores; remove the softmax at its end".to_owned()
            );
        }
        let Shape::Maps { channels: bins, height: rows, width: columns } = network.output() else {
            return Err(format!("a colorizer must output maps, not {}", network.output()));
        };
        let [down, across] = alignment.stride();
        if down < 1.0 || across < 1.0 {
            return Err(format!(
                "the network's output is larger than its input ({rows}x{columns} from \
                 {height}x{width}); lower the factor of an upsample layer"
            ));
        }
        Ok(Self { alignment, crop: [height, width], output: [rows, columns], bins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(input: &str, layers: &str) -> String {
        let config = format!("input = {input}\nlayers = [{layers}]");
        let spec = NetworkSpec::new(&toml::from_str(&config).unwrap()).unwrap();
        Fit::new(&spec).err().unwrap_or_default()
    }

    #[test]
    fn rejects_networks_that_cannot_color_pictures_of_any_size() {
        let conv = "{ type = \"conv2d\", filters = 3, kernel = 3 }";
        assert_eq!(fit("[1, 8, 8]", conv), "");
        assert!(fit("[3, 8, 8]", conv).contains("needs lightness only, [1, height, width]"));
        assert!(
            fit("[1, 8, 8]", &format!("{conv}, {{ type = \"flatten\" }}")).contains("flatten1")
        );
        for (layer, name) in
            [("\"group-norm\", groups = 3", "group_norm1"), ("\"layer-norm\"", "layer_norm1")]
        {
            let layers = format!("{conv}, {{ type = {layer} }}, {conv}");
            assert!(fit("[1, 8, 8]", &layers).contains(name), "{layer}");
        }
        assert!(fit("[1, 8, 8]", &format!("{conv}, {{ type = \"softmax\" }}")).contains("raw"));
        let larger = "{ type = \"upsample\", factor = 2 }";
        assert!(fit("[1, 8, 8]", larger).contains("output is larger than its input"));
    }
}
