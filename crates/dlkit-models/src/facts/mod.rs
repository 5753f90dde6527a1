//! What a trained network needs besides its weights: its task, and what inputs and outputs stand for.

mod classifier_input;
pub(crate) mod color;
mod column;
mod feature;
mod picture_input;
mod targets;
pub(crate) mod task;
mod task_facts;

pub use classifier_input::ClassifierInput;
pub use column::Column;
pub use feature::{Feature, Fill, inputs_of};
pub(crate) use picture_input::PixelTable;
pub use picture_input::{Normalization, PictureInput};
pub use targets::Targets;
pub use task::Task;
pub use task_facts::TaskFacts;
