//! The interface between the driver and a model.

use rand::rngs::ChaCha12Rng;

/// A model that can be fitted to few data and measured on all data.
pub trait Estimator {
    /// The estimated model.
    type Model: Clone;

    /// Data in a sample: the number that determines a model.
    fn sample_size(&self) -> usize;

    /// Number of data.
    fn count(&self) -> usize;

    /// How often a datum counts, above 0 and at most 1: data that repeat each other, or of which
    /// only one can be right, count once together.
    fn weight(&self, _index: usize) -> f64 {
        1.0
    }

    /// The model through a sample of [`Estimator::sample_size`] data; none if it is degenerate.
    fn fit(&self, sample: &[usize]) -> Option<Self::Model>;

    /// The squared error of one datum; infinite or NaN if the model rules the datum out.
    fn squared_error(&self, model: &Self::Model, index: usize) -> f64;

    /// The sum over all data of the squared error, each at most `squared_threshold`, times the
    /// weight. If it turns out that it is above `limit`, or that this is very likely, any number
    /// above `limit` may be returned: the model is not the best.
    ///
    /// # References
    /// Torr and Zisserman, "MLESAC", 2000 (the truncated cost, there called MSAC).
    fn cost(&self, model: &Self::Model, squared_threshold: f64, limit: f64) -> f64 {
        let mut sum = 0.0;
        for index in 0..self.count() {
            let error = self.squared_error(model, index).min(squared_threshold);
            sum += self.weight(index) * error;
            if sum > limit {
                break;
            }
        }
        sum
    }

    /// A better model for the inliers of a model, found quickly; none if there is none.
    fn improve(&self, model: &Self::Model, inliers: &[usize]) -> Option<Self::Model>;

    /// A better model near this one, found with care; none if there is none. It is asked once, at
    /// the end.
    fn settle(&self, _model: &Self::Model, _squared_threshold: f64) -> Option<Self::Model> {
        None
    }

    /// If the inliers of a model hardly determine it, because most of them are in a special
    /// position, a model that agrees with those and with others off it; none otherwise.
    fn complete(
        &self,
        _model: &Self::Model,
        _inliers: &[usize],
        _squared_threshold: f64,
        _random: &mut ChaCha12Rng,
    ) -> Option<Self::Model> {
        None
    }
}
