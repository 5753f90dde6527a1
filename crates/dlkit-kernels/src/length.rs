//! Lengths of slices from the sides of their shapes.

/// The product of `sides`.
///
/// # Panics
/// If it is more than a machine word counts: a product that has wrapped around could be the length of a
/// slice it is compared with.
pub(crate) fn length<const N: usize>(sides: [usize; N]) -> usize {
    let product = sides.iter().try_fold(1_usize, |product, &side| product.checked_mul(side));
    assert!(product.is_some(), "a shape of sides {sides:?} has more numbers than can be counted");
    product.unwrap_or_default()
}

/// Numbers from the first of `count` rows, `stride` apart, to the end of the last one, of `width`;
/// `None` if they cannot be counted.
pub(crate) fn reach(count: usize, stride: usize, width: usize) -> Option<usize> {
    count.checked_sub(1)?.checked_mul(stride)?.checked_add(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_multiplied() {
        assert_eq!(length([2, 3, 5]), 30);
        assert_eq!(length([7, 0]), 0);
        assert_eq!(reach(3, 10, 4), Some(24));
    }

    #[test]
    fn products_that_wrap_around_are_refused() {
        // Their product modulo the word is zero, the length of an empty slice.
        let refused = std::panic::catch_unwind(|| length([1 << (usize::BITS - 1), 2]));
        let text = refused.unwrap_err().downcast::<String>().unwrap();
        assert!(text.contains("more numbers than can be counted"), "{text}");
        assert_eq!(reach(3, usize::MAX / 2, 2), None);
    }
}
