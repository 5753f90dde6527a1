//! Tables, graphs and drawings of a network.

use std::collections::BTreeMap;

use dlkit_models::network::{LayerSummary, NetworkSummary, Shape};

use super::figures::{counted, thousands};
use super::text_table::{Align, TextTable};
use crate::plot::{Font, escape};

/// A column: its name, its alignment and its cells.
type Column = (&'static str, Align, fn(&LayerSummary) -> String);

/// The columns of the table of layers: what each one reads only where that is not the one before.
fn columns(summary: &NetworkSummary) -> Vec<Column> {
    let from: Column = ("from", Align::Left, |layer| layer.from.join(", "));
    let mut columns: Vec<Column> = vec![
        ("layer", Align::Left, |layer| layer.name.clone()),
        ("type", Align::Left, kind),
        ("input", Align::Left, |layer| layer.input.to_string()),
        ("output", Align::Left, |layer| layer.output.to_string()),
        ("parameters", Align::Right, |layer| thousands(layer.trainable_parameters)),
        ("multiply-adds", Align::Right, |layer| thousands(layer.multiply_adds)),
        ("receptive field", Align::Right, |layer| {
            let field = layer.receptive_field.map(|[height, width]| format!("{height}x{width}"));
            field.unwrap_or_else(|| "-".to_owned())
        }),
    ];
    if !summary.is_chain() {
        columns.insert(2, from);
    }
    columns
}

fn kind(layer: &LayerSummary) -> String {
    let parts = std::iter::once(&layer.kind).chain(&layer.followed_by);
    parts.map(String::as_str).collect::<Vec<_>>().join(" + ")
}

fn totals(summary: &NetworkSummary) -> [String; 3] {
    [
        format!(
            "parameters: {} trainable, {} not ({} bytes)",
            thousands(summary.trainable_parameters),
            thousands(summary.fixed_parameters),
            thousands(summary.bytes)
        ),
        format!("multiply-adds for one input: {}", thousands(summary.multiply_adds)),
        format!("input {}, output {}", summary.input, summary.output),
    ]
}

/// For the terminal: the table of layers. Shapes are `[features]` or `[channels, height, width]`.
pub(crate) fn network_table(summary: &NetworkSummary) -> String {
    format!("{}\n\n{}", layer_table(summary), totals(summary).join("\n"))
}

/// Table of the layers before the first that does not fit, without totals, which would mislead.
pub(crate) fn partial_network_table(summary: &NetworkSummary) -> String {
    let table = layer_table(summary);
    format!(
        "{table}\n\nonly the layers before the first that does not fit; input {}",
        summary.input
    )
}

fn layer_table(summary: &NetworkSummary) -> TextTable {
    let mut table = TextTable::default();
    let columns = columns(summary);
    for (name, align, _) in &columns {
        table.column(name, *align);
    }
    for layer in &summary.layers {
        table.row(columns.iter().map(|(.., cell)| cell(layer)));
    }
    table
}

/// A Markdown table.
pub(crate) fn network_markdown(summary: &NetworkSummary) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let columns = columns(summary);
    let mut text = line(columns.iter().map(|(name, ..)| (*name).to_owned()).collect());
    let rules = columns.iter().map(|(_, align, _)| match align {
        Align::Left => "---|",
        Align::Right => "--:|",
    });
    text += "|";
    text.extend(rules);
    text += "\n";
    for layer in &summary.layers {
        text += &line(columns.iter().map(|(.., cell)| cell(layer)).collect());
    }
    text + "\n" + &totals(summary).join("; ") + "\n"
}

