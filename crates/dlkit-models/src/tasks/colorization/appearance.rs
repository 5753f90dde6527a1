//! How colors look to the eye.

/// Names of the families of hue, in the order of their angles in the ab plane.
pub const HUES: [&str; 6] = ["red", "orange", "yellow", "green", "blue", "violet"];

/// Where each family begins, in degrees; red goes on beyond 360.
const FIRST_ANGLES: [f32; 6] = [345.0, 45.0, 80.0, 105.0, 180.0, 310.0];

/// Chroma below which a color has no hue worth a name: what most people call gray.
const LEAST_CHROMA: f32 = 8.0;

/// The family of a color's hue, as a place in [`HUES`]; none of a color that is nearly gray.
///
/// Families are ranges of the hue angle of CIE Lab: red from 345 to 45 degrees (sRGB's red has 40), orange
/// to 80 (with brown and skin), yellow to 105, green to 180 (leaves have 110 to 140), blue to 310 (with
/// cyan), violet to 345 (with pink).
#[must_use]
pub fn hue(ab: [f32; 2]) -> Option<usize> {
    let [a, b] = ab;
    if a.hypot(b) < LEAST_CHROMA {
        return None;
    }
    let angle = b.atan2(a).to_degrees().rem_euclid(360.0);
    // Before the first family but red, and from where red begins again.
    let later = FIRST_ANGLES[1..].iter().rposition(|&first| angle >= first);
    Some(later.filter(|_| angle < FIRST_ANGLES[0]).map_or(0, |index| index + 1))
}

/// The color difference CIEDE2000 of two colors in CIE Lab, with all weights 1: about 1 where they can
/// just be told apart.
///
/// # References
/// Sharma, Wu and Dalal (2005), The CIEDE2000 color-difference formula.
#[must_use]
pub fn ciede2000(left: [f32; 3], right: [f32; 3]) -> f64 {
    let ([l1, a1, b1], [l2, a2, b2]) = (left.map(f64::from), right.map(f64::from));
    let stretch = 1.5 - 0.5 * share_of_chroma(f64::midpoint(a1.hypot(b1), a2.hypot(b2)));
    let (a1, a2) = (stretch * a1, stretch * a2);
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let angle = |a: f64, b: f64| b.atan2(a).to_degrees().rem_euclid(360.0);
    let (h1, h2) = (angle(a1, b1), angle(a2, b2));
    let is_gray = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if is_gray => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let (lightness, chroma) = (l2 - l1, c2 - c1);
    let hue = 2.0 * (c1 * c2).sqrt() * (0.5 * turn).to_radians().sin();
    let (mean_lightness, mean_chroma) = (f64::midpoint(l1, l2), f64::midpoint(c1, c2));
    let mean_hue = match h1 + h2 {
        sum if is_gray => sum,
        sum if (h1 - h2).abs() <= 180.0 => 0.5 * sum,
        sum if sum < 360.0 => 0.5 * (sum + 360.0),
        sum => 0.5 * (sum - 360.0),
    };
    let cosine = |degrees: f64| degrees.to_radians().cos();
    let of_hue = 0.24 * cosine(2.0 * mean_hue) + 0.32 * cosine(3.0 * mean_hue + 6.0)
        - 0.17 * cosine(mean_hue - 30.0)
        - 0.20 * cosine(4.0 * mean_hue - 63.0);
    let from_middle = (mean_lightness - 50.0).powi(2);
    let lightness = lightness / (1.0 + 0.015 * from_middle / (20.0 + from_middle).sqrt());
    let chroma = chroma / (1.0 + 0.045 * mean_chroma);
    let hue = hue / (1.0 + 0.015 * mean_chroma * (1.0 + of_hue));
    let rotation = 60.0 * (-((mean_hue - 275.0) / 25.0).powi(2)).exp();
    let rotated = -rotation.to_radians().sin() * 2.0 * share_of_chroma(mean_chroma);
    let sum = lightness * lightness + chroma * chroma + hue * hue + rotated * chroma * hue;
    sum.max(0.0).sqrt()
}

/// `sqrt(C^7 / (C^7 + 25^7))`
fn share_of_chroma(chroma: f64) -> f64 {
    let power = chroma.powi(7);
    (power / (power + 25.0_f64.powi(7))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hues_are_those_of_well_known_colors() {
        use crate::facts::color::lab_from_rgb;
        let name = |rgb: [f32; 3]| {
            let [_, a, b] = lab_from_rgb(rgb);
            hue([a, b]).map_or("gray", |family| HUES[family])
        };
        assert_eq!(name([1.0, 0.0, 0.0]), "red");
        assert_eq!(name([1.0, 0.6, 0.0]), "orange");
        // Skin and wood.
        assert_eq!(name([0.88, 0.67, 0.55]), "orange");
        assert_eq!(name([0.45, 0.3, 0.15]), "orange");
        assert_eq!(name([1.0, 1.0, 0.0]), "yellow");
        assert_eq!(name([0.3, 0.5, 0.2]), "green");
        assert_eq!(name([0.0, 1.0, 1.0]), "blue");
        assert_eq!(name([0.0, 0.0, 1.0]), "blue");
        assert_eq!(name([1.0, 0.0, 1.0]), "violet");
        assert_eq!(name([0.5, 0.52, 0.5]), "gray");
        // The ends of red.
        assert_eq!(
            [hue([50.0, -10.0]), hue([50.0, 49.0]), hue([50.0, 51.0])],
            [Some(0), Some(0), Some(1)]
        );
    }

    #[test]
    fn differences_are_those_that_were_published() {
        let pairs = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0011], 7.2195),
            ([50.0, 2.5, 0.0], [50.0, 0.0, -2.5], 4.3065),
            ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
            ([50.0, 2.5, 0.0], [56.0, -27.0, -3.0], 31.9030),
            ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
            ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
        ];
        for (left, right, expected) in pairs {
            for found in [ciede2000(left, right), ciede2000(right, left)] {
                assert!((found - expected).abs() < 1e-4, "{left:?} {right:?}: {found}");
            }
        }
    }
}
