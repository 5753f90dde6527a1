//! One slice written by many threads in interleaved parts.

use std::marker::PhantomData;

/// A slice whose parts are written by different threads.
pub(crate) struct Shared<'a> {
    start: *mut f32,
    length: usize,
    slice: PhantomData<&'a mut [f32]>,
}

// SAFETY: the slice is borrowed for `'a`; `part` obliges its callers to keep their parts apart.
unsafe impl Send for Shared<'_> {}
// SAFETY: as above.
unsafe impl Sync for Shared<'_> {}

impl<'a> Shared<'a> {
    pub(crate) fn new(slice: &'a mut [f32]) -> Self {
        Self { start: slice.as_mut_ptr(), length: slice.len(), slice: PhantomData }
    }

    /// The `length` numbers from `start` on.
    ///
    /// # Safety
    /// While the part is in use, no other part that overlaps it is.
    #[expect(clippy::mut_from_ref, reason = "parts are disjoint by the caller's promise")]
    #[inline(always)]
    pub(crate) unsafe fn part(&self, start: usize, length: usize) -> &mut [f32] {
        assert!(start + length <= self.length);
        // SAFETY: within the slice, as just checked; not shared, by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(start), length) }
    }
}
