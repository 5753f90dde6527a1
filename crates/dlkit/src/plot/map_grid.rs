//! Grids of feature maps.

use super::color::{AXIS, MUTED, Rgb};
use super::color_bar::{Rising, draw_color_bar};
use super::font::Font;
use super::sheet::{MARGIN, Sheet};
use super::svg::{Anchor, Rect, Stroke, Svg, float};

/// Maps side by side, colored by value.
#[derive(Clone, Debug)]
pub(crate) struct MapGrid {
    /// Heading.
    pub(crate) title: String,
    /// A line below the heading.
    pub(crate) note: String,
    /// The maps.
    pub(crate) maps: Vec<Map>,
    /// Whether all maps share one color scale.
    pub(crate) common_scale: bool,
}

/// One map.
#[derive(Clone, Debug)]
pub(crate) struct Map {
    /// Name below the map.
    pub(crate) name: String,
    /// Number of columns.
    pub(crate) width: usize,
    /// Values, row by row.
    pub(crate) values: Vec<f32>,
}

/// Color of infinite and undefined values; no ramp contains it.
const NOT_FINITE: &str = "#d100d1";
/// Color of empty cells in the last row of a vector; white would mean zero.
const NO_VALUE: &str = "#c8ccd1";

/// Number of shades on each side of zero.
const SHADES: f64 = 24.0;
/// Approximate width of a map and maximum size of a value, in pixels: for one map and for several.
const ALONE: (f64, f64) = (360.0, 24.0);
const BESIDE: (f64, f64) = (96.0, 12.0);
const BAR: f64 = 150.0;

impl MapGrid {
    /// Draws the maps as SVG text: white is zero, blue is positive, orange is negative.
    pub(crate) fn to_svg(&self) -> String {
        let columns = columns(self.maps.len());
        let size = |map: &Map| {
            let rows = map.values.len().div_ceil(map.width.max(1)).max(1);
            (float(map.width.max(1)), float(rows))
        };
        let (width, height) = self.maps.first().map_or((1.0, 1.0), size);
        let (room, largest) = if self.maps.len() == 1 { ALONE } else { BESIDE };
        // Half pixels of the SVG are whole pixels of the PNG, so all cells are equal and leave no gaps.
        let pixel = ((2.0 * room / width.max(height)).floor() / 2.0).clamp(1.0, largest);
        let sheet = Sheet::new(columns, (width * pixel, height * pixel));
        let note = self.whole_note();
        let mut svg = sheet.draw(self.maps.len(), [&self.title, &note], 24.0 + BAR);
        let common = self.maps.iter().map(reach).fold(0.0, f64::max);
        self.draw_bar(&mut svg, common);
        for (index, map) in self.maps.iter().enumerate() {
            let corner = sheet.corner(index);
            let reach = if self.common_scale { common } else { reach(map) };
            let frame =
                Rect { x: corner.0, y: corner.1, width: width * pixel, height: height * pixel };
            svg.crisp(|svg| draw_map(svg, map, frame, pixel, reach));
            svg.outline(frame, Stroke::solid(AXIS, 0.6));
            sheet.draw_name(&mut svg, index, &map.name);
        }
        svg.finish()
    }

    /// The note, with the meaning of magenta and gray if they occur.
    fn whole_note(&self) -> String {
        let values = self.maps.iter().flat_map(|map| &map.values);
        let not_finite = match values.filter(|value| !value.is_finite()).count() {
            0 => String::new(),
            count => format!("; {count} infinite or undefined, in magenta"),
        };
        let has_gap = |map: &Map| !map.values.len().is_multiple_of(map.width.max(1));
        let gap = if self.maps.iter().any(has_gap) { "; gray holds no value" } else { "" };
        format!("{}{not_finite}{gap}", self.note)
    }

    fn draw_bar(&self, svg: &mut Svg, reach: f64) {
        let (x, y) = (svg.width() - MARGIN - BAR, 22.0);
        let bar = Rect { x, y, width: BAR, height: 12.0 };
        draw_color_bar(svg, bar, Rising::Right, |place| Rgb::of_signed(2.0 * place - 1.0));
        let ends = if self.common_scale && reach > 0.0 {
            [short(-reach), "0".to_owned(), short(reach)]
        } else if self.common_scale {
            [String::new(), "0".to_owned(), String::new()]
        } else {
            ["-largest".to_owned(), "0".to_owned(), "largest".to_owned()]
        };
        let places = [(x, Anchor::Start), (x + BAR / 2.0, Anchor::Middle), (x + BAR, Anchor::End)];
        for ((place, anchor), text) in places.into_iter().zip(&ends) {
            svg.label((place, y + 27.0), anchor, Font::TICK, MUTED, text);
        }
    }
}

/// A short text for a number.
fn short(value: f64) -> String {
    let size = value.abs();
    if (0.01..1000.0).contains(&size) { format!("{value:.3}") } else { format!("{value:.2e}") }
}

