//! What a trained colorizer needs besides its weights.

use serde::{Deserialize, Serialize};

use super::bins::{BinWidth, Bins};
use super::fit::Fit;
use super::input::{LIGHTNESS_DEVIATION, LIGHTNESS_MEAN};
use super::prior::Prior;
use super::temperature::Temperature;
use crate::network::NetworkSpec;

/// What a trained colorizer needs besides its weights; kept in its run and in its frozen file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColorFacts {
    /// Width of a bin in units of ab.
    pub bin_width: BinWidth,
    /// The kept cells of the ab plane, in the order of the outputs: `row of a * n + column of b`,
    /// n being 220 over the width.
    pub bins: Vec<usize>,
    /// The share of pixels of each bin in the training part, smoothed if the recipe says so.
    pub prior: Vec<f64>,
    /// The lambda of the class weights.
    pub lambda: f64,
    /// Default temperature of the annealed mean.
    pub temperature: f64,
    /// How much rare colors are favored: 1 as much as in training, 0 as often as they occur.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub balance: f64,
    /// The shorter side of the photos it learned from, in pixels; 0 where they were as they are.
    pub short_side: u32,
}

/// The balance of networks that know of none.
pub(crate) const fn whole() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_whole(balance: &f64) -> bool {
    balance.to_bits() == 1.0_f64.to_bits()
}

impl ColorFacts {
    /// The bins and the prior, checked.
    ///
    /// # Errors
    /// What does not fit together.
    pub fn restored(&self) -> Result<(Bins, Prior), String> {
        let bins = Bins::restored(self.bin_width, &self.bins)?;
        if self.prior.len() != bins.len() {
            let (shares, count) = (self.prior.len(), bins.len());
            return Err(format!("the prior has {shares} shares for {count} bins"));
        }
        if !(0.0..=1.0).contains(&self.lambda) {
            return Err(format!("lambda must be from 0 to 1, not {}", self.lambda));
        }
        if !(0.0..=1.0).contains(&self.balance) {
            return Err(format!("balance must be from 0 to 1, not {}", self.balance));
        }
        Temperature::new(self.temperature).map_err(|error| error.to_string())?;
        Ok((bins, Prior::restored(self.prior.clone(), self.lambda)?))
    }

    /// Whether a network outputs scores of these bins for pictures of any size.
    pub(crate) fn check(&self, network: &NetworkSpec) -> Result<(), String> {
        let outputs = network.output().channels();
        if outputs != self.bins.len() {
            return Err(format!(
                "contains {} bins, but the network has {outputs} outputs",
                self.bins.len()
            ));
        }
        Fit::new(network).map(drop)
    }

    /// Names and JSON values for the metadata of a frozen file. Some can be computed from others,
    /// but help programs that use the file: the scaling of L, the bins' centers and weights.
    pub(crate) fn entries(&self) -> Result<Vec<(&'static str, String)>, String> {
        fn json(value: &impl Serialize) -> Result<String, String> {
            serde_json::to_string(value).map_err(|error| error.to_string())
        }
        let (bins, prior) = self.restored()?;
        let mut entries = vec![
            ("input.mean", json(&LIGHTNESS_MEAN)?),
            ("input.deviation", json(&LIGHTNESS_DEVIATION)?),
            ("bin_width", json(&self.bin_width)?),
            ("bins", json(&self.bins)?),
            ("bin_centres", json(&bins.centers())?),
            ("prior", json(&self.prior)?),
            ("weights", json(&prior.weights())?),
            ("lambda", json(&self.lambda)?),
            ("temperature", json(&self.temperature)?),
            ("short_side", json(&self.short_side)?),
        ];
        if !is_whole(&self.balance) {
            entries.push(("balance", json(&self.balance)?));
        }
        Ok(entries)
    }

    /// In what these facts and others differ.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        [
            ("bins", self.bin_width == other.bin_width && self.bins == other.bins),
            ("prior", self.prior == other.prior),
            ("lambda", self.lambda.to_bits() == other.lambda.to_bits()),
            ("temperature", self.temperature.to_bits() == other.temperature.to_bits()),
            ("balance", self.balance.to_bits() == other.balance.to_bits()),
            ("short_side", self.short_side == other.short_side),
        ]
        .into_iter()
        .filter_map(|(name, same)| (!same).then_some(name))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_kept_as_json_and_checked() {
        let facts = ColorFacts {
            bin_width: BinWidth::Ten,
            bins: vec![3, 253],
            prior: vec![0.25, 0.75],
            lambda: 0.5,
            temperature: 0.38,
            balance: 1.0,
            short_side: 256,
        };
        let text = serde_json::to_string(&facts).unwrap();
        assert!(
            text.starts_with(r#"{"bin_width":10,"bins":[3,253],"prior":[0.25,0.75]"#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<ColorFacts>(&text).unwrap(), facts);
        let (bins, prior) = facts.restored().unwrap();
        assert_eq!((bins.centers()[1], prior.shares()), ([5.0, 5.0], &[0.25, 0.75][..]));
        assert!(ColorFacts { prior: vec![1.0], ..facts.clone() }.restored().is_err());
        assert!(ColorFacts { balance: 1.5, ..facts.clone() }.restored().is_err());
        // Balance is only written where it is not whole, so that files stay what they were.
        assert!(!text.contains("balance"), "{text}");
        let half = ColorFacts { balance: 0.5, ..facts.clone() };
        let text = serde_json::to_string(&half).unwrap();
        assert_eq!(serde_json::from_str::<ColorFacts>(&text).unwrap(), half);
        assert!(ColorFacts { lambda: f64::NAN, ..facts }.restored().is_err());
    }
}
