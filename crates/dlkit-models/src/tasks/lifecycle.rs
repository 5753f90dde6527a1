//! The life of a run: it begins, trains, resumes and ends.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;
use burn::train::Interrupter;
use thiserror::Error;

use super::checkup::doubt;
use super::error::TaskError;
use super::report::TaskReport;
use super::session::Session;
use super::start::Start;
use crate::data::Part;
use crate::device::OpenDevice;
use crate::facts::TaskFacts;
use crate::recipe::Experiment;
use crate::run::{Outcome, RunDirectory, RunError, RunInfo, Which, now};
use crate::training::{Ending, Observer, Supervision, Trained, TrainingError, write_start};

/// Why a run cannot begin, resume, train or end.
#[derive(Debug, Error)]
pub enum LifecycleError {
    /// Fewer epochs than are trained already.
    #[error(
        "--epochs {asked}: {path} is already trained for {done}; raise --epochs",
        path = .path.display()
    )]
    FewerEpochs {
        /// The run directory.
        path: PathBuf,
        /// Requested epochs.
        asked: usize,
        /// Epochs it has.
        done: usize,
    },
    /// The data or the recipe.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The run directory.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The training.
    #[error(transparent)]
    Training(#[from] TrainingError),
}

/// The command that trains, as recorded in the run's account.
#[derive(Clone, Debug)]
pub struct Command {
    /// The words of the command line.
    pub words: Vec<String>,
    /// The directory it was given in.
    pub directory: String,
    /// Message for a panic during training, such as that of a failed GPU.
    pub panic_text: fn(&(dyn Any + Send)) -> String,
}

impl Default for Command {
    fn default() -> Self {
        let panic_text = |_: &(dyn Any + Send)| "the training panicked".to_owned();
        Self { words: Vec::new(), directory: String::new(), panic_text }
    }
}

/// A run in training: its locked directory, its data and its account.
///
/// ```
/// use dlkit_models::device::open_device;
/// use dlkit_models::recipe::parse_experiment;
/// use dlkit_models::run::Outcome;
/// use dlkit_models::tasks::{Command, Job};
/// use dlkit_models::training::Interrupter;
///
/// let recipe = r#"
///     task = "regression"
///     data = { kind = "line" }
///     network = { input = [1], layers = [{ type = "dense", units = 1 }] }
///     training = { epochs = 2, loss = "mse" }
/// "#;
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("run");
/// let experiment = parse_experiment(recipe, "line.toml", &[])?;
/// let device = open_device("flex")?;
/// let mut job = Job::begin(&path, &experiment, Command::default())?;
/// let trained = job.train(&device, &mut (), Interrupter::new())?;
/// let conclusion = job.conclude(&trained, &device.device)?;
/// let account = conclusion.write()?;
/// assert_eq!((account.outcome, account.epochs), (Outcome::Finished, 2));
/// assert!(path.join("metrics.csv").exists() && account.test.contains_key("r2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Job {
    run: RunDirectory,
    session: Session,
    info: RunInfo,
    epochs: usize,
    command: Command,
    unwritten: Option<RunError>,
}

/// What a run is resumed with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resumption<'a> {
    /// New total number of epochs.
    pub epochs: Option<usize>,
    /// New path of the data.
    pub data: Option<&'a Path>,
}

/// A run that was resumed.
pub enum Resumed {
    /// Some epochs remain to be trained.
    Unfinished(Box<Job>),
    /// All epochs are trained, but the run is not concluded.
    Trained(Box<Job>, Trained),
    /// Nothing to do.
    Concluded(Box<RunInfo>, Trained),
}

impl Job {
    /// Begins a run in a new directory.
    ///
    /// # Errors
    /// The directory exists already; the data cannot be used.
    pub fn begin(
        path: &Path,
        experiment: &Experiment,
        command: Command,
    ) -> Result<Self, LifecycleError> {
        RunDirectory::check_new(path)?;
        let session = Session::prepare(experiment)?;
        Self::begin_with(session, None, command, |experiment, info| {
            RunDirectory::create(path, experiment, info)
        })
    }

