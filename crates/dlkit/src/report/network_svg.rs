//! Drawings of a network.

use std::collections::BTreeMap;

use dlkit_models::network::{LayerSummary, NetworkSummary, Shape};

use super::figures::counted;
use super::network::{kind, shape_of, totals};
use crate::plot::{Font, escape};

/// Minimum width of a box.
const WIDTH: usize = 460;
/// Space left and right of the text in a box.
const PADDING: usize = 14;
const BOX_HEIGHT: usize = 52;
const STEP: usize = 84;
const MARGIN: usize = 20;

/// Space for the shape beside the edges that pass layers by.
const SHAPE_WIDTH: usize = 120;
/// Space from one such edge to the next.
const LANE: usize = 14;

/// An edge that passes layers by, drawn beside the boxes.
struct Bypass {
    /// Numbers of the boxes it joins; 0 is the input.
    from: usize,
    to: usize,
    /// How many edges lie between it and the boxes.
    lane: usize,
    shape: Shape,
}

/// The edges between layers that do not follow each other, none over another.
fn bypasses(summary: &NetworkSummary) -> Vec<Bypass> {
    let number = |name: &str| {
        let layer = summary.layers.iter().position(|layer| layer.name == name);
        layer.map_or(0, |index| index + 1)
    };
    let mut found: Vec<Bypass> = Vec::new();
    for (index, layer) in summary.layers.iter().enumerate() {
        let to = index + 1;
        for name in &layer.from {
            let (from, shape) = (number(name), shape_of(summary, name));
            if from + 1 < to {
                found.push(Bypass { from, to, lane: 0, shape });
            }
        }
    }
    // Short ones lie within long ones.
    found.sort_by_key(|edge| edge.to - edge.from);
    for index in 0..found.len() {
        let (placed, rest) = found.split_at_mut(index);
        let edge = &mut rest[0];
        let crosses = |other: &&Bypass| other.from < edge.to && edge.from < other.to;
        let taken: Vec<usize> = placed.iter().filter(crosses).map(|other| other.lane).collect();
        edge.lane = (0..=taken.len()).find(|lane| !taken.contains(lane)).unwrap_or(0);
    }
    found
}

/// An SVG drawing with a box for each layer and the shapes between them.
pub(crate) fn network_svg(summary: &NetworkSummary) -> String {
    let boxes = boxes(summary);
    let edges = bypasses(summary);
    let lanes = edges.iter().map(|edge| edge.lane + 1).max().unwrap_or(0);
    let names = Font::BOLD_TICK.widest(boxes.iter().map(|(name, _)| name.as_str()));
    let texts = Font::TICK.widest(boxes.iter().map(|(_, text)| text.as_str()));
    let box_width = (whole(names.max(texts)) + 2 * PADDING).max(WIDTH);
    let height = MARGIN * 2 + STEP * (boxes.len() - 1) + BOX_HEIGHT;
    let beside = if lanes == 0 { 0 } else { lanes * LANE + SHAPE_WIDTH };
    let width = box_width + 2 * MARGIN + beside;
    let mut svg = vec![format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"Inter, sans-serif\" font-size=\"13\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
    )];
    let labeled = boxes.iter().enumerate();
    svg.extend(labeled.map(|(index, (name, text))| labeled_box(index, box_width, [name, text])));
    svg.extend(arrows(summary).map(|(index, shape)| arrow(index, box_width, shape)));
    let right = MARGIN + box_width;
    svg.extend(edges.iter().map(|edge| edge.svg(right)));
    // Edges that leave one layer have one shape.
    let leaving: BTreeMap<usize, Shape> =
        edges.iter().map(|edge| (edge.from, edge.shape)).collect();
    let beside = right + LANE * lanes + 8;
    svg.extend(
        leaving
            .into_iter()
            .map(|(from, shape)| shape_text([beside, Bypass::start(from) + 4], shape)),
    );
    svg.push("</svg>\n".to_owned());
    svg.join("\n")
}

/// Name and text of each box: the input, the layers, the output.
fn boxes(summary: &NetworkSummary) -> Vec<(String, String)> {
    let layer = |layer: &LayerSummary| {
        let parameters = match layer.trainable_parameters {
            0 => String::new(),
            count => format!(", {}", counted(count, "parameter")),
        };
        (layer.name.clone(), kind(layer) + &parameters)
    };
    let input = ("input".to_owned(), summary.input.to_string());
    let output = ("output".to_owned(), totals(summary)[0].clone());
    std::iter::once(input).chain(summary.layers.iter().map(layer)).chain([output]).collect()
}

