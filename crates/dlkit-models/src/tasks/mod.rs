//! What can be learnt; one folder per task, all alike: batch, model, evaluation, prediction.

pub mod classification;
pub mod colorization;
