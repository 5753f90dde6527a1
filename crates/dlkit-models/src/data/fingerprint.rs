//! Whether data is still what it was.

use sha2::{Digest, Sha256};

use super::images::{ImageData, ImageSet};

impl ImageData {
    /// SHA-256 over the pictures and labels of all parts, in their order.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for part in std::iter::once(&self.train).chain(&self.validation).chain(&self.test) {
            let ImageSet { pixels, labels, .. } = part;
            hash.update((labels.len() as u64).to_le_bytes());
            hash.update(pixels);
            for label in labels {
                hash.update(label.to_le_bytes());
            }
        }
        format!("{:x}", hash.finalize())
    }
}