/// A graph for Graphviz.
pub(crate) fn network_dot(summary: &NetworkSummary) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut lines = vec![
        "digraph network {".to_owned(),
        "  node [shape=box, style=rounded, fontname=\"sans-serif\"];".to_owned(),
        format!("  input [label={}];", quote(&format!("input {}", summary.input))),
    ];
    for layer in &summary.layers {
        let label = format!("{}: {}", layer.name, kind(layer));
        lines.push(format!("  {} [label={}];", quote(&layer.name), quote(&label)));
        for from in &layer.from {
            let shape = shape_of(summary, from).to_string();
            let (from, to) = (quote(from), quote(&layer.name));
            lines.push(format!("  {from} -> {to} [label={}];", quote(&shape)));
        }
    }
    let previous = summary.layers.last().map_or("input", |layer| &layer.name);
    let label = format!("output {}", summary.output);
    lines.push(format!("  output [label={}];", quote(&label)));
    lines.push(format!(
        "  {} -> output [label={}];",
        quote(previous),
        quote(&summary.output.to_string())
    ));
    lines.push("}\n".to_owned());
    lines.join("\n")
}

/// The shape of what a layer, or the input of the network, gives.
fn shape_of(summary: &NetworkSummary, name: &str) -> Shape {
    let layer = summary.layers.iter().find(|layer| layer.name == name);
    layer.map_or(summary.input, |layer| layer.output)
}

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
    let ends = |name: &str, shape: String| (name.to_owned(), shape);
    let mut boxes = vec![ends("input", summary.input.to_string())];
    boxes.extend(summary.layers.iter().map(|layer| {
        let parameters = match layer.trainable_parameters {
            0 => String::new(),
            count => format!(", {}", counted(count, "parameter")),
        };
        (layer.name.clone(), kind(layer) + &parameters)
    }));
    boxes.push(ends("output", totals(summary)[0].clone()));
    let follows = |index: usize, before: &str| {
        let layer = summary.layers.get(index);
        layer.is_none_or(|layer| layer.from.iter().any(|from| from == before))
    };
    let before = std::iter::once("input").chain(summary.layers.iter().map(|layer| &*layer.name));
    let shapes = before.enumerate().filter(|(index, name)| follows(*index, name));
    let shapes = shapes.map(|(index, name)| (index, shape_of(summary, name).to_string()));
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
    for (index, (name, text)) in boxes.iter().enumerate() {
        let top = MARGIN + STEP * index;
        svg.push(format!(
            "<rect x=\"{MARGIN}\" y=\"{top}\" width=\"{box_width}\" height=\"{BOX_HEIGHT}\" rx=\"8\" \
             fill=\"#f3f6fa\" stroke=\"#8a97a6\"/>\
             <text x=\"{x}\" y=\"{first}\" font-weight=\"600\" fill=\"#1b2733\">{name}</text>\
             <text x=\"{x}\" y=\"{second}\" fill=\"#3d4c5c\">{text}</text>",
            x = MARGIN + PADDING,
            first = top + 21,
            second = top + 40,
            name = escape(name),
            text = escape(text),
        ));
    }
    for (index, shape) in shapes {
        let (x, top) = (MARGIN + box_width / 2, MARGIN + STEP * index + BOX_HEIGHT);
        let tip = top + STEP - BOX_HEIGHT;
        svg.push(format!(
            "<path d=\"M{x} {top} V{tip} m-4 -7 l4 7 l4 -7\" fill=\"none\" stroke=\"#8a97a6\"/>\
             <text x=\"{label}\" y=\"{middle}\" fill=\"#3d4c5c\">{shape}</text>",
            label = x + 10,
            middle = top + 20,
            shape = escape(&shape),
        ));
    }
    let right = MARGIN + box_width;
    svg.extend(edges.iter().map(|edge| edge.svg(right)));
    // Edges that leave one layer have one shape.
    let leaving: BTreeMap<usize, Shape> =
        edges.iter().map(|edge| (edge.from, edge.shape)).collect();
    svg.extend(leaving.into_iter().map(|(from, shape)| {
        format!(
            "<text x=\"{x}\" y=\"{y}\" fill=\"#3d4c5c\">{shape}</text>",
            x = right + LANE * lanes + 8,
            y = Bypass::start(from) + 4,
            shape = escape(&shape.to_string()),
        )
    }));
    svg.push("</svg>\n".to_owned());
    svg.join("\n")
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
