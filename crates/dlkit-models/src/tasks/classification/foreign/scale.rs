//! What values pixels have as input of a model.

use serde::Serialize;

/// How 8-bit pixels become input of a model: `(pixel * largest / 255 - mean) / deviation` of each channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PixelScale {
    /// The value of white before the mean is subtracted, usually 1 or 255.
    pub largest: f64,
    /// Subtracted: of all channels, or of red, green and blue.
    pub mean: Vec<f64>,
    /// Divides what is left: of all channels, or of red, green and blue.
    pub deviation: Vec<f64>,
    /// Whether blue comes first and red last.
    pub is_bgr: bool,
}

impl PixelScale {
    /// Which option has values for red, green and blue, where there is one channel.
    pub(super) fn colorful_option(&self) -> Option<&'static str> {
        let options = [
            ("--mean with three numbers", self.mean.len() > 1),
            ("--deviation with three numbers", self.deviation.len() > 1),
            ("--channels bgr", self.is_bgr),
        ];
        options.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
    }

    /// Pixels as input, channel by channel.
    ///
    /// # Shapes
    /// - pixels: `[channels, height * width]`, red, green and blue or gray
    /// - output: the same, in the order of the model's channels
    pub(super) fn planes(&self, pixels: &[u8], channels: usize) -> Vec<Vec<f32>> {
        let plane = |(channel, plane): (usize, &[u8])| {
            let of = |values: &[f64]| values.get(channel).or(values.first()).copied();
            let mean = of(&self.mean).unwrap_or(0.0);
            let deviation = of(&self.deviation).unwrap_or(1.0);
            #[expect(clippy::cast_possible_truncation, reason = "models take f32")]
            let value =
                |&pixel: &u8| ((f64::from(pixel) * self.largest / 255.0 - mean) / deviation) as f32;
            plane.iter().map(value).collect()
        };
        let size = (pixels.len() / channels.max(1)).max(1);
        let mut planes: Vec<Vec<f32>> = pixels.chunks(size).enumerate().map(plane).collect();
        if self.is_bgr {
            planes.reverse();
        }
        planes
    }
}
