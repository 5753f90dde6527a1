//! The learning rate range test: which learning rates a network learns with.

use burn::optim::GradientsParams;
use burn::tensor::Device;
use burn::train::Interrupter;
use serde::Serialize;

use super::config::TrainingConfig;
use super::learner::Learner;
use super::loader::{BatchSource, Loader};
use super::outcome::TrainingError;
use super::schedule::Schedule;
use super::trainable::Trainable;
use super::trainer::{Plan, followed};
use crate::network::Network;
use crate::randomness::device_seed;
use crate::value::number::float;

/// Most steps of a test.
const STEPS: usize = 150;
/// The first and the last learning rate.
const RANGE: [f64; 2] = [1e-7, 10.0];
/// What the smoothed loss keeps of the steps before.
const MEMORY: f64 = 0.95;
/// The test ends where the smoothed loss exceeds its minimum so many times.
const GROWN: f64 = 4.0;

/// A step of a test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RangeStep {
    /// Its learning rate.
    pub learning_rate: f64,
    /// The loss of its batch, before the step.
    pub loss: f64,
    /// The mean of the losses so far, each of which counts 0.95 of the next.
    pub smoothed: f64,
}

/// How the loss follows a learning rate that grows by the same factor in each step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RangeTest {
    /// The steps, until the loss grows.
    pub steps: Vec<RangeStep>,
    /// The learning rate at which the smoothed loss falls fastest; none if it does not fall.
    pub proposal: Option<f64>,
}

/// The smoothed loss of a test under way.
#[derive(Clone, Debug)]
struct Smoothing {
    sum: f64,
    weight: f64,
    least: f64,
}

impl Smoothing {
    const fn new() -> Self {
        Self { sum: 0.0, weight: 0.0, least: f64::INFINITY }
    }

    /// The next step, and whether the test ends with it because the loss has grown.
    fn next(&mut self, learning_rate: f64, loss: f64) -> (RangeStep, bool) {
        self.sum = MEMORY * self.sum + (1.0 - MEMORY) * loss;
        self.weight = MEMORY * self.weight + (1.0 - MEMORY);
        let smoothed = self.sum / self.weight;
        self.least = self.least.min(smoothed);
        let grown = !smoothed.is_finite() || smoothed > GROWN * self.least;
        (RangeStep { learning_rate, loss, smoothed }, grown)
    }
}

/// Where the smoothed loss falls fastest over the logarithm of the learning rate, before it is least. Each
/// slope is that over a tenth of the steps, so that single batches do not decide.
fn steepest(steps: &[RangeStep]) -> Option<f64> {
    let least = (0..steps.len())
        .min_by(|&left, &right| steps[left].smoothed.total_cmp(&steps[right].smoothed))?;
    let width = (STEPS / 10).min(least);
    if width == 0 {
        return None;
    }
    let fall = |start: usize| steps[start].smoothed - steps[start + width].smoothed;
    let start = (0..=least - width).max_by(|&left, &right| fall(left).total_cmp(&fall(right)))?;
    (fall(start) > 0.0).then(|| steps[start + width / 2].learning_rate)
}

/// Trains a network from its start, at most 150 steps, while the learning rate grows from 1e-7 to 10. Nothing
/// is kept. `None` if interrupted.
///
/// # Errors
/// Samples that cannot be gathered.
///
/// # References
/// Smith, Cyclical Learning Rates for Training Neural Networks, 2017, section 3.3.
pub fn range_test<T: Trainable, S: BatchSource<Batch = T::Batch>>(
    task: &T,
    network: Network,
    samples: &Loader<S>,
    plan: &Plan<'_>,
    device: &Device,
    interrupter: &Interrupter,
) -> Result<Option<RangeTest>, TrainingError> {
    let growth = (RANGE[1] / RANGE[0]).powf(1.0 / float(STEPS - 1));
    let config = TrainingConfig {
        learning_rate: RANGE[0],
        schedule: Schedule::Exponential { factor: growth },
        warmup_epochs: 0.0,
        ..plan.config.clone()
    };
    // An epoch of one step: the rate grows with each.
    let mut learner = Learner::new(network, &config, plan.penalty, 1);
    let (mut smoothing, mut steps) = (Smoothing::new(), Vec::with_capacity(STEPS));
    for epoch in 1.. {
        device.seed(device_seed(plan.seed, epoch));
        for batch in samples.batches(epoch) {
            let network = learner.network();
            let (loss, measured) = task.measure(network, batch?);
            let value = measured.loss();
            let gradients = GradientsParams::from_grads(loss.backward(), network);
            let gradients = followed(network, gradients, &config, plan.penalty);
            learner.step(gradients);
            let (step, grown) = smoothing.next(learner.rate(), value);
            steps.push(step);
            if interrupter.should_stop() {
                return Ok(None);
            }
            if grown || steps.len() == STEPS {
                return Ok(Some(RangeTest { proposal: steepest(&steps), steps }));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steepest_fall_is_proposed_and_the_test_ends_where_the_loss_grows() {
        let rate = |step: usize| 10_f64.powf(float(step) / 20.0 - 7.0);
        // Level, falling around step 80, level from 100, growing from step 130 on.
        let loss = |step: usize| match step {
            0..60 => 2.0,
            60..100 => 2.0 - 1.8 * (float(step) - 60.0) / 40.0,
            100..130 => 0.2,
            _ => 0.2 * 3_f64.powf(float(step) - 129.0),
        };
        let steps = |loss: &dyn Fn(usize) -> f64| {
            let mut smoothing = Smoothing::new();
            let mut steps = Vec::new();
            for step in 0..150 {
                let (step, grown) = smoothing.next(rate(step), loss(step));
                steps.push(step);
                if grown {
                    break;
                }
            }
            steps
        };
        let found = steps(&loss);
        assert!((131..145).contains(&found.len()), "{}", found.len());
        let proposal = steepest(&found).unwrap();
        assert!(rate(75) < proposal && proposal < rate(110), "{proposal}");
        // The first mean is the first loss.
        assert!((found[0].smoothed - 2.0).abs() < 1e-12);
        assert_eq!(steepest(&steps(&|_| 2.0)), None);
    }
}
