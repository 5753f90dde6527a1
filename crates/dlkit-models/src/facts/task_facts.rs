//! What a network's inputs and outputs stand for.

use serde::{Deserialize, Serialize};

use super::classifier_input::ClassifierInput;
use super::color::ColorFacts;
use super::column::Column;
use super::feature::{Feature, inputs_of};
use super::picture_input::PictureInput;
use super::targets::Targets;
use super::task::Task;
use crate::network::NetworkSpec;
use crate::value::Shape;

/// What the inputs and outputs of a trained network stand for: all that is needed, besides the
/// network, to apply it. It is kept with every run and in every frozen file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case")]
pub enum TaskFacts {
    /// One of several classes for each picture or row.
    Classification {
        /// Names of the classes, in the order of the outputs.
        classes: Vec<String>,
        /// How pictures or rows become input.
        input: ClassifierInput,
    },
    /// Colors for gray pictures.
    Colorization(ColorFacts),
    /// One or several numbers for each row of features.
    Regression {
        /// The features, in the order of the inputs.
        features: Vec<Feature>,
        /// What is predicted.
        #[serde(rename = "target")]
        targets: Targets,
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
            Self::Classification { input, .. } => input.pictures(),
            Self::Colorization(_) | Self::Regression { .. } => None,
        }
    }

    /// The features, where input is rows of a table.
    #[must_use]
    pub fn features(&self) -> Option<&[Feature]> {
        match self {
            Self::Classification { input: ClassifierInput::Table { features, .. }, .. }
            | Self::Regression { features, .. } => Some(features),
            Self::Classification { .. } | Self::Colorization(_) => None,
        }
    }

    /// What each input stands for, where input is rows of a table.
    #[must_use]
    pub fn inputs(&self) -> Option<Vec<String>> {
        Some(self.features()?.iter().flat_map(Feature::input_names).collect())
    }

    /// A few words on the data, after the numbers of samples.
    #[must_use]
    pub fn description(&self) -> String {
        match self {
            Self::Classification { classes, .. } if classes.len() == 1 => "1 class".to_owned(),
            Self::Classification { classes, .. } => format!("{} classes", classes.len()),
            Self::Colorization(facts) => format!("{} color bins", facts.bins.len()),
            Self::Regression { features, targets } => {
                format!("{} from {}", targets.names(), names(features))
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
            Self::Regression { targets, .. } => {
                targets.0.iter().map(|target| target.name.clone()).collect()
            }
        }
    }

    /// Whether a network has the inputs and outputs these facts are about.
    ///
    /// # Errors
    /// What contradicts what.
    pub(crate) fn check(&self, network: &NetworkSpec) -> Result<(), String> {
        match self {
            Self::Classification { classes, input } => {
                let (classes, outputs) = (classes.len(), network.output().values());
                if classes != outputs {
                    return Err(format!(
                        "contains {classes} classes, but the network has {outputs} outputs"
                    ));
                }
                match input {
                    ClassifierInput::Table { features, .. } => check_features(features, network),
                    ClassifierInput::Pictures(_) => Ok(()),
                }
            }
            Self::Colorization(facts) => facts.check(network),
            Self::Regression { features, targets } => {
                let (targets, outputs) = (&targets.0, network.output());
                if outputs != Shape::Features(targets.len()) {
                    return Err(format!(
                        "contains {} targets, but the network has {outputs} outputs",
                        targets.len()
                    ));
                }
                check_features(features, network)?;
                targets.iter().try_for_each(Column::check)
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
                Self::Regression { features, targets },
                Self::Regression { features: others, targets: other },
            ) => differing(&[("features", features == others), ("target", targets == other)]),
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
                Self::Classification { classes, input },
                Self::Classification { classes: others, input: other },
            ) => {
                if classes != others {
                    return Err(format!(
                        "its classes are {}, but the network's are {}",
                        others.join(", "),
                        classes.join(", ")
                    ));
                }
                match (input, other) {
                    (ClassifierInput::Pictures(_), ClassifierInput::Pictures(_)) => Ok(()),
                    (
                        ClassifierInput::Table { features, target },
                        ClassifierInput::Table { features: others, target: other },
                    ) => same_columns((features, target), (others, other)),
                    _ => Err("one is pictures and the other a table".to_owned()),
                }
            }
            // Photos are measured by the bins and the prior the network was trained with.
            (Self::Colorization(_), Self::Colorization(_)) => Ok(()),
            (
                Self::Regression { features, targets },
                Self::Regression { features: others, targets: other },
            ) => same_columns((features, &targets.names()), (others, &other.names())),
            _ => Err(format!(
                "its task is \"{}\", but the network learned \"{}\"",
                data.task().name(),
                self.task().name()
            )),
        }
    }
}

/// Refuses data with other columns. How they are standardized belongs to the network.
fn same_columns(
    (features, target): (&[Feature], &str),
    (others, other): (&[Feature], &str),
) -> Result<(), String> {
    if names(features) == names(others) && target == other {
        return Ok(());
    }
    Err(format!(
        "predicts {other} from {}; the network predicts {target} from {}",
        names(others),
        names(features)
    ))
}

/// Refuses features that are not what a network is given.
fn check_features(features: &[Feature], network: &NetworkSpec) -> Result<(), String> {
    let (inputs, given) = (inputs_of(features), network.input());
    if given != Shape::Features(inputs) {
        return Err(format!("contains {inputs} features, but the network has {given} inputs"));
    }
    features.iter().try_for_each(Feature::check)
}

fn names(features: &[Feature]) -> String {
    features.iter().map(Feature::name).collect::<Vec<_>>().join(", ")
}
