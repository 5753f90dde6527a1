//! Eigenfaces fitted, applied, measured and refused.

use std::fs;
use std::path::Path;

use image::{GrayImage, Luma};

use crate::setting::{Answer, Setting, repository};

fn eigenfaces(setting: &Setting, line: &str) -> Answer {
    let faces = repository().join("datasets/faces").display().to_string();
    let words: Vec<String> =
        line.split_whitespace().map(|word| word.replace("FACES", &faces)).collect();
    let words: Vec<&str> =
        std::iter::once("eigenfaces").chain(words.iter().map(String::as_str)).collect();
    setting.command(&words).output().unwrap().into()
}

fn fitted() -> Setting {
    let setting = Setting::new();
    let line = "fit FACES/known --non-faces FACES/others --output faces.safetensors --quiet";
    eigenfaces(&setting, line).done();
    setting
}

/// A model named as the folder of its faces is the likeliest of all: what is written must not be read
/// as a face the next time.
#[test]
fn figures_stay_out_of_the_folder_of_the_faces() {
    let setting = Setting::new();
    for index in 1..=4 {
        write_picture(&setting.path(&format!("faces/{index}.png")), 4, 3, index);
    }
    write_picture(&setting.path("faces/wide.png"), 8, 3, 9);
    for force in ["", "--force"] {
        let line = &format!("fit faces --components 2 --output faces.safetensors --json {force}");
        let json = eigenfaces(&setting, line).json();
        assert_eq!(json["pictures"], 5);
        assert_eq!(json["written"][1], "faces-figures/mean.png");
        let note = json["notes"][0].as_str().unwrap();
        assert_eq!(note, "faces: 1 of 5 pictures has another size than 4x3 and was resized");
    }
}

/// A picture that differs from others by its numbers.
fn write_picture(path: &Path, width: u32, height: u32, salt: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let picture = GrayImage::from_fn(width, height, |x, y| {
        Luma([u8::try_from((x * 7 * (salt + 1) + y * y * 3 + salt * 40) % 256).unwrap()])
    });
    picture.save(path).unwrap();
}

/// A `.npy` file of a type, as `numpy.save` writes it.
fn npy(kind: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
    let header = format!("{header:<117}\n");
    let length = u16::try_from(header.len()).unwrap();
    [b"\x93NUMPY\x01\x00".as_slice(), &length.to_le_bytes(), header.as_bytes(), values].concat()
}

