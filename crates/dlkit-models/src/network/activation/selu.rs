//! The constants of SELU.

/// The fixed point for mean 0 and variance 1 (Klambauer et al., 2017, equation 14).
pub(crate) const SELU_ALPHA: f64 = 1.673_263_242_354_377_3;
/// See [`SELU_ALPHA`].
pub(crate) const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
