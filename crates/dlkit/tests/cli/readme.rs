//! Every command the README shows in an `sh` block runs.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::setting::repository;

/// The commands of the `sh` blocks, in order.
fn commands(readme: &str) -> Vec<String> {
    let mut inside = false;
    let mut commands: Vec<String> = Vec::new();
    for line in readme.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside && !line.starts_with('#') && !line.trim().is_empty() => {
                commands.push(line.to_owned());
            }
            _ => {}
        }
    }
    commands
}

#[cfg(unix)]
#[test]
fn every_command_of_the_readme_runs() {
    let root = repository();
    let place = tempfile::tempdir().unwrap();
    for name in ["configs", "datasets", "scripts"] {
        std::os::unix::fs::symlink(root.join(name), place.path().join(name)).unwrap();
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_dlkit")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let commands = commands(&fs::read_to_string(root.join("README.md")).unwrap());
    let own: Vec<&String> =
        commands.iter().filter(|line| line.contains("dlkit ") && !line.contains("cargo")).collect();
    assert!(own.len() >= 8, "{commands:#?}");
    for line in own {
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", line])
            .env("PATH", &path)
            .current_dir(place.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}\n{output:#?}");
    }
}
