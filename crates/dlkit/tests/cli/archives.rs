//! Archives of pictures: folders of many formats, color profiles, and results among the pictures.

use std::fs;
use std::path::PathBuf;

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, LumaA, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::Value;

use crate::setting::{Setting, repository};

/// A picture of the kind that users bring.
pub(crate) fn case(name: &str) -> PathBuf {
    repository().join("crates/dlkit-files/tests/pictures").join(name)
}

fn gray() -> GrayImage {
    GrayImage::from_fn(20, 30, |x, y| Luma([u8::try_from(7 * x + 3 * y).unwrap()]))
}

fn wide() -> ImageBuffer<Luma<u16>, Vec<u16>> {
    ImageBuffer::from_fn(20, 30, |x, y| Luma([u16::try_from(3_000 * x + 100 * y).unwrap()]))
}

fn rgb() -> RgbImage {
    RgbImage::from_fn(20, 30, |x, y| Rgb([u8::try_from(7 * x + 3 * y).unwrap(), 9, 80]))
}

/// A PNM file of 20x30 pixels.
fn pnm(kind: &str, samples: &[u8]) -> Vec<u8> {
    [format!("{kind}\n# scanned\n20 30\n255\n").as_bytes(), samples].concat()
}

impl Setting {
    /// A folder of pictures of ten formats, and of files that are not pictures or are damaged.
    fn archive(&self) -> Vec<(&'static str, DynamicImage)> {
        fs::create_dir(self.path("archive")).unwrap();
        let wide_alpha =
            ImageBuffer::from_fn(20, 30, |x, _| LumaA([9_999, u16::try_from(3_000 * x).unwrap()]));
        let rgba = RgbaImage::from_fn(20, 30, |x, y| {
            Rgba([9, 80, u8::try_from(7 * x).unwrap(), u8::try_from(y).unwrap()])
        });
        let pictures: Vec<(&str, DynamicImage)> = vec![
            ("a-gray.png", gray().into()),
            ("b-wide.png", wide().into()),
            ("c-alpha.png", wide_alpha.into()),
            ("d-rgba.webp", rgba.into()),
            ("e-rgb.jpg", rgb().into()),
            ("f-gray.bmp", gray().into()),
            ("g-gray.tiff", gray().into()),
            ("h-wide.TIF", wide().into()),
            ("i-rgb.tif", rgb().into()),
            ("j-gray.pgm", gray().into()),
            ("k-rgb.ppm", rgb().into()),
            ("l-rgb.gif", rgb().into()),
        ];
        for (name, picture) in &pictures {
            match *name {
                "j-gray.pgm" => {
                    self.write(&format!("archive/{name}"), pnm("P5", picture.as_bytes()));
                }
                "k-rgb.ppm" => {
                    self.write(&format!("archive/{name}"), pnm("P6", picture.as_bytes()));
                }
                _ => self.save(&format!("archive/{name}"), picture),
            }
        }
        self.write("archive/notes.txt", "Found in the attic.");
        self.write("archive/.hidden.png", "hidden");
        let whole = fs::read(self.path("archive/g-gray.tiff")).unwrap();
        self.write("archive/x-cut.tiff", &whole[..whole.len() - 100]);
        fs::copy(case("cut.jpg"), self.path("archive/y-cut.jpg")).unwrap();
        pictures
    }
}

#[test]
fn a_folder_of_many_formats_is_colorized_and_what_was_not_is_said() {
    let setting = Setting::colorizer();
    let pictures = setting.archive();
    let answer = setting.dlkit("colorize archive --model run --output out");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    for said in [
        "left out: 1 without a picture extension",
        "archive/notes.txt; 1 hidden: archive/.hidden.png",
        "x-cut.tiff: cut off: the end of its TIFF data is missing",
        "y-cut.jpg: cut off: the end of its JPEG data is missing",
    ] {
        assert!(answer.stderr.contains(said), "{said}: {answer:#?}");
    }
    let endings = [("pgm", "png"), ("ppm", "png"), ("gif", "png"), ("TIF", "tif")];
    for (name, picture) in &pictures {
        let (stem, ending) = name.split_once('.').unwrap();
        let ending = endings.iter().find(|(own, _)| *own == ending).map_or(ending, |(_, to)| to);
        let written = format!("out/{stem}.{ending}");
        assert!(answer.stdout.contains(&format!("archive/{name} -> {written}")), "{answer:#?}");
        let result = setting.open(&written);
        assert_eq!((result.width(), result.height()), (20, 30), "{name}");
        assert!(result.color().has_color(), "{name}");
        let depth = |color: image::ColorType| color.bytes_per_pixel() / color.channel_count();
        assert_eq!(depth(result.color()), depth(picture.color()), "{name}");
        assert_eq!(result.color().has_alpha(), picture.color().has_alpha(), "{name}");
    }
    assert!(!setting.path("out/x-cut.tiff").exists() && !setting.path("out/notes.txt").exists());
    let json = setting.dlkit("colorize archive --model run --output again --json");
    assert_eq!(json.code, Some(1));
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["files"].as_array().unwrap().len(), pictures.len());
    let failed: Vec<&Value> =
        json["errors"].as_array().unwrap().iter().map(|error| &error["file"]).collect();
    assert_eq!(failed, ["archive/x-cut.tiff", "archive/y-cut.jpg"]);
}

