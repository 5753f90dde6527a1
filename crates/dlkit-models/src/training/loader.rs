//! Batches in an order that depends on seed and epoch only.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use burn::tensor::Device;
use rand::seq::SliceRandom;

use crate::data::DataError;
use crate::randomness::{Purpose, generator};

/// Samples that can be gathered into batches.
pub trait BatchSource: Send + Sync + 'static {
    /// A batch on a device.
    type Batch: Send + 'static;

    /// Number of samples.
    fn samples(&self) -> usize;

    /// Gathers the samples of the given indices, in that order. What is drawn for them, such as the
    /// place of a crop, depends on the epoch.
    ///
    /// # Errors
    /// An index is too large; data cannot be read.
    fn batch(
        &self,
        indices: &[usize],
        epoch: usize,
        device: &Device,
    ) -> Result<Self::Batch, DataError>;
}

/// Some samples of a source, batch by batch. The last batch may have fewer.
pub struct Loader<S> {
    source: Arc<S>,
    indices: Vec<usize>,
    batch_size: usize,
    /// The seed of the order, where the order is drawn.
    shuffle: Option<u64>,
    device: Device,
    background: bool,
}

/// Batches as they are gathered.
pub type Batches<'a, B> = Box<dyn Iterator<Item = Result<B, DataError>> + 'a>;

impl<S: BatchSource> Loader<S> {
    /// Samples in the given order.
    #[must_use]
    pub const fn in_order(
        source: Arc<S>,
        indices: Vec<usize>,
        batch_size: usize,
        device: Device,
    ) -> Self {
        Self { source, indices, batch_size, shuffle: None, device, background: false }
    }

    /// Samples in a new order every epoch, drawn from the seed and the epoch.
    #[must_use]
    pub const fn shuffled(
        source: Arc<S>,
        indices: Vec<usize>,
        batch_size: usize,
        seed: u64,
        device: Device,
    ) -> Self {
        Self { source, indices, batch_size, shuffle: Some(seed), device, background: false }
    }

    /// The same loader, which gathers batches on a thread of its own, a few ahead.
    #[must_use]
    pub fn in_background(self) -> Self {
        Self { background: true, ..self }
    }

    /// Number of samples.
    #[must_use]
    pub const fn samples(&self) -> usize {
        self.indices.len()
    }

    /// The batches of an epoch.
    #[must_use]
    pub fn batches(&self, epoch: usize) -> Batches<'_, S::Batch> {
        let mut order = self.indices.clone();
        if let Some(seed) = self.shuffle {
            order.shuffle(&mut generator(seed, Purpose::Order, epoch));
        }
        if self.background {
            return Box::new(Ahead::new(self, order, epoch));
        }
        let starts = (0..order.len()).step_by(self.batch_size);
        Box::new(starts.map(move |start| {
            let end = (start + self.batch_size).min(order.len());
            self.source.batch(&order[start..end], epoch, &self.device)
        }))
    }
}

/// Batches that wait, gathered on another thread.
const AHEAD: usize = 2;
/// How long the training waits for a batch before it helps the thread pool.
const PATIENCE: Duration = Duration::from_millis(1);

/// Batches gathered on another thread, which ends when this is dropped.
struct Ahead<B> {
    batches: Receiver<Result<B, DataError>>,
    /// Batches that are still to come.
    left: usize,
}

impl<B: Send + 'static> Ahead<B> {
    fn new<S: BatchSource<Batch = B>>(loader: &Loader<S>, order: Vec<usize>, epoch: usize) -> Self {
        let (sender, batches) = sync_channel(AHEAD);
        let batch_size = loader.batch_size;
        let left = order.len().div_ceil(batch_size);
        let (source, device) = (Arc::clone(&loader.source), loader.device.clone());
        std::thread::spawn(move || {
            for indices in order.chunks(batch_size) {
                // Nobody waits for the rest of an epoch that was stopped.
                if sender.send(source.batch(indices, epoch, &device)).is_err() {
                    break;
                }
            }
        });
        Self { batches, left }
    }
}

