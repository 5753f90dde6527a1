//! Files of points and matrices, points through a matrix, and many pictures.

use std::fs;

use image::{GrayImage, ImageBuffer, Luma, Rgb, RgbImage};
use serde_json::Value;

use crate::setting::{Answer, Setting, repository};

fn homography(setting: &Setting, arguments: &[&str]) -> Answer {
    setting.command(&[&["homography"], arguments].concat()).output().unwrap().into()
}

/// A file of the tests of dlkit-vision.
fn vision(name: &str) -> String {
    repository().join("crates/dlkit-vision/src").join(name).display().to_string()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Doubles, and moves by (6, 8).
const DOUBLED: &str = "[[2, 0, 6], [0, 2, 8], [0, 0, 1]]";

#[test]
fn points_of_each_kind_are_the_corners_of_the_page() {
    let setting = Setting::new();
    let typed = "366,211 0,0; 770,139 400,0; 758,795 400,560; 200,776 0,560";
    let matrix = |points: &str| homography(&setting, &["--points", points, "--json"]).json();
    let expected = matrix(typed);
    for name in [
        "nested.json",
        "two_lists.json",
        "qgis.points",
        "header_dst_first.csv",
        "header_rowcol.csv",
    ] {
        assert_eq!(matrix(&vision(&format!("points/tests/{name}"))), expected, "{name}");
    }
    let distort = "366,211 0,0  770,139 400,0  758,795 400,560  200,776 0,560";
    assert_eq!(matrix(distort), expected);
    assert_eq!(
        matrix("[[366,211,0,0],[770,139,400,0],[758,795,400,560],[200,776,0,560]]"),
        expected
    );
    setting.write("names.csv", "left,top,right,bottom\n1,2,3,4\n");
    let message = homography(&setting, &["--points", "names.csv"]).refused();
    for fact in ["names.csv: line 1", "`left, top, right, bottom`", "src_x, src_y, dst_x, dst_y"] {
        assert!(message.contains(fact), "{message}");
    }
}

#[test]
fn corners_come_from_files_too() {
    let setting = Setting::new();
    let page = |corners: &str| {
        homography(&setting, &["--corners", corners, "--size", "420x594", "--json"]).json()
    };
    let expected = page("366,211 770,139 758,795 200,776");
    setting.write("c.csv", "x,y\n366,211\n770,139\n758,795\n200,776\n");
    setting.write("c.json", "{\"corners\": [[366,211],[770,139],[758,795],[200,776]]}");
    setting.write("c.txt", "[[366 211]\n [770 139]\n [758 795]\n [200 776]]\n");
    for name in ["c.csv", "c.json", "c.txt"] {
        assert_eq!(page(name), expected, "{name}");
    }
    // Names win over the order of the lines.
    let named = "corner,x,y\nbottom-left,200,776\ntop-right,770,139\ntop-left,366,211\nbottom-right,758,795\n";
    setting.write("named.csv", named);
    assert_eq!(page("named.csv"), expected);
    setting.write("twice.csv", named.replace("top-right", "top-left"));
    let given = |corners: &str| homography(&setting, &["--corners", corners]).refused();
    assert!(given("twice.csv").contains("each once"));
    assert!(given("none.csv").contains("--corners none.csv: no such file"));
    setting.write("three.csv", "1,2\n3,4\n5,7\n");
    assert!(given("three.csv").contains("3 corners"));
}

#[test]
fn matrices_of_opencv_and_numpy_are_applied() {
    let setting = Setting::new();
    let entry = |name: &str| {
        let json = homography(&setting, &["--matrix", &vision(name), "--json"]).json();
        number(&json["matrix"][1][2])
    };
    for name in ["H.yml", "Hcv.json", "flat9.json", "opencv.xml", "numpy.txt", "double.npy"] {
        let found = entry(&format!("matrix_files/tests/{name}"));
        assert!((found + 633.286_300_731_507_9).abs() < 1e-9, "{name}: {found}");
    }
    setting.write("bad.yml", "H: [1, 2, 3]\n");
    let message = homography(&setting, &["--matrix", "bad.yml"]).refused();
    for fact in ["bad.yml: not a matrix: it has 1 x 3 numbers", "FileStorage", ".npy"] {
        assert!(message.contains(fact), "{message}");
    }
}

#[test]
fn points_go_through_a_matrix_and_back() {
    let setting = Setting::new();
    setting.write("m.json", DOUBLED);
    setting.write("p.csv", "name,row,col\na,2,1\nb,0.25,-3\n");
    let answer = homography(&setting, &["--matrix", "m.json", "--map", "p.csv"]).done();
    assert_eq!(answer.stdout, "x,y,u,v\n1,2,8,12\n-3,0.25,0,8.5\n");
    let arguments = ["--matrix", "m.json", "--map", "p.csv", "--output", "q.csv", "--json"];
    let json = homography(&setting, &arguments).json();
    assert_eq!(json["points"][1]["target"], serde_json::json!({ "x": 0.0, "y": 8.5 }));
    assert_eq!(json["written"], serde_json::json!(["q.csv"]));
    // What was written is mapped back by its targets, and is pairs of points.
    let back = ["--matrix", "m.json", "--map", "q.csv", "--invert"];
    let answer = homography(&setting, &back).done();
    assert_eq!(answer.stdout, "u,v,x,y\n8,12,1,2\n0,8.5,-3,0.25\n");
    let typed = ["--matrix", "m.json", "--map", "2,1 0.25,-3", "--order", "row-col"];
    let answer = homography(&setting, &[&typed[..], &["--output", "r.json"]].concat()).done();
    assert_eq!(answer.stdout, "2 points mapped\nwritten: r.json\n");
    let json: Value = serde_json::from_str(&setting.read("r.json")).unwrap();
    assert_eq!(json[0]["target"], serde_json::json!({ "x": 8.0, "y": 12.0 }));
    // Points may be estimated from and mapped at once.
    let pairs = "0,0 6,8; 1,0 8,8; 1,1 8,10; 0,1 6,10";
    let answer = homography(&setting, &["--points", pairs, "--map", "1,2"]).done();
    assert_eq!(answer.stdout, "x,y,u,v\n1,2,8,12\n");
}

#[test]
fn decimal_commas_need_no_names() {
    let setting = Setting::new();
    setting.write("m.json", DOUBLED);
    setting.write("p.csv", "1,5;2\n-3;0,25\n");
    let answer = homography(&setting, &["--matrix", "m.json", "--map", "p.csv"]).done();
    assert_eq!(answer.stdout, "x,y,u,v\n1.5,2,9,12\n-3,0.25,0,8.5\n");
    setting.write("both.csv", "1,5;2,5\n-3,5;0,25\n");
    let message = homography(&setting, &["--matrix", "m.json", "--map", "both.csv"]).refused();
    assert!(message.contains("decimal commas") && message.contains("x;y"), "{message}");
    setting.write("pairs.csv", "0;0;0,5;0\n9;0;9,5;0\n9;9;9,5;9\n0;9;0,5;9\n");
    let json = homography(&setting, &["--points", "pairs.csv", "--json"]).json();
    assert!((number(&json["matrix"][0][2]) - 0.5).abs() < 1e-9, "{json}");
    // A folder is no file of points.
    fs::create_dir(setting.path("folder.csv")).unwrap();
    for flag in ["--points", "--corners"] {
        let message = homography(&setting, &[flag, "folder.csv"]).refused();
        assert!(message.contains("folder.csv"), "{message}");
    }
}

#[test]
fn points_at_infinity_and_beyond_are_told() {
    let setting = Setting::new();
    setting.write("m.json", "[[1, 0, 0], [0, 1, 0], [0, -0.01, 1]]");
    let answer =
        homography(&setting, &["--matrix", "m.json", "--map", "5,100 1,50 1,200 3,0"]).done();
    assert_eq!(answer.stdout, "x,y,u,v\n5,100,inf,inf\n1,50,2,100\n1,200,-1,-200\n3,0,3,0\n");
    assert!(answer.stderr.contains("1 point mapped to infinity"), "{answer:#?}");
    assert!(answer.stderr.contains("separates 1 point from the other 2"), "{answer:#?}");
    let json = homography(&setting, &["--matrix", "m.json", "--map", "5,100", "--json"]).json();
    assert_eq!(json["points"][0]["target"], Value::Null);
    let message = homography(&setting, &["--matrix", "m.json", "--map", "none.csv"]).refused();
    assert!(message.contains("--map none.csv: no such file"), "{message}");
    setting.write("four.txt", "1 2 3 4\n5 6 7 8\n");
    let message = homography(&setting, &["--matrix", "m.json", "--map", "four.txt"]).refused();
    assert!(message.contains("4 numbers; write 2: x y"), "{message}");
}

#[test]
fn a_matrix_keeps_its_canvas() {
    let setting = Setting::new();
    GrayImage::from_fn(40, 30, |x, y| Luma([u8::try_from(3 * x + 4 * y).unwrap()]))
        .save(setting.path("a.png"))
        .unwrap();
    let pairs = "0,0 -5,7; 39,0 34,7; 39,29 34,36; 0,29 -5,36";
    let open = |name: &str| image::open(setting.path(name)).unwrap().to_luma8();
    let made = ["a.png", "--points", pairs, "--output", "w.png", "--save-matrix", "m.json"];
    homography(&setting, &made).done();
    homography(&setting, &["a.png", "--matrix", "m.json", "--output", "x.png"]).done();
    assert_eq!(open("x.png"), open("w.png"));
    // The canvas stays although only part of the picture is drawn there.
    let cut = ["a.png", "--points", pairs, "--canvas", "12x9", "--output", "c.png"];
    homography(&setting, &[&cut[..], &["--save-matrix", "c.json"]].concat()).done();
    homography(&setting, &["a.png", "--matrix", "c.json", "--output", "d.png"]).done();
    assert_eq!((open("d.png"), open("d.png").dimensions()), (open("c.png"), (12, 9)));
    // Backwards, results get the frame of the picture.
    homography(&setting, &["w.png", "--matrix", "m.json", "--invert", "--output", "b.png"]).done();
    assert_eq!(open("b.png").dimensions(), (40, 30));
    assert_eq!(open("b.png").get_pixel(20, 15), open("a.png").get_pixel(20, 15));
    // Another format keeps the matrix only, and a picture of another size is noticed.
    homography(&setting, &["--matrix", "m.json", "--save-matrix", "m.yml"]).done();
    assert!(setting.read("m.yml").contains("H: !!opencv-matrix"));
    homography(&setting, &["a.png", "--matrix", "m.yml", "--output", "y.png"]).done();
    GrayImage::new(80, 60).save(setting.path("large.png")).unwrap();
    let answer = homography(&setting, &["large.png", "--matrix", "m.json", "--output", "l.png"]);
    let stderr = answer.done().stderr;
    assert!(
        stderr.contains("made for pictures of 40 x 30 pixels, but this one has 80 x 60"),
        "{stderr}"
    );
    // A page keeps its size without a picture.
    let page = ["--corners", "0,0 39,0 39,29 0,29", "--size", "20x15", "--save-matrix", "p.json"];
    homography(&setting, &page).done();
    homography(&setting, &["a.png", "--matrix", "p.json", "--output", "p.png"]).done();
    assert_eq!(open("p.png").dimensions(), (20, 15));
}

/// A folder of pictures, one of them damaged, one of a format that is not written.
fn with_photos() -> Setting {
    let setting = Setting::new();
    setting.write("m.json", DOUBLED);
    fs::create_dir_all(setting.path("photos/more")).unwrap();
    for name in ["photos/a.png", "photos/more/b.jpg", "photos/more/c.pgm"] {
        GrayImage::from_pixel(10, 8, Luma([90])).save(setting.path(name)).unwrap();
    }
    setting.write("photos/bad.png", "no picture");
    setting
}

#[test]
fn one_matrix_warps_many_pictures_and_a_bad_one_does_not_stop_the_others() {
    let setting = with_photos();
    let arguments = ["photos", "--matrix", "m.json", "--output", "out", "--json"];
    let answer = homography(&setting, &arguments);
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    let outputs: Vec<&str> = json["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["output"].as_str().unwrap())
        .collect();
    assert_eq!(outputs, ["out/a.png", "out/more/b.jpg", "out/more/c.png"]);
    assert_eq!(json["errors"][0]["file"], "photos/bad.png");
    for name in outputs {
        // 2 x 9.5 + 6 = 25 and 2 x 7.5 + 8 = 23, from (5, 7).
        assert_eq!(image::image_dimensions(setting.path(name)).unwrap(), (21, 17), "{name}");
    }
    // Nothing is overwritten; what is done can be skipped.
    let message = homography(&setting, &arguments[..5]).refused();
    assert!(message.contains("already exist"), "{message}");
    fs::remove_file(setting.path("out/a.png")).unwrap();
    let again = [&arguments[..5], &["--skip-existing"]].concat();
    let answer = homography(&setting, &again);
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stdout.contains("2 pictures skipped"), "{answer:#?}");
    assert!(setting.path("out/a.png").exists());
}

#[test]
fn files_patterns_and_corners_go_for_many_pictures() {
    let setting = with_photos();
    let corners = ["--corners", "1,1 8,1 8,6 1,6", "--size", "30x20", "--output", "out"];
    let given = ["photos/*.png", "photos/more/b.jpg"];
    let answer = homography(&setting, &[&given[..], &corners].concat());
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stdout.contains("photos/a.png -> out/a.png (30x20)"), "{answer:#?}");
    assert!(answer.stderr.contains("photos/bad.png: not warped"), "{answer:#?}");
    assert_eq!(image::image_dimensions(setting.path("out/b.jpg")).unwrap(), (30, 20));
    // A background with opacity makes PNG of JPEG.
    let clear = ["photos/more", "--matrix", "m.json", "--background", "transparent"];
    homography(&setting, &[&clear[..], &["--output", "clear"]].concat()).done();
    assert!(image::open(setting.path("clear/b.png")).unwrap().color().has_alpha());
    fs::create_dir(setting.path("other")).unwrap();
    fs::copy(setting.path("photos/a.png"), setting.path("other/a.png")).unwrap();
    for (arguments, expected) in [
        (
            vec!["photos", "--matrix", "m.json", "--output", "photos/out"],
            "lies in the input folder",
        ),
        (
            vec!["photos/a.png", "other/a.png", "--matrix", "m.json", "--output", "o"],
            "of two pictures",
        ),
        (vec!["photos", "--matrix", "none.json", "--output", "o"], "none.json: cannot be read"),
        (vec!["photos", "--matrix", "m.json", "--output", "o.png"], "o.png"),
        (vec!["none/*.png", "--matrix", "m.json", "--output", "o"], "no matching picture"),
        (vec!["photos/bad.png", "--matrix", "m.json", "--output", "o"], "bad.png: not warped"),
    ] {
        let answer = homography(&setting, &arguments);
        assert_eq!(answer.code, Some(2), "{arguments:?}: {answer:#?}");
        assert!(answer.stderr.contains(expected), "{arguments:?}: {answer:#?}");
        assert!(!setting.path("o/a.png").exists());
    }
}

