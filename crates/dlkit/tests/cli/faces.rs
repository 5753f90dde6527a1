//! Eigenfaces at use: files and lists, thresholds, results, copies, alignment.

use std::fmt::Write;
use std::fs;

use image::{GrayImage, Luma};
use serde_json::Value;

use crate::setting::{Answer, Setting, repository};

/// A place with the drawn faces in `f` and a model of those that are known, `m.safetensors`.
pub(crate) fn drawn() -> Setting {
    let setting = Setting::new();
    let source = repository().join("datasets/faces");
    for part in ["known", "new", "strangers", "others"] {
        copy_folder(&source.join(part), &setting.path(&format!("f/{part}")));
    }
    let line = "fit f/known --non-faces f/others --output m.safetensors --no-figures --quiet";
    eigenfaces(&setting, line).done();
    setting
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

pub(crate) fn eigenfaces(setting: &Setting, line: &str) -> Answer {
    setting.dlkit(&format!("eigenfaces {line}"))
}

pub(crate) fn pictures(json: &Value) -> &Vec<Value> {
    json["pictures"].as_array().unwrap()
}

/// Folders as published sets have them, in PGM and TIFF, give the same model as a list of them.
#[test]
fn folders_of_pgm_and_tiff_and_lists_are_read() {
    let setting = drawn();
    let mut list = "# path;label\n\n".to_owned();
    let mut folders: Vec<_> =
        fs::read_dir(setting.path("f/known")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for (folder, number) in folders.iter().zip(1..=2) {
        fs::create_dir_all(setting.path(&format!("att/s{number}"))).unwrap();
        for index in 1..=4 {
            let ending = if index == 1 { "tiff" } else { "pgm" };
            let name = format!("att/s{number}/{index}.{ending}");
            let picture = image::open(folder.join(format!("{index}.png"))).unwrap();
            picture.to_luma8().save(setting.path(&name)).unwrap();
            writeln!(list, "{name};s{number}").unwrap();
        }
    }
    setting.write("att/README", "a set of faces");
    setting.write("all.csv", &list);
    let fit = |path: &str| {
        let line = format!("fit {path} --components 3 --no-figures --force --output a.safetensors");
        eigenfaces(&setting, &format!("{line} --json")).json()
    };
    let (folder, listed) = (fit("att"), fit("all.csv"));
    assert_eq!(folder["pictures"], 8);
    assert_eq!(folder["people"], serde_json::json!(["s1", "s2"]));
    assert_eq!(
        (&listed["people"], &listed["eigenvalues"]),
        (&folder["people"], &folder["eigenvalues"])
    );
    // Beside the list, and below the current directory.
    setting.write("lists/all.txt", list.replace("att/", "../att/"));
    assert_eq!(fit("lists/all.txt")["eigenvalues"], folder["eigenvalues"]);
    let found = eigenfaces(&setting, "recognize a.safetensors all.csv --json").json();
    assert!(pictures(&found).iter().all(|picture| picture["fitted"] == true), "{found}");
    for (name, content, expected) in [
        ("bad.csv", "att/s1/1.tiff,s1\n", "bad.csv, line 1: `att/s1/1.tiff,s1`; give path;label"),
        ("bad.csv", "a.png;\n", "line 1"),
        ("bad.csv", "# nothing\n", "lists no pictures"),
    ] {
        setting.write(name, content);
        let message = eigenfaces(&setting, "fit bad.csv --output b.safetensors").refused();
        assert!(message.contains(expected), "{message}");
    }
    // One that is missing does not stop the others.
    setting.write("some.csv", format!("{list}att/s3/1.pgm;s3\n"));
    let some = eigenfaces(&setting, "fit some.csv --output some.safetensors --no-figures");
    assert_eq!(some.code, Some(1), "{some:#?}");
    assert!(some.stderr.contains("s3/1.pgm") && some.stdout.starts_with("8 pictures"), "{some:#?}");
}

#[test]
fn patterns_are_expanded_and_bad_pictures_reported() {
    let setting = drawn();
    let line = "recognize m.safetensors f/new/a*/*.png --json";
    let found = eigenfaces(&setting, line).json();
    let expected = fs::read_dir(setting.path("f/new"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('a'));
    assert_eq!(pictures(&found).len(), 2 * expected.count());
    setting.write("f/new/ada/bad.png", "no picture");
    let answer = eigenfaces(&setting, "recognize m.safetensors f/new/ada/*.png none/*.png --json");
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((pictures(&json).len(), json["errors"].as_array().unwrap().len()), (2, 2));
    assert!(answer.stderr.contains("none/*.png: no matching picture"), "{answer:#?}");
}

/// Every fitted picture is known and a face; a copy that was saved again, too.
#[test]
fn fitted_pictures_are_known_whatever_the_thresholds() {
    let setting = drawn();
    let all = eigenfaces(&setting, "recognize m.safetensors f/known --json").json();
    assert_eq!(pictures(&all).len(), 72);
    for picture in pictures(&all) {
        assert_eq!((&picture["verdict"], &picture["fitted"]), (&"known".into(), &true.into()));
    }
    let strict = "--face-threshold 0 --known-threshold 0";
    let line = format!("recognize m.safetensors f/known/ada f/new/ada {strict} --json");
    let json = eigenfaces(&setting, &line).json();
    let verdicts: Vec<&str> =
        pictures(&json).iter().map(|picture| picture["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts[..6], ["known"; 6]);
    assert_eq!(verdicts[6..], ["not-a-face"; 2]);
    assert_eq!(json["thresholds"]["face"]["rule"], "given");
}

#[test]
fn thresholds_are_set_at_use() {
    let setting = drawn();
    let known = |options: &str| {
        let line = format!("recognize m.safetensors f/new f/strangers {options} --json");
        let json = eigenfaces(&setting, &line).json();
        let count = pictures(&json).iter().filter(|picture| picture["verdict"] == "known").count();
        (count, json["thresholds"]["known"].clone())
    };
    let (usual, _) = known("");
    let (strict, threshold) = known("--accept-rate 0.05");
    assert!(strict < usual, "{strict} {usual}");
    assert_eq!(threshold["rule"], "accept-rate");
    assert!(threshold["new_accepted"]["share"].as_f64().unwrap() <= 0.05, "{threshold}");
    assert!(threshold["new_accepted"]["people"] == 12, "{threshold}");
    let (all, _) = known("--known-threshold 9 --face-threshold 1e9");
    let whole = known("--known-threshold 9 --face-threshold 1e9 --top 1").0;
    assert!(all == whole && all > usual, "{all} {usual}");
    for (options, expected) in [
        ("--accept-rate 0", "above 0 and below 1"),
        ("--accept-rate 1.5", "above 0 and below 1"),
        ("--accept-rate 0.1 --known-threshold 2", "cannot be used with"),
        ("--face-threshold inf", "must be a finite number"),
        ("--search 0", "choose from 1 to 23 pixels"),
    ] {
        let line = format!("recognize m.safetensors f/new {options}");
        let message = eigenfaces(&setting, &line).refused();
        assert!(message.contains(expected), "{options}: {message}");
    }
    let text = eigenfaces(&setting, "recognize m.safetensors f/new/ada --accept-rate 0.05").done();
    assert!(text.stdout.contains("new people taken for known"), "{text:#?}");
}

#[test]
fn results_are_written_as_a_table_and_as_a_sheet() {
    let setting = drawn();
    let line = "recognize m.safetensors f/new/ada f/others --csv r.csv --sheet r.png --top 2";
    let json = eigenfaces(&setting, &format!("{line} --json")).json();
    assert_eq!(json["written"], serde_json::json!(["r.csv", "r.png"]));
    let table = setting.read("r.csv");
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].ends_with("person_1,picture_1,distance_1,person_2,picture_2,distance_2"));
    assert_eq!(lines.len(), 1 + pictures(&json).len());
    for (line, picture) in lines[1..].iter().zip(pictures(&json)) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), 15, "{line}");
        assert_eq!(
            (cells[0], cells[1]),
            (picture["picture"].as_str().unwrap(), picture["verdict"].as_str().unwrap())
        );
        assert_eq!(cells[9], picture["candidates"][0]["person"].as_str().unwrap());
        let distance = picture["candidates"][0]["distance"].as_f64().unwrap();
        assert!((cells[11].parse::<f64>().unwrap() - distance).abs() < 1e-12, "{line}");
    }
    let sheet = image::open(setting.path("r.png")).unwrap();
    assert!(sheet.width() > 300 && sheet.height() > 300);
    for (line, expected) in [
        (line, "already exist"),
        ("recognize m.safetensors f/new --sheet s.jpg", "must end in .png"),
        ("recognize m.safetensors f/new --csv s.txt", "must end in .csv"),
        ("recognize m.safetensors f/new --force", "--force overwrites the files"),
        ("recognize m.safetensors f/new --sheet f/new/s.png", "lies in the input folder"),
        (
            "recognize m.safetensors f/new/ada/7.png --sheet f/new/ada/7.png --force",
            "f/new/ada/7.png",
        ),
    ] {
        let message = eigenfaces(&setting, line).refused();
        assert!(message.contains(expected), "{line}: {message}");
    }
    eigenfaces(&setting, &format!("{line} --force")).done();
}