    /// Begins a run with data that was read, in the directory that `create` makes; its first weights are
    /// those of `start`, or drawn.
    ///
    /// # Errors
    /// Those of `create`; the first weights cannot be written.
    pub fn begin_with(
        session: Session,
        start: Option<Start>,
        command: Command,
        create: impl FnOnce(&Experiment, &RunInfo) -> Result<RunDirectory, RunError>,
    ) -> Result<Self, LifecycleError> {
        let directory = command.directory.clone();
        let init = start.as_ref().map(|start| start.source.display().to_string());
        let info = RunInfo { directory, init, ..session.new_info() };
        let run = create(session.experiment(), &info)?;
        if let Some(Start { inherited, .. }) = start {
            write_start(inherited.network, &session.experiment().config().training, &run)?;
        }
        Ok(Self { run, epochs: info.epochs_planned, session, info, command, unwritten: None })
    }

    /// Resumes a run from its last checkpoint, with its own recipe.
    ///
    /// # Errors
    /// Another process that trains in the directory; fewer epochs than it has; data that has changed; a
    /// checkpoint that is damaged.
    pub fn resume(
        path: &Path,
        Resumption { epochs, data }: Resumption<'_>,
        device: &Device,
        command: Command,
    ) -> Result<Resumed, LifecycleError> {
        let run = RunDirectory::open_locked(path)?;
        let (info, progress, mut experiment) = (run.info()?, run.progress()?, run.experiment()?);
        let planned = experiment.config().training.epochs;
        let epochs = epochs.unwrap_or(planned);
        if epochs < progress.epochs {
            let path = path.to_owned();
            return Err(LifecycleError::FewerEpochs { path, asked: epochs, done: progress.epochs });
        }
        let stopped = progress.stopped_early && epochs == planned;
        let trained = (progress.epochs == epochs || stopped).then_some(Trained {
            epochs: progress.epochs,
            best: progress.best,
            ending: if stopped { Ending::StoppedEarly } else { Ending::Finished },
        });
        let concluded = matches!(info.outcome, Outcome::Finished | Outcome::StoppedEarly);
        if let (Some(trained), true) = (&trained, concluded) {
            return Ok(Resumed::Concluded(Box::new(info), trained.clone()));
        }
        if epochs != planned {
            experiment = experiment.with_epochs(epochs);
        }
        if let Some(data) = data {
            experiment = experiment.with_other_data(data).map_err(TaskError::Contradiction)?;
        }
        let session = Session::prepare_own(&experiment, &info, &run)?;
        if let (Some(init), None) = (&info.init, run.checkpoint_path(Which::Last)?) {
            return Err(RunError::NoStart { path: path.to_owned(), init: init.clone() }.into());
        }
        session.check_checkpoint(&run, device)?;
        run.write_experiment(&experiment)?;
        let job = Box::new(Self { run, session, info, epochs, command, unwritten: None });
        Ok(match trained {
            Some(trained) => Resumed::Trained(job, trained),
            None => Resumed::Unfinished(job),
        })
    }

    /// The directory of the run.
    #[must_use]
    pub const fn run(&self) -> &RunDirectory {
        &self.run
    }

    /// Its data and network.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Its account.
    #[must_use]
    pub const fn info(&self) -> &RunInfo {
        &self.info
    }

    /// Why the failure of the training could not be written into the account, if it could not.
    #[must_use]
    pub const fn unwritten(&self) -> Option<&RunError> {
        self.unwritten.as_ref()
    }

    /// Epochs in all.
    #[must_use]
    pub const fn epochs(&self) -> usize {
        self.epochs
    }

