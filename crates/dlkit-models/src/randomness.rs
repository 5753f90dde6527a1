//! One seed, and independent generators drawn from it.
//!
//! Every random decision of epoch `e` depends only on the seed and `e`. A resumed run therefore
//! draws the same numbers as an uninterrupted one.

use rand::rngs::ChaCha12Rng;
use rand::{Rng, SeedableRng};

/// What a generator is used for; each purpose has its own stream.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// Initial weights.
    Weights = 1,
    /// The validation split.
    Split = 2,
    /// The order of samples of an epoch.
    Order = 3,
    /// What layers draw in an epoch: dropout, randomized slopes.
    Layers = 4,
    /// Positions of crops.
    Crops = 5,
    /// Samples that are made up.
    Samples = 6,
    /// The test split.
    Test = 7,
    /// Changes of pictures.
    Augmentation = 8,
}

/// The generator of one purpose in one epoch (0 for what happens once).
pub(crate) fn generator(seed: u64, purpose: Purpose, epoch: usize) -> ChaCha12Rng {
    let mut generator = ChaCha12Rng::seed_from_u64(seed);
    generator.set_stream(((purpose as u64) << 48) | epoch as u64);
    generator
}

/// The generator of one sample in one epoch; samples do not depend on each other.
pub(crate) fn sample_generator(
    seed: u64,
    purpose: Purpose,
    epoch: usize,
    sample: usize,
) -> ChaCha12Rng {
    /// Words between two samples: more than a sample draws.
    const WORDS: u128 = 64;
    let mut generator = generator(seed, purpose, epoch);
    generator.set_word_pos(sample as u128 * WORDS);
    generator
}

/// The seed of the device's own generator for one epoch.
pub(crate) fn device_seed(seed: u64, epoch: usize) -> u64 {
    generator(seed, Purpose::Layers, epoch).next_u64()
}

/// Held by tests that draw from the device's own generator, which is one for the whole process.
#[cfg(test)]
pub(crate) static DEVICE_GENERATOR: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_purposes_and_epochs_differ() {
        let draw = |purpose, epoch| generator(42, purpose, epoch).next_u64();
        assert_eq!(draw(Purpose::Order, 3), draw(Purpose::Order, 3));
        assert_ne!(draw(Purpose::Order, 3), draw(Purpose::Order, 4));
        assert_ne!(draw(Purpose::Order, 3), draw(Purpose::Layers, 3));
    }
}
