//! Gradient descent with momentum.

use rayon::prelude::*;

use super::{TASK, single};

/// One step of gradient descent, as PyTorch computes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdStep {
    /// Size of the step.
    pub learning_rate: f64,
    /// Share of the velocity that is kept.
    pub momentum: f64,
    /// Looks ahead along the velocity (Sutskever et al., 2013).
    pub nesterov: bool,
    /// Share of the weight added to its gradient.
    pub weight_decay: f64,
}

impl SgdStep {
    /// Changes `weight` and, if there is momentum, its velocity, which starts from zero.
    ///
    /// # Panics
    /// If the slices differ in length.
    pub fn apply(&self, weight: &mut [f32], gradient: &[f32], velocity: Option<&mut [f32]>) {
        assert_eq!(weight.len(), gradient.len(), "lengths differ");
        let [step, momentum, decay] =
            [-self.learning_rate, self.momentum, self.weight_decay].map(single);
        let Some(velocity) = velocity else {
            weight.par_chunks_mut(TASK).zip(gradient.par_chunks(TASK)).for_each(
                |(weight, gradient)| {
                    for (w, &g) in weight.iter_mut().zip(gradient) {
                        *w += step * (g + decay * *w);
                    }
                },
            );
            return;
        };
        assert_eq!(weight.len(), velocity.len(), "lengths differ");
        let nesterov = self.nesterov;
        weight
            .par_chunks_mut(TASK)
            .zip(gradient.par_chunks(TASK))
            .zip(velocity.par_chunks_mut(TASK))
            .for_each(|((weight, gradient), velocity)| {
                for ((w, &g), v) in weight.iter_mut().zip(gradient).zip(velocity) {
                    let g = g + decay * *w;
                    *v = momentum * *v + g;
                    *w += step * if nesterov { g + momentum * *v } else { *v };
                }
            });
    }
}
