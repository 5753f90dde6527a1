//! A small SVG writer: shapes for charts, and escaping.

use super::color::PAPER;
use super::font::{FAMILY, Font};

/// A point, in pixels: x right, y down.
pub(super) type Point = (f64, f64);

/// An SVG drawing on white paper.
pub(super) struct Svg {
    width: f64,
    height: f64,
    label: String,
    body: String,
}

/// An axis-parallel rectangle.
#[derive(Clone, Copy)]
pub(super) struct Rect {
    /// Left edge.
    pub(super) x: f64,
    /// Top edge.
    pub(super) y: f64,
    /// Width.
    pub(super) width: f64,
    /// Height.
    pub(super) height: f64,
}

impl Rect {
    /// Right edge.
    pub(super) fn right(self) -> f64 {
        self.x + self.width
    }

    /// Bottom edge.
    pub(super) fn bottom(self) -> f64 {
        self.y + self.height
    }
}

/// How a line is drawn.
#[derive(Clone, Copy)]
pub(super) struct Stroke {
    /// CSS color.
    pub(super) color: &'static str,
    /// Width in pixels.
    pub(super) width: f64,
    /// SVG dash pattern; empty for solid.
    pub(super) dashes: &'static str,
}

impl Stroke {
    /// A solid stroke.
    pub(super) const fn solid(color: &'static str, width: f64) -> Self {
        Self { color, width, dashes: "" }
    }
}

/// Point of a text that lies at its position.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// A line of text.
pub(super) struct Text<'a> {
    /// Anchor point on the baseline.
    pub(super) at: Point,
    /// Point of the text that lies there.
    pub(super) anchor: Anchor,
    /// Weight and size.
    pub(super) font: Font,
    /// CSS color.
    pub(super) fill: &'static str,
    /// Clockwise rotation about `at`, in degrees.
    pub(super) rotation: f64,
    /// The text.
    pub(super) content: &'a str,
}

impl Svg {
    /// An empty drawing of a size in pixels; `label` tells screen readers what it shows.
    pub(super) fn new(width: f64, height: f64, label: &str) -> Self {
        let mut svg = Self { width, height, label: escape(label), body: String::new() };
        let paper = Rect { x: 0.0, y: 0.0, width, height };
        svg.rect(paper, PAPER, "");
        svg
    }

    /// Its width, in pixels.
    pub(super) const fn width(&self) -> f64 {
        self.width
    }

