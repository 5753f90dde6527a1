//! Chooses the cheapest way to the components.

use serde::{Deserialize, Serialize};

use super::components::Components;

/// A way to the principal components.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The eigenvectors of the n x n inner products of n pictures, converted to pixels.
    Gram,
    /// The eigenvectors of the d x d covariance of d pixels.
    Covariance,
    /// A random sample of the range, refined by power iterations: gives the first components only,
    /// approximately.
    #[serde(rename = "randomised")]
    Randomized,
}

/// How the method is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MethodChoice {
    /// The cheapest; the approximate method only if it takes less than half the work.
    #[default]
    Auto,
    /// This one.
    Given(Method),
}

/// Extra components that the randomized method computes for precision.
pub(super) const OVERSAMPLING: usize = 10;
/// Power iterations of the randomized method. scikit-learn uses 4, or 7 for few components of many.
pub(super) const POWER_ITERATIONS: usize = 7;

/// Operations of an eigenvalue decomposition, per cube of its size, in units of those of a matrix
/// product: measured with nalgebra's tridiagonal QR, which runs through memory again and again.
const EIGEN_COST: f64 = 60.0;

impl MethodChoice {
    /// The method for `pictures` pictures of `pixels` pixels each.
    pub(super) fn of(self, pictures: usize, pixels: usize, components: Components) -> Method {
        if let Self::Given(method) = self {
            return method;
        }
        #[expect(clippy::cast_precision_loss, reason = "estimates")]
        let [n, d] = [pictures as f64, pixels as f64];
        let exact = |side: f64, other: f64| side * side * other + EIGEN_COST * side.powi(3);
        let (method, cost) =
            if n <= d { (Method::Gram, exact(n, d)) } else { (Method::Covariance, exact(d, n)) };
        let Components::Number(wanted) = components else { return method };
        #[expect(clippy::cast_precision_loss, reason = "estimates")]
        let [sample, passes] = [(wanted + OVERSAMPLING) as f64, (2 * POWER_ITERATIONS + 2) as f64];
        let randomized = passes * (2.0 * n * d * sample + 8.0 * (n + d) * sample * sample);
        if sample < n.min(d) && randomized < cost / 2.0 { Method::Randomized } else { method }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_matrix_is_used_and_the_approximation_only_for_few_of_many() {
        let method =
            |pictures, pixels, components| MethodChoice::Auto.of(pictures, pixels, components);
        assert_eq!(method(16, 235 * 235, Components::Number(16)), Method::Gram);
        assert_eq!(method(400, 112 * 92, Components::Number(100)), Method::Gram);
        assert_eq!(method(5000, 25 * 25, Components::Kaiser), Method::Covariance);
        assert_eq!(method(5000, 112 * 92, Components::Number(20)), Method::Randomized);
        assert_eq!(method(5000, 112 * 92, Components::Share(0.9)), Method::Gram);
    }
}
