//! `dlkit colorize` with damaged scans, pages and models of other projects.

use image::{DynamicImage, GrayImage, Luma, Rgb};

use crate::setting::{Setting, repository};

/// A scan with a white border of eight pixels around waves.
fn scan() -> DynamicImage {
    let gray = |x: u32, y: u32| {
        let inside = (8..72).contains(&x) && (8..52).contains(&y);
        if inside { 60 + u8::try_from((3 * x + 2 * y) % 100).unwrap() } else { 244 }
    };
    GrayImage::from_fn(80, 60, |x, y| Luma([gray(x, y)])).into()
}

/// How far a pixel is from gray.
fn chroma(pixel: Rgb<u8>) -> u8 {
    let [red, green, blue] = pixel.0;
    red.max(green).max(blue) - red.min(green).min(blue)
}

#[test]
fn borders_of_scans_stay_as_they_are() {
    let setting = Setting::new();
    scan().save(setting.path("scan.png")).unwrap();
    setting.dlkit("colorize scan.png --output a.png").done();
    setting.dlkit("colorize scan.png --output b.png --prepare none").done();
    let open = |name: &str| image::open(setting.path(name)).unwrap().to_rgb8();
    let (prepared, plain) = (open("a.png"), open("b.png"));
    let border = |x: u32, y: u32| !((8..72).contains(&x) && (8..52).contains(&y));
    for (x, y, pixel) in prepared.enumerate_pixels() {
        if border(x, y) {
            assert!(chroma(*pixel) <= 1 && pixel.0[1].abs_diff(244) <= 1, "{x} {y}: {pixel:?}");
        }
    }
    assert!(prepared.enumerate_pixels().any(|(_, _, pixel)| chroma(*pixel) > 8));
    assert!(plain.enumerate_pixels().any(|(x, y, pixel)| border(x, y) && chroma(*pixel) > 1));
}

#[test]
fn a_page_shows_all_results_and_is_not_overwritten() {
    let setting = Setting::new();
    scan().save(setting.path("one & two.png")).unwrap();
    std::fs::write(setting.path("bad.png"), "no picture").unwrap();
    let line = "colorize . --output colors --page all.html --json";
    let answer = setting.dlkit(line);
    assert_eq!(answer.code, Some(1), "{}", answer.stderr);
    let found: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(found["page"], "all.html");
    let page = setting.read("all.html");
    assert_eq!(page.matches("<figure>").count(), 1);
    assert!(
        page.contains("one &amp; two.png")
            && page.contains("1 picture, colors by models/colorizer.onnx")
    );
    std::fs::remove_dir_all(setting.path("colors")).unwrap();
    let refused = setting.dlkit("colorize bad.png --page all.html").refused();
    assert!(refused.contains("--force"), "{refused}");
    let name = setting.dlkit("colorize bad.png --page page.pdf").refused();
    assert!(name.contains("--page page.pdf: the name must end in .html"), "{name}");
    assert!(!setting.path("colors").exists());
}

#[test]
fn models_of_other_projects_are_told_apart() {
    let setting = Setting::new();
    let gray = DynamicImage::from(GrayImage::from_pixel(40, 30, Luma([119])));
    gray.save(setting.path("gray.png")).unwrap();
    // L is 50.03; in gray RGB 119.
    for (model, [red, green, blue]) in [
        ("zhang", [141_u8, 108, 145]),
        ("ddcolor", [126, 112, 153]),
        ("deoldify", [140, 115, 90]),
        ("deoldify-web", [140, 115, 90]),
    ] {
        let file = repository().join(format!("crates/dlkit/tests/foreign/{model}.onnx"));
        let file = file.display();
        setting.dlkit(&format!("colorize gray.png --model {file} --output {model}.png")).done();
        let result = image::open(setting.path(&format!("{model}.png"))).unwrap().to_rgb8();
        let found = result.get_pixel(20, 15).0;
        let near = found.iter().zip([red, green, blue]).all(|(l, r)| l.abs_diff(r) <= 2);
        assert!(near, "{model}: {found:?}");
        for option in ["--temperature 1", "--sheet 1", "--tile 64", "--short-side 64"] {
            let line = format!("colorize gray.png --model {file} --output x.png {option}");
            let message = setting.dlkit(&line).refused();
            assert!(message.contains("networks of dlkit"), "{message}");
        }
    }
    let zhang = repository().join("crates/dlkit/tests/foreign/zhang.onnx");
    let line = format!("colorize gray.png --model {} --model-kind deoldify", zhang.display());
    let message = setting.dlkit(&line).refused();
    assert!(message.contains("understood are colorizers"), "{message}");
    let message = setting.dlkit("colorize gray.png --model-kind zhang").refused();
    assert!(message.contains("--model FILE.onnx"), "{message}");
}