#[test]
fn sixteen_bits_are_kept_in_every_format_that_holds_them() {
    let setting = Setting::new();
    setting.write("m.json", "[[1, 0, 3], [0, 1, 2], [0, 0, 1]]");
    let wide = |x: u32, y: u32| u16::try_from(2_000 * x + 301 * y + 7).unwrap();
    let gray = ImageBuffer::<Luma<u16>, _>::from_fn(24, 16, |x, y| Luma([wide(x, y)]));
    let colors = ImageBuffer::<Rgb<u16>, _>::from_fn(24, 16, |x, y| {
        Rgb([wide(x, y), wide(23 - x, y), wide(x, 15 - y)])
    });
    for ending in ["tif", "png"] {
        gray.save(setting.path(&format!("gray.{ending}"))).unwrap();
        colors.save(setting.path(&format!("colors.{ending}"))).unwrap();
    }
    for (input, output) in [("tif", "png"), ("tif", "tiff"), ("png", "tif"), ("png", "png")] {
        for kind in ["gray", "colors"] {
            let (from, to) = (format!("{kind}.{input}"), format!("{kind}-{input}.{output}"));
            homography(&setting, &[&from, "--matrix", "m.json", "--output", &to]).done();
            let found = image::open(setting.path(&to)).unwrap();
            if kind == "gray" {
                assert_eq!(found.into_luma16(), gray, "{from} {to}");
            } else {
                assert_eq!(found.into_rgb16(), colors, "{from} {to}");
            }
        }
    }
    // 8 bits stay 8 bits, and formats without 16 bits say what to do.
    RgbImage::new(9, 7).save(setting.path("small.tif")).unwrap();
    homography(&setting, &["small.tif", "--matrix", "m.json", "--output", "small.webp"]).done();
    let message =
        homography(&setting, &["gray.tif", "--matrix", "m.json", "--output", "g.jpg"]).refused();
    assert!(
        message.contains("JPEG cannot hold 16-bit samples; write a .png or .tiff"),
        "{message}"
    );
    // Overlays are for looking at: 8 bits.
    let pairs = "0,0 3,2; 20,0 23,2; 20,10 23,12; 0,10 3,12";
    homography(&setting, &["gray.tif", "--points", pairs, "--overlay", "o.jpg"]).done();
}

#[test]
fn a_scan_of_16_bits_is_warped_to_a_scan_of_16_bits() {
    let setting = Setting::new();
    let scan = ImageBuffer::<Luma<u16>, _>::from_fn(24, 16, |x, y| {
        Luma([u16::try_from(x * 2_000 + y * 100 + 7).unwrap()])
    });
    scan.save(setting.path("scan.tif")).unwrap();
    setting.write("m.json", "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]");
    homography(&setting, &["scan.tif", "--matrix", "m.json", "--output", "a.tiff"]).done();
    assert_eq!(image::open(setting.path("a.tiff")).unwrap().into_luma16(), scan);
    let narrow = ImageBuffer::from_pixel(24, 16, Luma([4_000_u16]));
    narrow.save(setting.path("narrow.tif")).unwrap();
    let answer = homography(&setting, &["narrow.tif", "--matrix", "m.json", "--output", "b.png"]);
    assert!(answer.done().stderr.contains("largest sample is 4000 of 65535"));
}
