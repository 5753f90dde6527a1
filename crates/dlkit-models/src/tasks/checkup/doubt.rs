//! What is said at the end of a training that went wrong.

use crate::tasks::session::Session;
use crate::training::{EpochRecord, Loss};
use crate::value::number::float;

/// A loss above this share of that of guessing is no better.
const NO_BETTER: f64 = 0.98;

/// Why a training should be diagnosed, if its losses tell: they are those of guessing.
pub(crate) fn doubt(session: &Session, last: &EpochRecord) -> Option<String> {
    let guess = loss_of_guessing(session)?;
    let figure = |name: &str| last.metrics.get(name).copied();
    let (train, validation) = (figure("train_loss")?, figure("validation_loss"));
    if train >= NO_BETTER * guess {
        let words = "is no better than that of guessing";
        return Some(format!("the training loss, {train:.4}, {words}, {guess:.4}"));
    }
    let worse = validation.filter(|&validation| validation >= guess)?;
    Some(format!(
        "the validation loss, {worse:.4}, is worse than that of guessing, {guess:.4}, though the training loss is \
         {train:.4}"
    ))
}

/// The cross-entropy of naming each class as often as it occurs in the training part; none for other losses, or
/// where classes count differently.
fn loss_of_guessing(session: &Session) -> Option<f64> {
    let training = &session.experiment().config().training;
    let plain =
        matches!(training.loss, Loss::CrossEntropy { label_smoothing } if label_smoothing == 0.0);
    if !plain || training.class_weights.is_some() {
        return None;
    }
    let counts = session.class_counts()?;
    let all: usize = counts.iter().sum();
    let shares = counts.into_iter().filter(|&count| count > 0);
    Some(shares.map(|count| float(count) / float(all)).map(|share| -share * share.ln()).sum())
}
