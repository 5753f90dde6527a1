//! Planes of twice and of half the size.

use rayon::prelude::*;

use super::plane::Plane;

/// Doubles a plane linearly: pixel (2x, 2y) is pixel (x, y), those between are means. The last row
/// and column are repeated.
pub(super) fn doubled(plane: &Plane) -> Plane {
    let (width, height) = (2 * plane.width, 2 * plane.height);
    let mut target = Plane::zeros(width, height);
    if plane.len() == 0 {
        return target;
    }
    target.values.par_chunks_mut(2 * width).enumerate().for_each(|(y, rows)| {
        let (even, odd) = rows.split_at_mut(width);
        let next = plane.row((y + 1).min(plane.height - 1));
        stretch(plane.row(y), even);
        stretch(next, odd);
        for (odd, even) in odd.iter_mut().zip(even) {
            *odd = 0.5 * (*odd + *even);
        }
    });
    target
}

fn stretch(row: &[f32], target: &mut [f32]) {
    let (pairs, _) = target.as_chunks_mut::<2>();
    let Some(last) = row.last() else { return };
    let next = row.iter().skip(1).chain([last]);
    for (([even, odd], value), next) in pairs.iter_mut().zip(row).zip(next) {
        (*even, *odd) = (*value, 0.5 * (value + next));
    }
}

/// Halves a plane: each pixel is the mean of 2x2, an odd last row or column is left out. Pixel
/// (x, y) is centered at (2x + 0.5, 2y + 0.5) of the plane.
pub(super) fn averaged(plane: &Plane) -> Plane {
    let (width, height) = (plane.width / 2, plane.height / 2);
    let mut target = Plane::zeros(width, height);
    if target.len() == 0 {
        return target;
    }
    target.values.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        let (top, _) = plane.row(2 * y).as_chunks::<2>();
        let (bottom, _) = plane.row(2 * y + 1).as_chunks::<2>();
        for ((value, [a, b]), [c, d]) in row.iter_mut().zip(top).zip(bottom) {
            *value = 0.25 * (a + b + c + d);
        }
    });
    target
}

/// Keeps every second pixel of every second row, from the first.
pub(super) fn decimated(plane: &Plane) -> Plane {
    let (width, height) = (plane.width.div_ceil(2), plane.height.div_ceil(2));
    let every_second = |y: usize| plane.row(2 * y).iter().copied().step_by(2);
    Plane { width, height, values: (0..height).flat_map(every_second).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(width: usize, height: usize, values: &[f32]) -> Plane {
        Plane { width, height, values: values.to_vec() }
    }

    #[test]
    fn doubling_puts_means_between_pixels() {
        #[rustfmt::skip]
        let expected = [
            0.0, 2.0, 4.0, 4.0,
            1.0, 4.0, 7.0, 7.0,
            2.0, 6.0, 10.0, 10.0,
            2.0, 6.0, 10.0, 10.0,
        ];
        let small = plane(2, 2, &[0.0, 4.0, 2.0, 10.0]);
        assert_eq!(doubled(&small), plane(4, 4, &expected));
    }

    #[test]
    fn averages_cover_two_by_two_pixels() {
        let odd = plane(3, 2, &[0.0, 4.0, 9.0, 2.0, 10.0, 9.0]);
        assert_eq!(averaged(&odd), plane(1, 1, &[4.0]));
        assert_eq!(averaged(&plane(1, 1, &[4.0])), plane(0, 0, &[]));
    }

    #[test]
    fn decimation_keeps_the_first_pixel() {
        let odd = plane(3, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        assert_eq!(decimated(&odd), plane(2, 2, &[1.0, 3.0, 7.0, 9.0]));
    }
}
