//! Damaged pictures and endless files at every door: an error that names the file, no panic, and the
//! other inputs are still processed.

use std::fs;
use std::path::Path;

use image::{GrayImage, Luma, RgbImage};

use crate::setting::{Answer, SMALL, Setting};

/// Pictures that no decoder reads to their end; the first makes a decoder panic.
const DAMAGED: [&str; 3] = ["png-palette-4-bytes.png", "cut.jpg", "truncated-5-percent.jpg"];

/// Copies a damaged picture to a path in the setting.
fn copy(setting: &Setting, name: &str, to: &str) {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    setting.write(to, fs::read(cases.join(name)).unwrap());
}

#[track_caller]
fn assert_named(answer: &Answer, line: &str, name: &str, code: i32) {
    assert_eq!(answer.code, Some(code), "{line}: {answer:#?}");
    assert!(answer.stderr.contains(name), "{line}: {answer:#?}");
    let texts = [&answer.stderr, &answer.stdout];
    for panic in ["panicked at", "RUST_BACKTRACE", "thread '"] {
        assert!(texts.iter().all(|text| !text.contains(panic)), "{line}: {answer:#?}");
    }
}

impl Setting {
    /// A place with a trained run, a face model, a matrix and two good pictures.
    fn damaged() -> Self {
        let setting = Self::new();
        setting.write_recipe("r.toml", SMALL, "");
        setting.dlkit("train r.toml --epochs 1 --quiet --output run").done();
        for index in 1..=6_u32 {
            let gray = |x: u32, y: u32| {
                Luma([u8::try_from((x * 31 * index + y * 17 * index * index) % 256).unwrap()])
            };
            for folder in ["faces", "people/ada", "people/eva"] {
                let path = setting.path(&format!("{folder}/{index}.png"));
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                GrayImage::from_fn(8, 6, gray).save(path).unwrap();
            }
        }
        for name in ["good.png", "fine.png"] {
            RgbImage::from_pixel(20, 16, [200, 90, 40].into()).save(setting.path(name)).unwrap();
        }
        setting.write("m.json", "[[1, 0, 3], [0, 1, 2], [0, 0, 1]]");
        let fit = "eigenfaces fit faces --components 2 --no-figures --quiet";
        setting.dlkit(&format!("{fit} --output faces.safetensors")).done();
        for name in DAMAGED {
            copy(&setting, name, name);
        }
        setting
    }
}

#[test]
fn damaged_pictures_fail_alone() {
    let setting = Setting::damaged();
    for bad in DAMAGED {
        for line in [
            format!("predict run good.png {bad} fine.png"),
            format!("trace run --input good.png,{bad},fine.png"),
            format!("colorize good.png {bad} fine.png --force --short-side 16"),
            format!("eigenfaces recognize faces.safetensors good.png {bad} fine.png"),
            format!("eigenfaces reconstruct faces.safetensors good.png {bad} fine.png"),
        ] {
            let answer = setting.dlkit(&line);
            assert_named(&answer, &line, bad, 1);
            assert!(answer.stdout.contains("good") || line.starts_with("trace"), "{answer:#?}");
        }
        for line in [
            format!("predict run {bad}"),
            format!("trace run --input {bad}"),
            format!("colorize {bad}"),
            format!("homography {bad} --matrix m.json --output out.png"),
            format!("eigenfaces recognize faces.safetensors {bad}"),
            format!("eigenfaces reconstruct faces.safetensors {bad}"),
        ] {
            assert_named(&setting.dlkit(&line), &line, bad, 2);
        }
    }
    assert!(!setting.path("out.png").exists());
    // Folders of faces.
    copy(&setting, "cut.jpg", "people/ada/cut.jpg");
    copy(&setting, "png-palette-4-bytes.png", "people/eva/palette.png");
    for line in [
        "eigenfaces evaluate people --folds 2",
        "eigenfaces fit people --components 2 --no-figures --output people.safetensors",
    ] {
        let answer = setting.dlkit(line);
        assert_named(&answer, line, "ada/cut.jpg", 1);
        assert_named(&answer, line, "eva/palette.png", 1);
    }
}

