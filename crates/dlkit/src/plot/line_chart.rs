//! Line charts, such as training curves.

use super::axis::{Axis, Scale};
use super::color::{INK, MUTED};
use super::font::Font;
use super::frame;
use super::legend::Legend;
use super::series::Series;
use super::svg::{Anchor, Rect, Svg, Text};

/// A chart of lines.
#[derive(Clone, Debug)]
pub(crate) struct LineChart {
    /// Title above the plot; empty for none.
    pub(crate) title: String,
    /// Title of the x axis with its unit, such as `epoch`.
    pub(crate) x_label: String,
    /// Title of the y axis with its unit, such as `loss (nats)`.
    pub(crate) y_label: String,
    /// The lines, in drawing order.
    pub(crate) series: Vec<Series>,
    /// How the y axis spaces its values.
    pub(crate) y_scale: Scale,
    /// Whether x is a count, which gets ticks at whole numbers only.
    pub(crate) integer_x: bool,
}

const WIDTH: f64 = 720.0;
const PLOT_BOTTOM: f64 = 382.0;
const BELOW_PLOT: f64 = 58.0;
const MARGIN: f64 = 20.0;
const LEGEND_GAP: f64 = 20.0;
/// Maximum width of a legend beside the plot; a wider one goes below.
const WIDEST_BESIDE: f64 = 200.0;
const WIDEST_NAME: f64 = 600.0;

impl LineChart {
    /// Draws the chart as SVG text. A chart without points shows `no data`.
    pub(crate) fn to_svg(&self) -> String {
        let top = if self.title.is_empty() { MARGIN } else { 50.0 };
        let height = PLOT_BOTTOM - top;
        let legend = Legend::new(&self.series, WIDEST_NAME);
        let beside = !legend.is_empty()
            && legend.fits_column(height)
            && legend.column_width() <= WIDEST_BESIDE;
        let y_axis = Axis::of_values(self.y_scale, self.y_values()).laid(PLOT_BOTTOM, top);
        let y_ticks = y_axis.ticks(height, frame::Y_SPACING, false);
        let tick_width = Font::TICK.widest(y_ticks.iter().map(|tick| tick.label.as_str()));
        let left = MARGIN + tick_width + if self.y_label.is_empty() { 8.0 } else { 32.0 };
        let right = WIDTH - MARGIN - if beside { legend.column_width() + LEGEND_GAP } else { 0.0 };
        let plot = Rect { x: left, y: top, width: right - left, height };

        let columns = legend.columns_in(plot.width);
        let below = if beside || legend.is_empty() { 0.0 } else { legend.height(columns) + 12.0 };
        let mut svg = Svg::new(WIDTH, PLOT_BOTTOM + BELOW_PLOT + below, &self.description());
        self.draw_title(&mut svg, plot.x);
        let x_axis = Axis::of_positions(self.x_values()).laid(plot.x, plot.right());
        if self.has_data() {
            let x_ticks = x_axis.ticks(plot.width, frame::X_SPACING, self.integer_x);
            frame::draw_y_axis(&mut svg, plot, &y_axis, &y_ticks);
            frame::draw_x_axis(&mut svg, plot, &x_axis, &x_ticks);
        } else {
            draw_no_data(&mut svg, plot);
        }
        frame::draw_x_title(&mut svg, plot, PLOT_BOTTOM + 45.0, &self.x_label);
        frame::draw_y_title(&mut svg, plot, MARGIN + 10.0, &self.y_label);
        for series in &self.series {
            series.draw_band(&mut svg, &x_axis, &y_axis);
        }
        for series in &self.series {
            series.draw_line(&mut svg, &x_axis, &y_axis);
        }
        let corner = if beside {
            (plot.right() + LEGEND_GAP, plot.y)
        } else {
            (plot.x, PLOT_BOTTOM + BELOW_PLOT)
        };
        legend.draw(&mut svg, corner, if beside { 1 } else { columns });
        svg.finish()
    }

    fn has_data(&self) -> bool {
        self.points().next().is_some()
    }

    /// Points that the axes can show.
    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        let all = self.series.iter().flat_map(|series| &series.points);
        all.copied().filter(|(x, y)| Scale::Linear.shows(*x) && self.y_scale.shows(*y))
    }

    fn bands(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let bands = self.series.iter().filter_map(|series| series.band.as_ref());
        bands.flatten().copied()
    }

    fn x_values(&self) -> impl Iterator<Item = f64> {
        let points = self.points().map(|(x, _)| x);
        points.chain(self.bands().map(|(x, _, _)| x))
    }

    fn y_values(&self) -> impl Iterator<Item = f64> {
        let points = self.points().map(|(_, y)| y);
        points.chain(self.bands().flat_map(|(_, low, high)| [low, high]))
    }

    fn description(&self) -> String {
        let names: Vec<&str> = self.series.iter().map(|s| s.name.as_str()).collect();
        let (title, y, x) = (&self.title, &self.y_label, &self.x_label);
        format!("{title}: {y} by {x}; {}", names.join(", "))
    }

    fn draw_title(&self, svg: &mut Svg, x: f64) {
        svg.text(&Text {
            at: (x, 30.0),
            anchor: Anchor::Start,
            font: Font::TITLE,
            fill: INK,
            rotation: 0.0,
            content: &Font::TITLE.shorten(&self.title, WIDTH - MARGIN - x),
        });
    }
}

