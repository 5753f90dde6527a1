//! Two pictures, registered without any points.

use std::fs;

use serde_json::Value;

use crate::setting::{Answer, Setting, repository};

/// Where the corners of the photo are in the second picture.
const VIEW: &str = "0,0 40,20; 340,0 330,60; 340,255 300,290; 0,255 20,240";

fn photo(name: &str) -> String {
    repository().join("datasets/photos/test").join(name).display().to_string()
}

fn homography(setting: &Setting, arguments: &[&str]) -> Answer {
    setting.command(&[&["homography"], arguments].concat()).output().unwrap().into()
}

/// A setting with `view.png`: the photo from another direction.
fn with_view() -> Setting {
    let setting = Setting::new();
    let canvas = ["--points", VIEW, "--canvas", "380x310", "--output", "view.png"];
    homography(&setting, &[&[&*photo("china.jpg")][..], &canvas].concat()).done();
    setting
}

fn mapped(matrix: &Value, [x, y]: [f64; 2]) -> [f64; 2] {
    let row = |index: usize| {
        let entry = |column: usize| matrix[index][column].as_f64().unwrap();
        entry(0) * x + entry(1) * y + entry(2)
    };
    [row(0) / row(2), row(1) / row(2)]
}

#[test]
fn two_views_give_the_homography_between_them() {
    let setting = with_view();
    let photo = photo("china.jpg");
    let arguments = [
        &photo,
        "--onto",
        "view.png",
        "--output",
        "warped.png",
        "--matches",
        "matches.csv",
        "--overlay",
        "lines.jpg",
        "--save-matrix",
        "m.json",
        "--json",
    ];
    let json = homography(&setting, &arguments).json();
    let corners = [([0.0, 0.0], [40.0, 20.0]), ([340.0, 0.0], [330.0, 60.0])];
    for (corner, [u, v]) in corners.into_iter().chain([([340.0, 255.0], [300.0, 290.0])]) {
        let [x, y] = mapped(&json["matrix"], corner);
        assert!((x - u).hypot(y - v) < 1.0, "{corner:?}: {x} {y}");
    }
    let matches = json["registration"]["matches"].as_u64().unwrap();
    assert!(matches > 60 && json["inliers"].as_u64().unwrap() > 50, "{json}");
    assert!(json["registration"]["log_false_alarms"].as_f64().unwrap() < -50.0);
    let table = setting.read("matches.csv");
    assert_eq!(table.lines().next(), Some("x,y,x2,y2,distance,inlier"));
    assert_eq!(table.lines().count() as u64, 1 + matches);
    // The picture is drawn in the frame of the second.
    let size = |name: &str| image::image_dimensions(setting.path(name)).unwrap();
    assert_eq!(size("warped.png"), (380, 310));
    assert_eq!(size("lines.jpg").0, 380 + 8 + image::image_dimensions(&photo).unwrap().0);
    let open = |name: &str| image::open(setting.path(name)).unwrap().to_luma8();
    let (warped, view) = (open("warped.png"), open("view.png"));
    let difference: u64 =
        warped.iter().zip(view.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    assert!(difference / (380 * 310) < 4, "{difference}");
    // The matches are pairs of points.
    let again = ["--points", "matches.csv", "--method", "ransac", "--json"];
    let again = homography(&setting, &again).json();
    assert_eq!(again["inliers"], json["inliers"]);
    let text = homography(&setting, &[&photo, "--onto", "view.png"]).done().stdout;
    assert!(text.contains("matches of") && text.contains("inliers of"), "{text}");
}

#[test]
fn both_pictures_are_blended_on_one_canvas() {
    let setting = Setting::new();
    let photo = photo("china.jpg");
    let view = image::open(&photo).unwrap();
    view.crop_imm(0, 0, 230, view.height()).save(setting.path("left.png")).unwrap();
    view.crop_imm(90, 0, view.width() - 90, view.height()).save(setting.path("right.png")).unwrap();
    let arguments =
        ["left.png", "--onto", "right.png", "--blend", "--output", "both.png", "--json"];
    let json = homography(&setting, &arguments).json();
    let both = image::open(setting.path("both.png")).unwrap().to_luma8();
    assert!(both.width().abs_diff(view.width()) <= 2 && both.height().abs_diff(view.height()) <= 2);
    assert!((json["canvas"]["left"].as_i64().unwrap() + 90).abs() <= 1, "{json}");
    let view = view.to_luma8();
    // The canvas may begin a pixel earlier, for a fraction of a pixel.
    let shift = |side: &str, start: i64| {
        u32::try_from(start - json["canvas"][side].as_i64().unwrap()).unwrap()
    };
    let (right, down) = (shift("left", -90), shift("top", 0));
    let (mut sum, mut count) = (0, 0);
    for y in 5..view.height() - 5 {
        for x in 5..view.width() - 5 {
            sum += u64::from(
                view.get_pixel(x, y).0[0].abs_diff(both.get_pixel(x + right, y + down).0[0]),
            );
            count += 1;
        }
    }
    assert!(sum / count < 6, "{sum} {count}");
}

#[test]
fn pictures_that_do_not_match_are_told_so_and_nothing_is_written() {
    let setting = Setting::new();
    let (photo, other) = (photo("china.jpg"), photo("lemur.jpg"));
    for flags in [&["--json"][..], &[]] {
        let arguments = [&[&*photo, "--onto", &other, "--output", "out.png"], flags].concat();
        let output = setting.command(&[&["homography"], &arguments[..]].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        for fact in ["the pictures do not match", "features match", "--points"] {
            assert!(message.contains(fact), "{fact}: {message}");
        }
        assert!(!setting.path("out.png").exists());
    }
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let setting = with_view();
    let photo = photo("china.jpg");
    let before = fs::read_dir(setting.path("")).unwrap().count();
    let onto = ["--onto", "view.png"];
    for (more, expected) in [
        (&["--points", VIEW][..], "cannot be used with"),
        (&["--corners", "0,0 9,0 9,9 0,9"], "cannot be used with"),
        (&["--method", "ransac"], "--method has no effect with --onto"),
        (&["--order", "row-col"], "--order has no effect with --onto"),
        (&["--invert"], "exchange the two pictures"),
        (&["--size", "9x9"], "--corners"),
        (&["--blend"], "--output"),
        (&["--canvas", "fit"], "--canvas is for warping"),
        (&["--blend", "--output", "o.png", "--canvas", "fit"], "the canvas fits both"),
        (&["--blend", "--output", "o.png", "--forward", "f.png"], "--forward has no effect"),
        (&["--threshold", "-1"], "--threshold -1"),
        (&["--save-matrix", "m.csv"], "end in .json"),
        (&["--matches", "view.png"], "view.png"),
        (&["--output", "view.png", "--force"], "view.png"),
    ] {
        let message = homography(&setting, &[&[&*photo], &onto[..], more].concat()).refused();
        assert!(message.contains(expected), "{more:?}: {message}");
    }
    for (arguments, expected) in [
        (vec!["--onto", "view.png"], "<IMAGE>"),
        (vec![&*photo, "--onto", "none.png"], "none.png"),
        (vec![&*photo, "--points", VIEW, "--matches", "m.csv"], "--onto"),
        (vec![&*photo, "--points", VIEW, "--output", "o.png", "--blend"], "--onto"),
    ] {
        let message = homography(&setting, &arguments).refused();
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
    assert_eq!(fs::read_dir(setting.path("")).unwrap().count(), before);
}
