//! One interface to the vector instructions of a processor, chosen at run time.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod plain;

pub(crate) use plain::Plain;

/// The longest vector of any instruction set.
pub(crate) const MAX_LANES: usize = 16;

/// A set of vector instructions. A value of the type is the proof that this processor has them, so
/// that only memory accesses are unsafe.
pub(crate) trait Simd: Copy + Send + Sync + 'static {
    /// A vector of [`Self::LANES`] numbers.
    type Vector: Copy;
    /// Numbers in a vector.
    const LANES: usize;
    /// Rows of a product that are held in registers, beside three vectors of columns. Divides
    /// `LANES`.
    const ROWS: usize;

    /// Runs `kernel` compiled for these instructions.
    fn run<K: Kernel>(self, kernel: K) -> K::Output;

    /// The same number in every lane.
    fn splat(self, value: f32) -> Self::Vector;
    /// `a + b`.
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a - b`.
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a * b`.
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// `a * b + c`.
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// Square roots.
    fn sqrt(self, a: Self::Vector) -> Self::Vector;
    /// `a / b`.
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// Zero where negative; undefined numbers stay.
    fn rectify(self, a: Self::Vector) -> Self::Vector;
    /// `value` where `mask` has all bits set, zero where it has none.
    fn keep(self, value: Self::Vector, mask: Self::Vector) -> Self::Vector;

    /// Asks the compiler not to move loads across; results do not depend on it. Where sums fill all registers
    /// but the few that hold factors, a load too early makes it put a sum into memory in every step, which
    /// halves the speed.
    #[inline(always)]
    fn fence(self) {}

    /// Reads a vector.
    ///
    /// # Safety
    /// `source` is valid for reads of `LANES` numbers.
    unsafe fn load(self, source: *const f32) -> Self::Vector;
    /// Writes a vector.
    ///
    /// # Safety
    /// `target` is valid for writes of `LANES` numbers.
    unsafe fn store(self, target: *mut f32, value: Self::Vector);
    /// Reads eight numbers for each lane, from `base + offsets[lane]`, and gives the first six
    /// columns: vector `j` holds number `j` of each lane.
    ///
    /// # Safety
    /// `base + offsets[lane]` is valid for reads of eight numbers, for each lane.
    unsafe fn load_columns(
        self,
        base: *const f32,
        offsets: &[isize; MAX_LANES],
    ) -> [Self::Vector; 6];
    /// Writes four columns as rows of four: `target[4 * lane + j] = columns[j][lane]`.
    fn store_rows(self, columns: [Self::Vector; 4], target: &mut [f32; 4 * MAX_LANES]);
}

/// A computation written once for every instruction set. `run` is to be `#[inline(always)]`, as
/// all that it calls, so that it becomes part of a function compiled for the instructions.
pub(crate) trait Kernel {
    /// What it gives.
    type Output;
    /// Computes it.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// A computation that hands kernels to threads, with the instructions chosen.
pub(crate) trait Program {
    /// What it gives.
    type Output;
    /// Computes it.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// Runs `program` with the best instructions of this processor.
pub(crate) fn with_best<P: Program>(program: P) -> P::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = avx512::Avx512::detect() {
            return program.run(simd);
        }
        if let Some(simd) = avx2::Avx2::detect() {
            return program.run(simd);
        }
    }
    program.run(Plain)
}

/// Runs `program` with each set of instructions this processor has, for tests.
#[cfg(test)]
pub(crate) fn with_each<P: Program + Clone>(program: &P) -> Vec<(&'static str, P::Output)> {
    let mut outputs = vec![("plain", program.clone().run(Plain))];
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(simd) = avx2::Avx2::detect() {
            outputs.push(("avx2", program.clone().run(simd)));
        }
        if let Some(simd) = avx512::Avx512::detect() {
            outputs.push(("avx512", program.clone().run(simd)));
        }
    }
    outputs
}
