//! Every shipped recipe runs, on tiny data.

use std::fs;
use std::path::{Path, PathBuf};

use crate::setting::{Setting, repository};

fn recipes(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(recipes(&path));
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_recipe_trains_on_tiny_data() {
    let setting = Setting::new();
    setting.write_colorful_photos("photos", 4);
    let recipes = recipes(&repository().join("configs"));
    assert!(recipes.len() >= 3, "{recipes:?}");
    for (index, recipe) in recipes.iter().enumerate() {
        let text = fs::read_to_string(recipe).unwrap();
        let table =
            format!("--set data.path={}/datasets/sparse/sparse.csv", repository().display());
        let data = if text.contains("kind = \"line\"") {
            ""
        } else if text.contains("kind = \"table\"") {
            &table
        } else if text.contains("kind = \"photos\"") {
            "--set data.path=photos --set data.crops=1 --set training.batch_size=2 \
             --set data.validation=0.25"
        } else {
            "--set data.path=digits --set data.validation=0.25"
        };
        let recipe = recipe.display();
        setting
            .dlkit(&format!("train --config {recipe} {data} --epochs 1 --output run{index}"))
            .done();
    }
}

#[test]
fn every_recipe_opens_with_goal_command_data_time_and_result() {
    for recipe in recipes(&repository().join("configs")) {
        let text = fs::read_to_string(&recipe).unwrap();
        for word in ["# Goal: ", "# Command: ", "# Data: ", "# Time: ", "# Expected: "] {
            assert!(text.contains(word), "{} lacks {word}", recipe.display());
        }
    }
}

#[test]
fn the_recipe_of_config_init_is_fine() {
    let setting = Setting::new();
    setting.dlkit("config init mine.toml").done();
    setting.dlkit("config check mine.toml").done();
    let message = setting.dlkit("config init mine.toml").refused();
    assert!(message.contains("mine.toml: file already exists"), "{message}");
}
