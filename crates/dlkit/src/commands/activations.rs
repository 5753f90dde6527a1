//! `dlkit activations`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow, bail};
use dlkit_models::network::{Activation, CurvePoint, softmax};
use serde::Serialize;

use crate::console::Console;
use crate::exit::ExitStatus;
use crate::plot::write_picture;
use crate::report::{Align, TextTable, activation_chart, activation_overview, figure};

/// Show activation functions and their derivatives: a table of values, and figures.
///
/// Without a function, all of them. `dlkit activations softmax 3 0.7 0.5` gives the shares of the
/// numbers. A function with other constants is written as in a recipe:
/// `dlkit activations '{ kind = "elu", alpha = 0.5 }' -1 0 1`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The function, as in a recipe, or softmax.
    function: Option<String>,
    /// Points for the table (for softmax, the numbers).
    #[arg(allow_negative_numbers = true, value_name = "X")]
    points: Vec<f64>,
    /// Write the figures into this directory, as SVG and PNG.
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// The points of the table when none are given.
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
    if let Some(point) = args.points.iter().find(|point| !point.is_finite()) {
        bail!("the point {point} is not finite; give finite numbers");
    }
    if args.function.as_deref() == Some("softmax") {
        if args.output.is_some() {
            bail!("softmax has no figure to write; leave --output out");
        }
        return shares(&args.points, console);
    }
    let functions = match &args.function {
        None => Activation::all(),
        Some(text) => vec![Activation::parse(text).map_err(|reason| {
            let names: Vec<_> = Activation::all().iter().map(Activation::name).collect();
            anyhow!("{text}: {reason}; functions are {}, softmax", unique(&names).join(", "))
        })?],
    };
    let points = if args.points.is_empty() { &POINTS[..] } else { &args.points };
    let curves: Vec<Curve> = functions
        .iter()
        .map(|function| Curve { function: function.description(), points: function.curve(points) })
        .collect();
    for curve in &curves {
        console.line(format!("{}\n{}\n", curve.function, table(&curve.points)))?;
    }
    let figures = match &args.output {
        Some(directory) => write_figures(&functions, directory)?,
        None => Vec::new(),
    };
    for figure in &figures {
        console.line(format!("written: {figure}"))?;
    }
    console.object(&Answer { functions: curves, figures })?;
    Ok(ExitStatus::Done)
}

fn shares(numbers: &[f64], console: Console) -> Result<ExitStatus> {
    if numbers.is_empty() {
        bail!("softmax needs numbers, such as: dlkit activations softmax 3 0.7 0.5");
    }
    let shares = softmax(numbers);
    let mut table = TextTable::new(&[("x", Align::Right), ("softmax", Align::Right)]);
    for (number, share) in numbers.iter().zip(&shares) {
        table.row([number.to_string(), format!("{share:.6}")]);
    }
    console.line(&table)?;
    console.object(&Shares { numbers: numbers.to_vec(), softmax: shares })?;
    Ok(ExitStatus::Done)
}

fn unique<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut names = names.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

fn table(points: &[CurvePoint]) -> TextTable {
    let right = Align::Right;
    let mut table = TextTable::new(&[("x", right), ("f(x)", right), ("f'(x)", right)]);
    for point in points {
        table.row([point.x.to_string(), figure(point.value, 6), figure(point.derivative, 6)]);
    }
    table
}

fn write_figures(functions: &[Activation], directory: &PathBuf) -> Result<Vec<String>> {
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    let mut charts: Vec<(String, String)> = functions
        .iter()
        .map(|function| (file_stem(function), activation_chart(function).to_svg()))
        .collect();
    if functions.len() > 1 {
        let [values, derivatives] = activation_overview(functions);
        charts.push(("all-functions".to_owned(), values.to_svg()));
        charts.push(("all-derivatives".to_owned(), derivatives.to_svg()));
    }
    let mut written = Vec::new();
    for (stem, svg) in charts {
        let [_, picture] = write_picture(&svg, &directory.join(stem))?;
        written.push(picture.display().to_string());
    }
    Ok(written)
}

/// The name, and RReLU's definition, for its three share a name.
fn file_stem(function: &Activation) -> String {
    let description = function.description();
    let mut words = description.split(", ");
    match (function, words.next(), words.next()) {
        (Activation::Rrelu(_), Some(name), Some(mode)) => format!("{name}-{mode}"),
        _ => function.name().to_owned(),
    }
}
