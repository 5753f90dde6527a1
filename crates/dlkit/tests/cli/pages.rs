//! Pages found in photos, their proportions, and the page on which corners are picked.

use std::fs;
use std::path::Path;

use dlkit_files::picture::{Metadata, PictureFormat};
use image::{DynamicImage, RgbImage};
use serde_json::Value;

use crate::setting::{Answer, SMALL, Setting, repository};

/// The corners of the page in `datasets/page`, by `scripts/make-page.py`.
const PAGE: [[f64; 2]; 4] = [[366.1, 211.3], [770.2, 138.8], [758.3, 794.7], [199.9, 775.9]];

/// An A4 page tilted by 45 degrees about its lower side, seen with 26 mm (35 mm equivalent) in a
/// picture of 1200 x 900 pixels: opposite sides stay parallel.
const TILTED: &str = "360,210 839,210 756,606 443,606";

const A4: f64 = 210.0 / 297.0;

fn page() -> String {
    repository().join("datasets/page/page.jpg").display().to_string()
}

fn homography(setting: &Setting, arguments: &[&str]) -> Answer {
    setting.command(&[&["homography"], arguments].concat()).output().unwrap().into()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// A gray picture of 1200 x 900 pixels; with Exif data of a lens of 26 mm in 35 mm equivalent if a
/// size is given, which they name as that of the photo.
fn write_picture(setting: &Setting, name: &str, exif_of: Option<[u16; 2]>) {
    let exif = exif_of.map(|[width, height]| {
        let short = |tag: u16, value: u16| {
            let mut entry = [tag.to_be_bytes(), [0, 3], [0, 0], [0, 1]].concat();
            entry.extend(value.to_be_bytes());
            entry.extend([0, 0]);
            entry
        };
        let mut bytes = b"MM\0*\0\0\0\x08\0\x01".to_vec();
        bytes.extend([0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0, 0, 3]);
        bytes.extend([short(0xA002, width), short(0xA003, height), short(0xA405, 26)].concat());
        bytes.extend([0; 4]);
        bytes
    });
    let format = PictureFormat::of(Path::new(name)).unwrap();
    let picture = DynamicImage::from(RgbImage::from_pixel(1200, 900, image::Rgb([128; 3])));
    let bytes = format.encode_with(&picture, Metadata { exif, color_profile: None }).unwrap();
    setting.write(name, bytes);
}

#[test]
fn the_page_in_a_photo_is_found_and_rectified() {
    let setting = Setting::new();
    let arguments =
        [&page(), "--page", "auto", "--output", "up.png", "--overlay", "found.png", "--json"];
    let json = homography(&setting, &arguments).json();
    for (point, [x, y]) in json["points"].as_array().unwrap().iter().zip(PAGE) {
        let (u, v) = (number(&point["source"]["x"]), number(&point["source"]["y"]));
        assert!((x - u).hypot(y - v) < 1.5, "{x} {y}: {u} {v}");
    }
    let confidence = number(&json["page"]["confidence"]);
    assert!((0.5..=1.0).contains(&confidence), "{confidence}");
    let (width, height) = (number(&json["page"]["width"]), number(&json["page"]["height"]));
    assert!((width / height / A4 - 1.0).abs() < 0.03, "{json}");
    let upright = image::open(setting.path("up.png")).unwrap();
    assert_eq!(Value::from(upright.width()), json["page"]["width"]);
    // The outline is drawn in orange, here in the middle of the left side.
    let found = image::open(setting.path("found.png")).unwrap().to_rgb8();
    assert_eq!(found.get_pixel(283, 493).0, [255, 176, 0]);
    let text = homography(&setting, &arguments[..3]).done().stdout;
    assert!(text.contains("page found, confidence 0.") || text.contains("confidence 1."), "{text}");
    assert!(text.contains("95 % range"), "{text}");
}

#[test]
fn a_photo_without_a_page_is_told_so_and_nothing_is_written() {
    let setting = Setting::new();
    let photo = repository().join("datasets/photos/test/china.jpg").display().to_string();
    let answer = homography(&setting, &[&photo, "--page", "auto", "--output", "up.png", "--json"]);
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stderr.contains("no page found") && answer.stderr.contains("--corners"));
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert!(json["error"].as_str().unwrap().contains("no page found"));
    assert!(!setting.path("up.png").exists());
    image::GrayImage::new(40, 90).save(setting.path("small.png")).unwrap();
    let message = homography(&setting, &["small.png", "--page", "auto"]).refused();
    assert!(message.contains("40 x 90 pixels"), "{message}");
    // Of many photos without a page, the answer is the same.
    let lemur = repository().join("datasets/photos/test/lemur.jpg").display().to_string();
    let many = homography(&setting, &[&photo, &lemur, "--page", "auto", "--output", "o", "--json"]);
    assert_eq!(many.code, Some(1), "{many:#?}");
    let json: Value = serde_json::from_str(&many.stdout).unwrap();
    assert_eq!(json["error"], "none of the 2 inputs gave a result");
    assert_eq!(json["errors"].as_array().unwrap().len(), 2);
}

