//! The ground floor of `dlkit`: how files are read, checked, written and overwritten.
//!
//! - Reading: [`regular`] reads regular files of a bounded size, [`picture`] reads pictures,
//!   [`npy`] reads NumPy's arrays.
//! - Writing: [`staged`] writes a file whole or not at all, [`unfinished`] removes unfinished files
//!   after a signal, [`overwrite`] holds the rules for existing files and for inputs.
//! - [`guard`](mod@guard) turns the panic of a decoder into an error of its file, and
//!   [`printable`](mod@printable) escapes characters that must not reach a terminal.

pub mod guard;
pub mod npy;
mod npy_doubles;
pub mod overwrite;
pub mod picture;
pub mod printable;
pub mod regular;
pub mod staged;
pub mod unfinished;

pub use guard::{Panicked, guard, is_guarded};
pub use npy_doubles::{npy_bytes_of_doubles, read_npy_doubles};
pub use printable::{is_hidden, printable, printable_lines};
pub use regular::{Unread, open_regular, read_regular, read_regular_text};
pub use staged::{StagedFile, write_atomically};
pub use unfinished::remove_unfinished;
