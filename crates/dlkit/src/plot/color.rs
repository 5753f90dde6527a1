//! Colors: a palette for lines, a ramp for shares, and readable text on both.

/// Color of titles, and of numbers on a light background.
pub(super) const INK: &str = "#1f2328";
/// The same color as sRGB, 0 to 255.
pub(super) const INK_RGB: [u8; 3] = [0x1f, 0x23, 0x28];
/// Color of tick labels and axis titles.
pub(super) const MUTED: &str = "#57606a";
/// Axis lines.
pub(super) const AXIS: &str = "#8c959f";
/// Grid lines at ticks.
pub(super) const GRID: &str = "#e3e6ea";
/// Grid lines between ticks.
pub(super) const FAINT_GRID: &str = "#f1f3f5";
/// Background of every chart.
pub(super) const PAPER: &str = "#ffffff";

/// Colors that color-blind readers can distinguish. The original yellow is missing, because a yellow line
/// is invisible on white.
///
/// # References
/// Okabe and Ito, Color Universal Design, 2008.
const PALETTE: [&str; 7] =
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/// Colors of ordered lines, from dark to light; all are visible on white.
///
/// # References
/// van der Walt and Smith, viridis, 2015; its lower three quarters.
const ORDERED: [&str; 12] = [
    "#440154", "#481a6c", "#472f7d", "#414487", "#39568c", "#31688e", "#2a788e", "#23888e",
    "#1f988b", "#22a884", "#35b779", "#54c568",
];

/// Stops of the ramp from 0 to 1, as sRGB, 0 to 255.
///
/// # References
/// Brewer, `ColorBrewer` 2.0, sequential scheme Blues.
const RAMP: [[f64; 3]; 5] = [
    [255.0, 255.0, 255.0],
    [198.0, 219.0, 239.0],
    [107.0, 174.0, 214.0],
    [33.0, 113.0, 181.0],
    [8.0, 48.0, 107.0],
];

/// The color of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    /// Color of an unordered line by its index from 0; the palette repeats after 7.
    Apart(usize),
    /// Color of an ordered line.
    Ordered {
        /// Index of the line, from 0.
        index: usize,
        /// Number of lines.
        count: usize,
    },
}

impl Color {
    /// The color as CSS.
    pub(super) fn css(self) -> &'static str {
        match self {
            Self::Apart(index) => PALETTE[index % PALETTE.len()],
            Self::Ordered { index, count } => {
                let last = count.saturating_sub(1).max(1);
                ORDERED[(index.min(last) * (ORDERED.len() - 1) + last / 2) / last]
            }
        }
    }

    /// How often the palette has repeated before this color. Lines of different rounds need different
    /// dashes.
    pub(super) fn round(self) -> usize {
        match self {
            Self::Apart(index) => index / PALETTE.len(),
            // With more lines than colors, neighbors share one.
            Self::Ordered { index, count } => index % count.div_ceil(ORDERED.len()).max(1),
        }
    }
}

/// A color as sRGB, 0 to 255.
#[derive(Clone, Copy)]
pub(super) struct Rgb([f64; 3]);

impl Rgb {
    /// Color of `share` (0 to 1) at its square root on the ramp, so that one confusion in a hundred stays
    /// visible.
    pub(super) fn of_share(share: f64) -> Self {
        let mut low = RAMP[0];
        let mut rest = share.clamp(0.0, 1.0).sqrt() * 4.0;
        for high in &RAMP[1..] {
            if rest <= 1.0 {
                let channel = |c: usize| low[c] + rest * (high[c] - low[c]);
                return Self([channel(0), channel(1), channel(2)]);
            }
            low = *high;
            rest -= 1.0;
        }
        Self(low)
    }

    /// Color of a value from -1 to 1: white at 0, the ramp's blues above, oranges below.
    pub(super) fn of_signed(value: f64) -> Self {
        const ORANGE: [f64; 3] = [166.0, 54.0, 3.0];
        const BLUE: [f64; 3] = [8.0, 81.0, 156.0];
        let end = if value < 0.0 { ORANGE } else { BLUE };
        let share = value.abs().min(1.0);
        Self(end.map(|channel| 255.0 + share * (channel - 255.0)))
    }

    /// The color as bytes.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "channels are from 0 to 255"
    )]
    pub(super) fn bytes(self) -> [u8; 3] {
        self.0.map(|channel| channel.round() as u8)
    }

    /// The color as CSS.
    pub(super) fn css(self) -> String {
        let Self([red, green, blue]) = self;
        format!("rgb({red:.0},{green:.0},{blue:.0})")
    }

    /// Color for text on this background: dark or white, with the larger contrast.
    pub(super) fn ink(self) -> &'static str {
        const INK_LUMINANCE: f64 = 0.0166;
        let ground = self.luminance() + 0.05;
        if ground / (INK_LUMINANCE + 0.05) >= 1.05 / ground { INK } else { PAPER }
    }

    /// Relative luminance, 0..1.
    ///
    /// # References
    /// W3C, Web Content Accessibility Guidelines 2.1, relative luminance.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let c = channel / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramp_runs_from_white_to_dark_blue() {
        assert_eq!(Rgb::of_share(0.0).css(), "rgb(255,255,255)");
        assert_eq!(Rgb::of_share(1.0 / 64.0).css(), "rgb(226,237,247)");
        assert_eq!(Rgb::of_share(0.25).css(), "rgb(107,174,214)");
        assert_eq!(Rgb::of_share(1.0).css(), "rgb(8,48,107)");
        assert_eq!(Rgb::of_share(7.0).css(), "rgb(8,48,107)");
    }

    #[test]
    fn ink_contrasts_with_its_ground() {
        assert_eq!(Rgb::of_share(0.0).ink(), INK);
        assert_eq!(Rgb::of_share(0.25).ink(), INK);
        assert_eq!(Rgb::of_share(0.6).ink(), PAPER);
        assert_eq!(Rgb::of_share(1.0).ink(), PAPER);
    }

    #[test]
    fn palette_starts_over_after_seven() {
        assert_eq!(Color::Apart(0).css(), "#0072b2");
        assert_eq!(Color::Apart(7).css(), Color::Apart(0).css());
        assert_eq!((Color::Apart(6).round(), Color::Apart(7).round()), (0, 1));
    }

    #[test]
    fn ordered_colors_run_from_first_to_last() {
        let css = |index, count| Color::Ordered { index, count }.css();
        assert_eq!([css(0, 1), css(0, 5), css(4, 5)], [ORDERED[0], ORDERED[0], ORDERED[11]]);
        assert_eq!([css(1, 3), css(10, 23)], [ORDERED[6], ORDERED[5]]);
    }
}
