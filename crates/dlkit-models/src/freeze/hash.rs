//! SHA-256 as text.

use sha2::{Digest, Sha256};

/// SHA-256 of bytes one after the other, in hexadecimal.
pub(super) fn sha256_hex<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let hash = parts.into_iter().fold(Sha256::new(), Sha256::chain_update);
    format!("{:x}", hash.finalize())
}
