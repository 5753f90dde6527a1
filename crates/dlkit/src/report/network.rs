//! A network as a table, a graph and a picture.

use dlkit_models::network::{LayerSummary, NetworkSummary};

use super::figures::thousands;
use super::text_table::{Align, TextTable};
use crate::plot::escape;

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

/// A table for the terminal. Shapes are `[features]` or `[channels, height, width]`.
pub(crate) fn network_table(summary: &NetworkSummary) -> String {
    let mut table = TextTable::default();
    for (index, column) in COLUMNS.into_iter().enumerate() {
        table.column(column, if index < 4 { Align::Left } else { Align::Right });
    }
    for layer in &summary.layers {
        table.row(cells(layer));
    }
    format!("{table}\n\n{}", totals(summary).join("\n"))
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

/// A graph in the language of Graphviz.
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

const WIDTH: usize = 460;
const BOX_HEIGHT: usize = 52;
const STEP: usize = 84;
const MARGIN: usize = 20;

/// A picture: one box for each layer, the shapes between them.
pub(crate) fn network_svg(summary: &NetworkSummary) -> String {
    let ends = |name: &str, shape: String| (name.to_owned(), shape);
    let mut boxes = vec![ends("input", summary.input.to_string())];
    boxes.extend(summary.layers.iter().map(|layer| {
        let parameters = match layer.trainable_parameters {
            0 => String::new(),
            count => format!(", {} parameters", thousands(count)),
        };
        (layer.name.clone(), kind(layer) + &parameters)
    }));
    boxes.push(ends("output", totals(summary)[0].clone()));
    let shapes = std::iter::once(summary.input.to_string())
        .chain(summary.layers.iter().map(|layer| layer.output.to_string()));
    let height = MARGIN * 2 + STEP * (boxes.len() - 1) + BOX_HEIGHT;
    let width = WIDTH + 2 * MARGIN;
    let mut svg = vec![format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"Inter, sans-serif\" font-size=\"13\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
    )];
    for (index, (name, text)) in boxes.iter().enumerate() {
        let top = MARGIN + STEP * index;
        svg.push(format!(
            "<rect x=\"{MARGIN}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"8\" \
             fill=\"#f3f6fa\" stroke=\"#8a97a6\"/>\
             <text x=\"{x}\" y=\"{first}\" font-weight=\"600\" fill=\"#1b2733\">{name}</text>\
             <text x=\"{x}\" y=\"{second}\" fill=\"#3d4c5c\">{text}</text>",
            x = MARGIN + 14,
            first = top + 21,
            second = top + 40,
            name = escape(name),
            text = escape(text),
        ));
    }
    for (index, shape) in shapes.enumerate() {
        let (x, top) = (MARGIN + WIDTH / 2, MARGIN + STEP * index + BOX_HEIGHT);
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