impl<B> Ahead<B> {
    /// Waits for a batch; `None` where the other thread ended.
    ///
    /// The waiting thread may belong to the pool that gathers samples. It therefore works for the
    /// pool meanwhile; otherwise both could wait forever.
    fn received(&self) -> Option<Result<B, DataError>> {
        loop {
            match self.batches.recv_timeout(PATIENCE) {
                Ok(batch) => return Some(batch),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = rayon::yield_now();
                }
            }
        }
    }
}

impl<B> Iterator for Ahead<B> {
    type Item = Result<B, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let ended = || DataError::Unfit("the thread that gathers samples ended early".to_owned());
        Some(self.received().unwrap_or_else(|| Err(ended())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Indices;

    impl BatchSource for Indices {
        type Batch = Vec<usize>;

        fn samples(&self) -> usize {
            usize::MAX
        }

        fn batch(&self, indices: &[usize], _: usize, _: &Device) -> Result<Vec<usize>, DataError> {
            Ok(indices.to_vec())
        }
    }

    /// Gathers on a pool of one thread.
    struct Pooled(Arc<rayon::ThreadPool>);

    impl BatchSource for Pooled {
        type Batch = Vec<usize>;

        fn samples(&self) -> usize {
            usize::MAX
        }

        fn batch(&self, indices: &[usize], _: usize, _: &Device) -> Result<Vec<usize>, DataError> {
            Ok(self.0.install(|| indices.to_vec()))
        }
    }

    #[test]
    fn the_only_thread_of_a_pool_does_not_wait_for_itself() {
        let (sender, receiver) = sync_channel(1);
        std::thread::spawn(move || {
            let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap());
            let source = Arc::new(Pooled(Arc::clone(&pool)));
            let loader =
                Loader::in_order(source, (0..9).collect(), 2, Device::flex()).in_background();
            let found: Vec<usize> =
                pool.install(|| loader.batches(0).flat_map(Result::unwrap).collect());
            sender.send(found).unwrap();
        });
        let found = receiver.recv_timeout(Duration::from_mins(1));
        assert_eq!(found, Ok((0..9).collect()));
    }

    fn batches(loader: &Loader<Indices>) -> Vec<Vec<usize>> {
        loader.batches(0).map(Result::unwrap).collect()
    }

    #[test]
    fn the_last_batch_takes_what_is_left() {
        let loader = Loader::in_order(Arc::new(Indices), vec![5, 3, 9], 2, Device::flex());
        assert_eq!(batches(&loader), [vec![5, 3], vec![9]]);
    }

    #[test]
    fn the_order_depends_on_seed_and_epoch_only() {
        let order = |seed, epoch| -> Vec<Vec<usize>> {
            let indices = (0..20).collect();
            let loader = Loader::shuffled(Arc::new(Indices), indices, 20, seed, Device::flex());
            loader.batches(epoch).map(Result::unwrap).collect()
        };
        let first = order(1, 0);
        assert_eq!(first, order(1, 0));
        assert_ne!(first, order(2, 0));
        assert_ne!(first, order(1, 1));
    }

    #[test]
    fn batches_gathered_ahead_are_the_same() {
        let loader =
            || Loader::shuffled(Arc::new(Indices), (0..21).collect(), 4, 3, Device::flex());
        assert_eq!(batches(&loader().in_background()), batches(&loader()));
        let stopped = loader().in_background();
        assert_eq!(stopped.batches(0).take(2).count(), 2);
    }

    struct Panics;

    impl BatchSource for Panics {
        type Batch = ();

        fn samples(&self) -> usize {
            2
        }

        fn batch(&self, _: &[usize], _: usize, _: &Device) -> Result<(), DataError> {
            panic!("as the test wants it")
        }
    }

    #[test]
    fn a_thread_that_ends_early_is_an_error() {
        let loader = Loader::in_order(Arc::new(Panics), vec![0, 1], 1, Device::flex());
        let first = loader.in_background().batches(0).next().unwrap();
        assert!(first.unwrap_err().to_string().contains("ended early"));
    }
}
