//! The embedded font: text widths, and fonts for the rasterizer.

use resvg::usvg::fontdb;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// CSS font list of every chart: the embedded font first, then fonts of browsers.
pub(super) const FAMILY: &str = "Inter, 'Helvetica Neue', Arial, sans-serif";

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
const SEMI_BOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");

/// A text style: weight and size in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Font {
    /// Whether the text is semi-bold.
    pub(super) bold: bool,
    /// Size in pixels.
    pub(super) size: f64,
}

impl Font {
    /// Chart titles.
    pub(super) const TITLE: Self = Self { bold: true, size: 17.0 };
    /// Axis titles and legends.
    pub(super) const LABEL: Self = Self { bold: false, size: 14.0 };
    /// Tick labels.
    pub(crate) const TICK: Self = Self { bold: false, size: 13.0 };
    /// Names next to tick labels.
    pub(crate) const BOLD_TICK: Self = Self { bold: true, size: 13.0 };

    /// Width of `text` in pixels, without kerning.
    pub(crate) fn width(self, text: &str) -> f64 {
        // Fallback if the embedded font is unreadable: the mean advance of Latin text.
        const MEAN_ADVANCE: f64 = 0.6;
        let Ok(font) = FontRef::new(if self.bold { SEMI_BOLD } else { REGULAR }) else {
            return text.chars().map(|_| MEAN_ADVANCE * self.size).sum();
        };
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let units = font.metrics(Size::unscaled(), LocationRef::default());
        let em = f64::from(units.units_per_em);
        let advance = |c| {
            let glyph = font.charmap().map(c)?;
            metrics.advance_width(glyph)
        };
        text.chars()
            .map(|c| advance(c).map_or(1.0, |units| f64::from(units) / em) * self.size)
            .sum()
    }

    /// Width of `text` with every digit as wide as the widest digit.
    pub(super) fn room(self, text: &str) -> f64 {
        let digits = || ('0'..='9').map(|digit| (digit, self.width(&digit.to_string())));
        let widest = digits().max_by(|left, right| left.1.total_cmp(&right.1));
        let widest = widest.map_or('0', |(digit, _)| digit);
        self.width(&text.replace(|c: char| c.is_ascii_digit(), &widest.to_string()))
    }

    /// Width of the widest of `texts`; 0 for none.
    pub(crate) fn widest<'a>(self, texts: impl IntoIterator<Item = &'a str>) -> f64 {
        texts.into_iter().map(|text| self.width(text)).fold(0.0, f64::max)
    }

    /// Cuts `text` with an ellipsis if it is wider than `limit` pixels.
    pub(super) fn shorten(self, text: &str, limit: f64) -> String {
        if self.width(text) <= limit {
            return text.to_owned();
        }
        let mut short = text.to_owned();
        while short.pop().is_some() {
            let candidate = format!("{}…", short.trim_end());
            if self.width(&candidate) <= limit {
                return candidate;
            }
        }
        "…".to_owned()
    }
}

/// The embedded fonts only, so that pictures are the same on every machine.
pub(super) fn database() -> fontdb::Database {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(SEMI_BOLD.to_vec());
    fonts.set_sans_serif_family("Inter");
    fonts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_the_advances_of_inter() {
        // fonttools' hmtx table of Inter-Regular.otf: 2816 units per em, H 2084, i 668.
        let font = Font { bold: false, size: 2816.0 };
        assert!((font.width("Hi") - 2752.0).abs() < 1e-6);
    }

    #[test]
    fn shortens_only_what_is_too_wide() {
        assert_eq!(Font::TICK.shorten("cat", 50.0), "cat");
        let short = Font::TICK.shorten("a rather long class name", 60.0);
        assert!(short.ends_with('…') && short.starts_with("a rat"), "{short}");
        assert!(Font::TICK.width(&short) <= 60.0);
        assert_eq!(Font::TICK.shorten("cat", 0.0), "…");
    }

    #[test]
    fn database_holds_both_weights_of_one_family() {
        let fonts = database();
        let faces: Vec<_> =
            fonts.faces().map(|face| (face.families[0].0.clone(), face.weight.0)).collect();
        assert_eq!(faces, [("Inter".to_owned(), 400), ("Inter".to_owned(), 600)]);
    }
}
