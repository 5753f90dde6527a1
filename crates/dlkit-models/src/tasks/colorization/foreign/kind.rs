//! What a model takes and gives.

use crate::facts::color::{lab_from_rgb, rgb_within_gamut};

/// What a model takes of a gray picture and how it gives colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKind {
    /// L from 0 to 100, to ab: ECCV16 and SIGGRAPH17 of Zhang et al.
    Zhang,
    /// Gray RGB from 0 to 1, to ab: `DDColor`.
    DdColor,
    /// Gray RGB from 0 to 255, to RGB from 0 to 255: `DeOldify`.
    DeOldify,
    /// Gray RGB from 0 to 1, to RGB from 0 to 1: `DeOldify` for browsers.
    DeOldifyWeb,
}

impl ForeignKind {
    /// Channels of the input and of the output.
    pub(super) const fn channels(self) -> [usize; 2] {
        match self {
            Self::Zhang => [1, 2],
            Self::DdColor => [3, 2],
            Self::DeOldify | Self::DeOldifyWeb => [3, 3],
        }
    }

    /// Where a model accepts any size: height and width for a picture of these sizes.
    pub(super) fn size(self, [height, width]: [usize; 2]) -> [usize; 2] {
        match self {
            Self::Zhang => [256; 2],
            Self::DdColor => [512; 2],
            Self::DeOldify | Self::DeOldifyWeb => {
                // Multiples of 32, the shorter one 256, the longer one at most four times as long.
                let (short, long) = (height.min(width).max(1), height.max(width));
                let longer = (256 * long / short).div_ceil(32).clamp(8, 32) * 32;
                if height <= width { [256, longer] } else { [longer, 256] }
            }
        }
    }

    /// The values of one channel for a pixel of a lightness; all channels have the same.
    pub(super) fn given(self, lightness: f32) -> f32 {
        let gray = || rgb_within_gamut([lightness, 0.0, 0.0])[0];
        match self {
            Self::Zhang => lightness,
            Self::DdColor | Self::DeOldifyWeb => gray(),
            Self::DeOldify => 255.0 * gray(),
        }
    }

    /// The color that a model's values for a pixel stand for.
    ///
    /// # Shapes
    /// - values: one for each channel of the output
    pub(super) fn color(self, values: &[f32]) -> [f32; 2] {
        let rgb = |scale: f32| {
            let [_, a, b] =
                lab_from_rgb([0, 1, 2].map(|part| (values[part] / scale).clamp(0.0, 1.0)));
            [a, b]
        };
        match self {
            Self::Zhang | Self::DdColor => [values[0], values[1]],
            Self::DeOldify => rgb(255.0),
            Self::DeOldifyWeb => rgb(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_scaled_as_the_models_take_them() {
        // L = 53.389 is sRGB's middle gray.
        for (kind, expected) in [
            (ForeignKind::Zhang, 53.389),
            (ForeignKind::DdColor, 0.5),
            (ForeignKind::DeOldifyWeb, 0.5),
            (ForeignKind::DeOldify, 127.5),
        ] {
            let found = kind.given(53.389);
            assert!((found / expected - 1.0).abs() < 1e-3, "{kind:?}: {found}");
        }
        let red = [
            ForeignKind::DeOldify.color(&[300.0, 0.0, -9.0]),
            ForeignKind::DeOldifyWeb.color(&[1.0, 0.0, 0.0]),
        ];
        for [a, b] in red {
            assert!((a - 80.09).abs() < 0.01 && (b - 67.2).abs() < 0.01, "{a} {b}");
        }
        assert_eq!(
            ForeignKind::Zhang.color(&[3.0, -4.0]).map(f32::to_bits),
            [3.0_f32, -4.0].map(f32::to_bits)
        );
    }

    #[test]
    fn sizes_are_those_the_models_learned_from() {
        assert_eq!(ForeignKind::Zhang.size([100, 900]), [256, 256]);
        assert_eq!(ForeignKind::DeOldify.size([400, 600]), [256, 384]);
        assert_eq!(ForeignKind::DeOldifyWeb.size([9000, 10]), [1024, 256]);
    }
}