    /// Trains until the last epoch. The account records the outcome, even of a failure or panic.
    ///
    /// # Errors
    /// A training that diverges; a run directory that cannot be used.
    pub fn train(
        &mut self,
        device: &OpenDevice,
        observer: &mut dyn Observer,
        interrupter: Interrupter,
    ) -> Result<Trained, LifecycleError> {
        self.announce(device)?;
        let started = Instant::now();
        let supervision = Supervision { ledger: &self.run, observer, interrupter };
        // A graphics device that fails panics in Burn.
        let training = || self.session.train(&device.device, supervision);
        let result = catch_unwind(AssertUnwindSafe(training));
        self.info.seconds += started.elapsed().as_secs_f64();
        self.info.updated = now();
        match result {
            Ok(Ok(trained)) => Ok(trained),
            Ok(Err(error)) => {
                self.failed(error.to_string());
                Err(error.into())
            }
            Err(panic) => {
                self.failed((self.command.panic_text)(&*panic));
                resume_unwind(panic)
            }
        }
    }

    /// Writes the start of training, the device and the number of threads into the account.
    fn announce(&mut self, device: &OpenDevice) -> Result<(), RunError> {
        let Self { run, info, epochs, command, .. } = self;
        info.commands.push(command.words.clone());
        info.outcome = Outcome::Running;
        info.reason = None;
        info.device.clone_from(&device.name);
        info.threads = rayon::current_num_threads();
        info.epochs_planned = *epochs;
        info.updated = now();
        run.write_info(info)
    }

    /// Writes into the account that the training failed.
    fn failed(&mut self, reason: String) {
        self.info.outcome = Outcome::Failed;
        self.info.reason = Some(reason);
        // What goes wrong while the failure is written down must not hide the failure.
        if let Ok(progress) = self.run.progress() {
            (self.info.epochs, self.info.best) = (progress.epochs, progress.best);
        }
        self.unwritten = self.run.write_info(&self.info).err();
    }

    /// Ends a run: measures its best checkpoint once on the test part.
    ///
    /// # Errors
    /// A checkpoint that cannot be read.
    pub fn conclude(
        self,
        trained: &Trained,
        device: &Device,
    ) -> Result<Conclusion, LifecycleError> {
        let Self { run, session, mut info, .. } = self;
        let is_over = trained.ending != Ending::Interrupted;
        // One that was chosen before is not that of the best checkpoint now.
        info.threshold =
            if is_over { session.choose_threshold(&run, Which::Best, device)? } else { None };
        let on =
            |part| session.evaluate_checkpoint((&run, Which::Best), info.threshold, part, device);
        let test = if is_over { on(Part::Test)? } else { None };
        // The fit of a regression is drawn over all of its data.
        let fitted = matches!(session.facts(), TaskFacts::Regression { .. }) && trained.epochs > 0;
        let train = if fitted { on(Part::Train)? } else { None };
        info.outcome = match trained.ending {
            Ending::Finished => Outcome::Finished,
            Ending::StoppedEarly => Outcome::StoppedEarly,
            Ending::Interrupted => Outcome::Interrupted,
        };
        // A run that failed before and is over now did not fail.
        info.reason = None;
        info.updated = now();
        info.epochs = trained.epochs;
        info.best = trained.best;
        info.test = test.as_ref().map(TaskReport::defined_figures).unwrap_or_default();
        let last = if is_over { run.epochs()?.pop() } else { None };
        let doubt = last.and_then(|last| doubt(&session, &last));
        Ok(Conclusion { run, info, test, train, doubt })
    }
}

/// A run that is over. Write other files, such as a report, before [`write`](Self::write): the
/// account, which marks the run as over, comes last.
pub struct Conclusion {
    /// The directory.
    pub run: RunDirectory,
    /// The account.
    pub info: RunInfo,
    /// Metrics on the test part, if it has samples.
    pub test: Option<TaskReport>,
    /// Figures on the training part, of a regression.
    pub train: Option<TaskReport>,
    /// Why the training should be diagnosed, if its losses are those of guessing.
    pub doubt: Option<String>,
}

impl Conclusion {
    /// Writes the account.
    ///
    /// # Errors
    /// Writing fails.
    pub fn write(&self) -> Result<&RunInfo, RunError> {
        self.run.write_info(&self.info)?;
        Ok(&self.info)
    }
}