#[test]
fn hints_are_for_models_that_take_them() {
    let setting = Setting::new();
    let gray = DynamicImage::from(GrayImage::from_pixel(40, 30, Luma([119])));
    gray.save(setting.path("gray.png")).unwrap();
    gray.save(setting.path("other.png")).unwrap();
    setting.write("hints.csv", "x,y,color\n20,15,#9b6a78\n");
    setting.write("bad.csv", "x,y,color\n20,15,#9b6a78\n20,15,pink\n1,2\n");
    setting.write("beyond.csv", "20,15,#9b6a78\n40,15,#9b6a78\n");
    let model = |name: &str| repository().join(format!("crates/dlkit/tests/foreign/{name}.onnx"));
    let [hinted, zhang] = ["hinted", "zhang"].map(|name| model(name).display().to_string());
    let line = format!("colorize gray.png --model {hinted} --hints hints.csv --output x.png");
    setting.dlkit(&line).done();
    let result = image::open(setting.path("x.png")).unwrap().to_rgb8();
    // L 50.03, a of the hint and b 20; without a hint no color.
    let near = |x, y, expected: [u8; 3]| {
        let found = result.get_pixel(x, y).0;
        let is_near = found.iter().zip(expected).all(|(l, r)| l.abs_diff(r) <= 3);
        assert!(is_near, "{found:?}");
    };
    near(20, 15, [163, 104, 86]);
    near(5, 5, [119, 119, 119]);
    for (line, expected) in [
        (format!("--model {hinted} --hints bad.csv"), "line 3: the color is `pink`"),
        (format!("--model {hinted} --hints bad.csv"), "line 4: `1,2` has 2 values"),
        (format!("--model {hinted} --hints none.csv"), "none.csv"),
        (format!("--model {zhang} --hints hints.csv"), "takes no hints"),
        ("--hints hints.csv".to_owned(), "--model FILE.onnx"),
        (format!("other.png --model {hinted} --hints hints.csv"), "for one picture"),
        (format!("--model {hinted} --hints beyond.csv"), "line 2: 40,15; the photo has 40x30"),
    ] {
        let message = setting.dlkit(&format!("colorize gray.png {line} --output y")).refused();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn models_that_would_fill_all_memory_are_refused() {
    let setting = Setting::new();
    GrayImage::from_pixel(40, 30, Luma([119])).save(setting.path("gray.png")).unwrap();
    for model in ["huge-constant", "huge-resize"] {
        let file = repository().join(format!("crates/dlkit/tests/foreign/{model}.onnx"));
        let line = format!("colorize gray.png --model {} --output x.png", file.display());
        let message = setting.dlkit(&line).refused();
        assert!(message.contains("takes too much to be run: node"), "{message}");
        assert!(!setting.path("x.png").exists());
    }
}

#[test]
fn several_pictures_at_once_give_what_each_gives_alone_in_their_order() {
    let setting = Setting::new();
    std::fs::create_dir(setting.path("in")).unwrap();
    let names = ["a.png", "b.png", "c.png", "d.jpg", "e.png", "f.png"];
    for (place, name) in names.iter().enumerate() {
        let shift = u8::try_from(place * 9).unwrap();
        let gray = |x: u32, y: u32| Luma([u8::try_from((x * 3 + y * 2) % 200).unwrap() + shift]);
        let width = 60 - 5 * u32::try_from(place).unwrap();
        GrayImage::from_fn(width, 40, gray).save(setting.path("in").join(name)).unwrap();
    }
    setting.write("in/bb.png", "no picture");
    let answer = setting.dlkit("colorize in --output all --json");
    assert_eq!(answer.code, Some(1), "{}", answer.stderr);
    let found: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let inputs: Vec<&str> = found["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["input"].as_str().unwrap())
        .collect();
    assert_eq!(inputs, names.map(|name| format!("in/{name}")));
    assert_eq!(found["errors"][0]["file"], "in/bb.png");
    for name in names {
        setting.dlkit(&format!("colorize in/{name} --output alone")).done();
        let [all, alone] =
            ["all", "alone"].map(|folder| std::fs::read(setting.path(folder).join(name)).unwrap());
        assert!(all == alone, "{name}");
    }
}
