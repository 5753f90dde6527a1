//! `dlkit colorize`, and training, evaluating and freezing what it uses.

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::Value;

use crate::setting::{SMALL, Setting, repository};

/// Two convolutions over ten bins: trains in moments.
const RECIPE: &str = r#"
task = "colorization"
data = { kind = "photos", path = "photos", crops = 4, short_side = 40 }
[network]
input = [1, 16, 16]
activation = "relu"
layers = [
    { type = "conv2d", filters = 8, kernel = 3 },
    { type = "conv2d", filters = 10, kernel = 3 },
]
[training]
epochs = 2
batch_size = 8
learning_rate = 1e-2
"#;

fn photo(index: u32) -> RgbImage {
    RgbImage::from_fn(48, 40, |x, y| {
        let channel = |speed: u32, shift: u32| {
            u8::try_from((speed * (x + index) + shift * (y + 3 * index)) % 256).unwrap()
        };
        Rgb([channel(5, 1), channel(2, 6), channel(1, 3)])
    })
}

impl Setting {
    /// Photos of three parts, a recipe and a run of it.
    pub(crate) fn colorizer() -> Self {
        let setting = Self::new();
        for (part, photos) in [("train", 0..4), ("validation", 4..6), ("test", 6..8)] {
            std::fs::create_dir_all(setting.path(&format!("photos/{part}"))).unwrap();
            for index in photos {
                let path = setting.path(&format!("photos/{part}/{index}.png"));
                photo(index).save(path).unwrap();
            }
        }
        setting.write("recipe.toml", RECIPE);
        setting.dlkit("train --config recipe.toml --output run --quiet").done();
        setting
    }

    /// The losses of a run's last epoch, in training and in validation.
    fn losses(&self, run: &str) -> [Value; 2] {
        let text = self.read(&format!("{run}/metrics.jsonl"));
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert!(last["validation_loss"].is_f64(), "{last}");
        [last["train_loss"].clone(), last["validation_loss"].clone()]
    }

    pub(crate) fn save(&self, name: &str, picture: &DynamicImage) {
        picture.save(self.path(name)).unwrap();
    }

    pub(crate) fn open(&self, name: &str) -> DynamicImage {
        image::open(self.path(name)).unwrap()
    }
}

#[test]
fn a_colorizer_is_trained_measured_frozen_and_used() {
    let setting = Setting::colorizer();
    let figures = setting.dlkit("evaluate run --split validation --json").json();
    assert_eq!(figures["photos"].as_array().unwrap().len(), 2);
    for method in ["model", "grey", "prior_mean"] {
        for figure in ["auc", "rebalanced_auc", "psnr", "colourfulness"] {
            assert!(figures[method][figure]["mean"].is_f64(), "{method} {figure}");
            assert!(figures[method][figure]["deviation"].is_f64(), "{method} {figure}");
        }
    }
    let text = setting.dlkit("evaluate run").done().stdout;
    assert!(text.contains("prior mean") && text.contains("rebalanced"), "{text}");
    let kept: Value =
        serde_json::from_str(&setting.read("run/evaluation/validation.json")).unwrap();
    assert_eq!(kept, figures);
    setting.dlkit("freeze run --output model.onnx").done();
    setting.dlkit("verify run model.onnx --layers").done();
    let frozen = setting.dlkit("evaluate model.onnx --data photos --split validation --json");
    assert_eq!(frozen.json()["model"], figures["model"]);

    setting.dlkit("colorize photos/test/6.png --model run --output a.png").done();
    setting.dlkit("colorize photos/test/6.png --model model.onnx --output b.png").done();
    assert_eq!(setting.open("a.png"), setting.open("b.png"));
    let answer =
        setting.dlkit("colorize photos/test/6.png --model model.onnx --output c.png --json");
    let answer = answer.json();
    assert_eq!(answer["files"][0]["written"], serde_json::json!(["c.png"]));
    assert_eq!(
        (&answer["files"][0]["width"], &answer["errors"]),
        (&48.into(), &Value::Array(vec![]))
    );
}

