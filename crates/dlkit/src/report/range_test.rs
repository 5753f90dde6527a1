//! Chart of a learning rate range test.

use dlkit_models::training::{RangeStep, RangeTest};

use crate::plot::{Color, LineChart, Scale, Series, Style};

/// The loss over the learning rate, in powers of ten.
pub(crate) fn range_chart(test: &RangeTest) -> String {
    let series = |name: &str, value: fn(&RangeStep) -> f64, place, style| {
        let point = |step: &RangeStep| (step.learning_rate.log10(), value(step));
        Series {
            name: name.to_owned(),
            points: test.steps.iter().map(point).collect(),
            style,
            color: Color::Apart(place),
            band: None,
            markers: false,
        }
    };
    let mut lines = vec![
        series("loss of each batch", |step| step.loss, 5, Style::Dots),
        series("smoothed", |step| step.smoothed, 0, Style::Solid),
    ];
    if let Some(proposal) = test.proposal {
        let proposed = test.steps.iter().rfind(|step| step.learning_rate <= proposal);
        lines.extend(proposed.map(|step| Series {
            name: "proposal".to_owned(),
            points: vec![(proposal.log10(), step.smoothed)],
            style: Style::Dots,
            color: Color::Apart(1),
            band: None,
            markers: true,
        }));
    }
    let chart = LineChart {
        title: "Learning rate range test".to_owned(),
        x_label: "learning rate, power of ten".to_owned(),
        y_label: "loss".to_owned(),
        series: lines,
        y_scale: Scale::Linear,
        integer_x: false,
    };
    chart.to_svg()
}