    /// Adds a filled rectangle. A non-empty `hint` is its tooltip.
    pub(super) fn rect(&mut self, rect: Rect, fill: &str, hint: &str) {
        let (x, y) = (number(rect.x), number(rect.y));
        let (width, height) = (number(rect.width), number(rect.height));
        let start =
            format!(r#"rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}""#);
        self.hinted("rect", &start, hint);
    }

    /// Adds the shapes of `draw` without antialiasing, so that neighboring cells show no seams.
    pub(super) fn crisp(&mut self, draw: impl FnOnce(&mut Self)) {
        self.push(r#"<g shape-rendering="crispEdges">"#);
        draw(self);
        self.push("</g>");
    }

    /// Adds the outline of a rectangle.
    pub(super) fn outline(&mut self, rect: Rect, stroke: Stroke) {
        let (right, bottom) = (rect.right(), rect.bottom());
        let corners = [(rect.x, rect.y), (right, rect.y), (right, bottom), (rect.x, bottom)];
        let points = points(&corners);
        let stroke = stroke_attributes(stroke);
        self.push(&format!(r#"<polygon points="{points}" fill="none"{stroke}/>"#));
    }

    /// Adds an open line through `corners`.
    pub(super) fn polyline(&mut self, corners: &[Point], stroke: Stroke) {
        let points = points(corners);
        let stroke = stroke_attributes(stroke);
        self.push(&format!(
            r#"<polyline points="{points}" fill="none"{stroke} stroke-linejoin="round"/>"#
        ));
    }

    /// Adds a translucent area.
    pub(super) fn area(&mut self, corners: &[Point], fill: &str, opacity: f64) {
        let points = points(corners);
        self.push(&format!(
            r#"<polygon points="{points}" fill="{fill}" fill-opacity="{opacity}"/>"#
        ));
    }

    /// Adds a dot with a white rim. A non-empty `hint` is its tooltip.
    pub(super) fn dot(&mut self, (x, y): Point, radius: f64, fill: &str, hint: &str) {
        let (x, y) = (number(x), number(y));
        let start = format!(
            r#"circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{PAPER}" stroke-width="1""#
        );
        self.hinted("circle", &start, hint);
    }

    /// Adds dots of one color without rims, each with its opacity.
    pub(super) fn dots(&mut self, radius: f64, fill: &str, dots: &[(Point, f64)]) {
        self.push(&format!(r#"<g fill="{fill}">"#));
        for ((x, y), opacity) in dots {
            let (x, y, opacity) = (number(*x), number(*y), number(*opacity));
            self.push(&format!(
                r#"<circle cx="{x}" cy="{y}" r="{radius}" fill-opacity="{opacity}"/>"#
            ));
        }
        self.push("</g>");
    }

    /// Adds a line of text.
    pub(super) fn text(&mut self, text: &Text) {
        let (x, y) = (number(text.at.0), number(text.at.1));
        let anchor = match text.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if text.font.bold { r#" font-weight="600""# } else { "" };
        let turn = if text.rotation == 0.0 {
            String::new()
        } else {
            format!(r#" transform="rotate({} {x} {y})""#, number(text.rotation))
        };
        let (size, fill, content) = (number(text.font.size), text.fill, escape(text.content));
        self.push(&format!(
            r#"<text x="{x}" y="{y}" font-size="{size}"{weight} fill="{fill}" text-anchor="{anchor}"{turn}>{content}</text>"#
        ));
    }

    /// Adds a horizontal line of text.
    pub(super) fn label(
        &mut self,
        at: Point,
        anchor: Anchor,
        font: Font,
        fill: &'static str,
        content: &str,
    ) {
        self.text(&Text { at, anchor, font, fill, rotation: 0.0, content });
    }

    /// Adds a line of text, rotated clockwise by degrees about its anchor.
    pub(super) fn turned(
        &mut self,
        at: Point,
        anchor: Anchor,
        font: Font,
        fill: &'static str,
        rotation: f64,
        content: &str,
    ) {
        self.text(&Text { at, anchor, font, fill, rotation, content });
    }

    /// The drawing as SVG text, for a file or inside an HTML page.
    pub(super) fn finish(self) -> String {
        let Self { label, body, .. } = &self;
        let (width, height) = (number(self.width), number(self.height));
        format!(
            concat!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" "#,
                r#"viewBox="0 0 {width} {height}" role="img" aria-label="{label}" "#,
                r#"font-family="{family}">"#,
                "\n{body}</svg>\n"
            ),
            width = width,
            height = height,
            label = label,
            family = FAMILY,
            body = body,
        )
    }

    fn hinted(&mut self, name: &str, start: &str, hint: &str) {
        if hint.is_empty() {
            self.push(&format!("<{start}/>"));
        } else {
            let hint = escape(hint);
            self.push(&format!("<{start}><title>{hint}</title></{name}>"));
        }
    }

    fn push(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }
}

/// Escapes characters that are special in XML and HTML, and replaces control characters, which XML
/// forbids.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ if c.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A count as a floating-point number.
#[expect(clippy::cast_precision_loss, reason = "what is counted in a drawing is far below 2^52")]
pub(super) fn float(count: usize) -> f64 {
    count as f64
}

/// A coordinate with at most two decimals.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0" } else { text }.to_owned()
}

fn points(corners: &[Point]) -> String {
    let pairs: Vec<String> =
        corners.iter().map(|&(x, y)| format!("{},{}", number(x), number(y))).collect();
    pairs.join(" ")
}

fn stroke_attributes(stroke: Stroke) -> String {
    let (color, width) = (stroke.color, number(stroke.width));
    let dashes = if stroke.dashes.is_empty() {
        String::new()
    } else {
        format!(r#" stroke-dasharray="{}""#, stroke.dashes)
    };
    format!(r#" stroke="{color}" stroke-width="{width}"{dashes}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_markup_quotes_and_control_characters() {
        assert_eq!(
            escape("<b a=\"1\">R&D's\u{1b}[0m\n"),
            "&lt;b a=&quot;1&quot;&gt;R&amp;D&#39;s\u{fffd}[0m\n"
        );
    }

    #[test]
    fn coordinates_keep_two_decimals_at_most() {
        assert_eq!(number(3.0), "3");
        assert_eq!(number(2.456), "2.46");
        assert_eq!(number(100.5), "100.5");
        assert_eq!(number(-0.001), "0");
    }
}
