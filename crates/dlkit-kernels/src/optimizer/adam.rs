//! Adam and AdamW.

use rayon::prelude::*;

use super::{TASK, single};
use crate::simd::{Kernel, MAX_LANES, Program, Simd, with_best};

/// One step of Adam (Kingma and Ba, 2015), or of AdamW (Loshchilov and Hutter, 2019) if the decay is
/// decoupled, as PyTorch computes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// Size of the step.
    pub learning_rate: f64,
    /// Decay of the mean of gradients.
    pub beta_1: f64,
    /// Decay of the mean of squared gradients.
    pub beta_2: f64,
    /// Added to the root.
    pub epsilon: f64,
    /// Share of the weight added to its gradient, or removed, times the learning rate, if decoupled.
    pub weight_decay: f64,
    /// Whether the decay leaves the gradient alone.
    pub decoupled: bool,
    /// Which step this is, from 1.
    pub time: usize,
}

impl AdamStep {
    /// The size of the step, corrected for the first moment's start from zero.
    #[must_use]
    pub fn size(&self) -> f64 {
        self.learning_rate / self.correction(self.beta_1)
    }

    /// What the root of the second moment is divided by to correct for its start from zero.
    #[must_use]
    pub fn root(&self) -> f64 {
        self.correction(self.beta_2).sqrt()
    }

    fn correction(&self, beta: f64) -> f64 {
        let time = i32::try_from(self.time).unwrap_or(i32::MAX);
        1.0 - beta.powi(time)
    }

    /// Changes `weight` and the two moments of its gradients.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn apply(
        &self,
        weight: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) {
        let length = weight.len();
        assert!([gradient.len(), first.len(), second.len()] == [length; 3], "lengths differ");
        let decay = self.weight_decay;
        let [shrink, added] =
            if self.decoupled { [1.0 - self.learning_rate * decay, 0.0] } else { [1.0, decay] };
        let constants = Constants {
            shrink: single(shrink),
            added: single(added),
            beta_2: single(self.beta_2),
            new_1: single(1.0 - self.beta_1),
            new_2: single(1.0 - self.beta_2),
            root: single(1.0 / self.root()),
            epsilon: single(self.epsilon),
            step: single(-self.size()),
        };
        with_best(Slices { constants, weight, gradient, first, second });
    }
}

#[derive(Clone, Copy)]
struct Constants {
    shrink: f32,
    added: f32,
    beta_2: f32,
    new_1: f32,
    new_2: f32,
    root: f32,
    epsilon: f32,
    step: f32,
}

struct Slices<'a> {
    constants: Constants,
    weight: &'a mut [f32],
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Program for Slices<'_> {
    type Output = ();

    fn run<S: Simd>(self, s: S) {
        let constants = self.constants;
        self.weight
            .par_chunks_mut(TASK)
            .zip(self.gradient.par_chunks(TASK))
            .zip(self.first.par_chunks_mut(TASK))
            .zip(self.second.par_chunks_mut(TASK))
            .for_each(|(((weight, gradient), first), second)| {
                s.run(Slices { constants, weight, gradient, first, second });
            });
    }
}

impl Kernel for Slices<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let length = self.weight.len();
        let whole = length - length % S::LANES;
        for start in (0..whole).step_by(S::LANES) {
            // SAFETY: all slices have the same length, and `start + LANES` is at most that.
            unsafe {
                self.constants.step(
                    s,
                    self.weight.as_mut_ptr().add(start),
                    self.gradient.as_ptr().add(start),
                    self.first.as_mut_ptr().add(start),
                    self.second.as_mut_ptr().add(start),
                );
            }
        }
        let rest = length - whole;
        if rest > 0 {
            let mut copies = [[0.0_f32; MAX_LANES]; 4];
            copies[0][..rest].copy_from_slice(&self.weight[whole..]);
            copies[1][..rest].copy_from_slice(&self.gradient[whole..]);
            copies[2][..rest].copy_from_slice(&self.first[whole..]);
            copies[3][..rest].copy_from_slice(&self.second[whole..]);
            let [weight, gradient, first, second] = &mut copies;
            // SAFETY: the copies are as long as the longest vector.
            unsafe {
                self.constants.step(
                    s,
                    weight.as_mut_ptr(),
                    gradient.as_ptr(),
                    first.as_mut_ptr(),
                    second.as_mut_ptr(),
                );
            }
            self.weight[whole..].copy_from_slice(&weight[..rest]);
            self.first[whole..].copy_from_slice(&first[..rest]);
            self.second[whole..].copy_from_slice(&second[..rest]);
        }
    }
}

impl Constants {
    /// # Safety
    /// All pointers are valid for `LANES` numbers.
    #[inline(always)]
    unsafe fn step<S: Simd>(
        self,
        s: S,
        weight: *mut f32,
        gradient: *const f32,
        first: *mut f32,
        second: *mut f32,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            let w = s.load(weight);
            let g = s.mul_add(s.splat(self.added), w, s.load(gradient));
            let m = s.load(first);
            let m = s.mul_add(s.splat(self.new_1), s.sub(g, m), m);
            let v = s.mul(s.splat(self.beta_2), s.load(second));
            let v = s.mul_add(s.mul(s.splat(self.new_2), g), g, v);
            let root = s.mul_add(s.sqrt(v), s.splat(self.root), s.splat(self.epsilon));
            let shrunk = s.mul(s.splat(self.shrink), w);
            s.store(weight, s.mul_add(s.splat(self.step), s.div(m, root), shrunk));
            s.store(first, m);
            s.store(second, v);
        }
    }
}
