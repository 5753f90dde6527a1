//! Networks that can color pictures.

use crate::network::{Alignment, NetworkSpec};
use crate::value::Shape;

/// Where crops and outputs lie, for a network that can color: from one map of L to scores of bins,
/// whatever the size of the picture.
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
                "a colorizer takes lightness only; set network.input = [1, height, width], not {}",
                network.input()
            ));
        };
        let alignment = Alignment::new(network).map_err(|layer| {
            format!(
                "the layer `{layer}` takes inputs of one size only; a colorizer consists of \
                 convolutions, pooling and upsampling, so that it works on pictures of any size"
            )
        })?;
        if network.ends_in_softmax() {
            return Err("a colorizer gives raw scores; remove the softmax at its end".to_owned());
        }
        let Shape::Maps { channels: bins, height: rows, width: columns } = network.output() else {
            return Err(format!("a colorizer gives maps, not {}", network.output()));
        };
        let [down, across] = alignment.stride();
        if down < 1.0 || across < 1.0 {
            return Err(format!(
                "the network gives a larger picture than it takes ({rows}x{columns} from \
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
        assert!(fit("[3, 8, 8]", conv).contains("set network.input = [1, height, width]"));
        assert!(
            fit("[1, 8, 8]", &format!("{conv}, {{ type = \"flatten\" }}")).contains("flatten1")
        );
        assert!(fit("[1, 8, 8]", &format!("{conv}, {{ type = \"softmax\" }}")).contains("raw"));
        let larger = "{ type = \"upsample\", factor = 2 }";
        assert!(fit("[1, 8, 8]", larger).contains("gives a larger picture"));
    }
}
