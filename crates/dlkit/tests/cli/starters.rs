//! Recipes for those who have none: starters, recipes for photos, all errors at once, reasons.

use std::fs;

use image::{GrayImage, Luma, RgbImage};

use crate::setting::{Setting, repository};

#[test]
fn starters_of_all_tasks_train() {
    let setting = Setting::new();
    setting.write_colorful_photos("photos", 4);
    let iris = repository().join("datasets/iris/iris.csv");
    for (task, data) in [
        ("classification", "data.path=digits"),
        ("table-classification", &format!("data.path={}", iris.display())),
        ("regression", &format!("data.path={}", iris.display())),
        ("colorization", "data.path=photos --set data.validation=0.25 --set data.crops=1"),
    ] {
        let file = format!("{task}.toml");
        setting.dlkit(&format!("config init {file} --task {task}")).done();
        setting.dlkit(&format!("config check {file}")).done();
        let line = format!("train {file} --set {data} --epochs 1 --output run-{task}");
        setting.dlkit(&line).done();
    }
    // Several targets, as the starter says.
    let line = "train regression.toml --epochs 1 --output several --set network.input=[5] \
                --set network.layers.1.units=2 --set data.target=";
    let columns = "[\"petal width (cm)\",\"petal length (cm)\"]";
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let target = format!("data.target={columns}");
    *words.last_mut().unwrap() = &target;
    let path = format!("data.path={}", iris.display());
    words.extend(["--set", &path]);
    let answer = setting.command(&words).output().unwrap();
    assert!(answer.status.success(), "{answer:#?}");
    let words = "config init --task painting";
    assert!(setting.dlkit(words).refused().contains("table-classification"));
}

#[test]
fn photos_without_classes_have_a_recipe_that_trains() {
    let setting = Setting::new();
    for (photos, count, expected) in
        [("few", 2, "validation = 0  # too few photos"), ("more", 6, "validation = 0.1")]
    {
        setting.write_colorful_photos(photos, count);
        setting.dlkit(&format!("new {photos} --output {photos}.toml")).done();
        let recipe = setting.read(&format!("{photos}.toml"));
        assert!(
            recipe.contains(expected) && recipe.contains("task = \"colorization\""),
            "{recipe}"
        );
        let line =
            format!("train {photos}.toml --epochs 1 --set data.crops=1 --output run-{photos}");
        setting.dlkit(&line).done();
    }
    // Two colors are all there is.
    fs::create_dir_all(setting.path("plain")).unwrap();
    for name in ["a", "b"] {
        let photo =
            RgbImage::from_fn(40, 30, |x, _| image::Rgb([u8::try_from(6 * x).unwrap(), 0, 99]));
        photo.save(setting.path(&format!("plain/{name}.png"))).unwrap();
        GrayImage::from_pixel(40, 30, Luma([90]))
            .save(setting.path(&format!("plain/gray{name}.png")))
            .unwrap();
    }
    setting.dlkit("new plain --output plain.toml").done();
    setting.dlkit("train plain.toml --epochs 1 --set data.crops=1 --output run-plain").done();
    fs::create_dir_all(setting.path("gray")).unwrap();
    GrayImage::from_pixel(40, 30, Luma([90])).save(setting.path("gray/a.png")).unwrap();
    let message = setting.dlkit("new gray").refused();
    assert!(message.contains("the photos are gray or nearly so; use color photos"), "{message}");
}

#[test]
fn all_errors_of_a_recipe_are_listed() {
    let setting = Setting::new();
    setting.write(
        "wrong.toml",
        "task = \"classification\"\n\n[data]\nkind = \"mnist\"\npath = \"digits\"\nvalidaton = 0.1\n\n\
         [network]\ninput = [1, 28, 28]\nlayers = [\n    { type = \"flatten\" },\n    \
         { type = \"dense\", unit = 10 },\n]\n\n[training]\nepochs = 0\nbatch_size = \"16\"\n",
    );
    for line in ["config check wrong.toml", "train wrong.toml --output run"] {
        let message = setting.dlkit(line).refused();
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(lines.len(), 5, "{message}");
        assert!(lines[0].contains("the recipe has 4 errors:"), "{message}");
        for (line, (place, key)) in lines[1..].iter().zip([
            (6, "data.validaton"),
            (12, "network.layers[1].unit"),
            (16, "training.epochs"),
            (17, "training.batch_size"),
        ]) {
            assert!(line.starts_with(&format!("  wrong.toml:{place}: ")), "{message}");
            assert!(line.contains(key), "{message}");
        }
    }
    assert!(!setting.path("run").exists());
}

