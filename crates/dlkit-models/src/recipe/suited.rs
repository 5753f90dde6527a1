//! Whether loss and network suit the task, as far as a recipe tells without its data.

use crate::data::DataConfig;
use crate::facts::task::Task;
use crate::network::NetworkSpec;
use crate::training::Loss;
use crate::value::{Problem, Shape};

/// Refuses a loss or outputs that do not suit the task.
pub(super) fn check(
    task: Task,
    data: &DataConfig,
    loss: Loss,
    network: &NetworkSpec,
) -> Result<(), Problem> {
    match task {
        Task::Classification => softmax(loss, network),
        Task::Regression => numbers(data, loss, network),
        Task::Colorization => Ok(()),
    }
}

fn softmax(loss: Loss, network: &NetworkSpec) -> Result<(), Problem> {
    let has_softmax = matches!(loss, Loss::CrossEntropy { .. });
    match network.last_computing_layer() {
        Some(layer) if has_softmax && network.ends_in_softmax() => Err(Problem::new(
            "training.loss",
            format!(
                "is \"cross-entropy\", which needs raw scores and applies the softmax itself; remove \
                 the layer `{}` (predictions remain probabilities)",
                layer.name()
            ),
        )),
        _ => Ok(()),
    }
}

fn numbers(data: &DataConfig, loss: Loss, network: &NetworkSpec) -> Result<(), Problem> {
    if let Loss::CrossEntropy { .. } = loss {
        return Err(Problem::new(
            "training.loss",
            "is \"cross-entropy\", which is for classes; set training.loss = \"mse\", \"mae\" or \
             \"huber\"",
        ));
    }
    let targets = match data {
        DataConfig::Table(table) => table.target.0.len(),
        _ => 1,
    };
    let output = network.output();
    if output == Shape::Features(targets) {
        return Ok(());
    }
    let numbers = if targets == 1 { "one number".to_owned() } else { format!("{targets} numbers") };
    Err(Problem::new(
        "network.layers",
        format!(
            "end in the output {output}, but a regression predicts {numbers}; end network.layers with \
             a dense layer with units = {targets}"
        ),
    ))
}
