//! Figures of a trained network: on the data it was trained on, or on other data.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use dlkit_files::picture::LeftOut;

use super::classification::{Classifier, evaluate_labeled, evaluate_rows};
use super::colorization::{Colorizer, evaluate_photos, own_photos};
use super::error::TaskError;
use super::regression::evaluate_table;
use super::report::TaskReport;
use super::session::{Session, check_own};
use super::trained::{KeptRun, TrainedNetwork};
use crate::data::{FormatConfig, FoundPhotos, Part, TableFile, photos_of};
use crate::facts::{ClassifierInput, Task, TaskFacts};
use crate::recipe::Experiment;

/// What was measured, and on what.
pub struct Evaluation {
    /// The figures.
    pub report: TaskReport,
    /// The data: its path, or its kind.
    pub data: String,
    /// The part, or none where all of the data was measured.
    pub part: Option<Part>,
    /// Whether it was measured as the data that the run was trained on, by its fingerprint.
    pub is_own: bool,
    /// Files of the data that were skipped.
    pub left_out: Vec<LeftOut>,
}

impl TrainedNetwork {
    /// Evaluates the network: a run on a part of its own data (by default the test part), or any
    /// network on other data, all of it or the folder of one part. `format` is that of a table.
    ///
    /// # Errors
    /// A frozen file needs data; the data cannot be read, is not the run's training data, or has no
    /// such part.
    pub fn evaluate(
        &self,
        data: Option<&Path>,
        part: Option<Part>,
        format: FormatConfig,
        device: &Device,
    ) -> Result<Evaluation, TaskError> {
        let Some(data) = data else {
            let run = self.run().ok_or_else(|| {
                TaskError::Contradiction(format!(
                    "{}: a frozen file does not name its data; give labeled data with --data DIR",
                    self.path().display()
                ))
            })?;
            return self.on_own(run, &run.experiment, part.unwrap_or(Part::Test), device);
        };
        let own = match (self.run(), part) {
            (Some(run), Some(part)) => self.on_moved(run, data, part, device)?,
            _ => None,
        };
        if let Some(evaluation) = own {
            return Ok(evaluation);
        }
        let split = part.map_or("all", Part::name);
        self.on_other(data, part, format, device)?.ok_or_else(|| {
            TaskError::Contradiction(format!(
                "--split {split}: {} has no such part; omit --split to evaluate all of it",
                data.display()
            ))
        })
    }

    /// Measures a run on a part of data that may be its own in another place; `None` if it is not.
    fn on_moved(
        &self,
        run: &KeptRun,
        data: &Path,
        part: Part,
        device: &Device,
    ) -> Result<Option<Evaluation>, TaskError> {
        let experiment = run.experiment.clone().with_other_data(data);
        let experiment = experiment.map_err(TaskError::Contradiction)?;
        match self.on_own(run, &experiment, part, device) {
            Err(TaskError::OtherData { .. } | TaskError::Data(_) | TaskError::Unusable { .. }) => {
                Ok(None)
            }
            result => result.map(Some),
        }
    }

    /// Measures a run on a part of its own data, which `experiment` names.
    fn on_own(
        &self,
        run: &KeptRun,
        experiment: &Experiment,
        part: Part,
        device: &Device,
    ) -> Result<Evaluation, TaskError> {
        let data = experiment.config().data.name();
        let (report, left_out) = if experiment.config().task == Task::Colorization {
            let (files, left_out, fingerprint) = own_photos(experiment, part)?;
            check_own(experiment, &fingerprint, &run.info, &run.directory)?;
            (self.on_photos(&files, device)?, left_out)
        } else {
            let session = Session::prepare_own(experiment, &run.info, &run.directory)?;
            let report = session.evaluate_deciding_at(
                self.network(device)?,
                self.threshold(),
                part,
                device,
            )?;
            (report, session.left_out().to_vec())
        };
        let report = report.ok_or_else(|| {
            TaskError::Contradiction(format!(
                "{data}: no {} part; choose another with --split train, validation or test",
                part.name()
            ))
        })?;
        Ok(Evaluation { report, data, part: Some(part), is_own: true, left_out })
    }

    /// Evaluates on other data; `None` if it has no folder of the part.
    fn on_other(
        &self,
        data: &Path,
        part: Option<Part>,
        format: FormatConfig,
        device: &Device,
    ) -> Result<Option<Evaluation>, TaskError> {
        if let (Some(_), Some(_)) = (self.facts().features(), part) {
            return Err(TaskError::Contradiction(format!(
                "--split: {} is a table without parts; omit --split to evaluate all rows",
                data.display()
            )));
        }
        let rows = || TableFile::open(data, format);
        let of_rows =
            |report: Result<TaskReport, _>| report.map(|report| Some((report, Vec::new())));
        let found = match self.facts() {
            TaskFacts::Classification { classes, input } => {
                let classifier = Classifier::new(self.network(device)?, self.loss());
                let classifier = classifier.deciding_at(self.threshold());
                match input {
                    ClassifierInput::Pictures(input) => {
                        evaluate_labeled(&classifier, (classes, *input), data, part, device)?
                    }
                    ClassifierInput::Table { features, target } => {
                        let columns = (&features[..], target.as_str());
                        of_rows(evaluate_rows(&classifier, classes, columns, &rows()?, device))?
                    }
                }
            }
            TaskFacts::Colorization(_) => match photos_of(data, part)? {
                None => None,
                Some(FoundPhotos { files, left_out }) => {
                    self.on_photos(&files, device)?.map(|report| (report, left_out))
                }
            },
            TaskFacts::Regression { features, targets } => {
                let (network, columns) = (self.network(device)?, (&features[..], targets));
                of_rows(evaluate_table(network, self.loss(), columns, &rows()?, device))?
            }
        };
        let name = data.display().to_string();
        Ok(found.map(|(report, left_out)| Evaluation {
            report,
            data: name,
            part,
            is_own: false,
            left_out,
        }))
    }

    fn on_photos(
        &self,
        files: &[PathBuf],
        device: &Device,
    ) -> Result<Option<TaskReport>, TaskError> {
        if files.is_empty() {
            return Ok(None);
        }
        let colorizer: Colorizer = self.colorizer(device)?;
        let temperature =
            colorizer.temperature().map_err(|error| TaskError::Contradiction(error.to_string()))?;
        let report = evaluate_photos(&colorizer, files, temperature, |_| ())?;
        Ok(Some(TaskReport::Colorization(Box::new(report))))
    }
}

impl KeptRun {
    /// Reads the data the run was trained on, or other data that its network fits.
    ///
    /// # Errors
    /// Data that cannot be read, that is named as the run's own and has changed since, or that has other
    /// classes or columns.
    pub fn session(&self, other_data: Option<&Path>) -> Result<Session, TaskError> {
        let Some(data) = other_data else {
            return Session::prepare_own(&self.experiment, &self.info, &self.directory);
        };
        let experiment = self.experiment.clone().with_other_data(data);
        let session = Session::prepare_data(&experiment.map_err(TaskError::Contradiction)?)?;
        if !self.owns(&session) {
            let unlike = |reason| TaskError::Contradiction(format!("{}: {reason}", data.display()));
            self.info.facts.check_data(session.facts()).map_err(unlike)?;
        }
        Ok(session)
    }

    /// Whether the data of a session is what the run was trained on, wherever it lies.
    #[must_use]
    pub fn owns(&self, session: &Session) -> bool {
        session.fingerprint() == self.info.data_sha256
    }
}
