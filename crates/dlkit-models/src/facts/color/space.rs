//! sRGB and CIE Lab.
//!
//! White is D65 for the CIE 1931 observer, as in scikit-image. `L` ranges from 0 to 100; within
//! sRGB, `a` and `b` range from about -108 to 98.
//!
//! # References
//! IEC 61966-2-1 (sRGB); CIE 15 (Lab).

/// Linear sRGB to XYZ.
const XYZ_FROM_RGB: [[f32; 3]; 3] = [
    [0.412_453, 0.357_580, 0.180_423],
    [0.212_671, 0.715_160, 0.072_169],
    [0.019_334, 0.119_193, 0.950_227],
];

/// XYZ to linear sRGB: the inverse of [`XYZ_FROM_RGB`].
const RGB_FROM_XYZ: [[f32; 3]; 3] = [
    [3.240_481_3, -1.537_151_5, -0.498_536_33],
    [-0.969_255, 1.875_99, 0.041_555_93],
    [0.055_646_64, -0.204_041_34, 1.057_311],
];

/// D65 white, 2 degree observer.
const WHITE: [f32; 3] = [0.950_47, 1.0, 1.088_83];

/// Limit between the line and the cube root of Lab: (6/29)^3, and the slope (29/6)^2 / 3.
const LINEAR_BELOW: f32 = 0.008_856;
const SLOPE: f32 = 7.787;
const ROOT_LINEAR_BELOW: f32 = 0.206_896_6;

/// Lab of an sRGB color.
///
/// # Shapes
/// - rgb: red, green, blue, 0..1, gamma-encoded
/// - output: L 0..100, a, b
///
/// ```
/// use dlkit_models::tasks::colorization::lab_from_rgb;
///
/// let [lightness, a, b] = lab_from_rgb([1.0, 0.0, 0.0]);
/// assert!((lightness - 53.24).abs() < 0.01 && (a - 80.09).abs() < 0.01 && (b - 67.20).abs() < 0.01);
/// ```
#[must_use]
pub fn lab_from_rgb(rgb: [f32; 3]) -> [f32; 3] {
    lab_from_linear(rgb.map(linear))
}

/// Lab of a linear sRGB color.
pub(crate) fn lab_from_linear(rgb: [f32; 3]) -> [f32; 3] {
    let xyz = product(&XYZ_FROM_RGB, rgb);
    let [x, y, z] = [0, 1, 2].map(|axis| root(xyz[axis] / WHITE[axis]));
    [116.0f32.mul_add(y, -16.0), 500.0 * (x - y), 200.0 * (y - z)]
}

/// The sRGB color of Lab; values below 0 or above 1 lie outside sRGB.
///
/// # Shapes
/// - lab: L 0..100, a, b
/// - output: red, green, blue, gamma-encoded, 0..1 within sRGB
#[must_use]
pub fn rgb_from_lab(lab: [f32; 3]) -> [f32; 3] {
    linear_from_lab(lab).map(encoded)
}

/// The linear sRGB color of Lab.
fn linear_from_lab([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let root = (lightness + 16.0) / 116.0;
    let roots = [root + a / 500.0, root, root - b / 200.0];
    product(&RGB_FROM_XYZ, [0, 1, 2].map(|axis: usize| cube(roots[axis]) * WHITE[axis]))
}

/// The sRGB color for Lab. For colors outside sRGB, the chroma is lowered until it fits; L and hue
/// stay the same.
#[must_use]
pub fn rgb_within_gamut([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    /// A thousandth of an 8-bit step.
    const SLACK: f32 = 4e-6;
    let inside = |rgb: [f32; 3]| rgb.iter().all(|value| (-SLACK..=1.0 + SLACK).contains(value));
    let at = |share: f32| linear_from_lab([lightness, a * share, b * share]);
    let mut rgb = at(1.0);
    if !inside(rgb) {
        let (mut low, mut high) = (0.0, 1.0);
        rgb = at(0.0);
        // After 12 halvings chroma is known to a 4,000th.
        for _ in 0..12 {
            let middle = 0.5 * (low + high);
            let tried = at(middle);
            if inside(tried) {
                (low, rgb) = (middle, tried);
            } else {
                high = middle;
            }
        }
    }
    rgb.map(|value| encoded(value.clamp(0.0, 1.0)).clamp(0.0, 1.0))
}

fn product(matrix: &[[f32; 3]; 3], [x, y, z]: [f32; 3]) -> [f32; 3] {
    [0, 1, 2].map(|row: usize| {
        let [first, second, third] = matrix[row];
        first * x + second * y + third * z
    })
}

/// Removes the gamma of sRGB.
pub(crate) fn linear(value: f32) -> f32 {
    if value > 0.040_45 { ((value + 0.055) / 1.055).powf(2.4) } else { value / 12.92 }
}

/// Applies the gamma of sRGB.
fn encoded(value: f32) -> f32 {
    if value > 0.003_130_8 { 1.055 * value.powf(1.0 / 2.4) - 0.055 } else { 12.92 * value }
}

fn root(value: f32) -> f32 {
    if value > LINEAR_BELOW { value.cbrt() } else { SLOPE * value + 16.0 / 116.0 }
}

fn cube(value: f32) -> f32 {
    if value > ROOT_LINEAR_BELOW { value * value * value } else { (value - 16.0 / 116.0) / SLOPE }
}

/// Linear values of all 8-bit values, and Lab by them.
#[derive(Clone, Debug)]
pub(crate) struct ByteColors([f32; 256]);

impl ByteColors {
    pub(crate) fn new() -> Self {
        let mut table = [0.0; 256];
        for (value, byte) in table.iter_mut().zip(0_u8..=255) {
            *value = linear(f32::from(byte) / 255.0);
        }
        Self(table)
    }

    /// Lab of an 8-bit color.
    pub(crate) fn lab(&self, rgb: [u8; 3]) -> [f32; 3] {
        lab_from_linear(rgb.map(|byte| self.0[usize::from(byte)]))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_and_back(rgb in prop::array::uniform3(0.0_f32..=1.0)) {
            let back = rgb_from_lab(lab_from_rgb(rgb));
            for (value, back) in rgb.iter().zip(back) {
                prop_assert!((value - back).abs() < 2e-5, "{rgb:?} {back}");
            }
        }

        #[test]
        fn gamut_keeps_lightness_and_hue(
            lightness in 1.0_f32..99.0, a in -110.0_f32..110.0, b in -110.0_f32..110.0,
        ) {
            let [found, x, y] = lab_from_rgb(rgb_within_gamut([lightness, a, b]));
            prop_assert!((found - lightness).abs() < 0.02, "{found} {lightness}");
            let cross = (x * b - y * a) / a.hypot(b).max(1.0);
            prop_assert!(cross.abs() < 0.1, "{x} {y} for {a} {b}");
        }
    }

    #[test]
    fn gray_has_no_color_and_bytes_agree_with_floats() {
        let bytes = ByteColors::new();
        for gray in 0_u8..=255 {
            let [lightness, a, b] = bytes.lab([gray; 3]);
            assert!(a.abs() < 0.01 && b.abs() < 0.01, "{gray}: {a} {b}");
            let again = lab_from_rgb([f32::from(gray) / 255.0; 3]);
            assert!((again[0] - lightness).abs() < 1e-5);
        }
        assert!((bytes.lab([255; 3])[0] - 100.0).abs() < 1e-4);
    }
}
