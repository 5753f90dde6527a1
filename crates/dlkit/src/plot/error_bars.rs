//! Charts of means with error bars.

use super::axis::{Axis, Scale};
use super::color::{AXIS, Color, INK, MUTED};
use super::font::Font;
use super::frame;
use super::svg::{Anchor, Rect, Stroke, Svg, float};

/// A chart of means with error bars over evenly spaced values.
#[derive(Clone, Debug)]
pub(crate) struct ErrorBars {
    /// Heading.
    pub(crate) title: String,
    /// Name of the values, below the horizontal axis.
    pub(crate) x_label: String,
    /// Name of the means, beside the vertical axis.
    pub(crate) y_label: String,
    /// The values.
    pub(crate) bars: Vec<ErrorBar>,
    /// Height of a dashed line, and its meaning, which is written below the heading.
    pub(crate) limit: Option<(f64, String)>,
}

/// A value with its mean.
#[derive(Clone, Debug)]
pub(crate) struct ErrorBar {
    /// The value as the user typed it.
    pub(crate) label: String,
    /// The mean.
    pub(crate) mean: f64,
    /// Half the length of the error bar.
    pub(crate) error: f64,
    /// Text above the bar; empty for none.
    pub(crate) mark: String,
}

const WIDTH: f64 = 720.0;
const TOP: f64 = 76.0;
const BOTTOM: f64 = 382.0;
const HEIGHT: f64 = 444.0;
const MARGIN: f64 = 20.0;
/// Half the width of the ends of a bar, in pixels.
const CAP: f64 = 7.0;

impl ErrorBars {
    /// Draws the chart as SVG text.
    pub(crate) fn to_svg(&self) -> String {
        let values = self.bars.iter().flat_map(|bar| [bar.mean - bar.error, bar.mean + bar.error]);
        let limit = self.limit.iter().map(|(limit, _)| *limit);
        let y_axis = Axis::of_values(Scale::Linear, values.chain(limit)).laid(BOTTOM, TOP);
        let ticks = y_axis.ticks(BOTTOM - TOP, frame::Y_SPACING, false);
        let tick_width = Font::TICK.widest(ticks.iter().map(|tick| tick.label.as_str()));
        let left = MARGIN + tick_width + 32.0;
        let plot = Rect { x: left, y: TOP, width: WIDTH - MARGIN - left, height: BOTTOM - TOP };
        let mut svg = Svg::new(WIDTH, HEIGHT, &self.title);
        let title = Font::TITLE.shorten(&self.title, plot.width);
        svg.label((left, 30.0), Anchor::Start, Font::TITLE, INK, &title);
        frame::draw_y_axis(&mut svg, plot, &y_axis, &ticks);
        frame::draw_x_title(&mut svg, plot, BOTTOM + 47.0, &self.x_label);
        frame::draw_y_title(&mut svg, plot, MARGIN + 10.0, &self.y_label);
        let base = [(plot.x, BOTTOM), (plot.right(), BOTTOM)];
        svg.polyline(&base, Stroke::solid(AXIS, 1.0));
        if let Some((limit, what)) = &self.limit {
            let y = y_axis.pixel(*limit);
            let stroke = Stroke { color: MUTED, width: 1.2, dashes: "5 4" };
            svg.polyline(&[(plot.x, y), (plot.right(), y)], stroke);
            let what = format!("dashed: {what}");
            svg.label((left, 48.0), Anchor::Start, Font::TICK, MUTED, &what);
        }
        let step = plot.width / float(self.bars.len().max(1));
        let color = Color::Apart(0).css();
        let stroke = Stroke::solid(color, 2.0);
        for (place, bar) in self.bars.iter().enumerate() {
            let x = plot.x + (float(place) + 0.5) * step;
            let [low, high] = [bar.mean - bar.error, bar.mean + bar.error].map(|y| y_axis.pixel(y));
            svg.polyline(&[(x, low), (x, high)], stroke);
            for end in [low, high] {
                svg.polyline(&[(x - CAP, end), (x + CAP, end)], stroke);
            }
            let hint = format!("{}: {} ± {}", bar.label, bar.mean, bar.error);
            let dot = if bar.mark.is_empty() { color } else { Color::Apart(1).css() };
            svg.dot((x, y_axis.pixel(bar.mean)), 5.0, dot, &hint);
            let label = Font::TICK.shorten(&bar.label, step - 4.0);
            svg.label((x, BOTTOM + 20.0), Anchor::Middle, Font::TICK, MUTED, &label);
            let mark = Font::TICK.shorten(&bar.mark, step - 4.0);
            svg.label((x, high - 8.0), Anchor::Middle, Font::TICK, INK, &mark);
        }
        svg.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_a_bar_and_a_label() {
        let bar = |label: &str, mark: &str| ErrorBar {
            label: label.to_owned(),
            mean: 1.0,
            error: 0.25,
            mark: mark.to_owned(),
        };
        let chart = ErrorBars {
            title: "t".to_owned(),
            x_label: "penalty.l1".to_owned(),
            y_label: "error".to_owned(),
            bars: vec![bar("0.1", ""), bar("0.3", "best")],
            limit: Some((1.2, "limit".to_owned())),
        };
        let svg = chart.to_svg();
        resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).unwrap();
        assert_eq!(svg.matches("<circle").count(), 2);
        for text in [">0.1<", ">0.3<", ">best<", ">dashed: limit<", "0.3: 1 ± 0.25"] {
            assert!(svg.contains(text), "{text}");
        }
    }
}
