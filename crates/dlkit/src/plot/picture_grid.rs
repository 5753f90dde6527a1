//! Grids of named pictures, gray or in color.

use image::{ImageFormat, RgbImage, imageops};

use super::color::AXIS;
use super::error::PlotError;
use super::picture::pixels_from_svg;
use super::sheet::Sheet;
use super::svg::{Point, Rect, Stroke, float};

/// Pictures of one size in rows, gray or in color.
#[derive(Clone, Debug)]
pub(crate) struct PictureGrid {
    /// Heading.
    pub(crate) title: String,
    /// A line below the heading.
    pub(crate) note: String,
    /// Number of pictures in a row.
    pub(crate) columns: usize,
    /// Width of each picture in pixels.
    pub(crate) width: usize,
    /// Height of each picture in pixels.
    pub(crate) height: usize,
    /// The pictures, row by row.
    pub(crate) cells: Vec<Cell>,
}

/// A picture with its name.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// Name below the picture.
    pub(crate) name: String,
    /// Gray values, 0 to 255, row by row; or red ones, then green, then blue ones.
    pub(crate) values: Vec<u8>,
}

/// Approximate length of the longer side of a picture in the layout, in pixels.
const SIDE: f64 = 110.0;
/// Pixels of the PNG per pixel of the layout, as in other figures.
const SCALE: f64 = 2.0;

impl PictureGrid {
    /// Draws the grid as the bytes of a PNG file.
    ///
    /// # Errors
    /// The grid is too large.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "within the picture"
    )]
    pub(crate) fn to_png(&self) -> Result<Vec<u8>, PlotError> {
        let longest = float(self.width.max(self.height).max(1));
        let zoom = SIDE / longest;
        let (width, height) = (float(self.width) * zoom, float(self.height) * zoom);
        let sheet = Sheet::new(self.columns, (width, height));
        let mut svg = sheet.draw(self.cells.len(), [&self.title, &self.note], 0.0);
        let corners: Vec<Point> = (0..self.cells.len()).map(|index| sheet.corner(index)).collect();
        for (index, cell) in self.cells.iter().enumerate() {
            sheet.draw_name(&mut svg, index, &cell.name);
        }
        for (x, y) in &corners {
            let frame = Rect { x: x - 0.5, y: y - 0.5, width: width + 1.0, height: height + 1.0 };
            svg.outline(frame, Stroke::solid(AXIS, 1.0));
        }
        let mut canvas = pixels_from_svg(&svg.finish())?;
        let size = ((width * SCALE).round() as u32, (height * SCALE).round() as u32);
        for (cell, (x, y)) in self.cells.iter().zip(corners) {
            let picture = self.enlarged(cell, size.0.max(1), size.1.max(1));
            imageops::replace(&mut canvas, &picture, (x * SCALE) as i64, (y * SCALE) as i64);
        }
        let mut bytes = std::io::Cursor::new(Vec::new());
        canvas
            .write_to(&mut bytes, ImageFormat::Png)
            .map_err(|error| PlotError::Png(error.into()))?;
        Ok(bytes.into_inner())
    }

    fn enlarged(&self, cell: &Cell, width: u32, height: u32) -> RgbImage {
        let size = self.width * self.height;
        let place = |at: u32, size: u32, own: usize| at as usize * own / size as usize;
        RgbImage::from_fn(width, height, |x, y| {
            let row = place(y, height, self.height);
            let index = row * self.width + place(x, width, self.width);
            let value = |number: usize| cell.values.get(number * size + index).copied();
            let gray = value(0).unwrap_or(255);
            image::Rgb([gray, value(1).unwrap_or(gray), value(2).unwrap_or(gray)])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_below_the_heading_in_rows() {
        let cell = |gray: u8| Cell { name: gray.to_string(), values: vec![gray; 6] };
        let grid = PictureGrid {
            title: "faces".to_owned(),
            note: "3 of 2x3".to_owned(),
            columns: 2,
            width: 2,
            height: 3,
            cells: [10, 20, 30].map(cell).to_vec(),
        };
        let picture = image::load_from_memory(&grid.to_png().unwrap()).unwrap().to_luma8();
        // Each is 73 by 110, times 2, and the second row begins 142 below the first.
        let at = |x: u32, y: u32| picture.get_pixel(2 * x, 2 * y).0[0];
        assert_eq!([at(50, 100), at(140, 100), at(50, 260)], [10, 20, 30]);
        assert_eq!(at(140, 260), 255);
    }

    #[test]
    fn three_planes_are_red_green_and_blue() {
        let cell = Cell { name: String::new(), values: [[9; 6], [8; 6], [7; 6]].concat() };
        let grid = PictureGrid {
            title: String::new(),
            note: String::new(),
            columns: 1,
            width: 2,
            height: 3,
            cells: vec![cell],
        };
        let picture = image::load_from_memory(&grid.to_png().unwrap()).unwrap().to_rgb8();
        assert_eq!(picture.get_pixel(100, 200).0, [9, 8, 7]);
    }
}
