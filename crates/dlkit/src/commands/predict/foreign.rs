//! The classes of pictures by a model of another project.

use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, bail};
use dlkit_files::regular::read_regular;
use dlkit_models::freeze::FreezeError;
use dlkit_models::tasks::classification::ScoreKind;
use dlkit_models::tasks::classification::foreign::{ForeignClassifier, PixelScale, UNDERSTOOD};
use dlkit_models::tasks::{TaskError, TrainedNetwork};

use super::Args;
use super::pictures::{Verdict, conclude, pictures_in};
use super::understood::Understood;
use crate::arguments::Failures;
use crate::console::Console;
use crate::exit::ExitStatus;

/// Largest file of class names.
const LARGEST_NAMES: u64 = 1 << 24;

/// The heading of these options.
const HEADING: &str = "Classifiers of other projects";

/// What an ONNX file of another project does not say.
#[derive(Debug, clap::Args)]
pub(super) struct ForeignArgs {
    /// Names of the classes of a model of another project (ONNX), one a line, in the order of its outputs.
    #[arg(long, help_heading = HEADING, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// Value of white: the model takes values from 0 to 1 or from 0 to 255 [default: 1].
    #[arg(long, help_heading = HEADING, value_name = "1|255", value_parser = ["1", "255"], requires = "classes")]
    scale: Option<String>,
    /// Mean that is subtracted after scaling: one number, or those of red, green and blue [default: 0].
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "R,G,B",
        value_delimiter = ',',
        allow_negative_numbers = true,
        requires = "classes"
    )]
    mean: Vec<f64>,
    /// Standard deviation that divides what is left: one number, or three [default: 1].
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "R,G,B",
        value_delimiter = ',',
        allow_negative_numbers = true,
        requires = "classes"
    )]
    deviation: Vec<f64>,
    /// Order of the channels of a color picture [default: rgb].
    #[arg(long, help_heading = HEADING, value_name = "rgb|bgr", value_parser = ["rgb", "bgr"], requires = "classes")]
    channels: Option<String>,
    /// Height and width of the pictures of a model that takes any size, in pixels [default: 224].
    #[arg(long, help_heading = HEADING, value_name = "N", requires = "classes")]
    size: Option<usize>,
}

impl ForeignArgs {
    fn scale(&self) -> Result<PixelScale> {
        let numbers = |option: &str, given: &[f64], usual: f64| {
            let numbers = if given.is_empty() { vec![usual] } else { given.to_vec() };
            let is_well = matches!(numbers.len(), 1 | 3) && numbers.iter().all(|n| n.is_finite());
            if is_well {
                Ok(numbers)
            } else {
                bail!("--{option} must be one finite number or three, R,G,B")
            }
        };
        let deviation = numbers("deviation", &self.deviation, 1.0)?;
        if let Some(number) = deviation.iter().find(|number| **number <= 0.0) {
            bail!("--deviation must be above 0, not {number}");
        }
        Ok(PixelScale {
            largest: if self.scale.as_deref() == Some("255") { 255.0 } else { 1.0 },
            mean: numbers("mean", &self.mean, 0.0)?,
            deviation,
            is_bgr: self.channels.as_deref() == Some("bgr"),
        })
    }
}

/// What the first argument of the command names.
pub(super) enum Named {
    /// A run or a frozen file.
    Own(Box<TrainedNetwork>),
    /// A model of another project.
    Foreign(Box<ForeignClassifier>),
}

impl Named {
    /// Opens it; a model of another project needs `--classes`, which is for nothing else.
    pub(super) fn open(args: &Args) -> Result<Self> {
        let path = &args.trained.run;
        match (TrainedNetwork::open(path, args.trained.checkpoint.chosen()), &args.foreign.classes)
        {
            (Ok(trained), None) => Ok(Self::Own(Box::new(trained))),
            (Ok(_), Some(_)) => bail!(
                "--classes is for models of other projects, but {} is dlkit's, which knows its classes; leave it \
                 out",
                path.display()
            ),
            (Err(TaskError::Frozen(FreezeError::Foreign { .. })), Some(names)) => {
                let (names, scale) = (names_in(names)?, args.foreign.scale()?);
                let foreign = ForeignClassifier::open(path, names, scale, args.foreign.size)?;
                Ok(Self::Foreign(Box::new(foreign.inverted(args.invert))))
            }
            (Err(TaskError::Frozen(error @ FreezeError::Foreign { .. })), None) => bail!(
                "{error}; a classifier of another project needs the names of its classes, --classes FILE: \
                 {UNDERSTOOD}"
            ),
            (Err(error), _) => Err(error.into()),
        }
    }
}

/// The names in a file, one a line.
fn names_in(file: &Path) -> Result<Vec<String>> {
    let name = file.display();
    let bytes = read_regular(file, LARGEST_NAMES).with_context(|| format!("--classes {name}"))?;
    let text = String::from_utf8(bytes).with_context(|| format!("--classes {name}: not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').trim_end();
    let names: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    match names.iter().position(String::is_empty) {
        _ if names.is_empty() => {
            bail!("--classes {name}: empty; write the name of a class on each line")
        }
        Some(line) => bail!("--classes {name}: line {} is empty", line + 1),
        None => Ok(names),
    }
}

pub(super) fn predict(
    classifier: &ForeignClassifier,
    args: &Args,
    console: Console,
) -> Result<ExitStatus> {
    let (mut predictions, mut failures) = (Vec::new(), Failures::default());
    let files = pictures_in(args, &mut failures, console);
    let answers = classifier.predict(&files, args.top());
    for (file, result) in answers.pictures {
        match result {
            Ok(prediction) => predictions.push(prediction),
            Err(error) => failures.add(&file, &Error::new(error)),
        }
    }
    let understood = Understood::new(classifier, answers.given);
    let done = predictions.len();
    let verdict = Verdict {
        score_kind: ScoreKind::Probability,
        threshold: None,
        understood: Some(understood),
    };
    conclude(predictions, verdict, (failures, done), args, console)
}
