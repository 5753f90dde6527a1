//! `dlkit activations`.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow, bail};
use dlkit_models::network::{Activation, CurvePoint, RandomizedRelu, softmax};
use serde::Serialize;

use crate::arguments::{Folder, OutputDirectory, picture_names};
use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::LineChart;
use crate::report::{Align, TextTable, activation_chart, activation_overview, figure};

/// Show activation functions and their derivatives
///
/// Prints a table of values; without a function, for all functions. With --output, draws them (SVG, PNG).
/// Write a function with other constants as in a recipe. Softmax shows the shares of the numbers.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  dlkit activations relu elu --output curves\n  dlkit activations softmax 3 0.7 0.5\n  dlkit activations '{ kind = \"elu\", alpha = 0.5 }' -1 0 1"
)]
#[command(override_usage = "dlkit activations [OPTIONS] [FUNCTION]... [X]...")]
pub(crate) struct Args {
    /// Functions as in a recipe, or softmax; then the points of the table (for softmax, the numbers).
    #[arg(allow_negative_numbers = true, value_name = "FUNCTION|X")]
    words: Vec<String>,
    #[command(flatten)]
    output: OutputDirectory,
}

/// Default points of the table.
const POINTS: [f64; 7] = [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0];

#[derive(Serialize)]
struct Answer {
    functions: Vec<Curve>,
    figures: Vec<String>,
}

#[derive(Serialize)]
struct Curve {
    function: String,
    points: Vec<CurvePoint>,
}

#[derive(Serialize)]
struct Shares {
    numbers: Vec<f64>,
    softmax: Vec<f64>,
}

pub(crate) fn run(args: &Args, console: Console) -> Result<ExitStatus> {
    let (names, points) = divided(&args.words)?;
    if names.iter().any(|name| name == "softmax") {
        if names.len() > 1 {
            bail!("softmax takes numbers and other functions take points; give softmax alone");
        }
        if args.output.path().is_some() {
            bail!("softmax has no figure; leave --output out");
        }
        args.output.open(&[])?;
        return shares(&points, console);
    }
    let functions = match names {
        [] => Activation::all(),
        names => names.iter().map(|name| parsed(name)).collect::<Result<_>>()?,
    };
    let charts = charts(&functions);
    let names: Vec<String> = charts.keys().flat_map(|stem| picture_names(stem)).collect();
    let folder = args.output.open(&names)?;
    let points = if points.is_empty() { &POINTS[..] } else { &points };
    let curves: Vec<Curve> = functions
        .iter()
        .map(|function| Curve { function: function.description(), points: function.curve(points) })
        .collect();
    for curve in &curves {
        console.line(format!("{}\n{}\n", curve.function, table(&curve.points)))?;
    }
    let figures = match &folder {
        Some(folder) => write_figures(charts, folder)?,
        None => Vec::new(),
    };
    for figure in &figures {
        console.line(format!("written: {figure}"))?;
    }
    console.object(&Answer { functions: curves, figures })?;
    Ok(ExitStatus::Done)
}

/// Splits the arguments into functions and the points after them.
fn divided(words: &[String]) -> Result<(&[String], Vec<f64>)> {
    let names = words.iter().take_while(|word| word.parse::<f64>().is_err()).count();
    let (names, rest) = words.split_at(names);
    let point = |word: &String| {
        let point: f64 = word
            .parse()
            .map_err(|_| anyhow!("{word}: not a number; give functions first, then points"))?;
        if !point.is_finite() {
            bail!("{point}: not finite; give finite numbers");
        }
        Ok(point)
    };
    Ok((names, rest.iter().map(point).collect::<Result<_>>()?))
}

fn parsed(name: &str) -> Result<Activation> {
    let softmax = if name.trim_start().starts_with('{') { "" } else { ", or softmax with numbers" };
    Activation::parse(name).map_err(|reason| anyhow!("{reason}{softmax}"))
}

fn shares(numbers: &[f64], console: Console) -> Result<ExitStatus> {
    if numbers.is_empty() {
        bail!("softmax needs numbers, such as: dlkit activations softmax 3 0.7 0.5");
    }
    let shares = softmax(numbers);
    let mut table = TextTable::new(&[("x", Align::Right), ("softmax", Align::Right)]);
    for (number, share) in numbers.iter().zip(&shares) {
        table.row([point_text(*number), format!("{share:.6}")]);
    }
    console.line(&table)?;
    console.object(&Shares { numbers: numbers.to_vec(), softmax: shares })?;
    Ok(ExitStatus::Done)
}

/// A point as text, with an exponent if it would have many digits.
fn point_text(point: f64) -> String {
    let plain = point == 0.0 || (1e-6..1e9).contains(&point.abs());
    if plain { point.to_string() } else { format!("{point:e}") }
}

fn table(points: &[CurvePoint]) -> TextTable {
    let right = Align::Right;
    let mut table = TextTable::new(&[("x", right), ("f(x)", right), ("f'(x)", right)]);
    for point in points {
        table.row([point_text(point.x), figure(point.value, 6), figure(point.derivative, 6)]);
    }
    table
}

/// Charts by file stem; repeated functions share one.
fn charts(functions: &[Activation]) -> BTreeMap<String, LineChart> {
    let one = |function: &Activation| (file_stem(function), activation_chart(function));
    let mut charts: BTreeMap<String, LineChart> = functions.iter().map(one).collect();
    if functions.len() > 1 {
        let [values, derivatives] = activation_overview(functions);
        charts.insert("all-functions".to_owned(), values);
        charts.insert("all-derivatives".to_owned(), derivatives);
    }
    charts
}

fn write_figures(charts: BTreeMap<String, LineChart>, folder: &Folder) -> Result<Vec<String>> {
    let written = charts.into_iter().map(|(stem, chart)| {
        let [_, png] = folder.write_picture(&stem, &chart.to_svg())?;
        Ok(png)
    });
    written.collect()
}

/// Name of a function, with the definition of RReLU and constants that differ from the defaults.
fn file_stem(function: &Activation) -> String {
    let description = function.description();
    let mut words = description.split(", ");
    match (function, words.next(), words.next()) {
        (Activation::Rrelu(rrelu), Some(name), Some(mode)) => {
            let (lower, upper) = rrelu.bounds();
            let usual = RandomizedRelu { lower: None, upper: None, ..*rrelu }.bounds();
            let bounds =
                if (lower, upper) == usual { String::new() } else { format!("-{lower}-{upper}") };
            format!("{name}-{mode}{bounds}")
        }
        _ if Activation::parse(function.name()).is_ok_and(|usual| usual == *function) => {
            function.name().to_owned()
        }
        _ => description.replace(", ", "-").replace(' ', "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_differ_have_files_of_their_own() {
        let stem = |text: &str| file_stem(&Activation::parse(text).unwrap());
        assert_eq!(stem("leaky-relu"), "leaky-relu");
        assert_eq!(stem("{ kind = \"leaky-relu\", slope = 0.01 }"), "leaky-relu");
        assert_eq!(stem("{ kind = \"leaky-relu\", slope = 0.3 }"), "leaky-relu-slope-0.3");
        assert_eq!(stem("rrelu"), "rrelu-framework");
        assert_eq!(stem("{ kind = \"rrelu\", upper = 0.5 }"), "rrelu-framework-0.125-0.5");
    }

    #[test]
    fn points_take_the_notation_that_is_short() {
        let texts = [-2.0, 0.0, 0.25, 1e308, -1e-300].map(point_text);
        assert_eq!(texts, ["-2", "0", "0.25", "1e308", "-1e-300"]);
    }
}
