//! What a trained network needs besides its weights: its task, and what inputs and outputs stand for.

pub(crate) mod color;
mod column;
mod picture_input;
pub(crate) mod task;
mod task_facts;

pub use column::Column;
pub(crate) use picture_input::PixelTable;
pub use picture_input::{Normalization, PictureInput};
pub use task::Task;
pub use task_facts::TaskFacts;
