//! Maps of color bins, their prior and their weights in the ab plane.

use super::color::{AXIS, INK, MUTED, Rgb};
use super::font::Font;
use super::svg::{Anchor, Rect, Stroke, Svg, Text, float};

/// Three maps of the ab plane: the bins' colors, their prior and their weights.
#[derive(Clone, Debug)]
pub(crate) struct Palette {
    /// Heading.
    pub(crate) title: String,
    /// A line below it.
    pub(crate) note: String,
    /// Number of bins along each axis of the plane, from -110 to 110.
    pub(crate) per_axis: usize,
    /// The kept bins.
    pub(crate) bins: Vec<PaletteBin>,
}

/// One bin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PaletteBin {
    /// Index along a and along b, from 0.
    pub(crate) place: [usize; 2],
    /// Its color, as sRGB 0..255.
    pub(crate) rgb: [u8; 3],
    /// Its share of pixels.
    pub(crate) share: f64,
    /// The weight of a pixel.
    pub(crate) weight: f64,
}

const MARGIN: f64 = 24.0;
const HEADING: f64 = 92.0;
const LABELS: f64 = 44.0;
const SIDE: f64 = 308.0;
const GAP: f64 = 56.0;

impl Palette {
    /// Draws the maps as SVG text: a to the right, b upwards.
    pub(crate) fn to_svg(&self) -> String {
        let width = 2.0 * MARGIN + 3.0 * (SIDE + GAP);
        let mut svg = Svg::new(width, HEADING + SIDE + LABELS + MARGIN, &self.title);
        svg.label((MARGIN, 32.0), Anchor::Start, Font::TITLE, INK, &self.title);
        svg.label((MARGIN, 54.0), Anchor::Start, Font::TICK, MUTED, &self.note);
        let extreme = |of: fn(&PaletteBin) -> f64| {
            self.bins
                .iter()
                .map(of)
                .filter(|value| *value > 0.0)
                .fold((f64::MAX, 0.0), |(low, high), value| (value.min(low), value.max(high)))
        };
        let (shares, weights) = (extreme(|bin| bin.share), extreme(|bin| bin.weight));
        let shade = |value: f64, (low, high): (f64, f64)| {
            // Logarithmic, because shares differ by factors of thousands.
            let place =
                if high > low { (value.max(low) / low).ln() / (high / low).ln() } else { 1.0 };
            Rgb::of_share((0.15 + 0.85 * place).powi(2)).css()
        };
        let range =
            |name: &str, (low, high): (f64, f64)| format!("{name}, {low:.2e} to {high:.2e}");
        self.map(&mut svg, 0, &format!("{} bins", self.bins.len()), |bin| {
            let [red, green, blue] = bin.rgb;
            format!("rgb({red},{green},{blue})")
        });
        self.map(&mut svg, 1, &range("prior", shares), |bin| shade(bin.share, shares));
        self.map(&mut svg, 2, &range("weight", weights), |bin| shade(bin.weight, weights));
        svg.finish()
    }

    fn map(&self, svg: &mut Svg, place: u8, name: &str, color: impl Fn(&PaletteBin) -> String) {
        let left = MARGIN + 28.0 + f64::from(place) * (SIDE + GAP);
        let frame = Rect { x: left, y: HEADING, width: SIDE, height: SIDE };
        let at = (left, HEADING - 10.0);
        svg.label(at, Anchor::Start, Font::LABEL, INK, name);
        let cell = SIDE / float(self.per_axis);
        for bin in &self.bins {
            let [a, b] = bin.place.map(float);
            let rect = Rect {
                x: left + a * cell,
                y: frame.bottom() - (b + 1.0) * cell,
                width: cell,
                height: cell,
            };
            let hint = format!("share {:.3e}, weight {:.3}", bin.share, bin.weight);
            svg.rect(rect, &color(bin), &hint);
        }
        svg.outline(frame, Stroke::solid(AXIS, 1.0));
        for (tick, share) in [("-110", 0.0), ("0", 0.5), ("110", 1.0)] {
            let x = left + share * SIDE;
            svg.label((x, frame.bottom() + 16.0), Anchor::Middle, Font::TICK, MUTED, tick);
            let y = frame.bottom() - share * SIDE + 4.0;
            svg.label((left - 6.0, y), Anchor::End, Font::TICK, MUTED, tick);
        }
        let below = frame.bottom() + 34.0;
        svg.label((left + SIDE / 2.0, below), Anchor::Middle, Font::TICK, MUTED, "a: green to red");
        svg.text(&Text {
            at: (left - 10.0, frame.y + SIDE / 4.0),
            anchor: Anchor::Middle,
            font: Font::TICK,
            fill: MUTED,
            rotation: -90.0,
            content: "b: blue to yellow",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bin_is_drawn_in_each_map() {
        let bin = |place, share| PaletteBin { place, rgb: [12, 34, 56], share, weight: 1.0 };
        let palette = Palette {
            title: "Bins".to_owned(),
            note: "of 10".to_owned(),
            per_axis: 22,
            bins: vec![bin([0, 0], 0.25), bin([21, 3], 0.75)],
        };
        let svg = palette.to_svg();
        resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).unwrap();
        assert_eq!(svg.matches("rgb(12,34,56)").count(), 2);
        assert_eq!(svg.matches("share 2.500e-1").count(), 3);
        assert!(svg.contains("prior, 2.50e-1 to 7.50e-1"));
    }
}
