//! Batches in an order that depends on seed and epoch only.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
        Self { source, indices: Arc::new(indices), batch_size, shuffle: None, device }
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
        Self { source, indices: Arc::new(indices), batch_size, shuffle, device }
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
        })
    }
}

impl<S: BatchSource> DataLoader<S::Batch> for Loader<S> {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<S::Batch> + 'a> {
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
}
