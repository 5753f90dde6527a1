//! Heat maps of the weights of layers on one diverging scale.

use dlkit_models::network::LayerWeights;

use super::color::{AXIS, INK, MUTED, Rgb};
use super::color_bar::{Rising, draw_color_bar};
use super::font::Font;
use super::sheet::{MARGIN, draw_heading};
use super::svg::{Anchor, Point, Rect, Stroke, Svg, float};

/// Layers side by side: rows are inputs, columns are units, biases are below.
#[derive(Clone, Debug)]
pub(crate) struct WeightMaps<'a> {
    /// Heading.
    pub(crate) title: String,
    /// The longest heading of all drawings of a series, which decides their common width.
    pub(crate) longest_title: String,
    /// The layers, from input to output.
    pub(crate) layers: &'a [LayerWeights],
    /// What the inputs of the first layer stand for, where they have names.
    pub(crate) inputs: &'a [String],
    /// Magnitude with the deepest color.
    pub(crate) reach: f64,
}

/// Maximum number of cells of a map along each axis; in larger maps a cell covers several weights.
const MOST_CELLS: usize = 64;
/// Maximum number of cells along each axis with numbers.
const MOST_NUMBERS: usize = 20;
/// Width and height of a cell with a number.
const NUMBERED: (f64, f64) = (44.0, 22.0);
const NUMBER: Font = Font { bold: false, size: 11.0 };
/// Approximate length of a map without numbers, in pixels.
const ROOM: f64 = 320.0;
/// Maximum width of a row of maps, in pixels.
const WIDEST: f64 = 1_240.0;
const HEADING: f64 = 76.0;
const NAME: f64 = 22.0;
const GAP: f64 = 28.0;
const BIAS_GAP: f64 = 6.0;
const NAME_GAP: f64 = 8.0;
const BAR: f64 = 200.0;

/// The largest magnitude of weights and biases.
pub(crate) fn largest_weight(layers: &[LayerWeights]) -> f64 {
    let values = layers.iter().flat_map(|layer| layer.weights.iter().chain(&layer.biases));
    values.map(|value| f64::from(value.abs())).fold(0.0, f64::max)
}

/// Layout of one layer.
struct Map<'a> {
    layer: &'a LayerWeights,
    /// Rows and columns of weights that one cell covers.
    block: (usize, usize),
    rows: usize,
    columns: usize,
    cell: (f64, f64),
    numbered: bool,
    /// Names of its rows, where each has one and there is room for them.
    names: &'a [String],
}

impl<'a> Map<'a> {
    fn new(layer: &'a LayerWeights, names: &'a [String]) -> Self {
        let block = (layer.inputs.div_ceil(MOST_CELLS), layer.units.div_ceil(MOST_CELLS));
        let block = (block.0.max(1), block.1.max(1));
        let (rows, columns) = (layer.inputs.div_ceil(block.0), layer.units.div_ceil(block.1));
        let longest = rows.max(columns).max(1);
        let numbered = longest <= MOST_NUMBERS;
        let side = (ROOM / float(longest)).clamp(4.0, 22.0);
        let cell = if numbered { NUMBERED } else { (side, side) };
        let names = if numbered && names.len() == rows { names } else { &[] };
        Self { layer, block, rows, columns, cell, numbered, names }
    }

    fn name(&self) -> String {
        let zeros = self.layer.weights.iter().filter(|weight| **weight == 0.0).count();
        self.name_with(zeros)
    }

    fn name_with(&self, zeros: usize) -> String {
        let LayerWeights { layer, inputs, units, .. } = self.layer;
        let blocks = match self.block {
            (1, 1) => String::new(),
            (rows, columns) => format!("; largest of {rows} x {columns} in a cell"),
        };
        let numbers = inputs * units;
        format!("{layer}: {inputs} to {units}, {zeros} of {numbers} zero{blocks}")
    }

    /// Width of the names beside its rows.
    fn names_width(&self) -> f64 {
        let widest = self.names.iter().map(|name| Font::TICK.width(name)).fold(0.0, f64::max);
        if self.names.is_empty() { 0.0 } else { widest + NAME_GAP }
    }

    /// Independent of the weights, so that all frames of an animation have one size.
    fn width(&self) -> f64 {
        let name = self.name_with(self.layer.inputs * self.layer.units);
        (self.names_width() + float(self.columns) * self.cell.0).max(Font::TICK.room(&name))
    }

