//! The report of a run as one HTML file that needs no network and no other files.

use std::fmt::Write;

use super::document::document;
use crate::plot::escape;

/// Content of the report of a run.
#[derive(Clone, Debug)]
pub(crate) struct RunPage {
    /// Heading of the page.
    pub(crate) title: String,
    /// Outcome of the run in one line.
    pub(crate) status: String,
    /// Names and values of the summary.
    pub(crate) facts: Vec<(String, String)>,
    /// Headings and charts. A heading is empty if the chart has a title. A chart is SVG text, which the page
    /// includes unchanged.
    pub(crate) charts: Vec<(String, String)>,
    /// Tables.
    pub(crate) tables: Vec<Table>,
    /// Recipe of the run as TOML.
    pub(crate) config: String,
}

/// A table with a heading.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Heading above the table.
    pub(crate) heading: String,
    /// Column names.
    pub(crate) columns: Vec<String>,
    /// Cells, row by row; columns of numbers are right-aligned.
    pub(crate) rows: Vec<Vec<String>>,
}

const STYLE: &str = include_str!("page.css");

impl RunPage {
    /// The page as HTML text. Omits empty parts.
    pub(crate) fn to_html(&self) -> String {
        let mut html = format!("<main>\n<header>\n<h1>{}</h1>\n", escape(&self.title));
        if !self.status.is_empty() {
            append(&mut html, format_args!("<p class=\"status\">{}</p>\n", escape(&self.status)));
        }
        html.push_str("</header>\n");
        self.append_facts(&mut html);
        self.append_charts(&mut html);
        for table in &self.tables {
            table.append_to(&mut html);
        }
        if !self.config.is_empty() {
            let config = escape(&self.config);
            append(
                &mut html,
                format_args!(
                    "<section>\n<h2>Configuration</h2>\n<pre>{config}</pre>\n</section>\n"
                ),
            );
        }
        html.push_str("</main>\n");
        document(&self.title, &[STYLE], &html)
    }

    fn append_facts(&self, html: &mut String) {
        if self.facts.is_empty() {
            return;
        }
        html.push_str("<dl class=\"facts\">\n");
        for (name, value) in &self.facts {
            let (name, value) = (escape(name), escape(value));
            append(html, format_args!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"));
        }
        html.push_str("</dl>\n");
    }

    fn append_charts(&self, html: &mut String) {
        if self.charts.is_empty() {
            return;
        }
        html.push_str("<section class=\"charts\">\n");
        for (heading, svg) in &self.charts {
            html.push_str("<figure>\n");
            if !heading.is_empty() {
                append(html, format_args!("<h2>{}</h2>\n", escape(heading)));
            }
            append(html, format_args!("<div class=\"chart\">{svg}</div>\n</figure>\n"));
        }
        html.push_str("</section>\n");
    }
}

impl Table {
    fn append_to(&self, html: &mut String) {
        let heading = escape(&self.heading);
        append(
            html,
            format_args!(
                "<section>\n<h2>{heading}</h2>\n<div class=\"table\">\n<table>\n<thead><tr>"
            ),
        );
        for (column, name) in self.columns.iter().enumerate() {
            let (class, name) = (self.class(column), escape(name));
            append(html, format_args!("<th scope=\"col\"{class}>{name}</th>"));
        }
        html.push_str("</tr></thead>\n<tbody>\n");
        for row in &self.rows {
            html.push_str("<tr>");
            for (column, cell) in row.iter().enumerate() {
                let (class, cell) = (self.class(column), escape(cell));
                append(html, format_args!("<td{class}>{cell}</td>"));
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody>\n</table>\n</div>\n</section>\n");
    }

    /// Attribute that right-aligns a column of numbers.
    fn class(&self, column: usize) -> &'static str {
        let cells = || self.rows.iter().filter_map(|row| row.get(column));
        let numbers = cells().any(|cell| is_number(cell));
        let rest_empty = cells().all(|cell| is_number(cell) || is_empty(cell));
        if numbers && rest_empty { " class=\"number\"" } else { "" }
    }
}

/// Whether a cell holds a number, with or without a unit: `12`, `−0.5`, `1,024`, `98.2 %`, `3.1 s`.
fn is_number(cell: &str) -> bool {
    let number = cell.split_whitespace().next().unwrap_or_default();
    let plain = number.replace(',', "").replace('−', "-");
    plain.trim_end_matches(['%', 's']).parse::<f64>().is_ok()
        && cell.split_whitespace().count() <= 2
}

/// Whether a cell is empty or a dash.
fn is_empty(cell: &str) -> bool {
    matches!(cell.trim(), "" | "-" | "–" | "—")
}

fn append(html: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string never fails.
    let _ = html.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> RunPage {
        RunPage {
            title: "MNIST <LeNet>".to_owned(),
            status: "finished & saved".to_owned(),
            facts: vec![("test accuracy".to_owned(), "98.7 %".to_owned())],
            charts: vec![("Loss".to_owned(), "<svg id=\"a\"></svg>".to_owned())],
            tables: vec![Table {
                heading: "Epochs".to_owned(),
                columns: vec!["epoch".to_owned(), "note".to_owned()],
                rows: vec![
                    vec!["1".to_owned(), "best".to_owned()],
                    vec!["–".to_owned(), "<i>".to_owned()],
                ],
            }],
            config: "name = \"a&b\"\n".to_owned(),
        }
    }

    #[test]
    fn text_is_escaped_and_charts_are_not() {
        let html = page().to_html();
        assert!(html.contains("<title>MNIST &lt;LeNet&gt;</title>"));
        assert!(html.contains("<p class=\"status\">finished &amp; saved</p>"));
        assert!(html.contains("<dt>test accuracy</dt><dd>98.7 %</dd>"));
        assert!(html.contains("<div class=\"chart\"><svg id=\"a\"></svg></div>"));
        assert!(html.contains("<td>&lt;i&gt;</td>"));
        assert!(html.contains("<pre>name = &quot;a&amp;b&quot;\n</pre>"));
    }

    #[test]
    fn only_columns_of_numbers_are_aligned_right() {
        let html = page().to_html();
        assert!(
            html.contains(
                "<th scope=\"col\" class=\"number\">epoch</th><th scope=\"col\">note</th>"
            )
        );
        assert!(html.contains("<td class=\"number\">1</td><td>best</td>"));
        assert!(html.contains("<td class=\"number\">–</td>"));
    }

    #[test]
    fn numbers_may_have_signs_separators_and_units() {
        for cell in ["12", "−0.5", "1,024", "98.2 %", "3.1 s", "4.2s", "1e-4", "NaN"] {
            assert!(is_number(cell), "{cell}");
        }
        for cell in ["", "cat", "3 x 224 x 224", "v1.2", "2026-01-02"] {
            assert!(!is_number(cell), "{cell}");
        }
    }

    #[test]
    fn empty_parts_are_left_out() {
        let empty = RunPage {
            status: String::new(),
            facts: vec![],
            charts: vec![],
            tables: vec![],
            config: String::new(),
            ..page()
        };
        let html = empty.to_html();
        for part in ["class=\"status\"", "<dl", "<figure", "<table", "<pre"] {
            assert!(!html.contains(part), "{part}");
        }
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let html = page().to_html();
        for part in ["http:", "https:", "url(", "@import", "<script", "src=", "<link"] {
            assert!(!html.contains(part), "{part}");
        }
    }
}
