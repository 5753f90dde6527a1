//! Memory that is used again: fresh pages cost more than the arithmetic on them.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

/// Buffers that wait to be used again; more are given back to the system.
const KEPT: usize = 32;

static WAITING: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// A buffer of numbers left over from any earlier use. It goes back when it is dropped.
pub(crate) struct Buffer {
    numbers: Vec<f32>,
    length: usize,
}

impl Buffer {
    /// A buffer of `length` numbers of any value: the smallest waiting one that is large enough.
    pub(crate) fn take(length: usize) -> Self {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting
            .iter()
            .enumerate()
            .filter(|(_, numbers)| numbers.len() >= length)
            .min_by_key(|(_, numbers)| numbers.len())
            .map(|(index, _)| index);
        let numbers = if let Some(index) = found {
            waiting.swap_remove(index)
        } else {
            drop(waiting);
            vec![0.0; length]
        };
        Self { numbers, length }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers[..self.length]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.numbers[..self.length]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(std::mem::take(&mut self.numbers));
        if waiting.len() > KEPT {
            // The smallest is the cheapest to make anew.
            let smallest = (0..waiting.len()).min_by_key(|&index| waiting[index].len());
            if let Some(index) = smallest {
                waiting.swap_remove(index);
            }
        }
    }
}