fn draw_no_data(svg: &mut Svg, plot: Rect) {
    svg.rect(plot, "#f6f8fa", "");
    svg.text(&Text {
        at: (plot.x + plot.width / 2.0, plot.y + plot.height / 2.0),
        anchor: Anchor::Middle,
        font: Font::TITLE,
        fill: MUTED,
        rotation: 0.0,
        content: "no data",
    });
}

#[cfg(test)]
mod tests {
    use resvg::usvg;

    use super::*;
    use crate::plot::color::Color;
    use crate::plot::series::Style;

    fn chart(points: &[(f64, f64)], y_scale: Scale) -> LineChart {
        LineChart {
            title: "Loss & <more>".to_owned(),
            x_label: "epoch".to_owned(),
            y_label: "loss (nats)".to_owned(),
            series: vec![Series {
                name: "train".to_owned(),
                points: points.to_vec(),
                style: Style::Solid,
                color: Color::Apart(0),
                band: None,
                markers: false,
            }],
            y_scale,
            integer_x: true,
        }
    }

    fn parsed(svg: &str) -> usvg::Tree {
        usvg::Tree::from_str(svg, &usvg::Options::default()).unwrap()
    }

    #[test]
    fn is_valid_svg_of_the_stated_size() {
        let svg = chart(&[(1.0, 2.0), (2.0, 1.0)], Scale::Linear).to_svg();
        let size = parsed(&svg).size();
        assert_eq!((size.width(), size.height()), (720.0, 440.0));
        assert!(svg.contains("Loss &amp; &lt;more&gt;"));
        assert!(svg.contains(">loss (nats)<"));
    }

    #[test]
    fn gaps_split_the_line_and_leave_a_dot() {
        let points = [(1.0, 3.0), (2.0, 2.0), (3.0, f64::NAN), (4.0, 1.0)];
        let svg = chart(&points, Scale::Linear).to_svg();
        // One line and its legend sample; the point after the gap is a dot.
        assert_eq!(svg.matches(r##"stroke="#0072b2""##).count(), 2);
        assert_eq!(svg.matches("<circle").count(), 1);
        assert!(svg.contains("train: 1 at 4"));
    }

    #[test]
    fn log_scale_leaves_out_what_is_not_positive() {
        let points = [(1.0, 0.0), (2.0, -1.0), (3.0, 10.0), (4.0, 1000.0)];
        let svg = chart(&points, Scale::Log10).to_svg();
        assert_eq!(svg.matches("<circle").count(), 0);
        assert!(svg.contains(">10<") && svg.contains(">1000<"));
        parsed(&svg);
    }

    #[test]
    fn says_where_there_is_no_data() {
        for points in [&[][..], &[(1.0, f64::NAN)][..]] {
            let svg = chart(points, Scale::Linear).to_svg();
            assert!(svg.contains(">no data<"));
            parsed(&svg);
        }
    }

    #[test]
    fn many_lines_move_the_legend_below() {
        let mut many = chart(&[(1.0, 2.0), (2.0, 1.0)], Scale::Linear);
        many.series = vec![many.series[0].clone(); 30];
        let size = parsed(&many.to_svg()).size();
        // 30 names in 6 columns: 5 rows of 22 pixels and a gap of 12 more than without.
        assert_eq!((size.width(), size.height()), (720.0, 440.0 + 5.0 * 22.0 + 12.0));
    }

    #[test]
    fn survives_extreme_values() {
        let points = [(1.0, f64::MAX), (2.0, 1e-300), (3.0, 1e149), (4.0, -1e149)];
        parsed(&chart(&points, Scale::Linear).to_svg());
        parsed(&chart(&points, Scale::Log10).to_svg());
    }

    /// A million points: those of a line in order, of a scatter, of a line full of gaps, with marks.
    #[test]
    fn a_million_points_are_a_small_and_valid_drawing() {
        const LARGEST: usize = 1 << 20;
        let mut state = 1_u64;
        let mut random = || {
            // Knuth, 1997, MMIX.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX)
        };
        let scatter: Vec<(f64, f64)> = (0..1_000_000).map(|_| (random(), random())).collect();
        let curve: Vec<(f64, f64)> = scatter
            .iter()
            .enumerate()
            .map(|(x, &(y, _))| (crate::plot::svg::float(x), y))
            .collect();
        let gaps = curve.iter().enumerate();
        let gaps: Vec<_> =
            gaps.map(|(i, &(x, y))| (x, if i % 3 == 2 { f64::NAN } else { y })).collect();
        for (points, style, markers) in [
            (&scatter, Style::Dots, false),
            (&curve, Style::Solid, false),
            (&curve, Style::Solid, true),
            (&gaps, Style::Dashed, true),
        ] {
            let mut chart = chart(points, Scale::Linear);
            chart.series[0].style = style;
            chart.series[0].markers = markers;
            let svg = chart.to_svg();
            assert!(svg.len() < LARGEST, "{style:?}: {} bytes", svg.len());
            parsed(&svg);
        }
    }
}
