//! Progress bars for the current file and for all files.

use std::path::Path;
use std::time::Duration;

use dlkit_files::printable;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Console;

/// A bar for the pixels of the current file and, with several files, a bar for the files.
pub(super) struct ColorProgress {
    bars: MultiProgress,
    files: ProgressBar,
    file: ProgressBar,
}

impl ColorProgress {
    pub(super) fn new(console: Console, files: usize) -> Self {
        let target = if console.shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bars = MultiProgress::with_draw_target(target);
        let all = ProgressBar::new(files as u64);
        let file = ProgressBar::new(0);
        for (bar, template) in [
            (&all, "{prefix} {wide_bar} {pos}/{len} files, {eta} left"),
            (&file, "{prefix} {wide_bar} {percent} %, {eta} left"),
        ] {
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
        }
        all.set_prefix("all");
        if files > 1 {
            bars.add(all.clone());
        }
        bars.add(file.clone());
        file.enable_steady_tick(Duration::from_millis(200));
        Self { bars, files: all, file }
    }

    /// Starts a file.
    pub(super) fn begin(&self, path: &Path) {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        self.file.reset();
        self.file.set_prefix(printable(&name));
    }

    /// Shows the number of finished pixels of the file.
    pub(super) fn pixels(&self, done: usize, all: u64) {
        self.file.set_length(all);
        self.file.set_position(done as u64);
    }

    /// Ends a file, successful or not.
    pub(super) fn end(&self) {
        self.files.inc(1);
    }

    /// Hides the bars while it prints.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bars.suspend(print)
    }
}

impl Drop for ColorProgress {
    fn drop(&mut self) {
        self.file.finish_and_clear();
        self.files.finish_and_clear();
    }
}
