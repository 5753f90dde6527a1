//! What the tables of a recipe are made of: names and tables, pairs, shapes, ranges, and what is
//! wrong with a value.

pub(crate) mod choice;
pub(crate) mod explain;
pub(crate) mod number;
pub(crate) mod padding;
pub(crate) mod pair;
pub(crate) mod pattern;
pub(crate) mod problem;
pub(crate) mod range;
pub(crate) mod shape;

pub use padding::Padding;
pub use pair::Pair;
pub use problem::Problem;
pub use shape::{Shape, ShapeError};
