//! Matrices as OpenCV's FileStorage writes them, in YAML and XML, and matrices in other YAML.
//!
//! Only matrices of numbers are read; all else in such files is skipped.
//!
//! # References
//! OpenCV, `modules/core/src/persistence_yml.cpp`, `persistence_xml.cpp`.

use super::error::MatrixProblem;
use super::grid::{Grid, number, words};
use crate::points::blocks;

/// The entries of a stored matrix.
pub(super) const STORED: [&str; 3] = ["rows", "cols", "data"];

type Found = Vec<(String, Result<Grid, MatrixProblem>)>;

/// Checks OpenCV's name of the type of entries: one letter, for one number each.
pub(super) fn check_type(kind: &str) -> Result<(), MatrixProblem> {
    let kind = kind.trim().trim_matches('"');
    let single = kind.strip_prefix('1').unwrap_or(kind);
    if single.len() == 1 && "ucwsifdhIUL".contains(single) {
        return Ok(());
    }
    Err(MatrixProblem::Type(kind.to_owned()))
}

/// Whether a text is YAML: it says so, or a line has a name and a colon, or begins with a dash.
pub(super) fn is_yaml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let is_start = |line: &str| {
        line.starts_with("%YAML")
            || line == "---"
            || line.starts_with("- ")
            || entry(line).is_some()
    };
    lines.find(|line| !line.is_empty()).is_some_and(is_start)
}

/// The matrices of a YAML document, with their names.
pub(super) fn of_yaml(text: &str) -> Found {
    let is_content = |line: &&str| {
        let line = line.trim();
        !(line.is_empty() || line.starts_with(['%', '#']) || line == "---" || line == "...")
    };
    let lines = text.lines().map(|line| line.split(" #").next().unwrap_or(line));
    let lines: Vec<&str> = lines.filter(is_content).collect();
    let mut found = Vec::new();
    search("matrix", &lines, 0, &mut found);
    found
}

/// Most levels of a document that are searched.
const DEEPEST: usize = 16;

/// Adds the matrices of a part of a document.
fn search(name: &str, lines: &[&str], depth: usize, found: &mut Found) {
    let nodes = nodes(lines);
    if nodes.is_empty() {
        found.extend(listed(lines).map(|grid| (name.to_owned(), grid)));
        return;
    }
    let value = |wanted: &str| nodes.iter().find(|node| node.name == wanted).map(Node::text);
    let [rows, columns, data] = STORED.map(value);
    if let (Some(rows), Some(columns), Some(data)) = (rows, columns, data) {
        let kind = value("dt").unwrap_or_else(|| "d".to_owned());
        found.push((name.to_owned(), stored([&rows, &columns, &data, &kind])));
        return;
    }
    for node in nodes.iter().filter(|_| depth < DEEPEST) {
        search(node.name, &node.lines, depth + 1, found);
    }
}

/// A name and the lines of its value, the first of which follows the colon.
struct Node<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
}

impl Node<'_> {
    fn text(&self) -> String {
        self.lines.join("\n")
    }
}

/// The entries of the outermost level; none if the lines are a list or a value.
fn nodes<'a>(lines: &[&'a str]) -> Vec<Node<'a>> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let named = lines.iter().filter(|line| entry(line.trim()).is_some());
    let Some(outermost) = named.map(|line| indent(line)).min() else { return Vec::new() };
    let mut nodes: Vec<Node> = Vec::new();
    for line in lines {
        let start = entry(line.trim()).filter(|_| indent(line) == outermost);
        match (start, nodes.last_mut()) {
            (Some((name, value)), _) => {
                // The tag of a matrix says what its entries say too.
                let value = value.strip_prefix("!!opencv-matrix").unwrap_or(value).trim();
                let first = if value.is_empty() { Vec::new() } else { vec![value] };
                nodes.push(Node { name, lines: first });
            }
            (None, Some(node)) => node.lines.push(line),
            (None, None) => {}
        }
    }
    nodes
}

/// The name and the value of a line such as `name: value`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_matches(['"', '\'']);
    let is_name = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|part| part.is_alphanumeric() || "_-.".contains(part));
    (is_name && (value.is_empty() || value.starts_with(char::is_whitespace)))
        .then(|| (name, value.trim()))
}

/// The matrix of the entries of a stored one, from the texts of its rows, columns, data and type.
fn stored([rows, columns, data, kind]: [&str; 4]) -> Result<Grid, MatrixProblem> {
    let size = |text: &str| text.trim().parse::<usize>().map_err(|_| not_a_number(text));
    if data.contains("!!binary") || data.contains("$base64$") {
        return Err(MatrixProblem::Base64);
    }
    check_type(kind)?;
    let numbers: Vec<f64> = data
        .split(['[', ']', '\n'])
        .flat_map(words)
        // The dashes of a list with one number a line.
        .filter(|word| *word != "-")
        .map(number)
        .collect::<Result<_, _>>()?;
    Grid::new(size(rows)?, size(columns)?, numbers)
}

fn not_a_number(text: &str) -> MatrixProblem {
    MatrixProblem::Number(text.trim().to_owned())
}

/// The matrix of a list: in brackets, or of lines with dashes. None if there is no list.
fn listed(lines: &[&str]) -> Option<Result<Grid, MatrixProblem>> {
    let text = lines.join("\n");
    let start = text.trim_start();
    if start.starts_with('[') {
        let lists = blocks(&text).ok()?;
        return lists.first().map(|block| Grid::of_value(&block.list));
    }
    if !start.starts_with("- ") {
        return None;
    }
    let mut rows: Vec<Vec<f64>> = Vec::new();
    for line in lines {
        let mut rest = line.trim();
        let mut dashes = 0;
        while let Some(after) = rest.strip_prefix("- ") {
            (rest, dashes) = (after.trim_start(), dashes + 1);
        }
        let inner = rest.trim_matches(['[', ']']);
        let row: Vec<f64> = words(inner).map(number).collect::<Result<_, _>>().ok()?;
        match rows.last_mut() {
            // Another number of the same row.
            Some(last) if dashes == 1 && !rest.starts_with('[') => last.extend(row),
            _ => rows.push(row),
        }
    }
    Some(Grid::of_rows(&rows))
}

/// The matrices of an XML document, with their names.
pub(super) fn of_xml(text: &str) -> Result<Found, MatrixProblem> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("type_id=\"opencv-matrix\"") {
        let name = before.rsplit('<').next().unwrap_or_default().trim().to_owned();
        let end = format!("</{name}>");
        let (body, after) = after.split_once(&*end).ok_or(MatrixProblem::None)?;
        let part = |tag: &str| {
            let (_, inner) = body.split_once(&format!("<{tag}"))?;
            let (inner, _) = inner.split_once(&format!("</{tag}>"))?;
            inner.split_once('>')
        };
        let parts = ["rows", "cols", "data", "dt"].map(part);
        let [Some((_, rows)), Some((_, columns)), Some((attributes, data)), Some((_, kind))] =
            parts
        else {
            return Err(MatrixProblem::None);
        };
        let grid = if attributes.contains("binary") {
            Err(MatrixProblem::Base64)
        } else {
            stored([rows, columns, data, kind])
        };
        found.push((name, grid));
        rest = after;
    }
    Ok(found)
}
