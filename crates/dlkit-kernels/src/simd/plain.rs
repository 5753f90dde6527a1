//! Vectors as arrays: what the compiler makes of them suits the target it compiles for. On 64-bit ARM,
//! where every processor has NEON, it makes NEON of them, fused multiplications included.

use super::{Kernel, MAX_LANES, Simd};

/// Instructions every processor of the target has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain;

const LANES: usize = 8;

/// Whether the target always has fused multiplication and addition; a call of a function otherwise.
const FUSED: bool = cfg!(any(target_feature = "fma", target_arch = "aarch64"));

impl Simd for Plain {
    type Vector = [f32; LANES];
    const LANES: usize = LANES;
    const ROWS: usize = 4;

    fn run<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        [value; LANES]
    }

    #[inline(always)]
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| a[lane] + b[lane])
    }

    #[inline(always)]
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| a[lane] - b[lane])
    }

    #[inline(always)]
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| a[lane] * b[lane])
    }

    #[inline(always)]
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| {
            if FUSED { a[lane].mul_add(b[lane], c[lane]) } else { a[lane] * b[lane] + c[lane] }
        })
    }

    #[inline(always)]
    fn sqrt(self, a: Self::Vector) -> Self::Vector {
        a.map(f32::sqrt)
    }

    #[inline(always)]
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| a[lane] / b[lane])
    }

    #[inline(always)]
    fn rectify(self, a: Self::Vector) -> Self::Vector {
        a.map(|value| if value <= 0.0 { 0.0 } else { value })
    }

    #[inline(always)]
    fn keep(self, value: Self::Vector, mask: Self::Vector) -> Self::Vector {
        std::array::from_fn(|lane| f32::from_bits(value[lane].to_bits() & mask[lane].to_bits()))
    }

    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> Self::Vector {
        // SAFETY: the caller's promise; an array of numbers is read without need of alignment.
        unsafe { source.cast::<Self::Vector>().read_unaligned() }
    }

    #[inline(always)]
    unsafe fn store(self, target: *mut f32, value: Self::Vector) {
        // SAFETY: the caller's promise; an array of numbers is written without need of alignment.
        unsafe { target.cast::<Self::Vector>().write_unaligned(value) }
    }

    #[inline(always)]
    unsafe fn load_columns(
        self,
        base: *const f32,
        offsets: &[isize; MAX_LANES],
    ) -> [Self::Vector; 6] {
        let mut columns = [[0.0; LANES]; 6];
        for (lane, &offset) in offsets[..LANES].iter().enumerate() {
            for (j, column) in columns.iter_mut().enumerate() {
                // SAFETY: the caller's promise, for this lane and j < 8.
                column[lane] = unsafe { *base.wrapping_offset(offset).wrapping_add(j) };
            }
        }
        columns
    }

    #[inline(always)]
    fn store_rows(self, columns: [Self::Vector; 4], target: &mut [f32; 4 * MAX_LANES]) {
        for lane in 0..LANES {
            for (j, column) in columns.iter().enumerate() {
                target[4 * lane + j] = column[lane];
            }
        }
    }
}
