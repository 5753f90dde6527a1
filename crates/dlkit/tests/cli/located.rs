//! Faces located in photos, lined up by their eyes, and compared with what lists say.

use std::fmt::Write;
use std::fs;

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};
use serde_json::Value;

use crate::faces::{drawn, eigenfaces, pictures};
use crate::setting::{Setting, repository};

/// A place with the drawn faces and two photos: an astronaut, and a landscape without a face.
fn photos() -> Setting {
    let setting = drawn();
    let shipped = repository().join("datasets/photos");
    fs::create_dir(setting.path("album")).unwrap();
    for (from, to) in [("train/astronaut.jpg", "album/a.jpg"), ("test/sunset.jpg", "album/b.jpg")] {
        fs::copy(shipped.join(from), setting.path(to)).unwrap();
    }
    setting
}

/// The eyes of the astronaut, as a person sees them in the photo of 256x256 pixels.
const EYES: [[f64; 2]; 2] = [[104.0, 56.0], [125.0, 54.0]];

#[test]
fn the_face_of_a_photo_is_located_and_marked() {
    let setting = photos();
    let line = "locate m.safetensors album/a.jpg --output marked.png --csv faces.csv --json";
    let json = eigenfaces(&setting, line).json();
    let faces = json["photos"][0]["faces"].as_array().unwrap();
    assert_eq!(faces.len(), 1, "{json:#}");
    let at = |key: &str| faces[0]["located"][key].as_f64().unwrap();
    for [x, y] in EYES {
        let inside = |place: f64, start: f64| (start..start + at("side")).contains(&place);
        assert!(inside(x, at("x")) && inside(y, at("y")), "{:#}", faces[0]);
    }
    assert!((25.0..90.0).contains(&at("side")), "{:#}", faces[0]);
    assert_eq!(json["written"], serde_json::json!(["marked.png", "faces.csv"]));
    let table = setting.read("faces.csv");
    assert!(table.lines().next().unwrap().ends_with("face_x,face_y,face_side,face_votes"));
    // Only the square differs from the photo.
    let [photo, marked] = ["album/a.jpg", "marked.png"]
        .map(|name| image::open(setting.path(name)).unwrap().to_rgb8());
    assert_eq!(photo.dimensions(), marked.dimensions());
    let changed = photo.pixels().zip(marked.pixels()).filter(|(a, b)| a != b).count();
    assert!((100..6000).contains(&changed), "{changed}");
    let none = eigenfaces(&setting, "locate m.safetensors album/b.jpg");
    assert_eq!(none.code, Some(1), "{none:#?}");
    assert!(none.stdout.contains("album/b.jpg: no face"), "{none:#?}");
    let all = eigenfaces(&setting, "locate m.safetensors album --output shown").done();
    assert!(all.stdout.contains("1 face in 1 of 2 photos"), "{all:#?}");
    assert!(setting.path("shown/a.png").is_file() && setting.path("shown/b.png").is_file());
    for (line, expected) in [
        ("locate m.safetensors album --output one.png", "several photos need a directory"),
        ("locate m.safetensors album/a.jpg --output a.gif", "--output"),
        ("locate m.safetensors album/a.jpg --min-face 9", "the smallest that can be found have 24"),
        ("locate m.safetensors album/a.jpg --votes 0", "--votes"),
        ("locate m.safetensors none.jpg", "none.jpg"),
        ("locate album/a.jpg album/b.jpg", "not a model"),
        ("locate m.safetensors album --output album/shown", "lies in the input folder"),
    ] {
        let answer = eigenfaces(&setting, line);
        assert!(answer.code == Some(2) && answer.stderr.contains(expected), "{line}: {answer:#?}");
    }
}

