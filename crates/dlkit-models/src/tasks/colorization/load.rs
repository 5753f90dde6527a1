//! Trained colorizers, from runs and from frozen files, and their figures on photos.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::colorizer::Colorizer;
use super::decode::Temperature;
use super::evaluate::{ColorizationReport, evaluate_photos};
use super::facts::ColorFacts;
use crate::config::Experiment;
use crate::data::{DataConfig, DataError, PhotoFiles, picture_files};
use crate::freeze::{FreezeError, FrozenNetwork};
use crate::run::{RunDirectory, RunError, Which};
use crate::tasks::{Part, TaskError, TaskFacts, load_network};

/// The colorizer of a run directory; needs no data.
///
/// # Errors
/// A run of another task; one without an intact checkpoint.
pub fn load_colorizer(
    run: &RunDirectory,
    which: Which,
    device: &Device,
) -> Result<Colorizer, RunError> {
    let damaged = |reason| RunError::Damaged { path: run.path().join("run.json"), reason };
    let facts = facts(run.info()?.facts).map_err(damaged)?;
    let network = load_network(&run.experiment()?, run, which, device)?;
    Colorizer::new(network, facts, device.clone()).map_err(damaged)
}

/// The colorizer of a frozen file; needs nothing else.
///
/// # Errors
/// A network that learnt another task.
pub fn frozen_colorizer(frozen: &FrozenNetwork, device: &Device) -> Result<Colorizer, FreezeError> {
    let unusable = |reason| FreezeError::Unusable { path: frozen.path().to_owned(), reason };
    let facts = facts(frozen.metadata().facts.clone()).map_err(unusable)?;
    Colorizer::new(frozen.network(device)?, facts, device.clone()).map_err(unusable)
}

fn facts(facts: TaskFacts) -> Result<ColorFacts, String> {
    match facts {
        TaskFacts::Colorization(facts) => Ok(facts),
        other => Err(format!(
            "learnt the task \"{}\"; colours take one that learnt \"colorization\"",
            other.task().name()
        )),
    }
}

/// The photos of a part of a directory: of its folder of that name or, in a directory without such
/// folders, all of them; none where it has folders, but not that one.
///
/// # Errors
/// A directory that is not there or holds no photos.
pub fn photos_of_part(directory: &Path, part: Part) -> Result<Option<Vec<PathBuf>>, DataError> {
    let parts = [Part::Train, Part::Validation, Part::Test];
    let folder = directory.join(part.name());
    let chosen = if folder.is_dir() {
        folder
    } else if parts.iter().any(|part| directory.join(part.name()).is_dir()) {
        return Ok(None);
    } else {
        directory.to_owned()
    };
    picture_files(&[chosen]).into_iter().collect::<Result<_, _>>().map(Some)
}

/// The photos of a part of an experiment's own data; none where that part is empty.
///
/// # Errors
/// Data that is not there.
pub fn photos_of_experiment(
    experiment: &Experiment,
    part: Part,
) -> Result<Option<Vec<PathBuf>>, DataError> {
    let DataConfig::Photos(config) = &experiment.config().data else { return Ok(None) };
    let files = PhotoFiles::find(config, experiment.config().seed)?;
    let files = match part {
        Part::Train => files.train,
        Part::Validation => files.validation,
        Part::Test => files.test,
    };
    Ok((!files.is_empty()).then_some(files))
}

/// Measures a colorizer on photos at its own temperature, or another.
///
/// # Errors
/// A file that cannot be read as a picture; a temperature that makes no sense.
pub fn evaluate_colorizer(
    colorizer: &Colorizer,
    files: &[PathBuf],
    temperature: Option<Temperature>,
) -> Result<ColorizationReport, TaskError> {
    let own = || {
        colorizer.temperature().map_err(|error| TaskError::Contradiction(error.to_string()))
    };
    let temperature = temperature.map_or_else(own, Ok)?;
    Ok(evaluate_photos(colorizer, files, temperature, |_| ())?)
}