#[test]
fn augmentation_where_it_means_nothing_says_what_does() {
    let setting = Setting::new();
    setting.write_colorful_photos("photos", 2);
    for (task, expected) in [
        ("colorization", "photos have keys of their own: data.flip, data.zoom"),
        ("regression", "rows are learned from as they are; remove it"),
    ] {
        setting.dlkit(&format!("config init {task}.toml --task {task}")).done();
        for command in ["config check", "train"] {
            let line = format!("{command} {task}.toml --set data.augmentation.turn=10");
            let message = setting.dlkit(&line).refused();
            assert!(
                message.contains("`data.augmentation` changes pictures of classes"),
                "{message}"
            );
            assert!(message.contains(expected), "{message}");
        }
    }
}

/// The loss falls at the rate that is proposed, and nothing is left behind.
#[test]
fn a_learning_rate_is_found_without_a_run() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", crate::setting::SMALL, "loss = \"cross-entropy\"");
    let line = "train r.toml --find-learning-rate --curve rates.svg --json";
    let answer = setting.dlkit(line).json();
    let proposal = answer["proposal"].as_f64().unwrap();
    assert!(1e-5 < proposal && proposal < 1.0, "{proposal}");
    let steps = answer["steps"].as_array().unwrap();
    assert!((50..=150).contains(&steps.len()), "{}", steps.len());
    let rate = |step: usize| steps[step]["learning_rate"].as_f64().unwrap();
    assert!((rate(0) - 1e-7).abs() < 1e-12);
    assert!((rate(2) / rate(1) - rate(1) / rate(0)).abs() < 1e-6);
    assert!(setting.read("rates.svg").contains("Learning rate range test"));
    assert!(!setting.path("runs").exists());
    // The same test again, and what it says.
    let said = setting.dlkit("train r.toml --find-learning-rate").done().stdout;
    assert!(said.contains("the loss falls fastest at a learning rate of"), "{said}");
    for (line, expected) in [
        ("train r.toml --find-learning-rate --output run", "cannot be used with"),
        ("train --resume run --find-learning-rate", "cannot be used with"),
        ("train r.toml --curve rates.svg", "--find-learning-rate"),
        ("train r.toml --find-learning-rate --curve rates.txt", "must end in .png or .svg"),
        ("train r.toml --force", "--force overwrites the file of --curve"),
    ] {
        let message = setting.dlkit(line).refused();
        assert!(message.contains(expected), "{line}: {message}");
    }
}

/// Pictures of classes: `counts` of each, a brightness for each class.
fn write_classes(setting: &Setting, directory: &str, counts: &[(&str, u8)]) {
    for (class, (name, count)) in (0_u8..).zip(counts) {
        let folder = setting.path(&format!("{directory}/{name}"));
        fs::create_dir_all(&folder).unwrap();
        for index in 0..*count {
            let pixel = Luma([40 + 120 * class + index % 30]);
            GrayImage::from_pixel(6, 5, pixel).save(folder.join(format!("{index}.png"))).unwrap();
        }
    }
}

/// A class of one picture is learned from with every seed, and said to be missing in the validation part.
#[test]
fn a_class_of_one_picture_is_learned_from_and_named() {
    let setting = Setting::new();
    write_classes(&setting, "one", &[("many", 20), ("single", 1)]);
    setting.dlkit("new one --output one.toml").done();
    for seed in 0..10 {
        let line = format!(
            "train one.toml --epochs 1 --set seed={seed} --set data.validation=0.2 --output one{seed}"
        );
        let answer = setting.dlkit(&line).done();
        let expected =
            "no samples in the validation part of the classes (samples to learn from): single (1)";
        assert!(answer.stderr.contains(expected), "{answer:#?}");
        let train = setting.dlkit(&format!("evaluate one{seed} --split train --json")).json();
        assert_eq!(train["classes"][1]["support"], 1, "{train}");
    }
}

/// A rare class is in both parts with every seed, in about its share.
#[test]
fn a_rare_class_is_in_both_parts() {
    let setting = Setting::new();
    write_classes(&setting, "rare", &[("common", 100), ("rare", 8)]);
    setting.dlkit("new rare --output rare.toml").done();
    for seed in 0..10 {
        let line = format!("train rare.toml --epochs 1 --set seed={seed} --output rare{seed}");
        let answer = setting.dlkit(&line).done();
        assert!(!answer.stderr.contains("no samples"), "{answer:#?}");
        let line = format!("evaluate rare{seed} --split validation --json");
        assert_eq!(setting.dlkit(&line).json()["classes"][1]["support"], 1);
    }
}