    fn height(&self) -> f64 {
        let bias = if self.layer.biases.is_empty() { 0.0 } else { BIAS_GAP + self.cell.1 };
        NAME + float(self.rows) * self.cell.1 + bias
    }

    /// The weight of largest magnitude in a cell.
    fn weight(&self, row: usize, column: usize) -> f32 {
        let LayerWeights { inputs, units, weights, .. } = self.layer;
        let (rows, columns) = self.block;
        let rows = row * rows..((row + 1) * rows).min(*inputs);
        let columns = column * columns..((column + 1) * columns).min(*units);
        let values = rows.filter_map(|row| weights.get(row * units..(row + 1) * units));
        let values = values.filter_map(|row| row.get(columns.clone()));
        values.flatten().copied().fold(0.0, larger)
    }

    fn bias(&self, column: usize) -> f32 {
        let biases = self.layer.biases.chunks(self.block.1).nth(column);
        biases.into_iter().flatten().copied().fold(0.0, larger)
    }

    fn draw(&self, svg: &mut Svg, (left, top): Point, reach: f64) {
        svg.label((left, top + 12.0), Anchor::Start, Font::TICK, INK, &self.name());
        let left = left + self.names_width();
        let corner = (left, top + NAME);
        for (row, name) in self.names.iter().enumerate() {
            let middle = corner.1 + (float(row) + 0.5) * self.cell.1;
            let at = (left - NAME_GAP, middle + 4.0);
            svg.label(at, Anchor::End, Font::TICK, INK, name);
        }
        for row in 0..self.rows {
            for column in 0..self.columns {
                self.draw_cell(svg, corner, (row, column), self.weight(row, column), reach);
            }
        }
        let (width, height) = self.cell;
        let frame = Rect {
            x: left,
            y: corner.1,
            width: float(self.columns) * width,
            height: float(self.rows) * height,
        };
        svg.outline(frame, Stroke::solid(AXIS, 0.8));
        if self.layer.biases.is_empty() {
            return;
        }
        let below = (left, frame.bottom() + BIAS_GAP);
        for column in 0..self.columns {
            self.draw_cell(svg, below, (0, column), self.bias(column), reach);
        }
        svg.outline(Rect { y: below.1, height, ..frame }, Stroke::solid(AXIS, 0.8));
    }

    fn draw_cell(
        &self,
        svg: &mut Svg,
        corner: Point,
        (row, column): (usize, usize),
        value: f32,
        reach: f64,
    ) {
        let (width, height) = self.cell;
        let (x, y) = (corner.0 + float(column) * width, corner.1 + float(row) * height);
        let share = if reach > 0.0 { f64::from(value) / reach } else { 0.0 };
        let color = Rgb::of_signed(share);
        if value != 0.0 {
            svg.rect(Rect { x, y, width, height }, &color.css(), "");
        }
        if !self.numbered {
            return;
        }
        let ink = if value == 0.0 { MUTED } else { color.ink() };
        let text = number(value);
        if NUMBER.width(&text) <= width - 2.0 {
            let at = (x + width / 2.0, y + height / 2.0 + 4.0);
            svg.label(at, Anchor::Middle, NUMBER, ink, &text);
        }
    }
}

