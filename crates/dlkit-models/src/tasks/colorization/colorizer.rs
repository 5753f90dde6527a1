//! A trained network applied to pictures.

use burn::tensor::{Device, Tensor, TensorData};

use super::tiles::{Region, Stretch, enlarged};
use crate::facts::color::{
    Bins, ColorFacts, LIGHTNESS_DEVIATION, LIGHTNESS_MEAN, Prior, Temperature, TemperatureError,
    annealed_mean,
};
use crate::network::{Alignment, Network};

/// A trained network that predicts colors from lightness.
#[derive(Debug)]
pub struct Colorizer {
    network: Network,
    alignment: Alignment,
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

    /// The default temperature.
    ///
    /// # Errors
    /// One that makes no sense.
    pub fn temperature(&self) -> Result<Temperature, TemperatureError> {
        Temperature::new(self.facts.temperature)
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
        let stretches = [
            Stretch::new(&self.alignment, 0, &region.rows),
            Stretch::new(&self.alignment, 1, &region.columns),
        ];
        let (used, scores) = self.scores(size, &stretches, lightness);
        debug_assert_eq!(used, stretches[0].used * stretches[1].used);
        let decoded = |&temperature: &Temperature| {
            let outputs = annealed_mean(&scores, self.bins.centers(), temperature);
            enlarged(region, &stretches, &outputs)
        };
        temperatures.iter().map(decoded).collect()
    }

    /// The scores of the used outputs, `[bins, rows * columns]`, and how many places these are.
    fn scores(
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