#[test]
fn every_command_reads_the_formats() {
    let setting = Setting::new();
    setting.archive();
    setting.write_recipe("r.toml", crate::setting::SMALL, "");
    setting.dlkit("train r.toml --epochs 1 --quiet --output run").done();
    let json = setting.dlkit("predict run archive --json");
    assert_eq!(json.code, Some(1), "{json:#?}");
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["errors"].as_array().unwrap().len(), 2, "{json}");
    for name in ["x-cut.tiff", "y-cut.jpg"] {
        fs::remove_file(setting.path(&format!("archive/{name}"))).unwrap();
    }
    let fit = "eigenfaces fit archive --components 2 --no-figures --quiet --output a.safetensors";
    setting.dlkit(fit).done();
    setting.write("m.json", "[[1, 0, 3], [0, 1, 2], [0, 0, 1]]");
    for name in ["g-gray.tiff", "j-gray.pgm", "l-rgb.gif"] {
        let line = format!("homography archive/{name} --matrix m.json --output {name}.tiff");
        setting.dlkit(&line).done();
        assert!(setting.path(&format!("{name}.tiff")).is_file());
    }
}

#[test]
fn results_of_earlier_commands_are_not_colorized_again() {
    let setting = Setting::colorizer();
    for name in ["old/a.png", "old/b-colorized.png", "old/c-sheet.png"] {
        fs::create_dir_all(setting.path("old")).unwrap();
        setting.save(name, &gray().into());
    }
    setting.dlkit("colorize old/a.png --model run --sheet 0.5 --compare").done();
    let answer = setting.dlkit("colorize old --model run --output new").done();
    let said = "3 named as a result of another picture: old/a-colorized-compare.png, \
                old/a-colorized-sheet.png, old/a-colorized.png";
    assert!(answer.stderr.contains(said), "{answer:#?}");
    // Where the original is missing, a picture with such a name is a picture.
    let mut written: Vec<_> = fs::read_dir(setting.path("new"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    written.sort();
    assert_eq!(written, ["a.png", "b-colorized.png", "c-sheet.png"]);
    // What is named is taken.
    setting.dlkit("colorize old/a-colorized.png --model run --output named.png").done();
    // A folder of results within the folder.
    setting.dlkit("colorize old --model run --output old/new").done();
    let answer = setting.dlkit("colorize old --model run --output old/new --force").done();
    assert!(answer.stderr.contains("6 named as a result of another picture"), "{answer:#?}");
}

/// A scene without a profile, in gray of gamma 1.8, and in color of gamma 1.8.
#[test]
fn colorized_pictures_are_as_light_as_they_were_displayed() {
    let setting = Setting::colorizer();
    for (name, displayed) in [
        ("plain.png", linear as fn(u8) -> f64),
        ("gray18.png", linear_of_gamma),
        ("prophoto.png", linear_of_gamma),
    ] {
        fs::copy(case(name), setting.path(name)).unwrap();
        setting.dlkit(&format!("colorize {name} --model run --output out-{name}")).done();
        let given = image::open(case(name)).unwrap().into_luma8();
        let result = setting.open(&format!("out-{name}")).into_rgb8();
        assert_eq!(result.dimensions(), given.dimensions());
        let differences = given.pixels().zip(result.pixels()).map(|(given, result)| {
            let [red, green, blue] = result.0.map(linear);
            let luminance = 0.212_6 * red + 0.715_2 * green + 0.072_2 * blue;
            (lightness(displayed(given.0[0])) - lightness(luminance)).abs()
        });
        let largest = differences.clone().fold(0.0, f64::max);
        assert!(largest < 1.0, "{name}: {largest}");
        let mean = differences.sum::<f64>() / 87_296.0;
        assert!(mean < 0.2, "{name}: {mean}");
    }
}

/// Linear value of sRGB (IEC 61966-2-1).
fn linear(byte: u8) -> f64 {
    let value = f64::from(byte) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// Linear value of a level in the profiles of `gray18.png` and `prophoto.png`.
pub(crate) fn linear_of_gamma(byte: u8) -> f64 {
    (f64::from(byte) / 255.0).powf(461.0 / 256.0)
}

/// L of a luminance from 0 to 1 (CIE 1976).
fn lightness(y: f64) -> f64 {
    if y > 216.0 / 24_389.0 { 116.0 * y.cbrt() - 16.0 } else { y * 24_389.0 / 27.0 }
}

#[test]
fn values_of_12_bits_in_16_are_told() {
    let setting = Setting::colorizer();
    let narrow = ImageBuffer::from_fn(20, 30, |x, y| Luma([u16::try_from(200 * x + y).unwrap()]));
    setting.save("scan.tiff", &narrow.into());
    let answer = setting.dlkit("colorize scan.tiff --model run").done();
    let said = "scan.tiff: the largest sample is 3829 of 65535, so the picture is almost black";
    assert!(answer.stderr.contains(said), "{answer:#?}");
    setting.save("wide.tiff", &wide().into());
    let answer = setting.dlkit("colorize wide.tiff --model run").done();
    assert!(!answer.stderr.contains("largest sample"), "{answer:#?}");
}
