//! What homographies say about what they do not know: uncertainty, plainer models, units.

use serde_json::Value;

use crate::setting::{Answer, Setting, repository};

fn homography(setting: &Setting, arguments: &[&str]) -> Answer {
    setting.command(&[&["homography"], arguments].concat()).output().unwrap().into()
}

/// A file of pairs that once failed.
fn case(name: &str) -> String {
    let path = repository().join("crates/dlkit-vision/tests/cases").join(name);
    path.display().to_string()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn six_clicks_in_a_corner_are_warned_of() {
    let setting = Setting::new();
    let points = case("six_clicks.csv");
    let alone = homography(&setting, &["--points", &points]).done();
    assert!(alone.stderr.contains("uncertain away from the points"), "{alone:#?}");
    assert!(alone.stdout.contains("noise: "), "{alone:#?}");
    assert!(alone.stdout.contains("4 degrees of freedom"), "{alone:#?}");
    // In a picture, its corners are named.
    image::GrayImage::new(4000, 3000).save(setting.path("large.png")).unwrap();
    let drawn = ["large.png", "--points", &points, "--overlay", "o.png"];
    let answer = homography(&setting, &drawn).done();
    assert!(answer.stderr.contains("unbounded at (0, 2999)"), "{answer:#?}");
    // Among the points all is well.
    let asked = ["--points", &points, "--at", "150,140 2000,100", "--json"];
    let json = homography(&setting, &asked).json();
    let asked = &json["certainty"]["asked"];
    assert!(number(&asked[0]["major"]) < 2.0, "{asked}");
    assert!(asked[1]["major"].is_null(), "{asked}");
}

#[test]
fn exact_pairs_need_the_noise() {
    let setting = Setting::new();
    let four = "0,0 10,20; 100,0 90,5; 100,80 95,95; 0,80 5,110";
    let text = homography(&setting, &["--points", four]).done().stdout;
    assert!(text.contains("uncertainty: unknown, because the pairs are mapped exactly"), "{text}");
    let json =
        homography(&setting, &["--points", four, "--noise", "1", "--at", "0,0", "--json"]).json();
    let radius = number(&json["certainty"]["asked"][0]["major"]);
    assert!((radius - 2.447_746_83).abs() < 1e-6, "{radius}");
}

#[test]
fn plainer_models_are_named_and_estimated() {
    let setting = Setting::new();
    // A quarter turn, twice as large, moved; rounded to a tenth.
    let pairs = "0,0 100.1,50; 60,0 99.9,170.1; 60,40 20,169.9; 0,40 20.1,50; 30,20 60,110.1; \
                 10,30 39.9,70";
    let whole = homography(&setting, &["--points", pairs]).done();
    assert!(whole.stdout.contains("--model similarity estimates it"), "{whole:#?}");
    let plain = ["--points", pairs, "--model", "similarity", "--json"];
    let json = homography(&setting, &plain).json();
    assert_eq!(json["model"], "similarity");
    assert!(json["better_model"].is_null(), "{json}");
    let matrix = &json["matrix"];
    assert!((number(&matrix[1][0]) - 2.0).abs() < 0.01, "{matrix}");
    assert_eq!(matrix[0][0], matrix[1][1]);
    assert!(number(&matrix[2][0]).abs() < 1e-15);
    // Two pairs are enough.
    let two = ["--points", "0,0 5,5; 10,0 5,25", "--model", "similarity", "--json"];
    assert!((number(&homography(&setting, &two).json()["matrix"][1][0]) - 2.0).abs() < 1e-12);
    let one = homography(&setting, &["--points", "0,0 5,5", "--model", "rigid"]).refused();
    assert!(one.contains("a rigid motion needs 2 or more pairs of points, not 1"), "{one}");
}

#[test]
fn wrong_control_points_are_found_and_degrees_are_no_pixels() {
    let setting = Setting::new();
    let points = case("lonlat.csv");
    let robust = homography(&setting, &["--points", &points, "--method", "ransac"]).done();
    assert!(robust.stdout.contains("7 inliers of 10 pairs"), "{robust:#?}");
    assert!(robust.stdout.contains("forward units"), "{robust:#?}");
    assert!(robust.stderr.contains("the targets cannot be pixels"), "{robust:#?}");
    assert!(robust.stderr.contains("--y up"), "{robust:#?}");
    let all = ["--points", &points, "--target-unit", "deg", "--y", "up", "--save-matrix", "m.json"];
    let all = homography(&setting, &all).done();
    assert!(all.stderr.contains("3 of the pairs may be wrong"), "{all:#?}");
    assert!(!all.stderr.contains("cannot be pixels"), "{all:#?}");
    assert!(!all.stderr.contains("mirrors"), "{all:#?}");
    assert!(all.stdout.contains("forward deg"), "{all:#?}");
    assert!(setting.read("m.json").contains("targets: deg"));
    // The file knows that they are not pixels.
    setting.write_colorful_photos("photos", 1);
    let drawn = ["photos/0.png", "--matrix", "m.json", "--output", "o.png"];
    let message = homography(&setting, &drawn).refused();
    assert!(message.contains("add --scale"), "{message}");
}

#[test]
fn the_search_is_as_long_as_asked() {
    let setting = Setting::new();
    let points = case("many_to_one_20.csv");
    let samples = |more: &[&str]| {
        let call = [&["--points", &points, "--method", "ransac", "--json"], more].concat();
        number(&homography(&setting, &call).json()["samples"])
    };
    // 20 of 87 are right, and ln(1 - 0.999) / ln(1 - (20 / 87)^4) is 2469.8.
    assert!((samples(&[]) - 2470.0).abs() < 0.5);
    assert!((samples(&["--confidence", "0.99"]) - 1647.0).abs() < 0.5);
    assert!((samples(&["--max-samples", "2000"]) - 2000.0).abs() < 0.5);
}

#[test]
fn a_picture_is_drawn_in_its_place_on_a_map() {
    let setting = Setting::new();
    // A pixel of the picture is half a meter; its first pixel lies at (500, 900), y up.
    let picture = image::GrayImage::from_fn(40, 30, |x, y| {
        image::Luma([if x < 4 && y < 4 { 255 } else { 60 }])
    });
    picture.save(setting.path("photo.png")).unwrap();
    let pairs = "0,0 500,900; 39,0 519.5,900; 39,29 519.5,885.5; 0,29 500,885.5";
    let call =
        ["photo.png", "--points", pairs, "--target-unit", "m", "--y", "up", "--scale", "0.5"];
    let drawn = [&call[..], &["--output", "map.png", "--world-file"]].concat();
    let answer = homography(&setting, &drawn).done();
    assert!(!answer.stderr.contains("mirrors"), "{answer:#?}");
    let world = setting.read("map.pgw");
    let numbers: Vec<f64> = world.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(numbers, [0.5, 0.0, 0.0, -0.5, 500.0, 900.0]);
    let map = image::open(setting.path("map.png")).unwrap().to_luma8();
    assert_eq!(map.dimensions(), (40, 30));
    assert_eq!((map.get_pixel(1, 1).0[0], map.get_pixel(20, 20).0[0]), (255, 60));
    // An existing world file is not overwritten, nor is one written without a picture.
    let again = [&call[..], &["--output", "other.png", "--world-file"]].concat();
    setting.write("other.pgw", "kept");
    let message = homography(&setting, &again).refused();
    assert!(message.contains("other.pgw: file already exists"), "{message}");
    let without_scale = ["photo.png", "--points", pairs, "--target-unit", "m", "--output", "a.png"];
    let message = homography(&setting, &without_scale).refused();
    assert!(message.contains("add --scale") && message.contains("about 5.000e-1 m"), "{message}");
}

#[test]
fn a_matrix_keeps_how_its_canvas_lies_on_the_map() {
    let setting = Setting::new();
    let gray = |x: u32, y: u32| image::Luma([u8::try_from(5 * x + 2 * y).unwrap()]);
    image::GrayImage::from_fn(40, 30, gray).save(setting.path("photo.png")).unwrap();
    let pairs = "0,0 500,900; 39,0 519.5,900; 39,29 519.5,885.5; 0,29 500,885.5";
    let call =
        ["photo.png", "--points", pairs, "--target-unit", "m", "--y", "up", "--scale", "0.5"];
    let files = ["--output", "map.png", "--world-file", "--save-matrix"];
    homography(&setting, &[&call[..], &files, &["m.json"]].concat()).done();
    // The same picture in the same place, from the matrix alone, and back.
    let again = ["photo.png", "--matrix", "m.json", "--output", "again.png", "--world-file"];
    homography(&setting, &again).done();
    let open = |name: &str| image::open(setting.path(name)).unwrap().to_luma8();
    assert_eq!(open("again.png"), open("map.png"));
    assert_eq!(setting.read("again.pgw"), setting.read("map.pgw"));
    homography(&setting, &["map.png", "--matrix", "m.json", "--invert", "--output", "b.png"])
        .done();
    assert_eq!(open("b.png").dimensions(), (40, 30));
    for (x, y) in [(5, 7), (20, 15), (33, 26)] {
        let (found, expected) = (open("b.png").get_pixel(x, y).0[0], gray(x, y).0[0]);
        assert!(found.abs_diff(expected) <= 1, "{x} {y}: {found} {expected}");
    }
    // Points stay in meters, and another scale is another canvas.
    let mapped = homography(&setting, &["--matrix", "m.json", "--map", "39,29"]).done();
    assert_eq!(mapped.stdout, "x,y,u,v\n39,29,519.5,885.5\n");
    let coarse = ["photo.png", "--matrix", "m.json", "--scale", "1", "--output", "coarse.png"];
    homography(&setting, &coarse).done();
    // From 499.75 to 519.75 m and from 885.25 to 900.25 m, in pixels around whole meters.
    assert_eq!(open("coarse.png").dimensions(), (21, 16));
    // Other formats cannot keep it, and say so.
    let other = [&call[..], &["--output", "c.png", "--save-matrix", "m.yml"]].concat();
    let stderr = homography(&setting, &other).done().stderr;
    assert!(
        stderr.contains("m.yml has the matrix only: give --scale and --y up again"),
        "{stderr}"
    );
}

#[test]
fn pairs_that_agree_by_chance_are_no_result() {
    let setting = Setting::new();
    // A generator of Lehmer's: no pattern.
    let mut state = 7_u64;
    let mut next = |size: u64| {
        state = state * 48_271 % 2_147_483_647;
        state % size
    };
    let mut line = || format!("{},{} {},{}", next(640), next(480), next(640), next(480));
    for count in [5, 8, 20, 60, 150] {
        let pairs: Vec<String> = (0..count).map(|_| line()).collect();
        let call = ["--points", &pairs.join("; "), "--method", "ransac", "--save-matrix", "m.json"];
        let answer = homography(&setting, &call);
        assert_eq!(answer.code, Some(1), "{count}: {answer:#?}");
        let said = ["no consensus", "none of"];
        assert!(said.iter().any(|fact| answer.stderr.contains(fact)), "{count}: {answer:#?}");
        assert!(!setting.path("m.json").exists());
    }
    // Five that agree exactly are a result, whatever the sixth says; five alone within a pixel are, too.
    let exact = "0,0 10,12; 90,0 100,12; 90,60 100,72; 0,60 10,72; 40,30 50,42";
    let found =
        homography(&setting, &["--points", &format!("{exact}; 20,50 90,9"), "--method", "ransac"]);
    assert!(found.done().stdout.contains("5 inliers of 6 pairs"));
    let rounded = exact.replace("50,42", "50.6,41.5");
    homography(&setting, &["--points", &rounded, "--method", "ransac"]).done();
}

#[test]
fn options_of_the_estimation_are_refused_where_they_mean_nothing() {
    let setting = Setting::new();
    setting.write("m.json", "[[1, 0, 3], [0, 1, 2], [0, 0, 1]]");
    let good = "0,0 0,0; 9,1 9,0; 8,7 9,9; 1,6 0,9";
    let corners = "0,0 9,0 9,9 0,9";
    for (arguments, expected) in [
        (&["--points", good, "--confidence", "0.9"][..], "--confidence is for --method ransac"),
        (&["--points", good, "--max-samples", "9"], "--max-samples is for --method ransac"),
        (
            &["--points", good, "--method", "ransac", "--confidence", "1"],
            "--confidence 1: must be a number between 0 and 1",
        ),
        (
            &["--points", good, "--method", "ransac", "--max-samples", "0"],
            "--max-samples 0: must be 1 or more",
        ),
        (&["--points", good, "--noise", "-1"], "--noise -1: must be a finite number"),
        (&["--points", good, "--at", "3"], "--at"),
        (&["--matrix", "m.json", "--noise", "1"], "--noise is for --points"),
        (&["--matrix", "m.json", "--model", "affine"], "--model is for --points"),
        (&["--corners", corners, "--model", "affine"], "--model is for --points"),
        (&["--corners", corners, "--y", "up"], "--y is for --points and --matrix"),
        (&["--matrix", "m.json", "--y", "up"], "--y is for drawing"),
        (&["--matrix", "m.json", "--map", "1,2", "--y", "up"], "--y is for drawing"),
        (&["--matrix", "m.json", "--target-unit", "m"], "--target-unit is for --points"),
        (&["--points", good, "--target-unit", "m", "--refine", "symmetric"], "leave --refine out"),
        (&["--points", good, "--target-unit", ""], "--target-unit"),
        (&["--matrix", "m.json", "--scale", "1"], "<IMAGE>"),
        (
            &["a.png", "b.png", "--matrix", "m.json", "--output", "o", "--world-file"],
            "--world-file is for one",
        ),
        (
            &["a.png", "b.png", "--points", good, "--output", "o", "--noise", "1"],
            "--noise is for the report of one picture",
        ),
        (&["--points", good, "--map", "1,2", "--at", "1,2"], "--at is for the report"),
        (&["a.png", "--pick", "p.html", "--scale", "2"], "--scale has no effect with --pick"),
        (&["a.png", "--pick", "p.html", "--noise", "2"], "--noise has no effect with --pick"),
    ] {
        let message = homography(&setting, arguments).refused();
        assert!(message.contains(expected), "{arguments:?}: {message}");
    }
}
