//! What the driver needs to know of a model.

/// A model that can be fitted to few data and judged by all.
pub trait Estimator {
    /// What is estimated.
    type Model: Clone;

    /// Data in a sample: as many as determine a model.
    const SAMPLE: usize;

    /// Number of data.
    fn count(&self) -> usize;

    /// The model through a sample of [`Estimator::SAMPLE`] data; nothing if it is degenerate.
    fn fit(&self, sample: &[usize]) -> Option<Self::Model>;

    /// The squared error of one datum.
    fn squared_error(&self, model: &Self::Model, index: usize) -> f64;

    /// The sum over all data of the squared error or, where less, of `squared_threshold`. Once the
    /// sum is above `limit` any larger number may be returned: the model has lost.
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

    /// A better model for these data, starting from one that they agree with; nothing if there is
    /// none.
    fn improve(&self, model: &Self::Model, inliers: &[usize]) -> Option<Self::Model>;
}