#[test]
fn a_colorizer_is_measured_at_other_temperatures_and_balances() {
    let setting = Setting::colorizer();
    let own = setting.dlkit("evaluate run --json").json();
    let kept = setting.read("run/evaluation/test.json");
    let mean = setting.dlkit("evaluate run --temperature 1 --balance 0 --json").json();
    assert_eq!((&mean["temperature"], &own["temperature"]), (&1.0.into(), &0.38.into()));
    assert_ne!(mean["model"]["ciede2000"], own["model"]["ciede2000"]);
    let chroma = |of: &Value| of["model"]["chroma"]["mean"].as_f64().unwrap();
    assert!(chroma(&mean) < chroma(&own), "{mean} {own}");
    // The run keeps the figures of its own decoding.
    assert_eq!(setting.read("run/evaluation/test.json"), kept);
    setting.dlkit("evaluate run --temperature 1 --output elsewhere").done();
    assert!(setting.path("elsewhere/test.json").is_file());
    let message = setting.dlkit("evaluate run --temperature 1 --output run/evaluation").refused();
    assert!(message.contains("keeps figures of the run's own temperature"), "{message}");
    let message = setting.dlkit("evaluate run --temperature 1 --force").refused();
    assert!(message.contains("--force overwrites the files of --output"), "{message}");
    let message = setting.dlkit("evaluate run --balance 1.5").refused();
    assert!(message.contains("--balance must be from 0 to 1, not 1.5"), "{message}");
    setting.write_recipe("r.toml", SMALL, "");
    setting.dlkit("train r.toml --output digits-run --quiet").done();
    let message = setting.dlkit("evaluate digits-run --balance 0.5").refused();
    assert!(
        message.contains("are for colorizers, but digits-run does classification"),
        "{message}"
    );
}

#[test]
fn photos_are_verified() {
    let setting = Setting::colorizer();
    let summary = setting.dlkit("data verify photos --json").json();
    assert_eq!(summary["kind"], "photos");
    let parts = summary["parts"].as_array().unwrap();
    let samples: Vec<&Value> = parts.iter().map(|part| &part["samples"]).collect();
    assert_eq!(samples, [4, 2, 2]);
    assert_eq!(summary["parts"][0]["sizes"]["3x40x48"], 4);
    let shipped = repository().join("datasets/photos");
    let answer = setting.dlkit(&format!("data verify {}", shipped.display())).done();
    assert!(answer.stdout.contains("95 files match SHA256SUMS"), "{answer:#?}");
}

#[test]
fn a_resumed_run_equals_one_that_was_not_cut() {
    let setting = Setting::colorizer();
    setting.dlkit("train --config recipe.toml --epochs 1 --output cut --quiet").done();
    setting.dlkit("train --resume cut --epochs 2 --quiet").done();
    assert_eq!(setting.losses("cut"), setting.losses("run"));
}

#[test]
fn one_thread_is_enough_and_finds_the_same() {
    let setting = Setting::colorizer();
    setting.dlkit("train --config recipe.toml --threads 1 --output one --quiet").done();
    assert_eq!(setting.losses("one"), setting.losses("run"));
}

