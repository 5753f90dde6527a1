//! Batches in an order that depends on seed and epoch only.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
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

    /// Gathers the samples of the given indices, in that order.
    ///
    /// # Errors
    /// An index that is not there; data that cannot be read.
    fn batch(&self, indices: &[usize], device: &Device) -> Result<Self::Batch, DataError>;
}

/// The current epoch, shared between the trainer and its loader.
pub type EpochCounter = Arc<AtomicUsize>;

/// A data loader over some samples of a source. The last batch takes what is left.
pub struct Loader<S> {
    source: Arc<S>,
    indices: Arc<Vec<usize>>,
    batch_size: usize,
    shuffle: Option<Shuffle>,
    device: Device,
    background: bool,
}

#[derive(Clone)]
struct Shuffle {
    seed: u64,
    epoch: EpochCounter,
}

impl<S: BatchSource> Loader<S> {
    /// Samples in the given order.
    pub fn in_order(
        source: Arc<S>,
        indices: Vec<usize>,
        batch_size: usize,
        device: Device,
    ) -> Self {
        Self {
            source,
            indices: Arc::new(indices),
            batch_size,
            shuffle: None,
            device,
            background: false,
        }
    }

    /// Samples in a new order every epoch, drawn from the seed and the epoch counter.
    pub fn shuffled(
        source: Arc<S>,
        indices: Vec<usize>,
        batch_size: usize,
        seed: u64,
        epoch: EpochCounter,
        device: Device,
    ) -> Self {
        let shuffle = Some(Shuffle { seed, epoch });
        let indices = Arc::new(indices);
        Self { source, indices, batch_size, shuffle, device, background: false }
    }

    /// The same loader, which gathers batches on a thread of its own, a few ahead.
    #[must_use]
    pub fn in_background(self) -> Self {
        Self { background: true, ..self }
    }

    fn order(&self) -> Vec<usize> {
        let mut order = (*self.indices).clone();
        if let Some(Shuffle { seed, epoch }) = &self.shuffle {
            let epoch = epoch.load(Ordering::Relaxed);
            order.shuffle(&mut generator(*seed, Purpose::Order, epoch));
        }
        order
    }

    fn like(&self, indices: Arc<Vec<usize>>, device: Device) -> Arc<dyn DataLoader<S::Batch>> {
        Arc::new(Self {
            source: Arc::clone(&self.source),
            indices,
            batch_size: self.batch_size,
            shuffle: self.shuffle.clone(),
            device,
            background: self.background,
        })
    }
}

impl<S: BatchSource> DataLoader<S::Batch> for Loader<S> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<S::Batch> + 'a> {
        if self.background {
            return Box::new(Ahead::new(self, self.order()));
        }
        Box::new(Batches { loader: self, order: self.order(), position: 0 })
    }

    fn num_items(&self) -> usize {
        self.indices.len()
    }

    fn to_device(&self, device: &Device) -> Arc<dyn DataLoader<S::Batch>> {
        self.like(Arc::clone(&self.indices), device.clone())
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<S::Batch>> {
        let indices = self.indices.get(start..end).unwrap_or_default().to_vec();
        self.like(Arc::new(indices), self.device.clone())
    }
}

struct Batches<'a, S> {
    loader: &'a Loader<S>,
    order: Vec<usize>,
    position: usize,
}

impl<S: BatchSource> Iterator for Batches<'_, S> {
    type Item = Result<S::Batch, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = (self.position + self.loader.batch_size).min(self.order.len());
        let indices = self.order.get(self.position..end).filter(|batch| !batch.is_empty())?;
        self.position = end;
        Some(self.loader.source.batch(indices, &self.loader.device).map_err(DatasetError::new))
    }
}

impl<S: BatchSource> DataLoaderIterator<S::Batch> for Batches<'_, S> {
    fn progress(&self) -> Progress {
        Progress::new(self.position, self.order.len(), Some("samples".to_owned()))
    }
}

/// Batches that wait, gathered on another thread.
const AHEAD: usize = 2;
/// How long is waited for a batch before other work is looked for.
const PATIENCE: Duration = Duration::from_millis(1);

/// Batches gathered on another thread, which ends when this is dropped.
struct Ahead<B> {
    batches: Receiver<Result<B, DatasetError>>,
    position: usize,
    batch_size: usize,
    samples: usize,
}

