//! IDX files of three pictures of 2 x 3 pixels, whole and damaged.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const PIXELS: [u8; 18] = [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 250, 251, 252, 253, 254, 255];

fn images(magic: u32, count: u32, height: u32, width: u32, pixels: &[u8]) -> Vec<u8> {
    let header = [magic, count, height, width];
    [header.map(u32::to_be_bytes).concat(), pixels.to_vec()].concat()
}

fn labels(magic: u32, labels: &[u8]) -> Vec<u8> {
    let count = u32::try_from(labels.len()).unwrap();
    [[magic, count].map(u32::to_be_bytes).concat(), labels.to_vec()].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A directory of files.
fn directory(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(directory.path().join(name), bytes).unwrap();
    }
    directory
}

fn three_images() -> Vec<u8> {
    images(IMAGES_MAGIC, 3, 2, 3, &PIXELS)
}

fn three_labels() -> Vec<u8> {
    labels(LABELS_MAGIC, &[2, 0, 1])
}

/// The message for a training part of these files, without the directory.
fn error(images: Vec<u8>, labels: Vec<u8>) -> String {
    error_of(&[("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", labels)])
}

fn error_of(files: &[(&str, Vec<u8>)]) -> String {
    let directory = directory(files);
    let message = load(directory.path()).unwrap_err().to_string();
    let prefix = format!("{}/", directory.path().display());
    message.replace(&prefix, "").replace(&directory.path().display().to_string(), "DIRECTORY")
}

fn three() -> ImageSet {
    ImageSet {
        pixels: PIXELS.to_vec(),
        labels: vec![2, 0, 1],
        shape: Shape::Maps { channels: 1, height: 2, width: 3 },
        origins: Origins::default(),
    }
}

/// The same pictures, without where they come from.
fn unplaced(set: &ImageSet) -> ImageSet {
    ImageSet { origins: Origins::default(), ..set.clone() }
}

#[test]
fn a_file_beside_names_the_classes() {
    let named = |names: &str| {
        let files = [
            ("train-images-idx3-ubyte", three_images()),
            ("train-labels-idx1-ubyte", three_labels()),
            ("classes.txt", names.as_bytes().to_vec()),
        ];
        let directory = directory(&files);
        let path = directory.path().display().to_string();
        load(directory.path())
            .map(|data| data.classes)
            .map_err(|error| error.to_string().replace(&path, "DIRECTORY"))
    };
    assert_eq!(named("T-shirt\r\ntrousers \n猫\n").unwrap(), ["T-shirt", "trousers", "猫"]);
    // A class that no sample has.
    assert_eq!(named("a\nb\nc\nd").unwrap().len(), 4);
    assert_eq!(
        named("a\nb\n").unwrap_err(),
        "DIRECTORY/classes.txt: names 2 classes, but the labels are of 3, from 0 to 2; add a line for each"
    );
    assert!(named("a\n\nc\n").unwrap_err().contains("line 2: empty; name the class of label 1"));
    assert!(named("a\nb\na\n").unwrap_err().contains("line 3: `a` is named twice"));
}

#[test]
fn reads_a_training_part_alone() {
    let files =
        [("train-images-idx3-ubyte", three_images()), ("train-labels-idx1-ubyte", three_labels())];
    let data = load(directory(&files).path()).unwrap();
    let file = data.train.origins().of(2).file.unwrap();
    assert!(file.ends_with("train-images-idx3-ubyte"));
    assert_eq!(unplaced(&data.train), three());
    assert_eq!(data.test, None);
    assert_eq!(data.classes, ["0", "1", "2"]);
    assert_eq!(data.train.image(1).unwrap(), [10, 11, 12, 13, 14, 15]);
}

#[test]
fn reads_gzip_and_the_dotted_names_too() {
    let test_images = images(IMAGES_MAGIC, 1, 2, 3, &PIXELS[6..12]);
    let files = [
        ("train-images-idx3-ubyte.gz", gzip(&three_images())),
        ("train-labels.idx1-ubyte", three_labels()),
        ("t10k-images.idx3-ubyte.gz", gzip(&test_images)),
        ("t10k-labels-idx1-ubyte", labels(LABELS_MAGIC, &[4])),
    ];
    let data = load(directory(&files).path()).unwrap();
    assert_eq!(unplaced(&data.train), three());
    let test = data.test.unwrap();
    assert_eq!((test.pixels, test.labels), (PIXELS[6..12].to_vec(), vec![4]));
    // The test part may hold a class of its own.
    assert_eq!(data.classes, ["0", "1", "2", "3", "4"]);
}

#[test]
fn rejects_files_of_another_kind() {
    let swapped = error(three_labels(), three_labels());
    assert_eq!(swapped, "train-images-idx3-ubyte: truncated: expected 16 bytes");
    assert_eq!(
        error(images(0x0000_0D03, 3, 2, 3, &PIXELS), three_labels()),
        "train-images-idx3-ubyte: starts with 0x00000d03, but an IDX file of pictures starts with \
         0x00000803"
    );
    assert_eq!(
        error(three_images(), three_images()),
        "train-labels-idx1-ubyte: starts with 0x00000803, but an IDX file of labels starts with \
         0x00000801"
    );
}

