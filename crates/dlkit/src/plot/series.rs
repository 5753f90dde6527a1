//! Lines of a chart: points, style and drawing.

use std::collections::BTreeMap;

use super::axis::Axis;
use super::color::Color;
use super::svg::{Point, Stroke, Svg};

/// Style of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// A solid line.
    Solid,
    /// A dashed line.
    Dashed,
    /// Dots without a line.
    Dots,
}

/// A named line.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// Name in the legend; empty for none.
    pub(crate) name: String,
    /// Points (x, y), sorted by x; a non-finite point leaves a gap.
    pub(crate) points: Vec<(f64, f64)>,
    /// The style.
    pub(crate) style: Style,
    /// The color; each repetition of the palette has other dashes.
    pub(crate) color: Color,
    /// A translucent band (x, low, high), such as a standard deviation.
    pub(crate) band: Option<Vec<(f64, f64, f64)>>,
    /// Whether every point has a dot. A point between two gaps always has a dot.
    pub(crate) markers: bool,
}

/// Radius of a dot, in pixels.
const DOT: f64 = 3.5;
/// Maximum number of single dots; more dots become a density.
const MOST_DOTS: usize = 1_000;
/// Maximum number of pieces of a line.
const MOST_PIECES: usize = 500;
/// Side of the squares of a density in pixels, about as wide as a dot.
const SQUARE: f64 = 6.0;

impl Series {
    /// The line's CSS color.
    pub(super) fn css(&self) -> &'static str {
        self.color.css()
    }

    /// The line's stroke.
    pub(super) fn stroke(&self) -> Stroke {
        let dashes = match (self.style, self.color.round()) {
            (Style::Solid, 0) | (Style::Dots, _) => "",
            (Style::Solid, 1) => "12 3 2 3",
            (Style::Solid, _) => "12 3 2 3 2 3",
            (Style::Dashed, 0) => "6 4",
            (Style::Dashed, _) => "2 3",
        };
        Stroke { color: self.css(), width: 2.0, dashes }
    }

    /// Draws the band.
    pub(super) fn draw_band(&self, svg: &mut Svg, x: &Axis, y: &Axis) {
        let shown = |&(at, low, high): &(f64, f64, f64)| {
            // On a logarithmic axis, a low end below 0 lies at the end of the axis.
            x.shows(at) && y.shows(high) && !low.is_nan()
        };
        for run in runs(self.band.as_deref().unwrap_or_default(), shown) {
            let high = run.iter().map(|p| (x.pixel(p.0), y.pixel(p.2)));
            let low = run.iter().rev().map(|p| (x.pixel(p.0), y.pixel(p.1)));
            let corners: Vec<Point> = thinned(high).into_iter().chain(thinned(low)).collect();
            svg.area(&corners, self.css(), 0.18);
        }
    }

    /// Draws the line and its dots. The size of the SVG text is bounded for any number of points.
    pub(super) fn draw_line(&self, svg: &mut Svg, x: &Axis, y: &Axis) {
        let pixel = |&(at, value): &(f64, f64)| (x.pixel(at), y.pixel(value));
        let runs = runs(&self.points, |&(at, value)| x.shows(at) && y.shows(value));
        // A line in so many pieces looks like dots.
        let is_drawn_through = self.style != Style::Dots && runs.len() <= MOST_PIECES;
        let mut dots: Vec<(f64, f64)> = Vec::new();
        for run in &runs {
            if run.len() > 1 && is_drawn_through {
                svg.polyline(&thinned(run.iter().map(pixel)), self.stroke());
            }
            if self.markers || run.len() == 1 || !is_drawn_through {
                dots.extend_from_slice(run);
            }
        }
        if dots.len() <= MOST_DOTS {
            for dot in &dots {
                svg.dot(pixel(dot), DOT, self.css(), &self.hint(*dot));
            }
        } else if !is_drawn_through {
            svg.dots(DOT, self.css(), &binned(dots.iter().map(pixel)));
        } else {
            // So many dots would hide the line; only points between two gaps keep theirs.
            let alone = runs.iter().filter(|run| run.len() == 1).flat_map(|run| run.iter());
            svg.dots(DOT, self.css(), &binned(alone.map(pixel)));
        }
    }

    fn hint(&self, (at, value): (f64, f64)) -> String {
        if self.name.is_empty() {
            format!("{value} at {at}")
        } else {
            format!("{}: {value} at {at}", self.name)
        }
    }

    /// Draws a sample of the line for a legend, from `at` to the right.
    pub(super) fn draw_sample(&self, svg: &mut Svg, at: Point, width: f64) {
        let (x, y) = at;
        if self.band.is_some() {
            let (top, bottom) = (y - 6.0, y + 6.0);
            let corners = [(x, top), (x + width, top), (x + width, bottom), (x, bottom)];
            svg.area(&corners, self.css(), 0.18);
        }
        if self.style != Style::Dots {
            svg.polyline(&[at, (x + width, y)], self.stroke());
        }
        if self.markers || self.style == Style::Dots {
            svg.dot((x + width / 2.0, y), DOT, self.css(), "");
        }
    }
}

