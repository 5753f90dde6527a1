//! Pictures of other sizes: averages of blocks, and values between pixels.

/// A picture whose pixels are averages of blocks of `step` x `step` pixels, and its width; blocks at
/// the right and lower border may be smaller.
pub(crate) fn shrunk(picture: &[f32], width: usize, step: usize) -> (Vec<f32>, usize) {
    let height = picture.len() / width;
    let (columns, rows) = (width.div_ceil(step), height.div_ceil(step));
    let mut sums = vec![0.0_f32; columns * rows];
    let mut counts = vec![0.0_f32; columns * rows];
    for (y, row) in picture.chunks_exact(width).enumerate() {
        for (x, value) in row.iter().enumerate() {
            let place = y / step * columns + x / step;
            sums[place] += value;
            counts[place] += 1.0;
        }
    }
    let means = sums.iter().zip(counts).map(|(sum, count)| sum / count).collect();
    (means, columns)
}

/// The value between pixels; beyond the border, that at the border.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "clamped to the picture; pixels are single precision"
)]
pub(crate) fn between(picture: &[f32], width: usize, height: usize, [x, y]: [f64; 2]) -> f32 {
    let (x, y) = (x.clamp(0.0, (width - 1) as f64), y.clamp(0.0, (height - 1) as f64));
    let (left, top) = (x as usize, y as usize);
    let (right, below) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (u, v) = ((x - left as f64) as f32, (y - top as f64) as f32);
    let at = |column: usize, row: usize| picture[row * width + column];
    let upper = at(left, top) * (1.0 - u) + at(right, top) * u;
    let lower = at(left, below) * (1.0 - u) + at(right, below) * u;
    upper * (1.0 - v) + lower * v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_averaged_and_rests_too() {
        let picture = [1.0, 3.0, 5.0, 1.0, 3.0, 7.0, 8.0, 8.0, 9.0];
        assert_eq!(shrunk(&picture, 3, 2), (vec![2.0, 6.0, 8.0, 9.0], 2));
        assert_eq!(shrunk(&picture, 3, 1), (picture.to_vec(), 3));
    }
}