/// `--align` takes the same boxes, and leaves out what has none, or several.
#[test]
fn located_faces_are_fitted_and_recognized() {
    let setting = photos();
    let photo = image::open(setting.path("album/a.jpg")).unwrap().to_luma8();
    let mut two = GrayImage::new(512, 256);
    imageops::replace(&mut two, &photo, 0, 0);
    imageops::replace(&mut two, &photo, 256, 0);
    for index in 0..6_u32 {
        // The same person, smaller, elsewhere, in other light.
        let side = 256 + 24 * index;
        let mut canvas = GrayImage::from_pixel(420, 400, Luma([90]));
        let mut own = imageops::resize(&photo, side, side, FilterType::Triangle);
        own.pixels_mut()
            .for_each(|Luma([value])| *value = (*value / 10) * (10 - u8::try_from(index).unwrap()));
        imageops::replace(&mut canvas, &own, i64::from(5 * index), i64::from(4 * index));
        let path = setting.path(&format!("people/{}/{index}.png", index % 2));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        canvas.save(path).unwrap();
    }
    two.save(setting.path("people/0/two.png")).unwrap();
    fs::copy(setting.path("album/b.jpg"), setting.path("people/1/none.jpg")).unwrap();
    let fit =
        "fit people --align --size 32x40 --no-figures --components 2 --output l.safetensors --json";
    let answer = eigenfaces(&setting, fit);
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&json["pictures"], &json["width"]), (&6.into(), &32.into()), "{json:#}");
    assert_eq!(json["errors"].as_array().unwrap().len(), 2, "{json:#}");
    assert!(answer.stderr.contains("2 faces were located"), "{answer:#?}");
    assert!(answer.stderr.contains("no face was located"), "{answer:#?}");
    let answer = eigenfaces(&setting, "recognize l.safetensors album --align --json");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(pictures(&json).len(), 1);
    assert_eq!(json["errors"].as_array().unwrap().len(), 1);
    assert!(pictures(&json)[0]["located"]["side"].as_f64().unwrap() > 25.0, "{json:#}");
    // A whole photo is no face of this model.
    let whole = eigenfaces(&setting, "recognize l.safetensors album/a.jpg").done();
    assert!(whole.stderr.contains("fitted with --align"), "{whole:#?}");
    for (line, expected) in [
        ("recognize l.safetensors album --align --eyes e.csv", "cannot be used with"),
        ("recognize l.safetensors album --align --strict", "cannot be used with"),
        ("recognize l.safetensors album --eyes e.csv", "fitted without --eyes"),
        ("fit album/b.jpg --align --output x.safetensors", "no face was located"),
        ("fit people --eyes none.csv --output x.safetensors", "none.csv"),
    ] {
        let message = eigenfaces(&setting, line).refused();
        assert!(message.contains(expected), "{line}: {message}");
    }
}

