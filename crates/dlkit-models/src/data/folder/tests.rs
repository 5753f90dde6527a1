//! Folders of pictures of 3 x 2 pixels, each of one grey.

use std::fs;

use image::{GrayImage, Luma};

use super::*;

const INPUT: Shape = Shape::Maps { channels: 1, height: 2, width: 3 };

/// A directory of grey pictures, given as path and grey; a path without an ending is a folder.
fn directory(entries: &[(&str, u8)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, grey) in entries {
        let path = directory.path().join(name);
        if path.extension().is_none() {
            fs::create_dir_all(path).unwrap();
            continue;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if is_picture_name(name) {
            GrayImage::from_pixel(3, 2, Luma([*grey])).save(path).unwrap();
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

/// The grey of each picture.
fn greys(set: &ImageSet) -> Vec<u8> {
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
    assert_eq!((greys(&data.train), data.train.labels()), (vec![30, 10, 20], &[0, 1, 1][..]));
    // The test part keeps the numbers of the training part's classes.
    let test = data.test.unwrap();
    assert_eq!((greys(&test), test.labels()), (vec![40], &[1][..]));
    assert_eq!((test.shape(), test.len()), (INPUT, 1));
}

#[test]
fn folders_beside_each_other_are_a_training_part() {
    let directory = directory(&[("a/1.png", 1), ("b/2.png", 2), (".cache", 0)]);
    let data = load(directory.path(), INPUT, true).unwrap();
    assert_eq!(data.classes, ["a", "b"]);
    assert_eq!(greys(&data.train), [254, 253]);
    assert!(data.test.is_none());
}

#[test]
fn rejects_an_empty_class_folder() {
    assert_eq!(
        error(&[("train/cat/1.png", 1), ("train/dog", 0)]),
        "train/dog: is a class folder without pictures (PNG, JPEG, WebP or BMP); fill or remove it"
    );
    assert_eq!(
        error(&[("train/cat/notes.txt", 1)]),
        "train/cat: is a class folder without pictures (PNG, JPEG, WebP or BMP); fill or remove it"
    );
}

#[test]
fn rejects_a_directory_without_class_folders() {
    let reason = "holds no class folders; kind = \"image-folder\" needs one folder of pictures \
                  per class";
    assert_eq!(error(&[("1.png", 1)]), format!("DIRECTORY: {reason}"));
    assert_eq!(
        error(&[("train", 0)]),
        format!("DIRECTORY/train: {reason}").replace("DIRECTORY/", "")
    );
}

#[test]
fn rejects_a_class_only_the_test_part_has() {
    assert_eq!(
        error(&[("train/cat/1.png", 1), ("train/dog/1.png", 1), ("test/cow/1.png", 1)]),
        "test/cow: is a class the training part lacks; it has cat, dog"
    );
}

#[test]
fn rejects_an_input_that_is_no_picture() {
    let directory = directory(&[("cat/1.png", 1)]);
    let message = |input| load(directory.path(), input, false).unwrap_err().to_string();
    let allowed = "pictures need [1, height, width] (grey) or [3, height, width] (colour)";
    assert_eq!(message(Shape::Features(6)), format!("network.input is [6]; {allowed}"));
    assert_eq!(
        message(Shape::Maps { channels: 2, height: 2, width: 3 }),
        format!("network.input is [2, 2, 3]; {allowed}")
    );
}

#[test]
fn rejects_more_pictures_than_memory_is_meant_for() {
    let shape = Shape::Maps { channels: 1, height: 1 << 14, width: 1 << 14 };
    let advice = "make network.input smaller or use fewer pictures";
    assert_eq!(
        buffer(33, shape).unwrap_err().to_string(),
        format!(
            "33 pictures of the shape [1, 16384, 16384] take more than the 8 GiB that are allowed; \
             {advice}"
        )
    );
    assert!(buffer(usize::MAX, shape).is_err());
    assert_eq!(buffer(2, INPUT).unwrap(), [0; 12]);
}
