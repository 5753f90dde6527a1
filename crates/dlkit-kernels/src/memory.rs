//! How the process asks the system for memory.

/// Lets the process keep what it frees, for the next step of training.
///
/// A step frees and asks for the same buffers of some megabytes as the one before. The C library of
/// Linux gives large ones back to the system each time, which then clears each page anew: a fifth of
/// the time of a small network. Does nothing where the C library is another.
///
/// To be called once, by a program, before it starts the threads it computes with: the C library sets
/// these values without regard to threads that ask for memory meanwhile.
pub fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::ffi::c_int;

        // <malloc.h>
        const M_TRIM_THRESHOLD: c_int = -1;
        const M_MMAP_THRESHOLD: c_int = -3;
        const M_ARENA_MAX: c_int = -8;
        const GIBIBYTE: c_int = 1 << 30;
        /// What versions before 2.35 take at most on 64 bits.
        const LARGEST_EARLIER: c_int = 32 << 20;

        // SAFETY: the declaration is that of <malloc.h>.
        unsafe extern "C" {
            fn mallopt(parameter: c_int, value: c_int) -> c_int;
        }
        let set = |parameter: c_int, value: c_int| {
            // SAFETY: any values may be given, and the allocator was set up before `main`. Against what
            // is asked of callers, a thread may ask for memory meanwhile: settings are single words,
            // written under the allocator's lock, and it reads the old one or the new.
            unsafe { mallopt(parameter, value) }
        };

        // Refused settings leave things as they are, which costs time and nothing else. One arena for
        // all threads: others would hold pieces of 64 MB at most.
        set(M_ARENA_MAX, 1);
        set(M_TRIM_THRESHOLD, c_int::MAX);
        if set(M_MMAP_THRESHOLD, GIBIBYTE) == 0 {
            set(M_MMAP_THRESHOLD, LARGEST_EARLIER);
        }
    }
}