#[test]
fn damaged_pictures_of_a_data_set_are_named() {
    let setting = Setting::damaged();
    setting.write_folders("pictures", 8);
    for bad in DAMAGED {
        let name = format!("pictures/train/dark/{bad}");
        copy(&setting, bad, &name);
        for line in [
            "data verify pictures",
            "train r.toml --set data.kind=image-folder --set data.path=pictures \
             --set network.layers.2.units=2 --output new",
        ] {
            assert_named(&setting.dlkit(line), line, bad, 2);
        }
        assert!(!setting.path("new").exists());
        fs::remove_file(setting.path(&name)).unwrap();
    }
    setting.dlkit("data verify pictures").done();
}

/// A small file whose picture would take gigabytes.
#[test]
fn a_picture_that_claims_too_many_pixels_is_refused() {
    let setting = Setting::damaged();
    // The header of a gray PNG of 22000x22000 pixels, with a good checksum.
    let mut huge = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    let side = 22_000_u32.to_be_bytes();
    let header = [&b"IHDR"[..], &side, &side, &[8, 0, 0, 0, 0]].concat();
    huge.extend_from_slice(&header[4..]);
    huge.extend(checksum(&header).to_be_bytes());
    for (kind, content) in [(&b"IDAT"[..], &[][..]), (&b"IEND"[..], &[][..])] {
        let chunk = [kind, content].concat();
        huge.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        huge.extend_from_slice(&chunk);
        huge.extend(checksum(&chunk).to_be_bytes());
    }
    setting.write("huge.png", &huge);
    fs::create_dir(setting.path("huge")).unwrap();
    setting.write("huge/huge.png", &huge);
    for line in [
        "predict run huge.png",
        "trace run --input huge.png",
        "colorize huge.png",
        "eigenfaces recognize faces.safetensors huge.png",
        "eigenfaces reconstruct faces.safetensors huge.png",
        "eigenfaces fit huge --output huge.safetensors --size 8x6",
    ] {
        let answer = setting.dlkit(line);
        assert_named(&answer, line, "huge.png", 2);
        assert!(answer.stderr.contains("22000x22000"), "{line}: {answer:#?}");
    }
}

/// The checksum of a PNG chunk (ISO 3309).
fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 }
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// An endless file is refused wherever a file is taken; to read it would never end.
#[cfg(unix)]
#[test]
fn endless_files_are_refused() {
    let setting = Setting::damaged();
    for ending in ["npy", "onnx", "csv", "safetensors", "npz", "toml"] {
        let link = setting.path(&format!("zero.{ending}"));
        std::os::unix::fs::symlink("/dev/zero", link).unwrap();
    }
    setting.write(
        "table.toml",
        "task = \"regression\"\n\
         data = { kind = \"table\", path = \"zero.csv\", features = [\"a\"], target = \"y\" }\n\
         [network]\ninput = [1]\nlayers = [{ type = \"dense\", units = 1 }]\n\
         [training]\nloss = \"mse\"\nepochs = 1\nbatch_size = 4\n",
    );
    for line in [
        "predict run /dev/zero",
        "predict zero.onnx good.png",
        "predict /dev/zero good.png",
        "trace run --input /dev/zero",
        "trace run --input zero.npy",
        "colorize /dev/zero",
        "colorize good.png --model zero.onnx",
        "homography /dev/zero --matrix m.json --output out.png",
        "homography --points /dev/zero",
        "homography --points zero.csv",
        "homography --matrix /dev/zero",
        "eigenfaces fit zero.npy --output new.safetensors",
        "eigenfaces fit /dev/zero --output new.safetensors",
        "eigenfaces evaluate faces --non-faces zero.npy",
        "eigenfaces recognize zero.safetensors good.png",
        "eigenfaces recognize faces.safetensors /dev/zero",
        "eigenfaces recognize faces.safetensors zero.npy",
        "eigenfaces reconstruct /dev/zero good.png",
        "config check /dev/zero",
        "config show zero.toml",
        "train /dev/zero",
        "train table.toml",
        "inspect zero.onnx",
        "inspect /dev/zero",
        "verify run zero.onnx",
        "weights import r.toml --input zero.npz --output new",
        "weights import r.toml --input zero.safetensors --output new",
        "weights import r.toml --input /dev/zero --output new",
        "weights export zero.onnx --output new.npz",
        "evaluate zero.onnx --data digits",
        "data verify /dev/zero",
        "compare /dev/zero",
        "diagnose /dev/zero",
    ] {
        let answer = setting.dlkit(line);
        assert_eq!(answer.code, Some(2), "{line}: {answer:#?}");
        assert!(answer.stderr.contains("zero"), "{line}: {answer:#?}");
    }
    assert!(!setting.path("new").exists() && !setting.path("new.safetensors").exists());
}