/// Faces that were enlarged, turned by a right angle's tenth and moved are those that were fitted.
#[test]
fn eyes_bring_faces_to_their_places() {
    let setting = drawn();
    let mut table = "picture;left eye;right eye\n".to_owned();
    for entry in fs::read_dir(setting.path("f/known")).unwrap() {
        let person = entry.unwrap().file_name().into_string().unwrap();
        for index in 1..=6 {
            writeln!(table, "{person}/{index}.png;14,22;31,22").unwrap();
        }
    }
    // Without a line, a picture is left out.
    let cut = table.replace("ada/6.png;14,22;31,22\n", "");
    setting.write("eyes.csv", &cut);
    let fit = "fit f/known --eyes eyes.csv --size 46x56 --no-figures --output e.safetensors --json";
    let answer = eigenfaces(&setting, fit);
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(
        answer.stderr.contains("ada/6.png: left out, because eyes.csv has no line"),
        "{answer:#?}"
    );
    // Twice as large, at another place, the eyes given in the other order.
    let (mut asked, mut people) = ("file,rx,ry,lx,ly\n".to_owned(), Vec::new());
    for person in ["ada", "bruno"] {
        for index in 1..=5 {
            let Ok(face) = image::open(setting.path(&format!("f/known/{person}/{index}.png")))
            else {
                continue;
            };
            let large = imageops::resize(&face.to_luma8(), 92, 112, FilterType::Triangle);
            let mut canvas = GrayImage::from_pixel(200, 180, Luma([70]));
            imageops::replace(&mut canvas, &large, 61, 37);
            let name = format!("{person}-{index}.png");
            fs::create_dir_all(setting.path("asked")).unwrap();
            canvas.save(setting.path(&format!("asked/{name}"))).unwrap();
            // The center of pixel x comes to 2 x + 0.5.
            writeln!(asked, "{name},123.5,81.5,89.5,81.5").unwrap();
            people.push(person);
        }
    }
    setting.write("asked/eyes.csv", &asked);
    let json =
        eigenfaces(&setting, "recognize e.safetensors asked/*.png --eyes asked/eyes.csv --json");
    let json = json.json();
    assert_eq!(pictures(&json).len(), people.len());
    for (picture, person) in pictures(&json).iter().zip(people) {
        assert_eq!(picture["candidates"][0]["person"], person, "{picture:#}");
        let distance = picture["candidates"][0]["distance"].as_f64().unwrap();
        assert!(distance < 0.02, "{picture:#}");
    }
    setting.write("other.csv", "asked/none.png;1,2;3,4\n");
    setting.write("twice.csv", "asked/ada-1.png;1,2;3,4\nasked/ada-1.png;1,2;3,5\n");
    setting.write("far.csv", "asked/ada-1.png;1,2;999,4\n");
    for (table, expected) in [
        ("other.csv", "none of its pictures exists"),
        ("twice.csv", "line 2: `asked/ada-1.png` has other eyes"),
        ("far.csv", "an eye at 999, 4: outside the picture of 200x180 pixels"),
    ] {
        let line = format!("recognize e.safetensors asked/ada-1.png --eyes {table}");
        let message = eigenfaces(&setting, &line).refused();
        assert!(message.contains(expected), "{table}: {message}");
    }
}

/// A list of path;label says whether the verdicts are right; a search, where pictures were read.
#[test]
fn lists_say_what_is_right_and_tables_where_pictures_were_read() {
    let setting = drawn();
    let list = "f/new/ada/7.png;ada\nf/new/ada/8.png;nobody\nf/strangers/stranger1-1.png;nobody\n";
    let stranger = fs::read_dir(setting.path("f/strangers")).unwrap().next().unwrap().unwrap();
    let stranger = stranger.file_name().into_string().unwrap();
    setting.write("list.csv", list.replace("stranger1-1.png", &stranger));
    let line =
        "recognize m.safetensors list.csv --known-threshold 0 --face-threshold 1e9 --csv r.csv";
    let json = eigenfaces(&setting, &format!("{line} --json")).json();
    // With this threshold nobody is known: wrong for ada, right for the others.
    assert_eq!(json["labels"], serde_json::json!({"known": [0, 1], "others": [2, 2]}));
    let table = setting.read("r.csv");
    assert!(table.lines().next().unwrap().ends_with(",label,right"));
    assert!(table.lines().nth(1).unwrap().ends_with(",ada,false"), "{table}");
    assert!(table.lines().nth(2).unwrap().ends_with(",nobody,true"), "{table}");
    let line = "recognize m.safetensors list.csv --search 4 --csv s.csv --force";
    let text = eigenfaces(&setting, line).done().stdout;
    assert!(text.contains("verdicts right ("), "{text}");
    let table = setting.read("s.csv");
    assert!(table.lines().next().unwrap().ends_with(",shift_x,shift_y,scale,turn,label,right"));
    // Folders are no labels.
    let json = eigenfaces(&setting, "recognize m.safetensors f/new --json").json();
    assert!(json.get("labels").is_none());
}

/// What few people cannot tell is said.
#[test]
fn an_accept_rate_that_is_not_reached_is_told() {
    let setting = drawn();
    let note = |rate: &str| {
        let line = format!("recognize m.safetensors f/new/ada --accept-rate {rate}");
        eigenfaces(&setting, &line).done().stderr
    };
    assert!(
        note("0.001").contains("--accept-rate 0.001: not reached; 72 held-out pictures"),
        "{}",
        note("0.001")
    );
    assert!(!note("0.3").contains("not reached"));
}
