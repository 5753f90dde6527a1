//! Files that were damaged at random: errors, never a panic.

use std::fs;

use burn::tensor::Device;
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

use super::Case;
use crate::freeze::{FrozenNetwork, describe, verify};

/// Mutated files in the test.
const FILES: usize = 2_000;

/// A file with one to four changes of one kind or another.
fn mutate(original: &[u8], random: &mut ChaCha12Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..random.random_range(1..=4) {
        let length = bytes.len().max(1);
        let (left, right) = (random.random_range(0..length), random.random_range(0..length));
        let (start, end) = (left.min(right), left.max(right).min(bytes.len()));
        match random.random_range(0..7) {
            // Bits, most of all.
            0..=2 => {
                for byte in bytes.iter_mut().skip(start).take(random.random_range(1..4)) {
                    *byte ^= 1 << random.random_range(0..8);
                }
            }
            3 => bytes.truncate(start),
            4 => {
                let part = bytes[start..end.min(start + 64)].to_vec();
                bytes.splice(end..end, part);
            }
            5 => drop(bytes.drain(start..end.min(start + 64))),
            _ => {
                for byte in bytes.iter_mut().skip(start).take(16) {
                    *byte = random.random();
                }
            }
        }
    }
    bytes
}

#[test]
fn two_thousand_mutated_files_do_no_harm() {
    let case = Case::small();
    let (original, inputs) = (case.bytes(), case.inputs(2));
    let (as_frozen, device) = (case.frozen(), Device::flex());
    let mut random = ChaCha12Rng::seed_from_u64(4);
    let path = case.path.with_file_name("mutated.onnx");
    let (mut described, mut loaded, mut verified) = (0, 0, 0);
    for _ in 0..FILES {
        fs::write(&path, mutate(&original, &mut random)).unwrap();
        if let Ok(described_file) = describe(&path) {
            described += 1;
            assert!(!described_file.description.to_string().is_empty());
        }
        if let Ok(frozen) = FrozenNetwork::load(&path) {
            // Only changes that undo each other are let through.
            assert_eq!(frozen.metadata(), as_frozen.metadata());
            assert_eq!(frozen.network(&device).unwrap().weights(), case.network.weights());
        }
        if let Ok(frozen) = FrozenNetwork::load_changed(&path) {
            loaded += 1;
            verified += usize::from(verify(&case.network, &frozen, &inputs, true).is_ok());
        }
    }
    // Some survive every stage, so that every stage is reached.
    assert!(described > 100 && loaded > 20 && verified > 20, "{described} {loaded} {verified}");
}

#[test]
fn random_bytes_empty_files_and_directories_are_refused() {
    let case = Case::small();
    let message = |path: &std::path::Path| FrozenNetwork::load(path).unwrap_err().to_string();
    let mut random = ChaCha12Rng::seed_from_u64(5);
    let path = case.path.with_file_name("other.onnx");
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..random.random_range(1..200)).map(|_| random.random()).collect();
        fs::write(&path, bytes).unwrap();
        message(&path);
        drop(describe(&path));
    }
    fs::write(&path, "").unwrap();
    assert!(message(&path).ends_with("not a readable ONNX file: it is empty"));
    let directory = path.parent().unwrap();
    assert!(message(directory).ends_with("is not a regular file"), "{}", message(directory));
    assert!(message(&directory.join("none.onnx")).contains("cannot read"));
    // Two gibibytes of nothing, which take no room on the disk.
    let file = fs::File::create(&path).unwrap();
    file.set_len(1 << 31).unwrap();
    assert!(message(&path).contains("is larger than 2147483647 bytes"), "{}", message(&path));
}