#[test]
fn rejects_files_cut_short_or_too_long() {
    let mut short = three_images();
    short.truncate(30);
    let promise =
        "train-images-idx3-ubyte: the header promises 3 entries of 6 bytes, 18 in total, but";
    let end = "follow; the file is truncated or damaged";
    assert_eq!(error(short, three_labels()), format!("{promise} 14 {end}"));
    let long = images(IMAGES_MAGIC, 3, 2, 3, &[PIXELS, PIXELS].concat());
    assert_eq!(error(long, three_labels()), format!("{promise} more {end}"));
    assert_eq!(
        error(vec![0, 0, 8], three_labels()),
        "train-images-idx3-ubyte: truncated: expected 16 bytes"
    );
}

#[test]
fn rejects_damaged_gzip_files() {
    let gz = |bytes| {
        error_of(&[
            ("train-images-idx3-ubyte.gz", bytes),
            ("train-labels-idx1-ubyte", three_labels()),
        ])
    };
    let mut short = gzip(&three_images());
    short.truncate(short.len() - 12);
    assert_eq!(gz(short), "train-images-idx3-ubyte.gz: truncated: expected 18 bytes");
    assert_eq!(
        gz(three_images()),
        "train-images-idx3-ubyte.gz: not an intact gzip file (invalid gzip header)"
    );
}

#[test]
fn rejects_sizes_that_make_no_sense() {
    assert_eq!(
        error(images(IMAGES_MAGIC, 3, 0, 3, &[]), three_labels()),
        "train-images-idx3-ubyte: the header gives 0x3 pixels"
    );
    assert_eq!(
        error(images(IMAGES_MAGIC, 3, u32::MAX, u32::MAX, &[]), three_labels()),
        "train-images-idx3-ubyte: the header gives 4294967295x4294967295 pixels; at most \
         268435456 (2^28) values are allowed"
    );
    assert_eq!(
        error(images(IMAGES_MAGIC, 0, 2, 3, &[]), three_labels()),
        "train-images-idx3-ubyte: no entries"
    );
    // A damaged header must not take the memory it promises.
    assert_eq!(
        error(images(IMAGES_MAGIC, u32::MAX, 1 << 14, 1 << 14, &[]), three_labels()),
        "train-images-idx3-ubyte: the header promises 4294967295 entries of 268435456 bytes, more \
         than 4 GiB"
    );
}

#[test]
fn rejects_parts_that_contradict_each_other() {
    assert_eq!(
        error(three_images(), labels(LABELS_MAGIC, &[1, 2])),
        "train-labels-idx1-ubyte: contains 2 labels, but train-images-idx3-ubyte contains 3 \
         pictures; use files of the same data set"
    );
    let files = [
        ("train-images-idx3-ubyte", three_images()),
        ("train-labels-idx1-ubyte", three_labels()),
        ("t10k-images-idx3-ubyte", images(IMAGES_MAGIC, 3, 3, 2, &PIXELS)),
        ("t10k-labels-idx1-ubyte", three_labels()),
    ];
    assert_eq!(
        error_of(&files),
        "DIRECTORY: training pictures have shape [1, 2, 3], but test pictures have [1, 3, 2]"
    );
}

#[test]
fn rejects_a_part_without_its_files() {
    let message = error_of(&[]);
    assert!(message.starts_with("train-images-idx3-ubyte: no such file"), "{message}");
    assert!(message.contains("needs IDX files with these names"), "{message}");
    let files = [
        ("train-images-idx3-ubyte", three_images()),
        ("train-labels-idx1-ubyte", three_labels()),
        ("t10k-images-idx3-ubyte", three_images()),
    ];
    assert_eq!(
        error_of(&files),
        "t10k-labels-idx1-ubyte: no such file or directory (also not with .gz); kind = \"mnist\" \
         needs IDX files with these names"
    );
    let files = [
        ("train-images-idx3-ubyte", three_images()),
        ("train-labels-idx1-ubyte", three_labels()),
        ("t10k-labels-idx1-ubyte", three_labels()),
    ];
    assert_eq!(
        error_of(&files),
        "t10k-images-idx3-ubyte: no such file or directory (also not with .gz); kind = \"mnist\" \
         needs IDX files with these names"
    );
}

#[test]
fn reads_gzip_files_of_several_members() {
    let whole = three_images();
    let members = [gzip(&whole[..20]), gzip(&whole[20..])].concat();
    let files =
        [("train-images-idx3-ubyte.gz", members), ("train-labels-idx1-ubyte", three_labels())];
    assert_eq!(unplaced(&load(directory(&files).path()).unwrap().train), three());
}
