//! Turns panics of a library that reads untrusted bytes into errors.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use thiserror::Error;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The panic of a guarded closure.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct Panicked {
    /// The message of the panic.
    pub message: String,
}

/// Runs a closure and catches its panic. While it runs, [`is_guarded`] is true on this thread, so
/// that the panic hook of a program can stay silent.
///
/// After a panic, do not use the data that the closure was changing.
///
/// # Errors
/// The closure panics.
///
/// ```
/// use dlkit_files::{guard, is_guarded};
///
/// assert_eq!(guard(is_guarded), Ok(true));
/// assert!(!is_guarded());
/// ```
pub fn guard<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    let _inside = Inside::enter();
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|payload| Panicked { message: message(&*payload).to_owned() })
}

/// Whether this thread is running a closure of [`guard`], so that a panic is an ordinary error.
#[must_use]
pub fn is_guarded() -> bool {
    DEPTH.get() > 0
}

/// One level of guarding; a panic leaves it too.
struct Inside;

impl Inside {
    fn enter() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// The message of a panic.
fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason was given")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_message() {
        let text = |work: fn()| guard(work).unwrap_err().to_string();
        assert_eq!(text(|| panic!("of one word")), "of one word");
        assert_eq!(text(|| panic!("{}", 3)), "3");
        assert_eq!(text(|| std::panic::panic_any(3)), "no reason was given");
        assert_eq!(guard(|| 3), Ok(3));
    }

    #[test]
    fn a_thread_is_guarded_only_inside() {
        let inside = guard(|| {
            assert!(guard(|| panic!("inner")).is_err());
            let other = std::thread::spawn(is_guarded).join().unwrap();
            (is_guarded(), other)
        });
        assert_eq!(inside, Ok((true, false)));
        assert!(guard(|| panic!("outer")).is_err());
        assert!(!is_guarded());
    }
}
