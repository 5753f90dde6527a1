//! A trained network applied to pictures.

use burn::tensor::{Device, Tensor, TensorData};

use super::tiles::{Region, Stretch, enlarged, regions};
use crate::facts::color::{
    Bins, ColorFacts, LIGHTNESS_DEVIATION, LIGHTNESS_MEAN, Prior, Temperature, TemperatureError,
    annealed_mean,
};
use crate::network::{Alignment, Network};

/// A trained network that predicts colors from lightness.
#[derive(Debug)]
pub struct Colorizer {
    network: Network,
    pub(super) alignment: Alignment,
    bins: Bins,
    prior: Prior,
    facts: ColorFacts,
    device: Device,
}

impl Colorizer {
    /// A colorizer of a network, which lies on `device`, without gradients.
    ///
    /// # Errors
    /// Facts that do not fit together or another number of bins than outputs; a network that works on
    /// inputs of one size only.
    pub fn new(network: Network, facts: ColorFacts, device: Device) -> Result<Self, String> {
        let (bins, prior) = facts.restored()?;
        let outputs = network.spec().output().channels();
        if outputs != bins.len() {
            return Err(format!(
                "the network has {outputs} outputs, but there are {} bins",
                bins.len()
            ));
        }
        let alignment = Alignment::new(network.spec())
            .map_err(|layer| format!("its layer `{layer}` accepts inputs of one size only"))?;
        Ok(Self { network, alignment, bins, prior, facts, device })
    }

    /// The color bins.
    #[must_use]
    pub const fn bins(&self) -> &Bins {
        &self.bins
    }

    /// The prior and the weights.
    #[must_use]
    pub const fn prior(&self) -> &Prior {
        &self.prior
    }

    /// What it was made of besides the weights.
    #[must_use]
    pub const fn facts(&self) -> &ColorFacts {
        &self.facts
    }

    /// The network.
    #[cfg(test)]
    pub(super) const fn network(&self) -> &Network {
        &self.network
    }

    /// Whether it looks at a whole picture at once; else pictures are colored tile by tile.
    #[must_use]
    pub const fn sees_whole_pictures(&self) -> bool {
        self.alignment.is_global()
    }

    /// The default temperature.
    ///
    /// # Errors
    /// One that makes no sense.
    pub fn temperature(&self) -> Result<Temperature, TemperatureError> {
        Temperature::new(self.facts.temperature)
    }

    /// The parts that a picture of a height and a width is computed in.
    pub(super) fn regions(&self, size: [usize; 2], tile: usize) -> Vec<Region> {
        regions(size, if self.sees_whole_pictures() { size[0].max(size[1]) } else { tile })
    }

    /// The colors of a region at several temperatures, row by row.
    ///
    /// # Shapes
    /// - size: height and width of the picture
    /// - lightness: L, 0..100, of the pixel in a row and a column
    pub(super) fn colors(
        &self,
        size: [usize; 2],
        region: &Region,
        lightness: &(impl Fn(usize, usize) -> f32 + Sync),
        temperatures: &[Temperature],
    ) -> Vec<Vec<[f32; 2]>> {
        let tile = || {
            [
                Stretch::new(&self.alignment, 0, &region.rows),
                Stretch::new(&self.alignment, 1, &region.columns),
            ]
        };
        let whole = self.sees_whole_pictures().then(|| Stretch::whole(&self.alignment, size));
        let stretches = whole.flatten().unwrap_or_else(tile);
        let (used, mut scores) = self.scores(size, &stretches, lightness);
        self.balance(&mut scores);
        debug_assert_eq!(used, stretches[0].used * stretches[1].used);
        let decoded = |&temperature: &Temperature| {
            let outputs = annealed_mean(&scores, self.bins.centers(), temperature);
            enlarged(region, &stretches, &outputs)
        };
        temperatures.iter().map(decoded).collect()
    }

    /// Takes from the scores what training added to those of rare colors, as far as `balance` says.
    ///
    /// A network that learns with the weights `w` gives shares `q` in proportion to `w p`, `p` being how
    /// often a color occurs there.
    fn balance(&self, scores: &mut [f32]) {
        let rest = 1.0 - self.facts.balance;
        if rest == 0.0 {
            return;
        }
        let pixels = scores.len() / self.bins.len();
        for (scores, weight) in scores.chunks_mut(pixels.max(1)).zip(self.prior.weights()) {
            #[expect(clippy::cast_possible_truncation, reason = "scores are single precision")]
            let taken = if *weight > 0.0 { (rest * weight.ln()) as f32 } else { 0.0 };
            for score in scores {
                *score -= taken;
            }
        }
    }

    /// The scores of the used outputs, `[bins, rows * columns]`, and how many places these are.
    pub(super) fn scores(
        &self,
        [height, width]: [usize; 2],
        [rows, columns]: &[Stretch; 2],
        lightness: &(impl Fn(usize, usize) -> f32 + Sync),
    ) -> (usize, Vec<f32>) {
        let across = columns.pixels(width);
        let mut values = Vec::with_capacity(rows.length * columns.length);
        for row in rows.pixels(height) {
            values.extend(
                across
                    .iter()
                    .map(|&column| (lightness(row, column) - LIGHTNESS_MEAN) / LIGHTNESS_DEVIATION),
            );
        }
        let shape = [1, 1, rows.length, columns.length];
        let input = Tensor::<4>::from_data(TensorData::new(values, shape), &self.device);
        let output = self.network.forward(input).slice([
            0..1,
            0..self.bins.len(),
            rows.first..rows.first + rows.used,
            columns.first..columns.first + columns.used,
        ]);
        let data = output.into_data();
        (rows.used * columns.used, data.iter::<f32>().collect())
    }
}
