//! A place to run commands in, and tiny data to run them on.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A temporary working directory with tiny data in `digits`.
pub(crate) struct Setting {
    directory: TempDir,
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Answer {
    /// The answer, if the command succeeded.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self
    }

    /// The message of a command that refused its input.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert_eq!(self.code, Some(2), "{self:#?}");
        assert!(self.stdout.is_empty(), "{self:#?}");
        self.stderr
    }

    /// The JSON object on stdout.
    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.done().stdout).unwrap()
    }
}

/// The root of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

impl Setting {
    /// 80 digits to train on and 20 to test on.
    pub(crate) fn new() -> Self {
        let setting = Self { directory: tempfile::tempdir().unwrap() };
        setting.write_digits("digits", 80, 20);
        setting
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Writes IDX files of digit-like pictures: class `c` is a bright bar in row `2 c + 4`, on a
    /// background that differs from picture to picture.
    pub(crate) fn write_digits(&self, directory: &str, train: u32, test: u32) {
        for (prefix, count, salt) in [("train", train, 0), ("t10k", test, 7)] {
            let mut images = header(&[0x803, count, 28, 28]);
            let mut labels = header(&[0x801, count]);
            for index in 0..count {
                let class = u8::try_from(index % 10).unwrap();
                labels.push(class);
                images.extend((0..28_u32 * 28).map(|position| {
                    let (row, column) = (position / 28, position % 28);
                    let noise = (index * 31 + row * 17 + column * 13 + salt) % 50;
                    let bar = row == 2 * u32::from(class) + 4 && (4..24).contains(&column);
                    u8::try_from(if bar { 200 + noise } else { noise }).unwrap()
                }));
            }
            self.write(&format!("{directory}/{prefix}-images-idx3-ubyte"), images);
            self.write(&format!("{directory}/{prefix}-labels-idx1-ubyte"), labels);
        }
    }

    /// Writes a small recipe on the tiny data, with `more` lines in `[training]`.
    pub(crate) fn write_recipe(&self, name: &str, layers: &str, more: &str) {
        self.write(
            name,
            format!(
                "task = \"classification\"\n\
                 data = {{ kind = \"mnist\", path = \"digits\", validation = 0.25 }}\n\
                 [network]\ninput = [1, 28, 28]\n{layers}\n\
                 [training]\nepochs = 2\nbatch_size = 16\n{more}\n"
            ),
        );
    }

    /// Writes small photos of every color there is.
    pub(crate) fn write_colorful_photos(&self, directory: &str, count: u32) {
        fs::create_dir_all(self.path(directory)).unwrap();
        for index in 0..count {
            let channel = |value: u32| u8::try_from(value % 256).unwrap();
            let photo = image::RgbImage::from_fn(128, 128, |x, y| {
                let (x, y) = (x + 40 * index, y + 30 * index);
                image::Rgb([channel(5 * x), channel(3 * y), channel(2 * x + 7 * y)])
            });
            photo.save(self.path(&format!("{directory}/{index}.png"))).unwrap();
        }
    }

    /// The command `dlkit` with these arguments, in this directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dlkit"));
        command.args(arguments).current_dir(self.directory.path());
        command
    }

    /// Runs `dlkit` with the words of a line.
    pub(crate) fn dlkit(&self, line: &str) -> Answer {
        self.command(&line.split_whitespace().collect::<Vec<_>>()).output().unwrap().into()
    }
}

fn header(words: &[u32]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in words {
        bytes.write_all(&word.to_be_bytes()).unwrap();
    }
    bytes
}

/// Two dense layers: trains in milliseconds.
pub(crate) const SMALL: &str = "layers = [{ type = \"flatten\" }, { type = \"dense\", units = 16, activation = \"relu\" }, \
     { type = \"dense\", units = 10 }]";
