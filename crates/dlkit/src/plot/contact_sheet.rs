//! Contact sheets: labeled pictures side by side.

use image::imageops::{FilterType, overlay};
use image::{DynamicImage, Rgba, RgbaImage};

use super::color::{INK, MUTED};
use super::error::PlotError;
use super::font::Font;
use super::picture::png_from_svg;
use super::svg::{Anchor, Svg, Text};

/// Pictures in a grid, each with a label below, of one or several lines. Large pictures should be [`reduced`] first.
pub(crate) struct ContactSheet {
    /// Heading.
    pub(crate) title: String,
    /// Labels and pictures.
    pub(crate) pictures: Vec<(String, DynamicImage)>,
}

/// Maximum width and height of a picture in a sheet, in pixels.
const LARGEST: u32 = 640;
/// Maximum number of columns.
const COLUMNS: u32 = 5;
const MARGIN: u32 = 16;
const HEADING: u32 = 48;
const LABEL: u32 = 32;
/// Height of each further line of a label.
const LINE: u32 = 18;
/// Minimum width of a cell, in pixels; a narrower one has no room for its label.
const NARROWEST: u32 = 160;

impl ContactSheet {
    /// Draws the sheet on white. Transparent parts of the pictures stay transparent.
    ///
    /// # Errors
    /// The sheet is too large.
    pub(crate) fn draw(self) -> Result<DynamicImage, PlotError> {
        let small: Vec<(String, RgbaImage)> = self
            .pictures
            .into_iter()
            .map(|(label, picture)| (label, reduced(&picture).to_rgba8()))
            .collect();
        let largest = |of: fn(&RgbaImage) -> u32| {
            small.iter().map(|(_, picture)| of(picture)).max().unwrap_or(1)
        };
        let (width, height) =
            (largest(RgbaImage::width).max(NARROWEST), largest(RgbaImage::height));
        let count = u32::try_from(small.len()).unwrap_or(u32::MAX).max(1);
        // Rows get about equal lengths.
        let rows = count.div_ceil(COLUMNS);
        let columns = count.div_ceil(rows);
        let lines = small.iter().map(|(label, _)| label.lines().count()).max().unwrap_or(1);
        let further = u32::try_from(lines.saturating_sub(1)).unwrap_or(0);
        let cell = (width + MARGIN, height + LABEL + further * LINE);
        let size = (columns * cell.0 + MARGIN, HEADING + rows * cell.1 + MARGIN);
        let mut svg = Svg::new(f64::from(size.0), f64::from(size.1), &self.title);
        let mut write = |x: u32, y: u32, font: Font, fill: &'static str, content: &str| {
            // A heading has the width of the sheet.
            let room = if y < HEADING { size.0 - 2 * MARGIN } else { width };
            let content = &font.shorten(content, f64::from(room));
            let at = (f64::from(x), f64::from(y));
            svg.text(&Text { at, anchor: Anchor::Start, font, fill, rotation: 0.0, content });
        };
        write(MARGIN, 30, Font::TITLE, INK, &self.title);
        let places: Vec<(u32, u32)> = (0..count)
            .map(|index| (MARGIN + index % columns * cell.0, HEADING + index / columns * cell.1))
            .collect();
        for ((label, picture), (x, y)) in small.iter().zip(&places) {
            for (line, text) in (0..).zip(label.lines()) {
                // The first of several lines is the heading.
                let ink = if further > 0 && line == 0 { INK } else { MUTED };
                write(*x, y + picture.height() + 20 + line * LINE, Font::LABEL, ink, text);
            }
        }
        let png = png_from_svg(&svg.finish(), 1.0)?;
        let drawn = image::load_from_memory(&png).map_err(|error| PlotError::Png(error.into()))?;
        let mut sheet = RgbaImage::from_pixel(size.0, size.1, Rgba([255; 4]));
        overlay(&mut sheet, &drawn, 0, 0);
        for ((_, picture), (x, y)) in small.iter().zip(&places) {
            overlay(&mut sheet, picture, i64::from(*x), i64::from(*y));
        }
        Ok(DynamicImage::from(sheet).to_rgb8().into())
    }
}

/// Scales a picture down until it fits a sheet.
pub(crate) fn reduced(picture: &DynamicImage) -> DynamicImage {
    if picture.width().max(picture.height()) <= LARGEST {
        return picture.clone();
    }
    picture.resize(LARGEST, LARGEST, FilterType::Triangle)
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;

    #[test]
    fn pictures_lie_in_equal_rows_and_large_ones_are_reduced() {
        let picture =
            |width| DynamicImage::from(RgbImage::from_pixel(width, 100, [9, 8, 7].into()));
        let pictures = [1280, 640, 640, 200, 640, 640];
        let pictures = pictures.map(|width| ("T = 1".to_owned(), picture(width))).to_vec();
        let sheet = ContactSheet { title: "a".to_owned(), pictures }.draw().unwrap().to_rgb8();
        assert_eq!(sheet.dimensions(), (3 * 656 + 16, 48 + 2 * 132 + 16));
        assert_eq!(sheet.get_pixel(20, 60).0, [9, 8, 7]);
        // The first is half as high as the others.
        assert_eq!(sheet.get_pixel(20, 48 + 130).0, [255; 3]);
        assert_eq!(sheet.get_pixel(20 + 656, 48 + 95).0, [9, 8, 7]);
        assert_eq!(sheet.get_pixel(20, 48 + 132 + 50).0, [9, 8, 7]);
        let ink = sheet.pixels().filter(|pixel| pixel.0[0] < 140 && pixel.0 != [9, 8, 7]).count();
        assert!(ink > 100, "{ink}");
    }
}
