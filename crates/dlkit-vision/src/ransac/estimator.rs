//! The interface between the driver and a model.

/// A model that can be fitted to few data and measured on all data.
pub trait Estimator {
    /// The estimated model.
    type Model: Clone;

    /// Data in a sample: the number that determines a model.
    const SAMPLE: usize;

    /// Number of data.
    fn count(&self) -> usize;

    /// The model through a sample of [`Estimator::SAMPLE`] data; none if it is degenerate.
    fn fit(&self, sample: &[usize]) -> Option<Self::Model>;

    /// The squared error of one datum.
    fn squared_error(&self, model: &Self::Model, index: usize) -> f64;

    /// The sum over all data of the squared error, each at most `squared_threshold`. Above `limit`,
    /// any number above `limit` may be returned: the model is not the best.
    ///
    /// # References
    /// Torr and Zisserman, "MLESAC", 2000 (the truncated cost, there called MSAC).
    fn cost(&self, model: &Self::Model, squared_threshold: f64, limit: f64) -> f64 {
        let mut sum = 0.0;
        for index in 0..self.count() {
            sum += self.squared_error(model, index).min(squared_threshold);
            if sum > limit {
                break;
            }
        }
        sum
    }

    /// A better model for the inliers of a model; none if there is none.
    fn improve(&self, model: &Self::Model, inliers: &[usize]) -> Option<Self::Model>;
}
