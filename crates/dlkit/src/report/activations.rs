//! Figures of activation functions.

use dlkit_models::network::{Activation, CurvePoint, RreluMode};

use crate::plot::{Color, LineChart, Scale, Series, Style};

/// Figures run from `-REACH` to `REACH`.
const REACH: f64 = 5.0;
/// Number of points of a curve; odd, so that 0 is one of them.
const STEPS: i32 = 401;

/// Chart of a function and its derivative; for RReLU, also the range of slopes in training.
pub(crate) fn activation_chart(function: &Activation) -> LineChart {
    let curve = function.curve(&points());
    let tested = if matches!(function, Activation::Rrelu(_)) { " in testing" } else { "" };
    let mut value = series(&format!("f(x){tested}"), &curve, |point| point.value, 0, Style::Solid);
    if let Activation::Rrelu(rrelu) = function {
        let (lower, upper) = rrelu.bounds();
        let slopes = match rrelu.mode {
            RreluMode::Paper => [1.0 / upper, 1.0 / lower],
            RreluMode::Framework | RreluMode::Post => [lower, upper],
        };
        let edges = |x: f64| {
            let [first, second] = slopes.map(|slope| if x < 0.0 { slope * x } else { x });
            (x, first.min(second), first.max(second))
        };
        value.band = Some(curve.iter().map(|point| edges(point.x)).collect());
        "f(x) in testing; band: training".clone_into(&mut value.name);
    }
    let derivative =
        series(&format!("f'(x){tested}"), &curve, |point| point.derivative, 1, Style::Dashed);
    chart(&function.description(), "f(x), f'(x)", vec![value, derivative])
}

/// One chart of all functions, and one of all derivatives.
pub(crate) fn activation_overview(functions: &[Activation]) -> [LineChart; 2] {
    // RReLU in the definition of the post exceeds the range of all other functions.
    let shown = functions.iter().filter(
        |function| !matches!(function, Activation::Rrelu(rrelu) if rrelu.mode == RreluMode::Post),
    );
    let curves: Vec<_> =
        shown.map(|function| (function.description(), function.curve(&points()))).collect();
    let all = |value: fn(&CurvePoint) -> f64| {
        let named = curves.iter().enumerate();
        named
            .map(|(index, (name, curve))| series(name, curve, value, index, Style::Solid))
            .collect()
    };
    [
        chart("Activation functions", "f(x)", all(|point| point.value)),
        chart("Derivatives of activation functions", "f'(x)", all(|point| point.derivative)),
    ]
}

fn points() -> Vec<f64> {
    let last = f64::from(STEPS - 1);
    (0..STEPS).map(|step| REACH * (2.0 * f64::from(step) / last - 1.0)).collect()
}

fn series(
    name: &str,
    curve: &[CurvePoint],
    value: impl Fn(&CurvePoint) -> f64,
    color: usize,
    style: Style,
) -> Series {
    Series {
        name: name.to_owned(),
        points: curve.iter().map(|point| (point.x, value(point))).collect(),
        style,
        color: Color::Apart(color),
        band: None,
        markers: false,
    }
}

fn chart(title: &str, y_label: &str, series: Vec<Series>) -> LineChart {
    LineChart {
        title: title.to_owned(),
        x_label: "x".to_owned(),
        y_label: y_label.to_owned(),
        series,
        y_scale: Scale::Linear,
        integer_x: false,
    }
}