#[test]
fn a_fit_writes_model_and_figures_and_explains_itself() {
    let setting = Setting::new();
    let line = "fit FACES/known --components kaiser --output out/f.safetensors --json";
    fs::create_dir(setting.path("out")).unwrap();
    let json = eigenfaces(&setting, line).json();
    assert_eq!((&json["pictures"], &json["method"]), (&72.into(), &"gram".into()));
    assert_eq!(json["people"].as_array().unwrap().len(), 12);
    assert_eq!(json["components"], json["rules"]["kaiser"]);
    // The rule by its definition: above the mean of the n - 1.
    let eigenvalues: Vec<f64> =
        json["eigenvalues"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let mean = eigenvalues.iter().sum::<f64>() / 71.0;
    let above = eigenvalues.iter().filter(|value| **value > mean).count();
    assert_eq!(json["components"], above);
    let names: Vec<String> = [
        "f.safetensors",
        "f-figures/mean.png",
        "f-figures/eigenfaces.png",
        "f-figures/variance.svg",
        "f-figures/variance.png",
    ]
    .map(|name| format!("out/{name}"))
    .to_vec();
    assert_eq!(json["written"], serde_json::json!(names));
    let mean = image::open(setting.path("out/f-figures/mean.png")).unwrap();
    assert_eq!((mean.width(), mean.height()), (46, 56));
    // The same bytes again, with another number of threads.
    let bytes = fs::read(setting.path("out/f.safetensors")).unwrap();
    eigenfaces(
        &setting,
        "fit FACES/known --components kaiser --output g.safetensors --threads 1 --no-figures",
    )
    .done();
    assert_eq!(fs::read(setting.path("g.safetensors")).unwrap(), bytes);
    assert!(!setting.path("g-figures").exists());
}

#[test]
fn faces_are_recognized_strangers_and_others_told() {
    let setting = fitted();
    let json =
        eigenfaces(&setting, "recognize faces.safetensors FACES/new --metric cosine --json").json();
    let pictures = json["pictures"].as_array().unwrap();
    let right = pictures
        .iter()
        .filter(|picture| {
            let person = picture["candidates"][0]["person"].as_str().unwrap();
            picture["picture"].as_str().unwrap().contains(&format!("/{person}/"))
        })
        .count();
    assert!(right >= 22 && pictures.len() == 24, "{right} of {}", pictures.len());
    let count = |folder: &str, verdict: &str| {
        let line = format!("recognize faces.safetensors FACES/{folder} --json");
        let json = eigenfaces(&setting, &line).json();
        let pictures = json["pictures"].as_array().unwrap();
        pictures.iter().filter(|picture| picture["verdict"] == verdict).count()
    };
    assert!(count("others", "not-a-face") >= 22);
    assert!(count("strangers", "unknown") >= 10);
    let text = eigenfaces(&setting, "recognize faces.safetensors FACES/new --mean-distance").done();
    assert!(text.stdout.contains("verdict by it"), "{text:#?}");
}

#[test]
fn faces_are_rebuilt_better_with_more_eigenfaces() {
    let setting = fitted();
    let line =
        "reconstruct faces.safetensors FACES/new/ada --components 1,4,8,16 --output r --json";
    let json = eigenfaces(&setting, line).json();
    for picture in json["pictures"].as_array().unwrap() {
        let errors: Vec<f64> = picture["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["root_mean_square"].as_f64().unwrap())
            .collect();
        assert_eq!(errors.len(), 4);
        assert!(errors.windows(2).all(|pair| pair[1] <= pair[0] + 1e-9), "{errors:?}");
    }
    for name in ["rebuilt.png", "error.svg", "1-7-k1.png", "2-8-k16.png"] {
        assert!(setting.path("r").join(name).is_file(), "{name}");
    }
}

#[test]
fn held_out_faces_are_measured() {
    let setting = Setting::new();
    let line = "evaluate FACES/known --non-faces FACES/others --output e --json";
    let json = eigenfaces(&setting, line).json();
    for rate in json["recognition"].as_array().unwrap() {
        assert_eq!(rate["faces"], 72);
        assert!(rate["rate"].as_f64().unwrap() > 0.8, "{rate}");
    }
    assert!(json["face"][2]["roc"]["equal_error"]["rate"].as_f64().unwrap() < 0.1);
    assert_eq!(json["known"].as_array().unwrap().len(), 4);
    let written = json["written"].as_array().unwrap();
    for name in ["confusion-euclidean.png", "roc-face.png", "roc-known.svg"] {
        assert!(setting.path("e").join(name).is_file(), "{name}");
        assert!(written.contains(&format!("e/{name}").into()), "{name}");
    }
}

#[test]
fn stacks_of_bytes_are_pictures() {
    let setting = Setting::new();
    let mut bytes = Vec::new();
    for index in 1..=6 {
        write_picture(&setting.path(&format!("p/{index}.png")), 4, 3, index);
        bytes.extend(
            image::open(setting.path(&format!("p/{index}.png"))).unwrap().to_luma8().into_raw(),
        );
    }
    setting.write("faces.npy", npy("|u1", "(6, 3, 4)", &bytes));
    let fit = |path: &str| {
        let line =
            format!("fit {path} --components 2 --output m.safetensors --no-figures --force --json");
        eigenfaces(&setting, &line).json()
    };
    let (stack, files) = (fit("faces.npy"), fit("p"));
    let first = |json: &serde_json::Value| json["eigenvalues"][0].as_f64().unwrap();
    assert!((first(&stack) / first(&files) - 1.0).abs() < 1e-6);
}

/// Numbers as they are beside 0 to 1: every verdict would be wrong.
#[test]
fn pictures_of_another_range_are_told() {
    let setting = Setting::new();
    let (mut numbers, mut bytes) = (Vec::new(), Vec::new());
    for index in 1..=6 {
        write_picture(&setting.path(&format!("p/{index}.png")), 4, 3, index);
        let picture = image::open(setting.path(&format!("p/{index}.png"))).unwrap().to_luma8();
        numbers.extend(picture.iter().flat_map(|value| f32::from(*value).to_le_bytes()));
        bytes.extend(picture.into_raw());
    }
    setting.write("float.npy", npy("<f4", "(6, 3, 4)", &numbers));
    setting.write("byte.npy", npy("|u1", "(6, 3, 4)", &bytes));
    let told =
        |line: &str| eigenfaces(&setting, line).done().stderr.contains("bring them to one range");
    for (normalize, differs) in [("none", true), ("contrast", false)] {
        let fit = format!("fit float.npy --components 2 --normalize {normalize} --no-figures");
        assert!(!told(&format!("{fit} --output {normalize}.safetensors")));
        assert!(!told(&format!("recognize {normalize}.safetensors float.npy")));
        for other in ["p", "byte.npy"] {
            assert_eq!(told(&format!("recognize {normalize}.safetensors {other}")), differs);
        }
        let with = format!("{fit} --non-faces p --output {normalize}-2.safetensors");
        assert_eq!(told(&with), differs);
    }
}

#[test]
fn what_the_randomized_way_does_not_find_is_not_counted() {
    let setting = Setting::new();
    let fit = |method: &str, name: &str| {
        let line =
            format!("fit FACES/known --components 3 --method {method} --output {name}.safetensors");
        eigenfaces(&setting, &line).done().stdout
    };
    let text = fit("randomised", "r");
    let kaiser = text.lines().find(|line| line.starts_with("Kaiser, above")).unwrap();
    assert_eq!(kaiser.split_whitespace().filter(|word| *word == "-").count(), 2, "{text}");
    assert!(
        text.contains("more than the 3 eigenvalues that the randomized method computed"),
        "{text}"
    );
    assert!(!fit("gram", "g").contains("more than the"));
    let line = "fit FACES/known --components 3 --method randomized --output j.safetensors --json";
    let json = eigenfaces(&setting, line).json();
    assert_eq!(json["eigenvalues"].as_array().unwrap().len(), 3);
    assert_eq!(json["rules"]["kaiser"], serde_json::Value::Null);
}

/// Nothing tells the two apart: both are noise (Knuth 1997, 3.3.4).
#[test]
fn contrast_is_advised_where_faces_are_hardly_told() {
    let setting = Setting::new();
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        u8::try_from(state >> 24).unwrap()
    };
    for name in ["faces.npy", "others.npy"] {
        let values: Vec<u8> = std::iter::repeat_with(&mut noise).take(144).collect();
        setting.write(name, npy("|u1", "(12, 3, 4)", &values));
    }
    let hinted = |more: &str| {
        let line = format!(
            "fit faces.npy --non-faces others.npy --components 2 --no-figures --output {more}.safetensors \
             --normalize {more}"
        );
        eigenfaces(&setting, &line).done().stderr.contains("--normalize contrast, which")
    };
    assert!(hinted("none"));
    assert!(!hinted("contrast"));
}

#[test]
fn cut_pictures_are_refused_and_what_is_there_is_kept() {
    let setting = fitted();
    for index in 1..=4 {
        write_picture(&setting.path(&format!("cut/{index}.jpg")), 40, 30, index);
    }
    let whole = fs::read(setting.path("cut/4.jpg")).unwrap();
    setting.write("cut/5.jpg", &whole[..whole.len() - 200]);
    let cut = eigenfaces(&setting, "fit cut --output cut.safetensors");
    assert_eq!(cut.code, Some(1), "{cut:#?}");
    assert!(cut.stderr.contains("5.jpg: cut off"), "{cut:#?}");
    assert!(cut.stdout.starts_with("4 pictures, "), "{cut:#?}");
    let model = fs::read(setting.path("faces.safetensors")).unwrap();
    for (line, expected) in [
        ("fit FACES/known --output faces.safetensors", "faces.safetensors: file already exists"),
        (
            "fit FACES/known --output m.safetensors --figures faces-figures",
            "choose another --figures",
        ),
    ] {
        let message = eigenfaces(&setting, line).refused();
        assert!(message.contains(expected), "{line}\n{message}");
    }
    assert_eq!(fs::read(setting.path("faces.safetensors")).unwrap(), model);
    assert!(!setting.path("m.safetensors").exists());
}

/// What is refused, and why.
const REFUSED: [(&str, &str); 36] = [
    ("fit none --output m.safetensors", "none: "),
    ("fit empty --output m.safetensors", "empty: a folder without pictures"),
    ("fit one --output m.safetensors", "2 or more pictures, not 1"),
    ("fit same --output m.safetensors", "all 4 pictures are identical"),
    ("fit same --normalize contrast --output m.safetensors", "all 4 pictures are identical"),
    ("fit sizes --strict --output m.safetensors", "leave --strict out"),
    ("fit mixed --output m.safetensors", "both pictures and folders"),
    ("fit good --components 4 --output m.safetensors", "choose from 1 to 3"),
    ("fit good --components 1.5 --output m.safetensors", "not a number of components"),
    ("fit good --components -1 --output m.safetensors", "not a number of components"),
    ("fit good --size 4x --output m.safetensors", "such as 46x56"),
    ("fit good --size 60000x60000 --output m.safetensors", "choose a smaller --size"),
    ("fit good --folds 1 --output m.safetensors", "choose from 2 to 4"),
    ("fit good --output m.model", "must end in .safetensors"),
    ("fit good --output none/m.safetensors", "--output none/m.safetensors: no such directory"),
    ("fit good --non-faces empty --output m.safetensors", "empty: a folder without pictures"),
    ("fit good --method randomized --output m.safetensors", "give --components N"),
    ("fit flat.npy --output m.safetensors", "[pictures, height, width]"),
    ("fit whole.npy --output m.safetensors", "values of type <i4"),
    ("fit nan.npy --output m.safetensors", "picture 2, counted from 1"),
    (
        "fit good --output m.safetensors --figures good/f",
        "--figures good/f: lies in the input folder good",
    ),
    (
        "fit good --non-faces same --output same/m.safetensors",
        "--figures same/m-figures: lies in the input folder same",
    ),
    ("fit good --output m.safetensors --figures nan.npy", "nan.npy: a file"),
    ("recognize faces.safetensors nan.npy", "picture 2, counted from 1"),
    ("reconstruct faces.safetensors nan.npy --output r", "picture 2, counted from 1"),
    (
        "reconstruct faces.safetensors good --output ./good",
        "--output ./good: lies in the input folder good",
    ),
    (
        "evaluate same --non-faces good --output good",
        "--output good: lies in the input folder good",
    ),
    ("recognize FACES/known/ada/1.png FACES/new", "not a model"),
    ("recognize cut.safetensors FACES/new", "cut.safetensors"),
    ("recognize changed.safetensors FACES/new", "changed.safetensors"),
    ("recognize empty FACES/new", "empty"),
    ("recognize none.safetensors FACES/new", "none.safetensors"),
    ("recognize faces.safetensors --top 0 FACES/new", "--top"),
    ("reconstruct faces.safetensors FACES/new --components 500 --output r", "choose from 0 to"),
    ("evaluate good", "--non-faces"),
    ("evaluate FACES/known --folds 100", "choose from 2 to 72"),
];

#[test]
fn wrong_input_is_refused_and_nothing_is_written() {
    let setting = fitted();
    fs::create_dir(setting.path("empty")).unwrap();
    write_picture(&setting.path("one/1.png"), 4, 3, 1);
    for index in 1..=4 {
        write_picture(&setting.path(&format!("same/{index}.png")), 4, 3, 1);
        write_picture(&setting.path(&format!("sizes/{index}.png")), 3 + index, 5, index);
        write_picture(&setting.path(&format!("good/{index}.png")), 4, 3, index);
        write_picture(&setting.path(&format!("mixed/{index}.png")), 4, 3, index);
        write_picture(&setting.path(&format!("mixed/ada/{index}.png")), 4, 3, index);
    }
    setting.write("flat.npy", npy("<f4", "(12,)", &[0; 48]));
    setting.write("whole.npy", npy("<i4", "(1, 3, 4)", &[0; 48]));
    setting.write("nan.npy", npy("<f4", "(2, 1, 1)", &[0, 0, 0, 0, 0, 0, 192, 127]));
    let model = fs::read(setting.path("faces.safetensors")).unwrap();
    setting.write("cut.safetensors", &model[..model.len() / 2]);
    let mut changed = model.clone();
    *changed.last_mut().unwrap() ^= 1;
    setting.write("changed.safetensors", changed);
    let before = fs::read_dir(setting.path("")).unwrap().count();
    for (line, expected) in REFUSED {
        let message = eigenfaces(&setting, line).refused();
        assert!(message.contains(expected), "{line}\n{message}");
    }
    assert_eq!(fs::read_dir(setting.path("")).unwrap().count(), before);
}

#[test]
fn a_file_that_cannot_be_read_does_not_stop_the_others() {
    let setting = fitted();
    setting.write("in/a.png", "no picture");
    write_picture(&setting.path("in/b.png"), 9, 9, 3);
    let answer = eigenfaces(&setting, "recognize faces.safetensors in --json");
    assert_eq!(answer.code, Some(1));
    assert!(answer.stderr.contains("a.png"), "{answer:#?}");
    let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(json["pictures"].as_array().unwrap().len(), 1);
    assert_eq!(json["pictures"][0]["resized"], true);
    assert_eq!(json["errors"].as_array().unwrap().len(), 1);
}
