//! Training: its settings in recipes, and the trainer, which is independent of tasks.

mod class_weights;
mod clipping;
mod config;
mod dashboard;
mod diagnostics;
mod freezing;
mod held;
mod learner;
mod ledger;
mod loader;
mod loss;
mod monitor;
mod observer;
mod optimizer;
mod outcome;
mod penalty;
mod plateau;
mod range_test;
mod record;
mod schedule;
mod shrinkage;
mod sparsity;
mod state;
mod threshold;
mod trainable;
mod trainer;

pub use burn::train::Interrupter;
pub use class_weights::ClassWeights;
pub use config::{GradientClipping, TrainingConfig};
pub use dashboard::Dashboard;
pub use diagnostics::{
    Diagnosis, DiagnosticsConfig, Finding, LayerDiagnosis, LayerMeasure, Symptom,
};
pub(crate) use diagnostics::{InputRange, Look, share_of_usual_weights};
pub(crate) use held::Held;
pub use ledger::{Checkpoint, Ledger, LedgerError};
pub use loader::{BatchSource, Batches, Loader};
pub use loss::{Loss, Reduction};
pub use monitor::{EarlyStopping, Measure, Monitor};
pub use observer::{Observer, StepProgress};
pub use optimizer::OptimizerConfig;
pub use outcome::{Ending, Trained, TrainingError};
pub use penalty::{PenaltyConfig, PenaltyMethod};
pub use plateau::Plateau;
pub use range_test::{RangeStep, RangeTest, range_test};
pub use record::EpochRecord;
pub use schedule::Schedule;
pub use shrinkage::PenaltyScope;
pub use state::{Best, TrainingState};
pub use threshold::ThresholdRule;
pub use trainable::{Measured, Trainable};
pub use trainer::{Examined, Loaders, Plan, Supervision, train, write_start};
