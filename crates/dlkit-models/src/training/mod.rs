//! Training: what a recipe says of it, and the trainer, which knows no task.

mod clipping;
mod config;
mod diagnostics;
mod epochs;
mod held;
mod loader;
mod loss;
mod observer;
mod optimizer;
mod penalty;
mod records;
mod schedule;
mod silent;
mod sparsity;
mod step;
mod trainer;

pub use burn::train::Interrupter;
pub(crate) use config::positive;
pub use config::{EarlyStopping, GradientClipping, Measure, Monitor, TrainingConfig};
pub use diagnostics::{
    Diagnosis, DiagnosticsConfig, Finding, LayerDiagnosis, LayerMeasure, Symptom,
};
pub use epochs::Ending;
pub(crate) use held::Held;
pub use loader::{BatchSource, EpochCounter, Loader};
pub use loss::{Loss, Reduction};
pub use observer::{Observer, StepProgress};
pub use optimizer::OptimizerConfig;
pub use penalty::{PenaltyConfig, PenaltyMethod, PenaltyScope};
pub use schedule::Schedule;
pub use step::Measured;
pub use trainer::{
    Examined, Loaders, Plan, Supervision, Trainable, Trained, TrainingError, train, write_start,
};
