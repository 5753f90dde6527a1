//! What a network's inputs and outputs stand for.

use serde::{Deserialize, Serialize};

use super::color::ColorFacts;
use super::column::Column;
use super::picture_input::PictureInput;
use super::task::Task;
use crate::network::NetworkSpec;
use crate::value::Shape;

/// What the inputs and outputs of a trained network stand for: all that is needed, besides the
/// network, to apply it. It is kept with every run and in every frozen file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum TaskFacts {
    /// One of several classes for each picture.
    Classification {
        /// Names of the classes, in the order of the outputs.
        classes: Vec<String>,
        /// How pictures become input.
        input: PictureInput,
    },
    /// Colors for gray pictures.
    Colorization(ColorFacts),
    /// One number for each row of features.
    Regression {
        /// The features, in the order of the inputs.
        features: Vec<Column>,
        /// What is predicted.
        target: Column,
    },
}

impl TaskFacts {
    /// What was learned.
    #[must_use]
    pub const fn task(&self) -> Task {
        match self {
            Self::Classification { .. } => Task::Classification,
            Self::Colorization(_) => Task::Colorization,
            Self::Regression { .. } => Task::Regression,
        }
    }

    /// How pictures become input, where input is pictures.
    #[must_use]
    pub const fn pictures(&self) -> Option<PictureInput> {
        match self {
            Self::Classification { input, .. } => Some(*input),
            Self::Colorization(_) | Self::Regression { .. } => None,
        }
    }

    /// A few words on the data, after the numbers of samples.
    #[must_use]
    pub fn description(&self) -> String {
        match self {
            Self::Classification { classes, .. } if classes.len() == 1 => "1 class".to_owned(),
            Self::Classification { classes, .. } => format!("{} classes", classes.len()),
            Self::Colorization(facts) => format!("{} color bins", facts.bins.len()),
            Self::Regression { features, target } => {
                format!("{} from {}", target.name, names(features))
            }
        }
    }

    /// What each output stands for, in their order.
    #[must_use]
    pub fn outputs(&self) -> Vec<String> {
        match self {
            Self::Classification { classes, .. } => classes.clone(),
            Self::Colorization(facts) => {
                let width = u8::from(facts.bin_width);
                facts.bins.iter().map(|cell| format!("{width}/{cell}")).collect()
            }
            Self::Regression { target, .. } => vec![target.name.clone()],
        }
    }

    /// Whether a network has the inputs and outputs these facts are about.
    ///
    /// # Errors
    /// What contradicts what.
    pub(crate) fn check(&self, network: &NetworkSpec) -> Result<(), String> {
        match self {
            Self::Classification { classes, .. } => {
                let (classes, outputs) = (classes.len(), network.output().values());
                if classes == outputs {
                    return Ok(());
                }
                Err(format!("contains {classes} classes, but the network has {outputs} outputs"))
            }
            Self::Colorization(facts) => facts.check(network),
            Self::Regression { features, target } => {
                let (inputs, outputs) = (network.input(), network.output());
                let expected = Shape::Features(features.len());
                if inputs != expected || outputs != Shape::Features(1) {
                    return Err(format!(
                        "contains {} features and a target, but the network has {inputs} inputs \
                         and {outputs} outputs",
                        features.len()
                    ));
                }
                features.iter().chain([target]).try_for_each(Column::check)
            }
        }
    }

    /// In what these facts and others differ.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differing = |pairs: &[(&'static str, bool)]| {
            pairs.iter().filter(|(_, same)| !same).map(|(name, _)| *name).collect()
        };
        match (self, other) {
            (
                Self::Classification { classes, input },
                Self::Classification { classes: others, input: other },
            ) => differing(&[("classes", classes == others), ("input", input == other)]),
            (Self::Colorization(own), Self::Colorization(others)) => own.differences(others),
            (
                Self::Regression { features, target },
                Self::Regression { features: others, target: other },
            ) => differing(&[("features", features == others), ("target", target == other)]),
            _ => vec!["task"],
        }
    }

    /// Whether a network trained on data of these facts can be applied to data of others.
    ///
    /// # Errors
    /// What the data has and what the network knows.
    pub fn check_data(&self, data: &Self) -> Result<(), String> {
        match (self, data) {
            (
                Self::Classification { classes, .. },
                Self::Classification { classes: others, .. },
            ) => {
                if classes == others {
                    return Ok(());
                }
                Err(format!(
                    "its classes are {}, but the network's are {}",
                    others.join(", "),
                    classes.join(", ")
                ))
            }
            // Photos are measured by the bins and the prior the network was trained with.
            (Self::Colorization(_), Self::Colorization(_)) => Ok(()),
            (
                Self::Regression { features, target },
                Self::Regression { features: others, target: other },
            ) => {
                // How they are standardized belongs to the network.
                if names(features) == names(others) && target.name == other.name {
                    return Ok(());
                }
                Err(format!(
                    "predicts {} from {}; the network predicts {} from {}",
                    other.name,
                    names(others),
                    target.name,
                    names(features)
                ))
            }
            _ => Err(format!(
                "its task is \"{}\", but the network learned \"{}\"",
                data.task().name(),
                self.task().name()
            )),
        }
    }
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
}
