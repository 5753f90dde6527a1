//! What a residual costs.

/// The cost of a residual, as a function of its square.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Loss {
    /// The square.
    Squared,
    /// Tukey's biweight: like the square near 0, and constant from a cutoff in pixels on.
    Biweight {
        /// Residuals from here on have no influence, in pixels.
        cutoff: f64,
    },
}

/// The weight of a squared residual in least squares, and its cost.
pub(super) type Weighted = (f64, f64);

/// The square itself.
pub(super) const fn squared(square: f64) -> Weighted {
    (1.0, square)
}

/// The biweight with a squared cutoff; its cost near 0 is the square.
///
/// # References
/// Beaton and Tukey, "The fitting of power series, meaning polynomials, illustrated on
/// band-spectroscopic data", 1974.
pub(super) fn biweight(square: f64, squared_cutoff: f64) -> Weighted {
    let rest = 1.0 - square / squared_cutoff;
    // A NaN counts as an outlier.
    if rest > 0.0 {
        (rest * rest, squared_cutoff / 3.0 * (1.0 - rest.powi(3)))
    } else {
        (0.0, squared_cutoff / 3.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weight_is_the_derivative_of_the_cost() {
        for square in [0.0, 0.1, 1.0, 3.5, 3.99, 4.5, 100.0] {
            let step = 1e-6;
            let cost = |square| biweight(square, 4.0).1;
            let slope = (cost(square + step) - cost(square - step)) / (2.0 * step);
            assert!((slope - biweight(square, 4.0).0).abs() < 1e-5, "{square}: {slope}");
        }
        assert_eq!(biweight(f64::NAN, 4.0), (0.0, 4.0 / 3.0));
    }
}