#[test]
fn copies_are_told_and_held_out_together() {
    let setting = drawn();
    copy_folder(&setting.path("f/known/ada"), &setting.path("people/ada"));
    copy_folder(&setting.path("f/strangers"), &setting.path("people/copy"));
    // Darker, as TIFF; and one under another name.
    let mut darker = image::open(setting.path("people/ada/1.png")).unwrap().to_luma8();
    for Luma([value]) in darker.pixels_mut() {
        *value = *value / 2 + 20;
    }
    darker.save(setting.path("people/ada/again.tiff")).unwrap();
    fs::copy(setting.path("people/ada/2.png"), setting.path("people/copy/x.png")).unwrap();
    let answer =
        eigenfaces(&setting, "fit people --no-figures --output c.safetensors --json").done();
    let json: Value = serde_json::from_str(&answer.stdout).unwrap();
    let notes: Vec<&str> =
        json["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    let has = |text: &str| notes.iter().any(|note| note.contains(text));
    assert!(
        has("2 pictures are copies of each other") && has("ada/1.png = ada/again.tiff"),
        "{notes:?}"
    );
    assert!(has("the same picture under several people: ada/2.png = copy/x.png"), "{notes:?}");
    assert!(answer.stderr.contains("held out together"), "{answer:#?}");
    let fresh =
        eigenfaces(&setting, "fit f/known --no-figures --output d.safetensors --json").json();
    assert_eq!(fresh["notes"], serde_json::json!([]));
}

#[test]
fn fisherfaces_are_fitted_and_ways_compared() {
    let setting = drawn();
    let line = "fit f/known --method fisherfaces --no-figures --output fisher.safetensors --json";
    let json = eigenfaces(&setting, line).json();
    assert_eq!(
        (&json["features"]["kind"], &json["feature_count"]),
        (&"fisherfaces".into(), &11.into())
    );
    let found = eigenfaces(&setting, "recognize fisher.safetensors f/new --json").json();
    let right = pictures(&found)
        .iter()
        .filter(|picture| {
            let person = picture["candidates"][0]["person"].as_str().unwrap();
            picture["picture"].as_str().unwrap().contains(&format!("/{person}/"))
        })
        .count();
    assert!(right >= 22, "{right} of 24");
    let table =
        eigenfaces(&setting, "evaluate f/known --non-faces f/others --compare").done().stdout;
    for fact in ["histogram", "fisherfaces", "eigenfaces without the first 3, whitened", " *"] {
        assert!(table.contains(fact), "{fact}: {table}");
    }
    let json =
        eigenfaces(&setting, "evaluate f/known --non-faces f/others --compare --json").json();
    let compared = json["compared"].as_array().unwrap();
    assert_eq!(compared.len(), 3 * 7 * 2);
    let rate = |kind: &str| {
        let of = |one: &&Value| {
            one["features"]["kind"] == kind
                && one["features"]["skip"] == 0
                && one["features"]["whiten"] == false
        };
        let rates = compared.iter().filter(of).map(|one| one["correct"].as_f64().unwrap());
        rates.fold(0.0, f64::max)
    };
    assert!(rate("fisherfaces") >= rate("eigenfaces"));
    for (line, expected) in [
        ("fit f/strangers --method fisherfaces --output x.safetensors", "one folder per person"),
        ("fit f/known --method fisherfaces --whiten --output x.safetensors", "leave it out"),
        ("fit f/known --components 4 --skip 4 --output x.safetensors", "--skip 4"),
        ("evaluate f/known --compare --normalize none", "cannot be used with"),
        ("evaluate f/known --compare --output x", "cannot be used with"),
    ] {
        let message = eigenfaces(&setting, line).refused();
        assert!(message.contains(expected), "{line}: {message}");
    }
}

/// A face moved by 4 of 46 pixels is another person's; searched for, it is the right one again.
#[test]
fn shifted_faces_are_recognized_with_a_search() {
    let setting = drawn();
    let mut people = Vec::new();
    for entry in fs::read_dir(setting.path("f/new")).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let first = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let face = image::open(first).unwrap().to_luma8();
        let moved = GrayImage::from_fn(face.width(), face.height(), |x, y| {
            *face.get_pixel(x.saturating_sub(4), (y + 3).min(face.height() - 1))
        });
        fs::create_dir_all(setting.path("moved")).unwrap();
        moved.save(setting.path(&format!("moved/{name}.png"))).unwrap();
        people.push(name);
    }
    let right = |options: &str| {
        let line = format!("recognize m.safetensors moved {options} --json");
        let json = eigenfaces(&setting, &line).json();
        let right = pictures(&json).iter().filter(|picture| {
            let person = picture["candidates"][0]["person"].as_str().unwrap();
            picture["picture"].as_str().unwrap() == format!("moved/{person}.png")
        });
        (right.count(), json)
    };
    let ((without, plain), (with, searched)) = (right(""), right("--search 5"));
    assert!(with >= 10 && with > without, "{with} {without}");
    assert!(plain["pictures"][0]["placement"].is_null());
    let x = searched["pictures"][0]["placement"]["x"].as_f64().unwrap();
    assert!(x > 1.5, "{searched}");
    let text = eigenfaces(&setting, "recognize m.safetensors moved --search 5").done();
    assert!(
        text.stdout.contains("read at") && text.stderr.contains("brings strangers nearer"),
        "{text:#?}"
    );
}

#[test]
fn models_of_the_first_format_are_refused_with_what_to_do() {
    let setting = Setting::new();
    let old = "crates/dlkit-vision/tests/reference/eigenfaces-format-1.safetensors";
    fs::copy(repository().join(old), setting.path("old.safetensors")).unwrap();
    let message = eigenfaces(&setting, "recognize old.safetensors digits").refused();
    for fact in ["old.safetensors", "version 1", "fit the model again"] {
        assert!(message.contains(fact), "{message}");
    }
}

#[test]
fn an_evaluation_says_what_became_of_promises() {
    let setting = drawn();
    let json = eigenfaces(&setting, "evaluate f/known --non-faces f/others --json").json();
    let promises = json["promises"].as_array().unwrap();
    assert_eq!(promises.len(), 9);
    for promise in promises {
        let real = promise["real"]["share"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&real), "{promise}");
    }
    let text = eigenfaces(&setting, "evaluate f/known --non-faces f/others").done().stdout;
    assert!(text.contains("promised") && text.contains("new people accepted"), "{text}");
}