#[test]
fn pictures_of_every_kind_keep_their_kind() {
    let setting = Setting::colorizer();
    let gray = |x: u32, y: u32| u8::try_from((7 * x + 3 * y) % 256).unwrap();
    let pictures: [(&str, DynamicImage); 6] = [
        ("gray.png", GrayImage::from_fn(20, 30, |x, y| Luma([gray(x, y)])).into()),
        ("rgb.bmp", RgbImage::from_fn(20, 30, |x, y| Rgb([gray(x, y), 9, 80])).into()),
        (
            "alpha.webp",
            RgbaImage::from_fn(20, 30, |x, y| Rgba([gray(x, y), 9, 80, gray(y, x)])).into(),
        ),
        (
            "deep.png",
            ImageBuffer::<Luma<u16>, _>::from_fn(20, 30, |x, y| {
                Luma([u16::from(gray(x, y)) * 250])
            })
            .into(),
        ),
        ("pixel.png", GrayImage::from_pixel(1, 1, Luma([120])).into()),
        ("photo.jpg", photo(1).into()),
    ];
    for (name, picture) in &pictures {
        setting.save(name, picture);
        let answer = setting.dlkit(&format!("colorize {name} --model run --tile 16 --json")).json();
        let written = answer["files"][0]["written"][0].as_str().unwrap().to_owned();
        assert_eq!(written, name.replace('.', "-colorized."));
        let result = setting.open(&written);
        assert_eq!((result.width(), result.height()), (picture.width(), picture.height()));
        assert!(result.color().has_color(), "{name}");
        assert_eq!(result.color().has_alpha(), *name == "alpha.webp");
        let wide = result.color().bytes_per_pixel() / result.color().channel_count() > 1;
        assert_eq!(wide, *name == "deep.png");
    }
}

/// A JPEG whose Exif data says how it was held.
fn held(orientation: u8) -> Vec<u8> {
    use image::ImageEncoder;
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
    let exif = [b"MM\0\x2a\0\0\0\x08\0\x01".as_slice(), &entry, &[0; 4]].concat();
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif).unwrap();
    photo(2).write_with_encoder(encoder).unwrap();
    bytes
}

#[test]
fn pictures_are_held_as_they_were() {
    use image::ImageDecoder;
    let setting = Setting::colorizer();
    setting.write("a.jpg", held(6));
    setting.dlkit("colorize a.jpg --model run --output b.jpg").done();
    setting.dlkit("colorize a.jpg --model run --output c.bmp").done();
    let mut decoder =
        image::ImageReader::open(setting.path("b.jpg")).unwrap().into_decoder().unwrap();
    assert_eq!((decoder.dimensions(), decoder.orientation().unwrap().to_exif()), ((48, 40), 6));
    // BMP holds no such note, so the picture stands upright in it.
    let upright = setting.open("c.bmp");
    assert_eq!((upright.width(), upright.height()), (40, 48));
}

#[test]
fn folders_patterns_and_bad_files() {
    let setting = Setting::colorizer();
    setting.write("photos/test/broken.png", "no picture");
    let answer = setting.dlkit("colorize photos/test --model run --output out");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stderr.contains("broken.png: not colorized"), "{answer:#?}");
    assert!(setting.path("out/6.png").is_file() && setting.path("out/7.png").is_file());
    assert!(!setting.path("out/broken.png").exists());

    setting.dlkit("colorize photos/train --model run").done();
    assert!(setting.path("photos/train-colorized/0.png").is_file());
    // What was begun is gone on with.
    std::fs::remove_file(setting.path("photos/train-colorized/1.png")).unwrap();
    let json = setting.dlkit("colorize photos/train --model run --skip-existing --json").json();
    assert_eq!((json["files"].as_array().unwrap().len(), &json["skipped"]), (1, &3.into()));
    assert!(setting.path("photos/train-colorized/1.png").is_file());
    let answer =
        setting.dlkit("colorize photos/*/[45].png --model run --output matched --json").json();
    assert_eq!(answer["files"].as_array().unwrap().len(), 2);
}

