//! The whole output of every command, help pages included, as a user sees it. What differs between
//! machines is replaced: paths, figures, numbers of threads and bytes, checksums.
//!
//! To accept changed texts: `INSTA_UPDATE=always cargo test --release --test cli snapshots`.

use std::fmt::Write;

use crate::setting::{Answer, Setting, repository};

/// Every command that has a help page.
const PAGES: [&str; 39] = [
    "",
    "new",
    "train",
    "evaluate",
    "predict",
    "colorize",
    "crossval",
    "prune",
    "freeze",
    "verify",
    "inspect",
    "trace",
    "compare",
    "diagnose",
    "activations",
    "homography",
    "eigenfaces",
    "eigenfaces fit",
    "eigenfaces recognize",
    "eigenfaces locate",
    "eigenfaces reconstruct",
    "eigenfaces evaluate",
    "weights",
    "weights plot",
    "weights animate",
    "weights export",
    "weights import",
    "config",
    "config check",
    "config show",
    "config init",
    "config schema",
    "data",
    "data show",
    "data verify",
    "devices",
    "completions",
    "help",
    "--version",
];

/// Commands whose output holds no figure that a processor could change but decimals.
const EXACT: [&str; 17] = [
    "config check r.toml",
    "config show r.toml",
    "config init",
    "config init new.toml",
    "config check none.toml",
    "config check r.toml --set training.epochs=0",
    "data verify digits",
    "data verify none",
    "inspect r.toml",
    "inspect r.toml --format markdown",
    "inspect r.toml --format dot",
    "inspect r.toml --format svg",
    "activations relu softplus -1 0 1",
    "homography --points 0,0,0,0;9,1,9,0;8,7,9,9;1,6,0,9",
    "homography --points 0,0,0,0;9,1,9,0 --save-matrix new.json",
    "homography 1.png --matrix m.json --output warped.png",
    "predict none 1.png",
];

/// Commands on what was trained: every number is replaced.
const TRAINED: [&str; 31] = [
    "train r.toml --output new",
    "train --resume run",
    "train none.toml",
    "evaluate run",
    "evaluate run.onnx --data digits",
    "evaluate none",
    "predict run 1.png bad.png",
    "predict numbers table.csv",
    "colorize 1.png --short-side 16 --output color.png",
    "colorize bad.png",
    "crossval table.toml --set-grid training.learning_rate=0.1,0.01 --folds 2",
    "prune run --output pruned",
    "freeze run --output new.onnx",
    "verify run run.onnx",
    "verify other run.onnx",
    "inspect run.onnx",
    "inspect run --weights dense1",
    "trace run --input 1.png",
    "compare run other",
    "compare none",
    "diagnose run",
    "diagnose numbers",
    "eigenfaces fit faces --components 2 --output new.safetensors",
    "eigenfaces recognize faces.safetensors faces/1.png bad.png",
    "eigenfaces reconstruct faces.safetensors faces/1.png",
    "eigenfaces evaluate people --folds 2",
    "weights plot run --output new.svg",
    "weights animate run --output new.gif",
    "weights export run --output new.npz",
    "weights export run --output ./new.npz",
    "weights import r.toml --input new.npz --output imported",
];

/// Commands with a long output: only the first lines are compared.
const LONG: [&str; 2] = ["completions bash", "config schema"];

