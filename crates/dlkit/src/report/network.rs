//! Tables and graphs of a network.

use dlkit_models::network::{LayerSummary, NetworkSummary, Shape};

use super::figures::thousands;
use super::text_table::{Align, TextTable};

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
        ("parameters", Align::Right, parameters),
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

/// The trained parameters; of a frozen layer all of them.
fn parameters(layer: &LayerSummary) -> String {
    let fixed = if layer.frozen { layer.fixed_parameters } else { 0 };
    thousands(layer.trainable_parameters + fixed)
}

pub(super) fn kind(layer: &LayerSummary) -> String {
    let parts = std::iter::once(&layer.kind).chain(&layer.followed_by);
    let kind = parts.map(String::as_str).collect::<Vec<_>>().join(" + ");
    if layer.frozen { format!("{kind} (frozen)") } else { kind }
}

pub(super) fn totals(summary: &NetworkSummary) -> [String; 3] {
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
pub(super) fn shape_of(summary: &NetworkSummary, name: &str) -> Shape {
    let layer = summary.layers.iter().find(|layer| layer.name == name);
    layer.map_or(summary.input, |layer| layer.output)
}