/// Draws each run of equal shades as one rectangle. Infinite and undefined values have their own color.
fn draw_map(svg: &mut Svg, map: &Map, frame: Rect, pixel: f64, reach: f64) {
    let shade = |value: f32| {
        let share = if reach > 0.0 || !value.is_finite() { f64::from(value) / reach } else { 0.0 };
        (share * SHADES).round()
    };
    for (row, values) in map.values.chunks(map.width.max(1)).enumerate() {
        let mut start = 0;
        while let Some(&first) = values.get(start) {
            let same = |value: &&f32| {
                let finite = value.is_finite() && first.is_finite();
                finite && (shade(**value) - shade(first)).abs() < 0.5
            };
            let length = values[start..].iter().take_while(same).count().max(1);
            let color = if first.is_finite() {
                Rgb::of_signed(shade(first) / SHADES).css()
            } else {
                NOT_FINITE.to_owned()
            };
            if shade(first) != 0.0 {
                let rect = Rect {
                    x: frame.x + float(start) * pixel,
                    y: frame.y + float(row) * pixel,
                    width: float(length) * pixel,
                    height: pixel,
                };
                svg.rect(rect, &color, "");
            }
            start += length;
        }
        if start < map.width {
            let rect = Rect {
                x: frame.x + float(start) * pixel,
                y: frame.y + float(row) * pixel,
                width: float(map.width - start) * pixel,
                height: pixel,
            };
            svg.rect(rect, NO_VALUE, "");
        }
    }
}

fn reach(map: &Map) -> f64 {
    let finite = map.values.iter().filter(|value| value.is_finite());
    finite.map(|value| f64::from(value.abs())).fold(0.0, f64::max)
}

/// Number of columns of a nearly square grid, at most 16.
fn columns(maps: usize) -> usize {
    (1..=16).find(|columns| columns * columns >= maps).unwrap_or(16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::picture::pixels_from_svg;

    #[test]
    fn maps_of_zeros_and_of_both_signs_are_valid_pictures() {
        let map = |values: &[f32]| Map { name: "0".to_owned(), width: 2, values: values.to_vec() };
        let grid = MapGrid {
            title: "a < b".to_owned(),
            note: "2 maps of 2x2".to_owned(),
            maps: vec![map(&[0.0; 4]), map(&[-1.0, 0.0, 0.5, f32::NAN])],
            common_scale: true,
        };
        let svg = grid.to_svg();
        resvg::usvg::Tree::from_str(&svg, &resvg::usvg::Options::default()).unwrap();
        assert!(svg.contains("a &lt; b") && svg.contains("-1.000"));
        assert!(svg.contains("1 infinite or undefined, in magenta"));
        assert_eq!(svg.matches(NOT_FINITE).count(), 1);
    }

    #[test]
    fn the_heading_has_room_for_what_is_said_of_odd_values() {
        let wide = |values: &[f32]| {
            let map = Map { name: String::new(), width: 2, values: values.to_vec() };
            let grid = MapGrid {
                title: String::new(),
                note: "2 features, row by row, 2 in a row".to_owned(),
                maps: vec![map],
                common_scale: true,
            };
            let svg = grid.to_svg();
            let wide: f64 = svg.split('"').nth(3).unwrap().parse().unwrap();
            (grid.whole_note(), wide)
        };
        let (note, plain) = wide(&[1.0, 2.0]);
        assert_eq!(note, "2 features, row by row, 2 in a row");
        let (note, wide) = wide(&[1.0, f32::INFINITY, 3.0]);
        let said = "; 1 infinite or undefined, in magenta; gray holds no value";
        assert!(note.ends_with(said), "{note}");
        assert!(wide > plain + Font::TICK.width(said) - 1.0, "{wide} {plain}");
    }

    #[test]
    fn places_without_a_value_do_not_look_like_zeros() {
        let map = Map { name: String::new(), width: 3, values: vec![0.0, 1.0, 0.0, 0.0] };
        let (title, note) = (String::new(), String::new());
        let svg = MapGrid { title, note, maps: vec![map], common_scale: true }.to_svg();
        assert_eq!(svg.matches(NO_VALUE).count(), 1);
    }

    #[test]
    fn cells_cover_the_picture_without_seams() {
        // 360 pixels for 128 values would be 2.8125 for each.
        let values = (0..128_u8).map(|index| 1.0 + f32::from(index % 2)).collect();
        let map = Map { name: String::new(), width: 128, values };
        let (title, note) = (String::new(), String::new());
        let svg = MapGrid { title, note, maps: vec![map], common_scale: true }.to_svg();
        let picture = pixels_from_svg(&svg).unwrap();
        // Cells of five pixels of the PNG; the first and the last lie below the frame.
        let color = |x: u32| *picture.get_pixel(2 * 20 + x, 2 * 68 + 2);
        let changes = (5..126 * 5 + 4).filter(|&x| color(x) != color(x + 1)).count();
        assert_eq!(changes, 125);
    }

    #[test]
    fn grids_are_about_square() {
        assert_eq!([1, 2, 9, 32, 1000].map(columns), [1, 2, 3, 6, 16]);
    }
}