#[test]
fn help_pages() {
    let setting = Setting::new();
    for page in PAGES {
        let line = if page.starts_with("--") { page.to_owned() } else { format!("{page} --help") };
        let text = if page == "help" { "help".to_owned() } else { line };
        let shown = shown(&text, &setting.dlkit(&text));
        let name = format!("help {page}").replace([' ', '-'], "_");
        insta::assert_snapshot!(name, shown.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }
}

#[test]
fn outputs() {
    let setting = Setting::doors();
    for (lines, masks_all) in [(&EXACT[..], false), (&TRAINED[..], true)] {
        for line in lines {
            let shown = shown(line, &setting.dlkit(line));
            let text = masked(&without_paths(&setting, &shown), masks_all);
            let name = line.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
            insta::assert_snapshot!(name, text);
        }
    }
}

#[test]
fn first_lines_of_long_outputs() {
    let setting = Setting::new();
    for line in LONG {
        let shown = shown(line, &setting.dlkit(line));
        let first: Vec<&str> = shown.lines().take(16).collect();
        let name = line.replace(' ', "_");
        insta::assert_snapshot!(name, without_paths(&setting, &first.join("\n")));
    }
}

#[test]
fn devices() {
    let setting = Setting::new();
    let shown = shown("devices", &setting.dlkit("devices"));
    // Graphics cards depend on the machine, the second column on the features of the build.
    let lines = shown.lines().filter(|line| !line.starts_with("wgpu:")).map(|line| {
        let cells: Vec<&str> =
            line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        match cells.as_slice() {
            [name, _, what] if *name != "device" => format!("{name}  BUILT  {what}"),
            _ => masked_line(&cells.join("  "), line.starts_with("threads")),
        }
    });
    insta::assert_snapshot!("devices", lines.collect::<Vec<_>>().join("\n"));
}

/// The command line, the exit code and both outputs.
fn shown(line: &str, answer: &Answer) -> String {
    let mut text = format!("$ dlkit {line}\nexit code {:?}\n", answer.code);
    for (name, output) in [("stdout", &answer.stdout), ("stderr", &answer.stderr)] {
        if !output.is_empty() {
            write!(text, "--- {name}\n{output}").unwrap();
        }
    }
    text
}

pub(crate) fn without_paths(setting: &Setting, text: &str) -> String {
    let [place, repository] = [setting.path(""), repository()]
        .map(|path| path.display().to_string().trim_end_matches('/').to_owned());
    let text = text.replace(&place, "PLACE").replace(&repository, "REPOSITORY");
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// The text after its first two lines with decimals, or all numbers, as `#`, and spaces before and
/// after them as two: columns are as wide as their figures. Checksums become `HASH`.
fn masked(text: &str, masks_all: bool) -> String {
    let mut lines = text.lines();
    let mut result: Vec<String> = lines.by_ref().take(2).map(str::to_owned).collect();
    result.extend(lines.map(|line| masked_line(line, masks_all)));
    result.join("\n")
}

fn masked_line(line: &str, masks_all: bool) -> String {
    let mut words = Vec::new();
    let all: Vec<&str> = line.split(' ').collect();
    for (index, word) in all.iter().enumerate() {
        let varies = all
            .get(index + 1)
            .is_some_and(|next| ["threads", "bytes"].iter().any(|noun| next.starts_with(noun)));
        words.push(masked_word(word, masks_all || varies));
    }
    let masked = words.join(" ");
    if masked == line {
        return masked;
    }
    masked.split("  ").map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
}

/// A word with its numbers masked; names that hold a digit, such as `dense1`, are kept.
pub(crate) fn masked_word(word: &str, masks_all: bool) -> String {
    if word.len() >= 40 && word.chars().filter(char::is_ascii_hexdigit).count() >= 40 {
        return "HASH".to_owned();
    }
    let is_name = |text: &str| text.chars().filter(char::is_ascii_alphabetic).count() > 1;
    word.split_inclusive(['[', ']', '(', ')', ',', '/', '=', ':', ';'])
        .map(|part| {
            let number = part.trim_matches(|letter: char| {
                !letter.is_ascii_digit() && letter != '-' && letter != '.'
            });
            let is_number = number.contains(|letter: char| letter.is_ascii_digit());
            let is_decimal = number.contains('.') || number.contains("e-");
            if !is_number || is_name(part) || !(masks_all || is_decimal) {
                part.to_owned()
            } else {
                part.replace(number, "#")
            }
        })
        .collect::<String>()
        .replace("#,#", "#")
}