#[test]
fn results_take_no_picture_place_nor_each_others() {
    let setting = Setting::colorizer();
    std::fs::create_dir_all(setting.path("a")).unwrap();
    std::fs::create_dir_all(setting.path("b")).unwrap();
    for (name, index) in [("a/x.png", 1), ("a/x.bmp", 2), ("b/x.png", 3)] {
        setting.save(name, &photo(index).into());
    }
    let message = setting.dlkit("colorize a/x.png b/x.png --model run --output c").refused();
    assert!(message.contains("c/x: the result of two pictures"), "{message}");
    assert!(message.contains("the second is b/x.png"), "{message}");
    setting.dlkit("colorize b/*.png --model run").done();
    let before = std::fs::read(setting.path("b/x-colorized.png")).unwrap();
    for force in ["", "--force"] {
        let line =
            format!("colorize b/x.png b/x-colorized.png --model run --temperature 2 {force}");
        let message = setting.dlkit(&line).refused();
        let expected = "b/x-colorized.png: would overwrite an input picture";
        assert!(message.contains(expected), "{message}");
    }
    // The second time, the pattern matches the result of the first, which is left out.
    let message = setting.dlkit("colorize b/*.png --model run --temperature 2").refused();
    assert!(message.contains("already exists (x-colorized.png)"), "{message}");
    assert_eq!(std::fs::read(setting.path("b/x-colorized.png")).unwrap(), before);
    let line = "colorize b/*.png --model run --temperature 2 --force";
    let answer = setting.dlkit(line).done();
    assert!(answer.stderr.contains("left out: 1"), "{answer:#?}");
    assert_ne!(std::fs::read(setting.path("b/x-colorized.png")).unwrap(), before);
    assert!(!setting.path("b/x-colorized-colorized.png").exists());

    // Two formats of one name, one of them named twice.
    let line = "colorize a a/x.png --model run --output out --json";
    assert_eq!(setting.dlkit(line).json()["files"].as_array().unwrap().len(), 2);
    assert!(setting.path("out/x.png").is_file() && setting.path("out/x.bmp").is_file());
    // Their sheets would be one file.
    let answer = setting.dlkit("colorize a --model run --output sheets --sheet 0.5");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(answer.stderr.contains("the result of another picture"), "{answer:#?}");
}

#[test]
fn large_pictures_are_looked_at_as_those_learned_from() {
    let setting = Setting::colorizer();
    let small = photo(1);
    let large = image::imageops::resize(&small, 480, 400, image::imageops::FilterType::CatmullRom);
    setting.save("small.png", &small.into());
    setting.save("large.png", &large.into());
    let answer = setting.dlkit("colorize small.png large.png --model run --json").json();
    // The recipe's data.short_side.
    assert_eq!(answer["short_side"], 40);
    for short_side in [0, 40] {
        let line = format!("--model run --short-side {short_side} --output {short_side}");
        setting.dlkit(&format!("colorize small.png large.png {line}")).done();
    }
    assert_eq!(setting.open("large-colorized.png"), setting.open("40/large.png"));
    assert_ne!(setting.open("large-colorized.png"), setting.open("0/large.png"));
    // The small one is as those learned from.
    assert_eq!(setting.open("small-colorized.png"), setting.open("0/small.png"));
}

#[test]
fn sheets_comparisons_and_the_palette_are_drawn() {
    let setting = Setting::colorizer();
    setting
        .dlkit("colorize photos/test/6.png --model run --output a.png --sheet 0.05,1 --compare")
        .done();
    assert_eq!(setting.open("a-sheet.png").width(), 3 * (160 + 16) + 16);
    assert_eq!(setting.open("a-compare.png").width(), 3 * (160 + 16) + 16);
    setting.dlkit("colorize --palette palette.png --model run").done();
    assert!(setting.read("palette.svg").contains("10 bins"));
    assert!(setting.path("palette.png").is_file());
}