/// The boxes that the next one reads, and the shape of what it reads.
fn arrows(summary: &NetworkSummary) -> impl Iterator<Item = (usize, Shape)> {
    let follows = |index: usize, before: &str| {
        let layer = summary.layers.get(index);
        layer.is_none_or(|layer| layer.from.iter().any(|from| from == before))
    };
    let before = std::iter::once("input").chain(summary.layers.iter().map(|layer| &*layer.name));
    let read = before.enumerate().filter(move |(index, name)| follows(*index, name));
    read.map(|(index, name)| (index, shape_of(summary, name)))
}

fn labeled_box(index: usize, width: usize, [name, text]: [&str; 2]) -> String {
    let top = MARGIN + STEP * index;
    format!(
        "<rect x=\"{MARGIN}\" y=\"{top}\" width=\"{width}\" height=\"{BOX_HEIGHT}\" rx=\"8\" \
         fill=\"#f3f6fa\" stroke=\"#8a97a6\"/>\
         <text x=\"{x}\" y=\"{first}\" font-weight=\"600\" fill=\"#1b2733\">{name}</text>\
         <text x=\"{x}\" y=\"{second}\" fill=\"#3d4c5c\">{text}</text>",
        x = MARGIN + PADDING,
        first = top + 21,
        second = top + 40,
        name = escape(name),
        text = escape(text),
    )
}

/// An arrow from a box to the next.
fn arrow(index: usize, box_width: usize, shape: Shape) -> String {
    let (x, top) = (MARGIN + box_width / 2, MARGIN + STEP * index + BOX_HEIGHT);
    let tip = top + STEP - BOX_HEIGHT;
    let path = format!(
        "<path d=\"M{x} {top} V{tip} m-4 -7 l4 7 l4 -7\" fill=\"none\" stroke=\"#8a97a6\"/>"
    );
    path + &shape_text([x + 10, top + 20], shape)
}

fn shape_text([x, y]: [usize; 2], shape: Shape) -> String {
    let shape = escape(&shape.to_string());
    format!("<text x=\"{x}\" y=\"{y}\" fill=\"#3d4c5c\">{shape}</text>")
}

impl Bypass {
    /// A line from the lower part of one box to the upper part of another, right of the boxes.
    fn svg(&self, right: usize) -> String {
        let (start, end) = (Self::start(self.from), MARGIN + STEP * self.to + 14);
        format!(
            "<path d=\"M{right} {start} H{lane} V{end} H{right} m7 -4 l-7 4 l7 4\" fill=\"none\" \
             stroke=\"#8a97a6\"/>",
            lane = right + LANE * (self.lane + 1),
        )
    }

    /// Where edges leave a box.
    const fn start(from: usize) -> usize {
        MARGIN + STEP * from + BOX_HEIGHT - 14
    }
}

/// Rounds a length up to whole pixels.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "widths of lines are positive and small"
)]
fn whole(length: f64) -> usize {
    length.ceil() as usize
}

#[cfg(test)]
mod tests {
    use dlkit_models::recipe::parse_experiment;

    use super::*;

    #[test]
    fn boxes_hold_the_longest_line() {
        let box_width = |layer: &str| {
            let recipe = format!(
                "task = \"classification\"\ndata = {{ kind = \"mnist\", path = \"\" }}\n\
                 network = {{ input = [1, 9, 9], layers = [{{ type = \"conv2d\", {layer} }}] }}"
            );
            let experiment = parse_experiment(&recipe, "recipe", &[]).unwrap();
            let svg = network_svg(&NetworkSummary::new(experiment.network()));
            let text = svg.split("<rect x=\"20\"").nth(1).unwrap().split('"').nth(3).unwrap();
            text.parse::<usize>().unwrap()
        };
        assert_eq!(box_width("filters = 1, kernel = 3"), WIDTH);
        let wide = box_width(
            "filters = 120, kernel = 3, padding = \"same\", batch_norm = true, \
             activation = \"leaky-relu\"",
        );
        let text =
            "conv2d 3x3, 120 filters, padding same + batch norm + leaky-relu, 1,200 parameters";
        assert!(wide >= whole(Font::TICK.width(text)) + 2 * PADDING, "{wide}");
    }
}