impl WeightMaps<'_> {
    /// Draws the maps as SVG text: white is zero, blue is positive, orange is negative.
    pub(crate) fn to_svg(&self) -> String {
        let names = |place| if place == 0 { self.inputs } else { &[] };
        let layers = self.layers.iter().enumerate();
        let maps: Vec<Map> = layers.map(|(place, layer)| Map::new(layer, names(place))).collect();
        let mut places = Vec::new();
        let (mut x, mut y, mut row_height, mut right) = (MARGIN, HEADING, 0.0_f64, 0.0_f64);
        for map in &maps {
            if x > MARGIN && x + map.width() > WIDEST {
                (x, y, row_height) = (MARGIN, y + row_height + GAP, 0.0);
            }
            places.push((x, y));
            row_height = row_height.max(map.height());
            right = right.max(x + map.width());
            x += map.width() + GAP;
        }
        let note = "rows: inputs, columns: units, below: biases";
        let texts = [Font::TITLE.room(&self.longest_title), Font::TICK.width(note)];
        let heading = MARGIN + texts[0].max(texts[1]) + GAP + BAR;
        let (width, height) = (right.max(heading) + MARGIN, y + row_height + MARGIN);
        let mut svg = Svg::new(width, height, &self.title);
        draw_heading(&mut svg, MARGIN, [&self.title, note]);
        self.draw_bar(&mut svg, width - MARGIN - BAR);
        for (map, place) in maps.iter().zip(places) {
            map.draw(&mut svg, place, self.reach);
        }
        svg.finish()
    }

    fn draw_bar(&self, svg: &mut Svg, left: f64) {
        let bar = Rect { x: left, y: 18.0, width: BAR, height: 14.0 };
        draw_color_bar(svg, bar, Rising::Right, |place| Rgb::of_signed(2.0 * place - 1.0));
        let ends = [
            (-self.reach, left, Anchor::Start),
            (0.0, left + BAR / 2.0, Anchor::Middle),
            (self.reach, left + BAR, Anchor::End),
        ];
        for (value, x, anchor) in ends {
            #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
            let text = number(value as f32);
            svg.label((x, bar.bottom() + 16.0), anchor, Font::TICK, MUTED, &text);
        }
    }
}

fn larger(left: f32, right: f32) -> f32 {
    if right.abs() > left.abs() { right } else { left }
}

/// A short text for a number; only zero becomes 0.
fn number(value: f32) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if !(0.01..10_000.0).contains(&size) {
        format!("{value:.0e}")
    } else if size < 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(inputs: usize, units: usize, weights: Vec<f32>) -> LayerWeights {
        let biases = vec![0.0; units];
        LayerWeights { layer: "dense1".to_owned(), inputs, units, weights, biases }
    }

    #[test]
    fn small_maps_have_numbers_and_zero_is_zero() {
        let layers = [layer(2, 2, vec![0.5, -0.001, 0.0, 12.34])];
        let title = || "w".to_owned();
        let names = ["age".to_owned(), "size & weight".to_owned()];
        let maps = WeightMaps {
            title: title(),
            longest_title: title(),
            layers: &layers,
            inputs: &names,
            reach: 12.34,
        };
        let svg = maps.to_svg();
        resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).unwrap();
        for text in
            [">0.50<", ">-1e-3<", ">12<", "dense1: 2 to 2, 1 of 4 zero", ">size &amp; weight<"]
        {
            assert!(svg.contains(text), "{text}");
        }
        // A zero weight, two zero biases and the middle of the scale.
        assert_eq!(svg.matches(">0<").count(), 4);
        assert!(svg.contains(&Rgb::of_signed(1.0).css()));
    }

    #[test]
    fn drawings_of_other_weights_are_as_large() {
        let size = |title: &str, weights: Vec<f32>| {
            let layers = [layer(2, 6, weights)];
            let maps = WeightMaps {
                title: title.to_owned(),
                longest_title: "run, epoch 10 of 10".to_owned(),
                layers: &layers,
                inputs: &[],
                reach: 1.0,
            };
            let options = resvg::usvg::Options::default();
            resvg::usvg::Tree::from_str(&maps.to_svg(), &options).unwrap().size()
        };
        let mut some = vec![0.5; 12];
        some[0] = 0.0;
        let first = size("run, epoch  0 of 10", vec![0.5; 12]);
        assert_eq!(first, size("run, epoch  1 of 10", some));
        assert_eq!(first, size("run, epoch 10 of 10", vec![0.0; 12]));
    }

    #[test]
    fn large_maps_show_the_largest_of_a_block() {
        let mut weights = vec![0.1; 130 * 2];
        weights[2 * 2] = -0.7;
        let layers = [layer(130, 2, weights)];
        let map = Map::new(&layers[0], &[]);
        // Three rows in a cell: 130 of them in 44.
        assert_eq!((map.block, map.rows, map.columns), ((3, 1), 44, 2));
        for (place, expected) in [((0, 0), -0.7), ((0, 1), 0.1), ((43, 0), 0.1)] {
            assert!((map.weight(place.0, place.1) - expected).abs() < 1e-6, "{place:?}");
        }
        assert!(map.name().ends_with("largest of 3 x 1 in a cell"), "{}", map.name());
        assert!((largest_weight(&layers) - 0.7).abs() < 1e-6);
    }
}
