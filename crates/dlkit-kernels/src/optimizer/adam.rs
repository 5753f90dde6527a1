//! Adam and AdamW.

use rayon::prelude::*;

use super::{TASK, single};
use crate::fresh::{Fresh, Target};
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
    /// A penalty that weights shrink by after the step, if there is one.
    pub penalty: Option<Penalty>,
}

/// The penalty `l1 |w| + l2 / 2 w^2` of each weight.
///
/// A weight shrinks by its own step size, the learning rate over the root of the mean squared gradient: it
/// becomes the `w` with the least penalty plus `(w - weight)^2 / (2 size)`, which is the soft threshold
/// `sign(weight) max(|weight| - size l1, 0) / (1 + size l2)`.
///
/// # References
/// Parikh and Boyd, Proximal Algorithms, 2014, section 6.5; Yun, Lozano and Yang, Adaptive Proximal Gradient
/// Methods for Structured Neural Networks, 2021.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Penalty {
    /// Factor of absolute values.
    pub l1: f64,
    /// Factor of halved squares.
    pub l2: f64,
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
        assert_eq!(weight.len(), gradient.len(), "lengths differ");
        let target = Target::new(weight);
        self.write(target, None, gradient, first, second);
    }

    /// The new weight, where the old one is still needed; changes the two moments of its gradients.
    ///
    /// # Panics
    /// If the slices differ in length.
    #[must_use]
    pub fn applied(
        &self,
        weight: &[f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) -> Vec<f32> {
        assert_eq!(weight.len(), gradient.len(), "lengths differ");
        let mut changed = Fresh::new(weight.len());
        self.write(changed.target(), Some(weight), gradient, first, second);
        // SAFETY: a step writes every weight.
        unsafe { changed.finish() }
    }

    /// Changes the weight at `target`, or writes what becomes of `source` there.
    fn write(
        &self,
        target: Target,
        source: Option<&[f32]>,
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) {
        assert!([first.len(), second.len()] == [gradient.len(); 2], "lengths differ");
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
            threshold: self.penalty.map(|penalty| single(self.learning_rate * penalty.l1)),
            divisor: self.penalty.map_or(0.0, |penalty| single(self.learning_rate * penalty.l2)),
        };
        with_best(Step { constants, target, source, gradient, first, second });
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
    /// The threshold of a weight and what is added to 1 to divide it by, times the root.
    threshold: Option<f32>,
    divisor: f32,
}

/// A step of whole slices.
struct Step<'a> {
    constants: Constants,
    target: Target,
    source: Option<&'a [f32]>,
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

/// A step of parts of them, all as long as the gradient.
struct Slices<'a> {
    constants: Constants,
    source: *const f32,
    weight: *mut f32,
    gradient: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl Program for Step<'_> {
    type Output = ();

    fn run<S: Simd>(self, s: S) {
        let Self { constants, target, source, gradient, first, second } = self;
        let part = |index: usize, gradient: &[f32], first: &mut [f32], second: &mut [f32]| {
            let (start, length) = (index * TASK, gradient.len());
            // SAFETY: each part is one task's own.
            let weight = unsafe { target.at(start, length) };
            let source = source.map_or(weight.cast_const(), |source| source[start..].as_ptr());
            s.run(Slices { constants, source, weight, gradient, first, second });
        };
        if gradient.len() <= TASK {
            return part(0, gradient, first, second);
        }
        gradient
            .par_chunks(TASK)
            .zip(first.par_chunks_mut(TASK))
            .zip(second.par_chunks_mut(TASK))
            .enumerate()
            .for_each(|(index, ((gradient, first), second))| part(index, gradient, first, second));
    }
}

impl Kernel for Slices<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let length = self.gradient.len();
        let whole = length - length % S::LANES;
        for start in (0..whole).step_by(S::LANES) {
            // SAFETY: all slices have the same length, and `start + LANES` is at most that.
            unsafe {
                self.constants.step(
                    s,
                    self.source.add(start),
                    self.weight.add(start),
                    self.gradient.as_ptr().add(start),
                    self.first.as_mut_ptr().add(start),
                    self.second.as_mut_ptr().add(start),
                );
            }
        }
        let rest = length - whole;
        if rest > 0 {
            let mut copies = [[0.0_f32; MAX_LANES]; 4];
            // SAFETY: as long as the gradient, of which `rest` numbers are left.
            let last = unsafe { std::slice::from_raw_parts(self.source.add(whole), rest) };
            copies[0][..rest].copy_from_slice(last);
            copies[1][..rest].copy_from_slice(&self.gradient[whole..]);
            copies[2][..rest].copy_from_slice(&self.first[whole..]);
            copies[3][..rest].copy_from_slice(&self.second[whole..]);
            let [weight, gradient, first, second] = &mut copies;
            // SAFETY: the copies are as long as the longest vector.
            unsafe {
                self.constants.step(
                    s,
                    weight.as_ptr(),
                    weight.as_mut_ptr(),
                    gradient.as_ptr(),
                    first.as_mut_ptr(),
                    second.as_mut_ptr(),
                );
            }
            // SAFETY: as above.
            unsafe { self.weight.add(whole).copy_from_nonoverlapping(weight.as_ptr(), rest) };
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
        source: *const f32,
        weight: *mut f32,
        gradient: *const f32,
        first: *mut f32,
        second: *mut f32,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            let w = s.load(source);
            let g = s.mul_add(s.splat(self.added), w, s.load(gradient));
            let m = s.load(first);
            let m = s.mul_add(s.splat(self.new_1), s.sub(g, m), m);
            let v = s.mul(s.splat(self.beta_2), s.load(second));
            let v = s.mul_add(s.mul(s.splat(self.new_2), g), g, v);
            let root = s.mul_add(s.sqrt(v), s.splat(self.root), s.splat(self.epsilon));
            let shrunk = s.mul(s.splat(self.shrink), w);
            let mut new = s.mul_add(s.splat(self.step), s.div(m, root), shrunk);
            if let Some(threshold) = self.threshold {
                let threshold = s.div(s.splat(threshold), root);
                let negative = s.sub(s.splat(0.0), new);
                // At most one of them is not zero.
                let above = s.rectify(s.sub(new, threshold));
                new = s.sub(above, s.rectify(s.sub(negative, threshold)));
                if self.divisor != 0.0 {
                    let divisor = s.div(s.splat(self.divisor), root);
                    new = s.div(new, s.add(s.splat(1.0), divisor));
                }
            }
            s.store(weight, new);
            s.store(first, m);
            s.store(second, v);
        }
    }
}