#[test]
fn proportions_follow_the_focal_length_or_say_how_uncertain_they_are() {
    let setting = Setting::new();
    write_picture(&setting, "plain.jpg", None);
    write_picture(&setting, "exif.jpg", Some([4000, 3000]));
    write_picture(&setting, "cropped.jpg", Some([4000, 4000]));
    let page = |name: &str, more: &[&str]| {
        let arguments = [&[name, "--corners", TILTED, "--json"], more].concat();
        homography(&setting, &arguments).json()["page"].clone()
    };
    for (name, more, aspect) in [
        ("exif.jpg", &[][..], "focal-length"),
        ("plain.jpg", &["--focal", "26mm"], "focal-length"),
        ("plain.jpg", &["--focal", "901px"], "focal-length"),
        ("plain.jpg", &["--size", "a4"], "given"),
        ("plain.jpg", &["--size", "210x297mm"], "given"),
        ("plain.jpg", &["--size", "1:1.41429"], "given"),
    ] {
        let page = page(name, more);
        assert!((number(&page["ratio"]) / A4 - 1.0).abs() < 0.03, "{name} {more:?}: {page}");
        let pixels = number(&page["width"]) / number(&page["height"]);
        assert!((pixels / A4 - 1.0).abs() < 0.03, "{name} {more:?}: {page}");
        assert_eq!(page["aspect"], aspect, "{name} {more:?}");
    }
    assert_eq!(page("exif.jpg", &[])["focal_length"]["source"], "exif");
    // Nothing is known: the range is wide, and holds the truth.
    let unknown = page("plain.jpg", &[]);
    let (low, high) = (number(&unknown["ratio_range"][0]), number(&unknown["ratio_range"][1]));
    assert!(low < A4 && A4 < high && high / low > 1.5, "{unknown}");
    assert!(unknown["fits"].as_array().unwrap().contains(&"a4".into()), "{unknown}");
    let warned = homography(&setting, &["plain.jpg", "--corners", TILTED]).done().stderr;
    for fact in ["uncertain", "--focal 28mm", "--size a4"] {
        assert!(warned.contains(fact), "{fact}: {warned}");
    }
    let warned = homography(&setting, &["cropped.jpg", "--corners", TILTED]).done().stderr;
    assert!(warned.contains("cropped") && warned.contains("4000 x 4000"), "{warned}");
    let warned = homography(&setting, &["--corners", TILTED]).done().stderr;
    assert!(warned.contains("give the picture, too"), "{warned}");
    // A format lies on its side where that fits better.
    let lying = ["plain.jpg", "--corners", "100,100 800,100 800,590 100,590", "--json"];
    let lying = homography(&setting, &[&lying[..], &["--size", "a4"]].concat()).json();
    assert!((number(&lying["page"]["ratio"]) * A4 - 1.0).abs() < 1e-9, "{lying}");
}