#[test]
fn photos_that_cannot_be_learned_from_are_refused_before_the_training() {
    let setting = Setting::colorizer();
    for bad in ["photos/validation/bad.jpg", "photos/test/worse.jpg"] {
        setting.write(bad, "no picture");
    }
    let message = setting.dlkit("train --config recipe.toml --output other").refused();
    assert!(message.contains("photos"), "{message}");
    assert!(message.contains("bad.jpg") && message.contains("worse.jpg"), "{message}");
    std::fs::create_dir_all(setting.path("gray/train")).unwrap();
    let gray = GrayImage::from_fn(48, 40, |x, y| Luma([u8::try_from(x + y).unwrap()]));
    for name in ["a", "b"] {
        setting.save(&format!("gray/train/{name}.png"), &gray.clone().into());
    }
    let line =
        "train --config recipe.toml --set data.path=gray --set data.validation=1 --output other";
    let message = setting.dlkit(line).refused();
    assert!(message.contains("are gray"), "{message}");
    assert!(!setting.path("other").exists());
}

#[test]
fn the_model_that_comes_with_dlkit_is_found() {
    let setting = Setting::new();
    let photo = repository().join("datasets/photos/test/china.jpg");
    setting.dlkit(&format!("colorize {} --output out.png", photo.display())).done();
    assert!(setting.path("out.png").is_file());
}

#[test]
fn bad_input_is_refused() {
    let setting = Setting::colorizer();
    setting.save("a.png", &photo(1).into());
    std::fs::create_dir(setting.path("empty")).unwrap();
    setting.write_recipe("digits.toml", SMALL, "");
    setting.dlkit("train --config digits.toml --output digits-run --quiet").done();

    for temperature in ["0", "-1", "NaN", "inf"] {
        let message =
            setting.dlkit(&format!("colorize a.png --temperature {temperature}")).refused();
        assert!(message.contains("a finite number above 0"), "{message}");
    }
    let message = setting.dlkit("colorize a.png --sheet 0.2,0").refused();
    assert!(message.contains("a finite number above 0"), "{message}");
    let message = setting.dlkit("colorize a.png --model digits-run").refused();
    assert!(message.contains("learned the task \"classification\""), "{message}");
    setting.dlkit("freeze digits-run --output digits.onnx").done();
    let message = setting.dlkit("colorize a.png --model digits.onnx").refused();
    assert!(message.contains("learned the task \"classification\""), "{message}");
    let message = setting.dlkit("predict run a.png").refused();
    assert!(message.contains("dlkit colorize"), "{message}");

    let failed = |line: &str| {
        let answer = setting.dlkit(line);
        assert_eq!(answer.code, Some(2), "{answer:#?}");
        answer.stderr
    };
    let before = std::fs::read(setting.path("a.png")).unwrap();
    let message = failed("colorize a.png --model run --output a.png");
    assert!(message.contains("would overwrite an input picture"), "{message}");
    assert_eq!(std::fs::read(setting.path("a.png")).unwrap(), before);
    let message = failed("colorize a.png --model run --max-pixels 1000 --output b.png");
    assert!(message.contains("48x40 pixels") && message.contains("--max-pixels"), "{message}");
    let bytes = held(1);
    setting.write("cut.jpg", &bytes[..bytes.len() / 2]);
    let message = failed("colorize cut.jpg --model run --output b.png");
    assert!(message.contains("cut.jpg: cut off"), "{message}");
    let message = failed("colorize a.png --model run --output b.gif");
    assert!(message.contains("must end in .png"), "{message}");
    assert!(!setting.path("b.gif").exists());
    let message = failed("colorize empty nowhere.png --model run");
    assert!(message.contains("empty: no pictures"), "{message}");
    assert!(message.contains("nowhere.png: cannot be read"), "{message}");
    let message =
        setting.dlkit("colorize a.png photos/test/6.png --model run --output b.png").refused();
    assert!(message.contains("several pictures; give a directory"), "{message}");
    let message = setting.dlkit("train --config recipe.toml --set data.path=empty").refused();
    assert!(message.contains("no pictures"), "{message}");
    let message =
        setting.dlkit("train --config recipe.toml --set network.layers.1.filters=400").refused();
    assert!(message.contains("reduce its last convolution"), "{message}");
    assert!(message.contains("(--set network.layers.1.filters="), "{message}");
}
