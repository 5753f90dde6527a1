//! The gradient of a rectifier (ReLU) that is part of another operation.

use rayon::prelude::*;

use crate::fresh::Fresh;

/// Numbers that are worth a task.
const TASK: usize = 1 << 16;

/// The gradient before the rectifier from that after it: zero where the output is.
///
/// # Panics
/// If the slices differ in length.
pub(crate) fn rectified_gradient(output: &[f32], gradient: &[f32]) -> Vec<f32> {
    assert_eq!(output.len(), gradient.len(), "lengths of output and gradient");
    // An undefined output lets the gradient through, as Burn does.
    let masked = |(&output, &gradient): (&f32, &f32)| if output <= 0.0 { 0.0 } else { gradient };
    if output.len() <= TASK {
        return output.iter().zip(gradient).map(masked).collect();
    }
    let mut result = Fresh::new(gradient.len());
    let target = result.target();
    output.par_chunks(TASK).zip(gradient.par_chunks(TASK)).enumerate().for_each(
        |(index, (output, gradient))| {
            // SAFETY: each part is one task's own.
            unsafe {
                let place = target.at(index * TASK, output.len());
                for (offset, numbers) in output.iter().zip(gradient).enumerate() {
                    *place.add(offset) = masked(numbers);
                }
            }
        },
    );
    // SAFETY: the parts cover everything.
    unsafe { result.finish() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_positive_and_undefined_outputs_let_gradients_through() {
        let output = [0.0, 2.0, f32::NAN, -0.0];
        assert_eq!(rectified_gradient(&output, &[1.0, 2.0, 3.0, 4.0]), [0.0, 2.0, 3.0, 0.0]);
    }
}
