//! Tables, graphs and drawings of a network.

use dlkit_models::network::{LayerSummary, NetworkSummary};

use super::figures::{counted, thousands};
use super::text_table::{Align, TextTable};
use crate::plot::{Font, escape};

const COLUMNS: [&str; 7] =
    ["layer", "type", "input", "output", "parameters", "multiply-adds", "receptive field"];

fn cells(layer: &LayerSummary) -> [String; 7] {
    let field = layer.receptive_field.map(|[height, width]| format!("{height}x{width}"));
    [
        layer.name.clone(),
        kind(layer),
        layer.input.to_string(),
        layer.output.to_string(),
        thousands(layer.trainable_parameters),
        thousands(layer.multiply_adds),
        field.unwrap_or_else(|| "-".to_owned()),
    ]
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
    for (index, column) in COLUMNS.into_iter().enumerate() {
        table.column(column, if index < 4 { Align::Left } else { Align::Right });
    }
    for layer in &summary.layers {
        table.row(cells(layer));
    }
    table
}

/// A Markdown table.
pub(crate) fn network_markdown(summary: &NetworkSummary) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&COLUMNS.map(str::to_owned));
    text += "|---|---|---|---|--:|--:|--:|\n";
    for layer in &summary.layers {
        text += &line(&cells(layer));
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
    let mut previous = "input".to_owned();
    for layer in &summary.layers {
        let label = format!("{}: {}", layer.name, kind(layer));
        let edge = format!("{}", layer.input);
        lines.push(format!("  {} [label={}];", quote(&layer.name), quote(&label)));
        lines.push(format!(
            "  {} -> {} [label={}];",
            quote(&previous),
            quote(&layer.name),
            quote(&edge)
        ));
        previous.clone_from(&layer.name);
    }
    let label = format!("output {}", summary.output);
    lines.push(format!("  output [label={}];", quote(&label)));
    lines.push(format!(
        "  {} -> output [label={}];",
        quote(&previous),
        quote(&summary.output.to_string())
    ));
    lines.push("}\n".to_owned());
    lines.join("\n")
}

/// Minimum width of a box.
const WIDTH: usize = 460;
/// Space left and right of the text in a box.
const PADDING: usize = 14;
const BOX_HEIGHT: usize = 52;
const STEP: usize = 84;
const MARGIN: usize = 20;

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
    let shapes = std::iter::once(summary.input.to_string())
        .chain(summary.layers.iter().map(|layer| layer.output.to_string()));
    let names = Font::BOLD_TICK.widest(boxes.iter().map(|(name, _)| name.as_str()));
    let texts = Font::TICK.widest(boxes.iter().map(|(_, text)| text.as_str()));
    let box_width = (whole(names.max(texts)) + 2 * PADDING).max(WIDTH);
    let height = MARGIN * 2 + STEP * (boxes.len() - 1) + BOX_HEIGHT;
    let width = box_width + 2 * MARGIN;
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
    for (index, shape) in shapes.enumerate() {
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
    svg.push("</svg>\n".to_owned());
    svg.join("\n")
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
