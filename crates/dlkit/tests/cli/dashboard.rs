//! The dashboard in a terminal of its own, which `script` of util-linux gives.

use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::setting::{SMALL, Setting};

/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Trains with a dashboard until an epoch is done, then types keys, each a moment after the one before;
/// gives the exit code as a shell sees it, and the account of the run.
fn typed(keys: &[&str]) -> (i32, serde_json::Value) {
    let setting = Setting::new();
    setting.write_recipe("r.toml", SMALL, "");
    let line = format!(
        "{} train r.toml --epochs 100000 --output run --dashboard",
        env!("CARGO_BIN_EXE_dlkit")
    );
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(setting.path("."))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !setting.path("run/last").exists() {
        assert!(begun.elapsed() < PATIENCE, "no epoch was finished");
        sleep(Duration::from_millis(50));
    }
    let mut keyboard = terminal.stdin.take().unwrap();
    for key in keys {
        sleep(Duration::from_secs(1));
        keyboard.write_all(key.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }
    let status = loop {
        if let Some(status) = terminal.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < 2 * PATIENCE, "the training did not stop");
        sleep(Duration::from_millis(50));
    };
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap());
    (code, serde_json::from_str(&setting.read("run/run.json")).unwrap())
}

#[test]
fn a_dashboard_is_stopped_by_its_keys_and_by_ctrl_c_with_the_checkpoint_kept() {
    // Ctrl-C; q and "stop"; q and "stop immediately".
    for keys in [&["\u{3}"][..], &["q", "s"], &["q", "k"]] {
        let (code, account) = typed(keys);
        assert_eq!(code, 130, "{keys:?}");
        assert_eq!(account["outcome"], "interrupted", "{keys:?}");
        assert!(account["epochs"].as_u64().unwrap() >= 1, "{keys:?}");
    }
}
