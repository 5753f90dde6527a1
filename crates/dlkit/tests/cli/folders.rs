//! Image folders: what is read, what is left out, and what a change of the data means for a run.

use std::fs;

use image::{GrayImage, Luma};

use crate::setting::{SMALL, Setting};

impl Setting {
    /// Draws `count` small pictures for each of the classes dark and light, in train/ and test/.
    pub(crate) fn write_folders(&self, directory: &str, count: u32) {
        for (class, shade) in [("dark", 40), ("light", 180)] {
            for part in ["train", "test"] {
                for index in 0..count {
                    let name = format!("{directory}/{part}/{class}/{index}.png");
                    self.draw(&name, shade + u8::try_from(index).unwrap());
                }
            }
        }
    }

    /// Draws a small picture of one shade with a few other pixels.
    fn draw(&self, name: &str, shade: u8) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let picture = GrayImage::from_fn(28, 28, |x, y| {
            Luma([if (x + y) % 5 == 0 { shade / 2 } else { shade }])
        });
        picture.save(path).unwrap();
    }

    /// Trains a run on an image folder of two classes.
    fn train_folder(&self, directory: &str, validation: f64) {
        self.write_recipe("r.toml", SMALL, "");
        let line = format!(
            "train r.toml --set data.kind=image-folder --set data.path={directory} \
             --set data.validation={validation} --set network.layers.2.units=2 --quiet --output run"
        );
        self.dlkit(&line).done();
    }
}

/// A part of changed data would be cut differently, and hold samples the network was trained on.
#[test]
fn a_run_whose_data_changed_is_not_measured_on_a_part_of_it() {
    let setting = Setting::new();
    setting.write_folders("noise", 20);
    setting.train_folder("noise", 0.25);
    let measured = setting.dlkit("evaluate run --split validation --json").json();
    assert_eq!(measured["samples"], 10);
    fs::remove_file(setting.path("noise/train/dark/3.png")).unwrap();
    for line in [
        "evaluate run --split validation",
        "evaluate run --split train",
        "train --resume run --epochs 4",
    ] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains("noise") && message.contains("changed"), "{line}: {message}");
    }
    // As other data, all of it is measured.
    let all = setting.dlkit("evaluate run --data noise --json").json();
    assert_eq!(all["samples"], 79);
}

/// The bad pictures of all parts are named at once.
#[test]
fn bad_pictures_of_all_parts_are_listed_at_once() {
    let setting = Setting::new();
    setting.write_folders("photos", 3);
    setting.write_recipe("r.toml", SMALL, "");
    for name in ["train/dark/a.png", "train/dark/b.png", "test/dark/c.png"] {
        setting.write(&format!("photos/{name}"), "no picture");
    }
    let recipe = "--set data.kind=image-folder --set network.layers.2.units=2";
    for line in ["data verify photos", &format!("train r.toml --data photos {recipe}")] {
        let message = setting.dlkit(line).refused();
        for name in ["3 files", "a.png", "b.png", "c.png"] {
            assert!(message.contains(name), "{line}: {message}");
        }
    }
}

/// Folders within the classes, other files beside and within them, hidden files.
#[test]
fn folders_within_folders_are_read_and_what_is_left_out_is_named() {
    let setting = Setting::new();
    setting.write_folders("nested", 8);
    for class in ["dark", "light"] {
        for index in 0..4 {
            setting.draw(&format!("nested/train/{class}/more/deep/{index}.png"), 90 + index);
        }
        setting.write(&format!("nested/train/{class}/notes.txt"), "stray");
    }
    setting.write("nested/test/dark/scan.psd", "stray");
    setting.write("nested/train/light/.hidden.png", "stray");
    setting.train_folder("nested", 0.25);
    let verified = setting.dlkit("data verify nested --json").json();
    assert_eq!(verified["parts"][0]["samples"], 24, "{verified}");
    let evaluated = setting.dlkit("evaluate run --split train --json").json();
    assert_eq!(evaluated["samples"], 18);
    let train = "train r.toml --set data.kind=image-folder --set data.path=nested \
                 --set network.layers.2.units=2 --output again";
    for line in ["data verify nested", train, "evaluate run --data nested"] {
        let answer = setting.dlkit(line).done();
        let said = format!("{}{}", answer.stdout, answer.stderr);
        for stray in ["notes.txt", "scan.psd", ".hidden.png"] {
            assert!(said.contains(stray), "{line}: {stray}: {said}");
        }
        assert!(said.contains("left out"), "{line}: {said}");
    }
}

/// Runs of version 0.1 were divided without regard to classes, and are measured so.
#[test]
fn a_run_of_before_keeps_its_own_parts() {
    let setting = Setting::new();
    setting.write_folders("photos", 60);
    setting.train_folder("photos", 0.25);
    let supports = || {
        let report = setting.dlkit("evaluate run --split validation --json").json();
        let classes = report["classes"].as_array().unwrap().clone();
        classes.iter().map(|class| class["support"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(supports(), [15, 15]);
    let info = setting.read("run/run.json");
    let before = info.replace("  \"stratified\": true,\n", "");
    assert_ne!(before, info);
    setting.write("run/run.json", before);
    // By chance alone, the same seed draws other shares.
    let drawn = supports();
    assert_eq!(drawn.iter().sum::<u64>(), 30);
    assert_ne!(drawn, [15, 15]);
}
