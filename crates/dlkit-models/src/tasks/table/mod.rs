//! What tasks on tables share: columns are chosen, rows read and divided, and made input.

mod columns;
mod fit;
mod inputs;
mod outputs;
mod rows;

pub(crate) use columns::MOST_CATEGORIES;
pub(crate) use inputs::TableInputs;
pub use outputs::{RowOutputs, Skipped};
pub(crate) use outputs::{known_rows, outputs_of, wanted};
pub(crate) use rows::{Divided, Rows, check_inputs, classes_in, input_count};
