//! Exit codes.

use std::process::ExitCode;

use dlkit_models::tasks::LifecycleError;
use dlkit_models::training::TrainingError;
use dlkit_vision::features::RegistrationError;
use dlkit_vision::homography::HomographyError;
use dlkit_vision::page::PageError;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Success.
    Done,
    /// Negative result, or some inputs failed.
    No,
    /// Wrong usage, wrong input, no access.
    Error,
    /// Interrupted by the user, with the exit code that shells use.
    Interrupted,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Done => Self::from(0),
            ExitStatus::No => Self::from(1),
            ExitStatus::Error => Self::from(2),
            ExitStatus::Interrupted => Self::from(130),
        }
    }
}

/// Status of a failed command: a diverged training, pictures that do not match, pairs without a consensus and
/// a photo without a page are negative results, everything else is an error.
pub(crate) fn status_of(error: &anyhow::Error) -> ExitStatus {
    let of_run = error.downcast_ref().map(|error| match error {
        LifecycleError::Training(error) => Some(error),
        _ => None,
    });
    if let Some(RegistrationError::NoMatch { .. }) = error.downcast_ref() {
        return ExitStatus::No;
    }
    if error.downcast_ref().is_some_and(HomographyError::is_of_evidence) {
        return ExitStatus::No;
    }
    if let Some(PageError::NotFound { .. }) = error.downcast_ref() {
        return ExitStatus::No;
    }
    match of_run.flatten().or_else(|| error.downcast_ref()) {
        Some(TrainingError::Diverged { .. }) => ExitStatus::No,
        _ => ExitStatus::Error,
    }
}
