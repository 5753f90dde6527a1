//! A recipe, as it is written and after it was checked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::suited;
use crate::data::DataConfig;
use crate::facts::color::{ColorizationConfig, Fit};
use crate::facts::task::Task;
use crate::network::{NetworkConfig, NetworkError, NetworkSpec};
use crate::training::{DiagnosticsConfig, PenaltyConfig, TrainingConfig};
use crate::value::Problem;

/// A recipe: the task, the data, the network and the training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExperimentConfig {
    /// The task to learn.
    pub task: Task,
    /// Seed of the weights, the validation split, the order of samples and all other random
    /// numbers.
    #[serde(default = "seed")]
    pub seed: u64,
    /// The source of the samples.
    pub data: DataConfig,
    /// Settings of the task "colorization".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colorization: Option<ColorizationConfig>,
    /// The network.
    pub network: NetworkConfig,
    /// Settings of the training.
    #[serde(default)]
    pub training: TrainingConfig,
    /// Penalty on large weights. Without this table there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penalty: Option<PenaltyConfig>,
    /// Statistics of every layer, measured during training. Without this table there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnostics: Option<DiagnosticsConfig>,
}

/// Refuses a table of colors where none are learned.
fn check_colorization(config: &ExperimentConfig) -> Result<(), Problem> {
    match &config.colorization {
        Some(_) if config.task != Task::Colorization => {
            let reason = format!(
                "has no effect on `task` \"{}\"; remove it, or set task = \"colorization\"",
                config.task.name()
            );
            Err(Problem::new("colorization", reason))
        }
        _ => Ok(()),
    }
}

/// Refuses keys of classes where there are none.
fn check_classes(config: &ExperimentConfig) -> Result<(), Problem> {
    let TrainingConfig { class_weights, threshold, .. } = &config.training;
    let key = match (class_weights, threshold) {
        _ if config.task == Task::Classification => return Ok(()),
        (Some(_), _) => "training.class_weights",
        (None, Some(_)) => "training.threshold",
        (None, None) => return Ok(()),
    };
    let task = config.task.name();
    let reason = format!("has no effect on `task` \"{task}\", which has no classes; remove it");
    Err(Problem::new(key, reason))
}

const fn seed() -> u64 {
    42
}

fn plain(problem: Problem) -> NetworkError {
    NetworkError { problem, before: Vec::new() }
}

/// A recipe whose every value was checked; the only thing that can be trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    config: ExperimentConfig,
    network: NetworkSpec,
}

impl Experiment {
    /// Checks every range and that the layers fit together.
    ///
    /// # Errors
    /// The first key that is wrong, what was given and what is allowed.
    pub fn new(config: ExperimentConfig) -> Result<Self, NetworkError> {
        check_classes(&config).map_err(plain)?;
        let network = Self::check_tables(&config)?;
        config.task.check_data(&config.data).map_err(plain)?;
        check_colorization(&config).map_err(plain)?;
        if let Some(penalty) = config.penalty {
            penalty.check_optimizer(&config.training.optimizer).map_err(plain)?;
        }
        config.training.check_freeze(&network).map_err(plain)?;
        if config.task == Task::Colorization {
            Fit::new(&network).map_err(|reason| {
                plain(Problem::new("network", format!("is no colorizer: {reason}")))
            })?;
        }
        suited::check(config.task, &config.data, config.training.loss, &network).map_err(plain)?;
        Ok(Self { config, network })
    }

    /// Checks each table of a recipe for itself; the network that its own describes.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(super) fn check_tables(config: &ExperimentConfig) -> Result<NetworkSpec, NetworkError> {
        let in_table = |table: &'static str| move |problem: Problem| plain(problem.within(table));
        config.data.check().map_err(in_table("data"))?;
        if let Some(colorization) = &config.colorization {
            colorization.check().map_err(in_table("colorization"))?;
        }
        config.training.check().map_err(in_table("training"))?;
        if let Some(penalty) = config.penalty {
            penalty.check().map_err(in_table("penalty"))?;
        }
        NetworkSpec::new(&config.network).map_err(|error| NetworkError {
            problem: error.problem.within("network"),
            before: error.before,
        })
    }

    /// The recipe with every default filled in.
    #[must_use]
    pub const fn config(&self) -> &ExperimentConfig {
        &self.config
    }

    /// The recipe as TOML, defaults written out.
    ///
    /// # Errors
    /// The data path is not UTF-8, so TOML cannot store it.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&self.config)
    }

    /// The checked network.
    #[must_use]
    pub const fn network(&self) -> &NetworkSpec {
        &self.network
    }

    /// The same experiment on the same kind of data in another directory.
    #[must_use]
    pub fn with_data_path(mut self, path: std::path::PathBuf) -> Self {
        self.config.data = self.config.data.with_path(path);
        self
    }

    /// The same experiment on the same kind of data elsewhere, as a user names it.
    ///
    /// # Errors
    /// Data that is made up, not read.
    pub fn with_other_data(self, data: &std::path::Path) -> Result<Self, String> {
        let config = &self.config.data;
        if config.path().is_none() {
            return Err(format!(
                "--data {}: data of kind \"{}\" is generated, not read; omit --data",
                data.display(),
                config.kind()
            ));
        }
        let absolute = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
        Ok(self.with_data_path(absolute))
    }

    /// The same experiment with another network.
    ///
    /// # Errors
    /// A network that does not fit together.
    pub fn with_network(mut self, network: NetworkConfig) -> Result<Self, NetworkError> {
        self.config.network = network;
        Self::new(self.config)
    }

    /// The same experiment, trained otherwise; the caller has checked the values.
    pub(crate) fn with_training(mut self, training: TrainingConfig) -> Self {
        self.config.training = training;
        self
    }

    /// The same experiment without a validation part.
    pub(crate) fn without_validation(mut self) -> Self {
        self.config.data = self.config.data.with_validation(0.0);
        self
    }

    /// The same experiment, trained for another number of epochs.
    ///
    /// The length of a schedule stays what it was.
    #[must_use]
    pub fn with_epochs(mut self, epochs: usize) -> Self {
        self.config.training.fix_schedule();
        self.config.training.epochs = epochs;
        self
    }
}
