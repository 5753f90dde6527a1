//! Results that threads write before anything reads them.

use std::mem::MaybeUninit;

/// Memory for numbers that are all written before they are read: it need not be cleared first.
pub(crate) struct Fresh {
    numbers: Vec<f32>,
    length: usize,
}

/// Where the numbers go. It can be shared: who writes keeps to places of its own.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    start: *mut f32,
    length: usize,
}

// SAFETY: a place to write to; `at` obliges its callers to keep their places apart.
unsafe impl Send for Target {}
// SAFETY: as above.
unsafe impl Sync for Target {}

impl Fresh {
    pub(crate) fn new(length: usize) -> Self {
        Self { numbers: Vec::with_capacity(length), length }
    }

    /// Where to write.
    pub(crate) fn target(&mut self) -> Target {
        Target { start: self.numbers.as_mut_ptr(), length: self.length }
    }

    /// The numbers.
    ///
    /// # Safety
    /// All of them were written.
    pub(crate) unsafe fn finish(mut self) -> Vec<f32> {
        // SAFETY: within the capacity, and written by the caller's promise.
        unsafe { self.numbers.set_len(self.length) };
        self.numbers
    }
}

impl Target {
    /// Where the numbers of a slice are, to be changed by who keeps the slice borrowed.
    pub(crate) fn new(numbers: &mut [f32]) -> Self {
        Self { start: numbers.as_mut_ptr(), length: numbers.len() }
    }

    /// Where number `start` goes, and `length` numbers from there on.
    ///
    /// # Safety
    /// The memory is still there. Of these numbers, no other thread uses those that are read or written
    /// through the pointer; the others may be another thread's, as where rows of blocks lie interleaved.
    #[inline(always)]
    pub(crate) unsafe fn at(self, start: usize, length: usize) -> *mut f32 {
        // Without a sum, which could wrap around.
        assert!(length <= self.length && start <= self.length - length, "outside of the result");
        // SAFETY: within the memory, as just checked.
        unsafe { self.start.add(start) }
    }

    /// The same as a slice to be written.
    ///
    /// # Safety
    /// As [`Self::at`]; no other thread uses any of these numbers while the slice is there.
    #[inline(always)]
    pub(crate) unsafe fn room<'a>(self, start: usize, length: usize) -> &'a mut [MaybeUninit<f32>] {
        // SAFETY: the caller's promise; what is not yet written is not read.
        unsafe { std::slice::from_raw_parts_mut(self.at(start, length).cast(), length) }
    }
}
