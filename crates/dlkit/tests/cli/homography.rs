//! Homographies estimated, applied and refused.

use std::fs;

use serde_json::Value;

use crate::archives::{case, linear_of_gamma};
use crate::setting::{Answer, Setting, repository};

/// The corners of the notebook of the post, as (row, column).
const NOTEBOOK: &str = "448,67 386,78; 602,129 552,78; 362,392 386,453; 483,494 552,453";

/// The corners of the page in `datasets/page`, to a pixel.
const PAGE: &str = "366,211 770,139 758,795 200,776";

fn page() -> String {
    repository().join("datasets/page/page.jpg").display().to_string()
}

fn homography(setting: &Setting, arguments: &[&str]) -> Answer {
    setting.command(&[&["homography"], arguments].concat()).output().unwrap().into()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// The names in the directory, without the data that every setting has.
fn files(setting: &Setting) -> Vec<String> {
    let entries = fs::read_dir(setting.path("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "digits").collect();
    names.sort();
    names
}

#[test]
fn the_corners_of_the_notebook_are_met() {
    let setting = Setting::new();
    let arguments = ["--points", NOTEBOOK, "--order", "row-col"];
    let json = homography(&setting, &[&arguments[..], &["--json"]].concat()).json();
    assert_eq!(json["inliers"], 4);
    assert_eq!(json["points"][0]["source"], serde_json::json!({ "x": 67.0, "y": 448.0 }));
    for point in json["points"].as_array().unwrap() {
        assert!(number(&point["forward_error"]) < 1e-10, "{point}");
    }
    // As OpenCV's getPerspectiveTransform has it.
    assert!((number(&json["matrix"][0][0]) - 1.847_124_7).abs() < 1e-6, "{json}");
    let text = homography(&setting, &arguments).done().stdout;
    assert!(text.contains("4 inliers of 4 pairs"), "{text}");
    assert!(text.contains("(67, 448)"), "{text}");
    assert!(!text.contains("inverse"), "{text}");
}

#[test]
fn the_inverse_is_printed_where_it_is_applied() {
    let setting = Setting::new();
    setting.write("m.json", "[[2, 0, 6], [0, 4, 8], [0, 0, 1]]");
    let text = homography(&setting, &["--matrix", "m.json", "--invert"]).done().stdout;
    let (matrix, inverse) = text.split_once("inverse").unwrap();
    assert!(matrix.contains("2.000000000") && matrix.contains("8.000000000"), "{text}");
    assert!(inverse.contains("0.500000000") && inverse.contains("-3.000000000"), "{text}");
}

#[test]
fn point_files_of_each_kind_give_the_same() {
    let setting = Setting::new();
    setting.write("pairs.csv", "x,y,u,v\n0,0,10,20\n100,0,90,5\n100,80,95,95\n0,80,5,110\n");
    setting
        .write("pairs.txt", "# corners\n0 0 10 20\n100 0 90 5\n100 80 95 95 # last\n0 80 5 110\n");
    setting.write("pairs.json", "[[0,0,10,20],[100,0,90,5],[100,80,95,95],[0,80,5,110]]");
    let typed = "0,0 10,20; 100,0 90,5; 100,80 95,95; 0,80 5,110";
    let matrix = |points: &str| homography(&setting, &["--points", points, "--json"]).json();
    let expected = matrix(typed);
    for name in ["pairs.csv", "pairs.txt", "pairs.json"] {
        assert_eq!(matrix(name), expected, "{name}");
    }
    // What was reported can be read again.
    setting.write("report.json", expected.to_string());
    assert_eq!(matrix("report.json"), expected);
}

#[test]
fn a_page_is_made_upright_in_its_own_proportions() {
    let setting = Setting::new();
    let arguments = [
        &page(),
        "--corners",
        PAGE,
        "--output",
        "up.png",
        "--overlay",
        "points.jpg",
        "--forward",
        "both.png",
        "--save-matrix",
        "m.json",
        "--json",
    ];
    let json = homography(&setting, &arguments).json();
    assert_eq!(files(&setting), ["both.png", "m.json", "points.jpg", "up.png"]);
    let (width, height) = (number(&json["page"]["width"]), number(&json["page"]["height"]));
    assert_eq!(json["page"]["aspect"], "perspective");
    // The sheet is A4, and the corners are given to a pixel.
    assert!((width / height - 210.0 / 297.0).abs() < 0.005, "{width} x {height}");
    let upright = image::open(setting.path("up.png")).unwrap().to_luma8();
    assert_eq!(Value::from(upright.width()), json["page"]["width"]);
    // Paper within, a dark square at (37, 165) mm, where the sheet has one.
    let at = |x: f64, y: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
        let [x, y] = [x / 210.0 * width, y / 297.0 * height].map(|place| place as u32);
        upright.get_pixel(x, y).0[0]
    };
    assert!(at(20.0, 280.0) > 150 && at(190.0, 20.0) > 150);
    assert!(at(37.0, 165.0) < 90 && at(27.0, 165.0) > 150);
    // Forward mapping beside it, with its holes.
    let both = image::open(setting.path("both.png")).unwrap();
    assert_eq!(both.width(), 2 * upright.width() + 8);
    let share = number(&json["holes"]["pixels"]) / number(&json["holes"]["of"]);
    assert!(share > 0.2 && share < 0.6, "{share}");
    // A blue circle around a corner of the page, an orange diamond around its target in the corner of
    // the photo.
    let points = image::open(setting.path("points.jpg")).unwrap().to_rgb8();
    let around = |left: u32, top: u32, is_color: fn([u8; 3]) -> bool| {
        (top..top + 30)
            .flat_map(|y| (left..left + 30).map(move |x| (x, y)))
            .filter(|(x, y)| is_color(points.get_pixel(*x, *y).0))
            .count()
    };
    assert!(around(351, 196, |[red, _, blue]| red < 60 && blue > 130) > 20);
    assert!(around(0, 0, |[red, green, blue]| red > 190 && green > 120 && blue < 60) > 10);
}

#[test]
fn a_written_matrix_is_applied_and_undone() {
    let setting = Setting::new();
    homography(&setting, &["--corners", PAGE, "--size", "420x594", "--save-matrix", "m.json"])
        .done();
    let canvas = ["--matrix", "m.json", "--canvas", "420x594"];
    homography(&setting, &[&[&*page(), "--output", "up.png"][..], &canvas].concat()).done();
    let arguments = [&page(), "--corners", PAGE, "--size", "420x594", "--output", "direct.png"];
    homography(&setting, &arguments).done();
    let open = |name: &str| image::open(setting.path(name)).unwrap().to_rgb8();
    assert_eq!(open("up.png"), open("direct.png"));
    let back = ["up.png", "--matrix", "m.json", "--invert", "--canvas", "1000x800", "--output"];
    homography(&setting, &[&back[..], &["back.png", "--background", "transparent"]].concat())
        .done();
    let (photo, back) = (image::open(page()).unwrap().to_rgb8(), open("back.png"));
    // The middle of the page is where it was.
    let difference = (300..700)
        .flat_map(|y| (450..700).map(move |x| (x, y)))
        .map(|(x, y)| u64::from(photo.get_pixel(x, y).0[1].abs_diff(back.get_pixel(x, y).0[1])))
        .sum::<u64>();
    assert!(difference / (400 * 250) < 6, "{difference}");
    let clear = image::open(setting.path("back.png")).unwrap().to_rgba8();
    assert_eq!(clear.get_pixel(5, 5).0[3], 0);
}

#[test]
fn wrong_pairs_are_left_out() {
    let setting = Setting::new();
    let mut lines = vec!["x,y,u,v".to_owned()];
    for index in 0..30 {
        let (x, y) = (f64::from(index % 6) * 60.0, f64::from(index / 6) * 70.0);
        let (u, v) = if index % 3 == 0 { (400.0 - y, x * 1.7) } else { (1.1 * x + 9.0, y - 4.0) };
        lines.push(format!("{x},{y},{u},{v}"));
    }
    setting.write("pairs.csv", lines.join("\n"));
    let arguments = ["--points", "pairs.csv", "--method", "ransac", "--threshold", "1", "--json"];
    let json = homography(&setting, &arguments).json();
    assert_eq!(json["inliers"], 20);
    assert!((number(&json["matrix"][0][0]) - 1.1).abs() < 1e-9);
    assert_eq!(homography(&setting, &arguments).json(), json);
    // In the overlay, they are crosses: pair 4 starts at (180, 0) and goes to (400, 306).
    let drawn = [&page(), "--overlay", "o.png"];
    homography(&setting, &[&arguments[..6], &drawn].concat()).done();
    let overlay = image::open(setting.path("o.png")).unwrap().to_rgb8();
    let has = |left: u32, top: u32, color: [u8; 3]| {
        (top..top + 21).any(|y| (left..left + 21).any(|x| overlay.get_pixel(x, y).0 == color))
    };
    assert!(has(390, 296, [204, 121, 167]) && !has(390, 296, [0, 114, 178]));
    assert!(has(50, 0, [0, 114, 178]));
    let all = homography(&setting, &["--points", "pairs.csv"]).done();
    assert!(all.stderr.contains("--method ransac leaves"), "{all:#?}");
}

const GOOD: &str = "0,0 0,0; 9,1 9,0; 8,7 9,9; 1,6 0,9";

/// Files that are no points, matrices or pictures.
fn with_wrong_files() -> Setting {
    let setting = Setting::new();
    setting.write("short.csv", "x,y,u,v\n1,2,3,4\n5,6,7\n");
    setting.write("binary.csv", [0xff, 0xfe, 0x00]);
    setting.write("singular.json", "[[1, 2, 3], [2, 4, 6], [0, 0, 1]]");
    setting.write("small.json", "[[1, 2], [3, 4]]");
    setting.write("cut.png", &fs::read(page()).unwrap()[..500]);
    setting.write("horizon.json", "[[1, 0, 0], [0, 1, 0], [0, -0.0025, 1]]");
    setting.write("large.json", "[[100, 0, 0], [0, 100, 0], [0, 0, 1]]");
    setting.write("pairs.json", "[[0, 0, 1, 1], [5, 6, 7]]");
    fs::create_dir(setting.path("folder.png")).unwrap();
    fs::create_dir(setting.path("folder.json")).unwrap();
    setting
}

/// Each call is refused for its reason, and nothing is written.
fn all_refused(setting: &Setting, calls: &[(Vec<&str>, &str)]) {
    let before = files(setting);
    for (arguments, expected) in calls {
        let message = homography(setting, arguments).refused();
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert_eq!(files(setting), before, "{arguments:?}");
    }
}

#[test]
fn wrong_points_and_matrices_are_refused_and_nothing_is_written() {
    let calls = [
        (vec![], "no points or matrix"),
        (vec!["--points", "none.csv"], "no such file"),
        (vec!["--points", "0,0 0,0; 9,1 9,0; 8,7 9,9"], "not 3"),
        (vec!["--points", "short.csv"], "short.csv: line 3: 3 numbers"),
        (vec!["--points", "binary.csv"], "binary.csv: not a text file"),
        (vec!["--points", "0,0 0,nan; 1,1 1,1"], "`nan`"),
        (vec!["--points", "0,0 a,0; 1,1 1,1"], "`a` is not a number"),
        (vec!["--points", "0,0 0,0; 1,1 9,0; 2,2 9,9; 1,6 0,9"], "pairs 1, 2, 3"),
        (vec!["--points", "0,0 0,0; 9,1 9,0; 9,1 9,9; 1,6 0,9"], "only 3 different places"),
        (vec!["--points", GOOD, "--threshold", "2"], "--threshold is for --method ransac"),
        (vec!["--points", GOOD, "--method", "ransac", "--threshold", "-2"], "--threshold -2"),
        (vec!["--corners", "0,0 9,0 9,9"], "3 corners"),
        (vec!["--corners", "0,0 9,9 9,0 0,9"], "sides cross"),
        (vec!["--corners", "0,0 9,0 9,9 0,9", "--size", "9"], "such as 640x480"),
        (vec!["--matrix", "singular.json"], "the matrix is singular"),
        (vec!["--matrix", "small.json"], "small.json: not a matrix"),
        (vec!["--matrix", "none.json"], "none.json: cannot be read"),
        (vec!["--points", GOOD, "--output", "out.png"], "--output is for a picture or for --map"),
        (vec!["--points", "pairs.json"], "pair 2"),
        (vec!["--points", GOOD, "--size", "9x9"], "--size is for --corners"),
        (vec!["--points", GOOD, "--canvas", "9x9"], "<IMAGE>"),
        (vec!["--points", GOOD, "--interpolation", "lanczos"], "<IMAGE>"),
        (vec!["--matrix", "large.json", "--method", "ransac"], "--method is for --points"),
        (vec!["--matrix", "large.json", "--refine", "none"], "--refine is for --points"),
        (vec!["--matrix", "large.json", "--order", "row-col"], "--order is for --points"),
        (
            vec!["--points", GOOD, "--save-matrix", "folder.json"],
            "--save-matrix folder.json: a directory",
        ),
        (vec!["--points", GOOD, "--save-matrix", "m.csv"], "must end in .json, .yml"),
        (vec!["--points", GOOD, "--matrix", "large.json"], "use --save-matrix FILE"),
    ];
    all_refused(&with_wrong_files(), &calls);
}

#[test]
fn what_cannot_be_drawn_is_refused_and_nothing_is_written() {
    let page = page();
    let page = page.as_str();
    let most = "18446744073709551615";
    let warped = |more: &[&'static str]| [&[page, "--output", "out.png"], more].concat();
    let calls = [
        (vec!["cut.png", "--points", GOOD, "--output", "out.png"], "cut.png"),
        (vec![page, "--points", GOOD], "without --output, --overlay or --forward"),
        (vec![page, "--points", GOOD, "--output", "out.gif"], "must end in .png"),
        (
            vec![page, "--points", GOOD, "--canvas", "source", "--output", "none/out.png"],
            "--output none/out.png: no such directory",
        ),
        (
            vec![page, "--points", GOOD, "--output", "out.jpg", "--background", "transparent"],
            "JPEG cannot hold opacity",
        ),
        (warped(&["--matrix", "horizon.json"]), "the line that maps to infinity crosses"),
        (warped(&["--matrix", "large.json"]), "100001 x 80001 = 8000180001 pixels"),
        (warped(&["--points", GOOD, "--canvas", "40000x25000"]), "1000000000 pixels"),
        (warped(&["--points", GOOD, "--canvas", "0x5"]), "has no pixels"),
        (
            warped(&["--points", GOOD, "--canvas", "4294967295x4294967295", "--max-pixels", most]),
            "not enough memory for a canvas of 4294967295 x 4294967295 pixels",
        ),
        (
            vec![page, "--points", GOOD, "--output", "a.png", "--overlay", "./a.png"],
            "--output and --overlay both name ./a.png",
        ),
        (
            vec![page, "--points", GOOD, "--output", "folder.png"],
            "--output folder.png: a directory",
        ),
        (vec![page, "--points", GOOD, "--canvas", "20000x9", "--output", "o.webp"], "16384 pixels"),
        (warped(&["--points", GOOD, "--background", "blakc"]), "`blakc`: not a color"),
        (warped(&["--matrix", "large.json", "--overlay", "o.png"]), "--overlay draws points"),
    ];
    all_refused(&with_wrong_files(), &calls);
}

#[test]
fn what_is_read_or_there_is_not_replaced() {
    let setting = Setting::new();
    let good = "0,0 0,0; 9,1 9,0; 8,7 9,9; 1,6 0,9";
    fs::create_dir(setting.path("folder.png")).unwrap();
    setting.write("there.png", "a picture");
    setting.write("matrix.json", "[[1, 0, 3], [0, 1, 2], [0, 0, 1]]");
    fs::copy(page(), setting.path("own.jpg")).unwrap();
    setting.write("cut.jpg", &fs::read(page()).unwrap()[..60_000]);
    setting.write("four.json", "[[0, 0, 0, 0], [9, 1, 9, 0], [8, 7, 9, 9], [1, 6, 0, 9]]");
    setting.write("there.json", "{}");
    let contents = || {
        let read = |name: &String| fs::read(setting.path(name)).ok();
        files(&setting).iter().map(read).collect::<Vec<_>>()
    };
    let before = contents();
    for (arguments, expected) in [
        (&["cut.jpg", "--points", good, "--output", "out.png"][..], "cut.jpg: cut off"),
        (
            &["folder.png", "--points", good, "--output", "out.png"][..],
            "--output out.png: a file, but there are several pictures",
        ),
        (
            &["own.jpg", "--points", good, "--output", "./own.jpg", "--force"][..],
            "--output ./own.jpg: an input file (the picture); choose another --output",
        ),
        (
            &["own.jpg", "--matrix", "matrix.json", "--forward", "own.jpg"][..],
            "--forward own.jpg: an input file",
        ),
        (
            &["--points", "four.json", "--save-matrix", "four.json", "--force"][..],
            "--save-matrix four.json: an input file (--points)",
        ),
        (&["--points", good, "--save-matrix", "there.json"][..], "choose another --save-matrix"),
        (
            &["--points", good, "--save-matrix", "there.png", "--force"][..],
            "--save-matrix there.png: the file name must end in .json",
        ),
        (
            &["--matrix", "matrix.json", "--save-matrix", "matrix.json", "--force"][..],
            "--save-matrix matrix.json: an input file (--matrix)",
        ),
        (&["own.jpg", "--points", good, "--overlay", "there.png"][..], "choose another --overlay"),
    ] {
        let message = homography(&setting, arguments).refused();
        assert!(message.contains(expected), "{arguments:?}: {message}");
        assert_eq!(contents(), before, "{arguments:?}");
    }
}

#[test]
fn what_is_there_is_replaced_by_force() {
    let setting = Setting::new();
    let good = "0,0 0,0; 9,1 9,0; 8,7 9,9; 1,6 0,9";
    setting.write("m.json", "{}");
    homography(&setting, &["--points", good, "--save-matrix", "m.json", "--force"]).done();
    assert!(setting.read("m.json").contains("source to target"));
    homography(&setting, &["--matrix", "m.json"]).done();
}

#[test]
fn results_of_pictures_with_a_color_profile_are_srgb_and_say_so() {
    use image::ImageDecoder;
    let setting = Setting::new();
    fs::copy(case("prophoto.png"), setting.path("prophoto.png")).unwrap();
    setting.write("m.json", "[[1, 0, 0], [0, 1, 0], [0, 0, 1]]");
    let given = image::open(case("prophoto.png")).unwrap().into_rgb8();
    for name in ["a.png", "a.jpg", "a.webp", "a.tiff", "a.bmp"] {
        homography(&setting, &["prophoto.png", "--matrix", "m.json", "--output", name]).done();
        let reader = image::ImageReader::open(setting.path(name)).unwrap();
        let profile = reader.into_decoder().unwrap().icc_profile().unwrap();
        assert_eq!(profile.is_some(), name != "a.bmp", "{name}");
        let is_srgb = |profile: Vec<u8>| profile.windows(8).any(|part| part == b"\0s\0R\0G\0B");
        assert!(profile.is_none_or(is_srgb), "{name}");
        let found = image::open(setting.path(name)).unwrap().into_rgb8();
        assert_eq!(found.dimensions(), given.dimensions());
        // The pixels are neutral, so that only the curve of the profile matters.
        let largest = given
            .iter()
            .zip(found.iter())
            .map(|(level, found)| (srgb(linear_of_gamma(*level)) - f64::from(*found)).abs())
            .fold(0.0, f64::max);
        let most = if name == "a.jpg" { 24.0 } else { 1.0 };
        assert!(largest < most, "{name}: {largest}");
    }
}

/// Level of a linear value in sRGB (IEC 61966-2-1).
fn srgb(linear: f64) -> f64 {
    255.0
        * if linear <= 0.003_130_8 {
            12.92 * linear
        } else {
            1.055 * linear.powf(1.0 / 2.4) - 0.055
        }
}
