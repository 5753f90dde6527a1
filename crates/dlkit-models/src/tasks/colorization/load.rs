//! Trained colorizers, from runs and from frozen files, and their figures on photos.

use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::colorizer::Colorizer;
use super::evaluate::evaluate_photos;
use crate::data::{DataConfig, DataError, PhotoFiles, picture_files};
use crate::facts::color::ColorFacts;
use crate::freeze::{FreezeError, FrozenNetwork};
use crate::recipe::Experiment;
use crate::run::{RunDirectory, RunError, Which};
use crate::tasks::{Part, TaskError, TaskFacts, TaskReport, load_network};

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
    let facts = facts(frozen.metadata().facts.clone())
        .map_err(|reason| unusable(format!("it {reason}")))?;
    Colorizer::new(frozen.network(device)?, facts, device.clone()).map_err(unusable)
}

fn facts(facts: TaskFacts) -> Result<ColorFacts, String> {
    match facts {
        TaskFacts::Colorization(facts) => Ok(facts),
        other @ (TaskFacts::Classification { .. } | TaskFacts::Regression { .. }) => Err(format!(
            "says that the network learnt the task \"{}\"; colours come from one that learnt \
             \"colorization\"",
            other.task().name()
        )),
    }
}

/// The photos of a part of a directory: of its folder of that name or, in a directory without such
/// folders, all of them; none where it has folders, but not that one.
///
/// # Errors
/// A directory that is not there or holds no photos.
fn photos_of_part(directory: &Path, part: Part) -> Result<Option<Vec<PathBuf>>, DataError> {
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
fn photos_of_experiment(
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

/// Measures a run on a part of its own photos, or of those of another directory; `None` where that part
/// is empty. Bins and prior are those the run was trained with.
///
/// # Errors
/// A run or photos that cannot be read.
pub fn evaluate_run(
    run: &RunDirectory,
    which: Which,
    directory: Option<&Path>,
    part: Part,
    device: &Device,
) -> Result<Option<TaskReport>, TaskError> {
    let files = match directory {
        Some(directory) => photos_of_part(directory, part)?,
        None => photos_of_experiment(&run.experiment()?, part)?,
    };
    let Some(files) = files else { return Ok(None) };
    measured(&load_colorizer(run, which, device)?, &files).map(Some)
}

/// Measures a frozen file on a part of the photos of a directory; `None` where that part is empty.
///
/// # Errors
/// A file of another task; photos that cannot be read.
pub fn evaluate_frozen(
    frozen: &FrozenNetwork,
    directory: &Path,
    part: Part,
    device: &Device,
) -> Result<Option<TaskReport>, TaskError> {
    let Some(files) = photos_of_part(directory, part)? else { return Ok(None) };
    measured(&frozen_colorizer(frozen, device)?, &files).map(Some)
}

fn measured(colorizer: &Colorizer, files: &[PathBuf]) -> Result<TaskReport, TaskError> {
    let temperature =
        colorizer.temperature().map_err(|error| TaskError::Contradiction(error.to_string()))?;
    let report = evaluate_photos(colorizer, files, temperature, |_| ())?;
    Ok(TaskReport::Colorization(Box::new(report)))
}