#[test]
fn options_of_pages_that_mean_nothing_are_refused() {
    let setting = Setting::new();
    write_picture(&setting, "a.jpg", None);
    setting.write("old.html", "mine");
    setting.write("m.json", "[[1, 0, 3], [0, 1, 2], [0, 0, 1]]");
    for (line, expected) in [
        ("--page auto", "<IMAGE>"),
        ("a.jpg --page auto --corners 1,1,9,1,9,9,1,9", "cannot be used with"),
        ("a.jpg --page auto --method ransac", "--method has no effect with --page"),
        ("a.jpg --page auto --order row-col", "--order has no effect with --page"),
        ("a.jpg --page auto --size a4 --focal 28mm", "--focal has no effect with this --size"),
        ("a.jpg --page auto --focal 28", "such as 28mm"),
        ("--matrix m.json --focal 28mm", "--focal is for --corners, --page and --pick"),
        ("--corners 1,1,9,1,9,9,1,9 --focal 28mm", "give the picture"),
        ("--matrix m.json --size a4", "--size is for --corners"),
        ("--corners 1,1,9,1,9,9,1,9 --size a9", "use auto, a format"),
        ("--pick a.html", "<IMAGE>"),
        ("a.jpg --pick a.png", "must end in .html"),
        ("a.jpg --pick old.html", "--force"),
        ("a.jpg --pick a.html --output a.png", "cannot be used with"),
        ("a.jpg --pick a.html --canvas fit", "--canvas has no effect with --pick"),
        ("a.jpg --pick a.html --method ransac", "--method has no effect with --pick"),
        (
            "a.jpg --pick a.html --size a4",
            "--size has no effect with --pick: choose it on the page",
        ),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let message = homography(&setting, &words).refused();
        assert!(message.contains(expected), "{line}: {message}");
    }
    assert_eq!(setting.read("old.html"), "mine");
    assert!(!setting.path("a.html").exists());
}

#[test]
fn corners_are_picked_on_a_page_that_needs_nothing_else() {
    let setting = Setting::new();
    fs::copy(page(), setting.path("it's.jpg")).unwrap();
    let json = homography(&setting, &["it's.jpg", "--pick", "pick.html", "--json"]).json();
    assert_eq!(json["source"], "found");
    assert!((number(&json["corners"][0]["x"]) - PAGE[0][0]).abs() < 1.5, "{json}");
    let html = setting.read("pick.html");
    assert!(!html.contains("http://") && !html.contains("https://"));
    assert!(html.contains("\"width\":1000") && html.contains("\"height\":800"));
    assert!(html.contains("it&#39;s.jpg") || html.contains("it's.jpg"));
    // Corners can be given, and without a page there are some to start from.
    write_picture(&setting, "plain.jpg", None);
    let arguments = ["plain.jpg", "--pick", "pick.html", "--force", "--json"];
    let given = homography(&setting, &[&arguments[..], &["--corners", TILTED]].concat()).json();
    assert_eq!(
        (given["source"].as_str(), number(&given["corners"][1]["x"])),
        (Some("given"), 839.0)
    );
    let default = homography(&setting, &arguments).json();
    assert_eq!(default["source"], "default");
    // A focal length is used on the page, and is part of the command that it shows.
    homography(&setting, &[&arguments[..], &["--focal", "900px"]].concat()).done();
    let html = setting.read("pick.html");
    assert!(html.contains("\"focal\":900.0") && html.contains("\"given_focal\":\"900px\""));
    let answer = homography(&setting, &[&arguments[..], &["--page", "auto"]].concat());
    assert_eq!(answer.code, Some(1), "{answer:#?}");
}

#[test]
fn a_drawing_that_fails_does_not_fail_the_run() {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train r.toml --epochs 1 --output run --quiet").done();
    // No drawing can go where a file is, nor take the name of a folder.
    fs::remove_dir_all(setting.path("run/plots")).unwrap();
    setting.write("run/plots", "");
    let answer = setting.dlkit("train --resume run --epochs 2").done();
    assert!(answer.stderr.contains("warning: run: cannot write the report"), "{answer:#?}");
    assert!(setting.read("run/run.json").contains("\"finished\""));
    fs::create_dir_all(setting.path("run/evaluation/confusion-test.png/taken")).unwrap();
    // A directory in place of a figure is found before anything is measured.
    let message = setting.dlkit("evaluate run").refused();
    assert!(message.contains("confusion-test.png: a directory"), "{message}");
}
