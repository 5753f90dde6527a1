//! Classifiers of other projects.

use image::{Rgb, RgbImage};

use crate::setting::{Setting, repository};

/// A setting with red, green and blue pictures, the names of three classes, and a model whose logits are the
/// means of red, green and blue.
fn setting() -> Setting {
    let setting = Setting::new();
    for (name, color) in [("red", [255, 0, 0]), ("green", [0, 255, 0]), ("blue", [0, 0, 255])] {
        let picture = RgbImage::from_pixel(30, 20, Rgb(color));
        picture.save(setting.path(&format!("{name}.png"))).unwrap();
    }
    setting.write("classes.txt", "r\u{e9}d\ngreen\nblue\n");
    let model = repository().join("crates/dlkit/tests/foreign/classifier.onnx");
    std::fs::copy(model, setting.path("model.onnx")).unwrap();
    setting
}

#[test]
fn a_classifier_of_another_project_names_classes() {
    let setting = setting();
    let predict = "predict model.onnx red.png green.png blue.png --classes classes.txt";
    let answer = setting.dlkit(&format!("{predict} --top 2")).done().stdout;
    // e / (e + 2).
    assert!(answer.contains("57.61 %"), "{answer}");
    let understood = "the model takes 224x224 RGB, channels first, values from 0 to 1, mean 0, deviation 1; it gives \
                      logits, of which a softmax makes probabilities";
    assert!(answer.contains(understood), "{answer}");
    let json = setting.dlkit(&format!("{predict} --json --size 8")).json();
    let classes: Vec<&str> = json["predictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|prediction| prediction["class"].as_str().unwrap())
        .collect();
    assert_eq!(classes, ["r\u{e9}d", "green", "blue"]);
    assert_eq!(json["model"]["shape"], serde_json::json!([3, 8, 8]));
    assert_eq!(json["model"]["outputs"], "logits");
    assert_eq!(json["score_kind"], "probability");
    // Red is the last channel, and its value (255 - 55) / 100 there.
    let options = "--channels bgr --scale 255 --mean 55,0,0 --deviation 100";
    let json = setting
        .dlkit(&format!("predict model.onnx red.png --classes classes.txt {options} --json"))
        .json();
    assert_eq!(json["predictions"][0]["class"], "blue");
    let share = json["predictions"][0]["score"].as_f64().unwrap();
    assert!((share - 1.0 / (1.0 + 2.0 * (-2.0_f64).exp())).abs() < 1e-6, "{share}");
    setting.dlkit(&format!("{predict} --output all.csv")).done();
    assert!(setting.read("all.csv").starts_with("file,class,probability\nred.png,r\u{e9}d,0.576"));
}

#[test]
fn what_a_classifier_of_another_project_lacks_is_said() {
    let setting = setting();
    setting.write("two.txt", "a\nb\n");
    setting.write("gap.txt", "a\n\nb\n");
    setting.write("empty.txt", "");
    let classes = "--classes classes.txt";
    for (options, expected) in [
        ("", "needs the names of its classes, --classes FILE: understood are classifiers"),
        ("--classes two.txt", "has 3 outputs, but --classes names 2 classes"),
        ("--classes gap.txt", "--classes gap.txt: line 2 is empty"),
        ("--classes empty.txt", "--classes empty.txt: empty"),
        ("--classes none.txt", "--classes none.txt"),
        ("--mean 0.5", "--classes <FILE>"),
        (&format!("{classes} --mean 1,2"), "--mean must be one finite number or three"),
        (&format!("{classes} --deviation 0"), "--deviation must be above 0"),
        (&format!("{classes} --scale 2"), "[possible values: 1, 255]"),
        (&format!("{classes} --size 0"), "--size must be from 1 to"),
        (&format!("{classes} --decimal ,"), "--decimal is for networks that take tables"),
    ] {
        let message = setting.dlkit(&format!("predict model.onnx red.png {options}")).refused();
        assert!(message.contains(expected), "{options}: {message}");
    }
    // A colorizer is no classifier.
    let zhang = repository().join("crates/dlkit/tests/foreign/zhang.onnx");
    let line = format!("predict {} red.png {classes}", zhang.display());
    let message = setting.dlkit(&line).refused();
    assert!(
        message.contains("its output `output` is [1, 2, 256, 256]; understood are"),
        "{message}"
    );
    for model in ["huge-constant", "huge-resize"] {
        let file = repository().join(format!("crates/dlkit/tests/foreign/{model}.onnx"));
        setting.dlkit(&format!("predict {} red.png {classes}", file.display())).refused();
    }
}