impl<B: Send + 'static> Ahead<B> {
    fn new<S: BatchSource<Batch = B>>(loader: &Loader<S>, order: Vec<usize>) -> Self {
        let (sender, batches) = sync_channel(AHEAD);
        let (batch_size, samples) = (loader.batch_size, order.len());
        let (source, device) = (Arc::clone(&loader.source), loader.device.clone());
        std::thread::spawn(move || {
            for indices in order.chunks(batch_size) {
                let batch = source.batch(indices, &device).map_err(DatasetError::new);
                // Nobody waits for the rest of an epoch that was stopped.
                if sender.send(batch).is_err() {
                    break;
                }
            }
        });
        Self { batches, position: 0, batch_size, samples }
    }
}

impl<B> Ahead<B> {
    /// Waits for a batch; `None` where the other thread ended.
    ///
    /// Gathering may be left to the pool that the waiting thread is one of, or the only one of: it works
    /// for the pool meanwhile, or both would wait for ever.
    fn received(&self) -> Option<Result<B, DatasetError>> {
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
    type Item = Result<B, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position == self.samples {
            return None;
        }
        self.position = (self.position + self.batch_size).min(self.samples);
        let ended = || DataError::Unfit("the thread that gathers samples ended early".to_owned());
        Some(self.received().unwrap_or_else(|| Err(DatasetError::new(ended()))))
    }
}

impl<B> DataLoaderIterator<B> for Ahead<B> {
    fn progress(&self) -> Progress {
        Progress::new(self.position, self.samples, Some("samples".to_owned()))
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

        fn batch(&self, indices: &[usize], _: &Device) -> Result<Vec<usize>, DataError> {
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

        fn batch(&self, indices: &[usize], _: &Device) -> Result<Vec<usize>, DataError> {
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
                pool.install(|| loader.iter().flat_map(Result::unwrap).collect());
            sender.send(found).unwrap();
        });
        let found = receiver.recv_timeout(Duration::from_mins(1));
        assert_eq!(found, Ok((0..9).collect()));
    }

    fn batches(loader: &Loader<Indices>) -> Vec<Vec<usize>> {
        loader.iter().map(Result::unwrap).collect()
    }

    #[test]
    fn the_last_batch_takes_what_is_left() {
        let loader = Loader::in_order(Arc::new(Indices), vec![5, 3, 9], 2, Device::flex());
        assert_eq!(batches(&loader), [vec![5, 3], vec![9]]);
    }

    #[test]
    fn the_order_depends_on_seed_and_epoch_only() {
        let epoch = EpochCounter::default();
        let loader = |seed| {
            let (indices, epoch) = ((0..20).collect(), Arc::clone(&epoch));
            Loader::shuffled(Arc::new(Indices), indices, 20, seed, epoch, Device::flex())
        };
        let first = batches(&loader(1));
        assert_eq!(first, batches(&loader(1)));
        assert_ne!(first, batches(&loader(2)));
        epoch.store(1, Ordering::Relaxed);
        assert_ne!(first, batches(&loader(1)));
    }

    #[test]
    fn batches_gathered_ahead_are_the_same() {
        let epoch = EpochCounter::default();
        let loader = || {
            let (indices, epoch) = ((0..21).collect(), Arc::clone(&epoch));
            Loader::shuffled(Arc::new(Indices), indices, 4, 3, epoch, Device::flex())
        };
        assert_eq!(batches(&loader().in_background()), batches(&loader()));
        let stopped = loader().in_background();
        assert_eq!(stopped.iter().take(2).count(), 2);
    }

    struct Panics;

    impl BatchSource for Panics {
        type Batch = ();

        fn samples(&self) -> usize {
            2
        }

        fn batch(&self, _: &[usize], _: &Device) -> Result<(), DataError> {
            panic!("as the test wants it")
        }
    }

    #[test]
    fn a_thread_that_ends_early_is_an_error() {
        let loader = Loader::in_order(Arc::new(Panics), vec![0, 1], 1, Device::flex());
        let first = loader.in_background().iter().next().unwrap();
        assert!(first.unwrap_err().to_string().contains("ended early"));
    }
}