/// Splits `points` at those that are not `shown`.
fn runs<T>(points: &[T], shown: impl Fn(&T) -> bool) -> Vec<&[T]> {
    points.split(|point| !shown(point)).filter(|run| !run.is_empty()).collect()
}

/// Keeps only the first, lowest, highest and last point of each pixel column. A line through thousands
/// of steps looks the same and stays small.
fn thinned(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let points: Vec<Point> = points.collect();
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor().total_cmp(&b.0.floor()).is_eq()) {
        let by_y = |i: &usize, j: &usize| column[*i].1.total_cmp(&column[*j].1);
        let indices = 0..column.len();
        let extremes = [indices.clone().min_by(by_y), indices.max_by(by_y)];
        let mut chosen: Vec<usize> = extremes.into_iter().flatten().collect();
        chosen.extend([0, column.len() - 1]);
        chosen.sort_unstable();
        chosen.dedup();
        kept.extend(chosen.into_iter().map(|i| column[i]));
    }
    kept
}

/// One dot per small square; more points make it more opaque. The size depends on the plot, not on the
/// number of points.
fn binned(points: impl Iterator<Item = Point>) -> Vec<(Point, f64)> {
    /// Opacity of a square with the fewest points, still visible on white.
    const FAINTEST: f64 = 0.25;
    let mut squares: BTreeMap<(i64, i64), (Point, f64)> = BTreeMap::new();
    for (x, y) in points {
        #[expect(clippy::cast_possible_truncation, reason = "pixels of a drawing")]
        let square = [x, y].map(|place| (place / SQUARE).floor() as i64);
        squares.entry((square[0], square[1])).or_insert(((x, y), 0.0)).1 += 1.0;
    }
    let most = squares.values().map(|(_, count)| *count).fold(1.0, f64::max);
    let opacity = |count: f64| {
        // Logarithmic, because squares differ by factors of thousands.
        let share = if most > 1.0 { count.ln() / most.ln() } else { 1.0 };
        FAINTEST + (1.0 - FAINTEST) * share
    };
    squares.into_values().map(|(point, count)| (point, opacity(count))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_that_are_not_finite_leave_gaps() {
        let points = [
            (1.0, 2.0),
            (2.0, 3.0),
            (3.0, f64::NAN),
            (4.0, 1.0),
            (5.0, f64::INFINITY),
            (6.0, f64::NAN),
        ];
        let runs = runs(&points, |p| p.1.is_finite());
        assert_eq!(runs, [&[(1.0, 2.0), (2.0, 3.0)][..], &[(4.0, 1.0)][..]]);
    }

    #[test]
    fn thinning_keeps_the_outline_of_a_column() {
        let column = [(7.0, 5.0), (7.1, 9.0), (7.2, 6.0), (7.3, 1.0), (7.9, 4.0)];
        assert_eq!(thinned(column.into_iter()), [(7.0, 5.0), (7.1, 9.0), (7.3, 1.0), (7.9, 4.0)]);
        let apart = [(1.0, 5.0), (2.0, 9.0), (3.0, 6.0)];
        assert_eq!(thinned(apart.into_iter()), apart);
    }

    #[test]
    fn a_density_has_one_dot_for_each_square_and_shades_it() {
        let points = [(1.0, 1.0), (2.0, 5.0), (5.9, 0.0), (7.0, 1.0), (1.0, 13.0)];
        let dots = binned(points.into_iter());
        let places: Vec<Point> = dots.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [(1.0, 1.0), (1.0, 13.0), (7.0, 1.0)]);
        assert!((dots[0].1 - 1.0).abs() < 1e-12 && (dots[1].1 - 0.25).abs() < 1e-12);
    }
}
