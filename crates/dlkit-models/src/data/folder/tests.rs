//! Folders of pictures of 3 x 2 pixels, each of one gray.

use std::fs;

use image::{GrayImage, Luma};

use super::*;

const INPUT: Shape = Shape::Maps { channels: 1, height: 2, width: 3 };

/// A directory of gray pictures, given as path and gray; a path without an ending is a folder.
fn directory(entries: &[(&str, u8)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, gray) in entries {
        let path = directory.path().join(name);
        if path.extension().is_none() {
            fs::create_dir_all(path).unwrap();
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if is_picture_name(name) {
            GrayImage::from_pixel(3, 2, Luma([*gray])).save(path).unwrap();
        } else {
            fs::write(path, "notes").unwrap();
        }
    }
    directory
}

fn is_picture_name(name: &str) -> bool {
    Path::new(name).extension().is_none_or(|ending| ending != "txt")
}

fn error(entries: &[(&str, u8)]) -> String {
    let directory = directory(entries);
    let message = load(directory.path(), INPUT, false).unwrap_err().to_string();
    let prefix = format!("{}/", directory.path().display());
    message.replace(&prefix, "").replace(&directory.path().display().to_string(), "DIRECTORY")
}

/// The gray of each picture.
fn grays(set: &ImageSet) -> Vec<u8> {
    set.pixels.chunks(INPUT.values()).map(|picture| picture[0]).collect()
}

#[test]
fn reads_classes_and_pictures_sorted_by_name() {
    let directory = directory(&[
        ("train/dog/b.png", 20),
        ("train/dog/a.bmp", 10),
        ("train/cat/z.PNG", 30),
        ("train/cat/notes.txt", 0),
        ("train/notes.txt", 0),
        ("test/dog/c.png", 40),
    ]);
    let data = load(directory.path(), INPUT, false).unwrap();
    assert_eq!(data.classes, ["cat", "dog"]);
    assert_eq!((grays(&data.train), data.train.labels()), (vec![30, 10, 20], &[0, 1, 1][..]));
    // The test part keeps the numbers of the training part's classes.
    let test = data.test.unwrap();
    assert_eq!((grays(&test), test.labels()), (vec![40], &[1][..]));
    assert_eq!((test.shape(), test.len()), (INPUT, 1));
}

#[test]
fn folders_beside_each_other_are_a_training_part() {
    let directory = directory(&[("a/1.png", 1), ("b/2.png", 2), (".cache", 0)]);
    let data = load(directory.path(), INPUT, true).unwrap();
    assert_eq!(data.classes, ["a", "b"]);
    assert_eq!(grays(&data.train), [254, 253]);
    assert!(data.test.is_none());
}

#[test]
fn folders_within_a_class_are_read_and_what_is_left_out_is_named() {
    let directory = directory(&[
        ("a/1.png", 1),
        ("a/more/deep/2.png", 2),
        ("a/notes.txt", 0),
        ("b/3.png", 3),
        ("b/.4.png", 4),
        ("5.png", 5),
    ]);
    let data = load(directory.path(), INPUT, false).unwrap();
    assert_eq!((grays(&data.train), data.train.labels()), (vec![1, 2, 3], &[0, 0, 1][..]));
    let mut left_out: Vec<String> = data
        .left_out
        .iter()
        .map(|left| left.path.strip_prefix(directory.path()).unwrap().display().to_string())
        .collect();
    left_out.sort();
    assert_eq!(left_out, ["5.png", "a/notes.txt", "b/.4.png"]);
}

#[test]
fn a_validation_folder_is_a_part_whatever_its_name() {
    for name in ["val", "valid", "Validation"] {
        let inside = format!("{name}/dog/3.png");
        let directory =
            directory(&[("Train/cat/1.png", 1), ("Train/dog/2.png", 2), (inside.as_str(), 3)]);
        let data = load(directory.path(), INPUT, false).unwrap();
        assert_eq!(grays(&data.train), [1, 2]);
        let validation = data.validation.unwrap();
        assert_eq!((grays(&validation), validation.labels()), (vec![3], &[1][..]));
        assert!(data.test.is_none() && data.left_out.is_empty());
    }
}

#[test]
fn all_pictures_that_cannot_be_used_are_named() {
    let directory = directory(&[("a/1.png", 1), ("a/2.png", 2), ("b/3.png", 3)]);
    for name in ["a/1.png", "b/3.png"] {
        fs::write(directory.path().join(name), "not a picture").unwrap();
    }
    let message = load(directory.path(), INPUT, false).unwrap_err().to_string();
    assert!(message.starts_with("2 files cannot be used:"), "{message}");
    assert!(message.contains("a/1.png") && message.contains("b/3.png"), "{message}");
    assert!(!message.contains("a/2.png"), "{message}");
}

#[test]
fn rejects_an_empty_class_folder() {
    for entries in
        [[("train/cat/1.png", 1), ("train/dog", 0)], [("train/dog/notes.txt", 1), ("x", 0)]]
    {
        let message = error(&entries);
        assert!(message.starts_with("train/dog: ") && message.contains("no pictures"), "{message}");
    }
}

#[test]
fn rejects_a_directory_without_class_folders() {
    let reason = "needs one folder of pictures per class";
    let message = error(&[("1.png", 1)]);
    assert!(message.starts_with("DIRECTORY: ") && message.contains(reason), "{message}");
    let message = error(&[("train", 0)]);
    assert!(message.starts_with("train: ") && message.contains(reason), "{message}");
}

#[test]
fn rejects_a_class_only_the_test_part_has() {
    for part in ["test", "val"] {
        let other = format!("{part}/cow/1.png");
        let message = error(&[("train/cat/1.png", 1), ("train/dog/1.png", 1), (other.as_str(), 1)]);
        let start = format!("{part}/cow: ");
        assert!(message.starts_with(&start) && message.ends_with("cat, dog"), "{message}");
    }
}

#[test]
fn rejects_an_input_that_is_no_picture() {
    let directory = directory(&[("cat/1.png", 1)]);
    let message = |input| load(directory.path(), input, false).unwrap_err().to_string();
    let allowed = "pictures need [1, height, width] (gray) or [3, height, width] (color)";
    assert_eq!(message(Shape::Features(6)), format!("network.input: {allowed}, not [6]"));
    assert_eq!(
        message(Shape::Maps { channels: 2, height: 2, width: 3 }),
        format!("network.input: {allowed}, not [2, 2, 3]")
    );
}

#[test]
fn rejects_more_pictures_than_memory_is_meant_for() {
    let shape = Shape::Maps { channels: 1, height: 1 << 14, width: 1 << 14 };
    let advice = "reduce network.input or use fewer pictures";
    assert_eq!(
        buffer(33, shape).unwrap_err().to_string(),
        format!(
            "33 pictures of shape [1, 16384, 16384] need more than the allowed 8 GiB; {advice}"
        )
    );
    assert!(buffer(usize::MAX, shape).is_err());
    assert_eq!(buffer(2, INPUT).unwrap(), [0; 12]);
}
