//! The gradient of a rectifier (ReLU) that is part of another operation.

use rayon::prelude::*;

/// Numbers that are worth a task.
const TASK: usize = 1 << 16;

/// The gradient before the rectifier from that after it: zero where the output is.
///
/// # Panics
/// If the slices differ in length.
pub(crate) fn rectified_gradient(output: &[f32], gradient: &[f32]) -> Vec<f32> {
    assert_eq!(output.len(), gradient.len(), "lengths of output and gradient");
    let mut result = vec![0.0; gradient.len()];
    result
        .par_chunks_mut(TASK)
        .zip(output.par_chunks(TASK))
        .zip(gradient.par_chunks(TASK))
        .for_each(|((result, output), gradient)| {
            for ((result, &output), &gradient) in result.iter_mut().zip(output).zip(gradient) {
                // An undefined output lets the gradient through, as Burn does.
                *result = if output <= 0.0 { 0.0 } else { gradient };
            }
        });
    result
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
