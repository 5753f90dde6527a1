//! A short Python program that applies a frozen file, without dlkit.

use std::path::{Component, Path, PathBuf};

use dlkit_files::overwrite::resolved;

use super::error::FreezeError;
use crate::facts::{ClassifierInput, TaskFacts};

/// The program for pictures, and that for tables. All that differs from network to network is in the metadata.
const PICTURES: &str = include_str!("script/pictures.py");
const TABLES: &str = include_str!("script/tables.py");
/// How both name the frozen file.
const MODEL: &str = "\"model.onnx\"";

/// A Python program that reads pictures or tables as dlkit does, runs a frozen file and prints its predictions.
/// It finds the file relative to where it lies itself.
///
/// # Errors
/// A colorizer, for which a short program is not enough.
pub fn python_script(
    facts: &TaskFacts,
    frozen: &Path,
    script: &Path,
) -> Result<String, FreezeError> {
    let program = match facts {
        TaskFacts::Classification { input: ClassifierInput::Pictures(_), .. } => PICTURES,
        TaskFacts::Classification { input: ClassifierInput::Table { .. }, .. }
        | TaskFacts::Regression { .. } => TABLES,
        TaskFacts::Colorization(_) => return Err(FreezeError::NoScript),
    };
    let whole = |path: &Path| resolved(path).unwrap_or_else(|| path.to_owned());
    let (frozen, script) = (whole(frozen), whole(script));
    let path = relative(&frozen, script.parent().unwrap_or(Path::new("")));
    let path = path.to_string_lossy().replace('\\', "/");
    // Texts of JSON are texts of Python, too.
    let text =
        serde_json::to_string(&path).map_err(|error| FreezeError::Metadata(error.to_string()))?;
    Ok(program.replace(MODEL, &text))
}

/// The path of a file as seen from a directory; both are absolute.
fn relative(file: &Path, directory: &Path) -> PathBuf {
    let shared =
        file.components().zip(directory.components()).take_while(|(own, other)| own == other);
    let shared = shared.count();
    let up = directory.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(file.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_from_where_a_program_lies() {
        for (file, directory, expected) in [
            ("/a/b/c.onnx", "/a/b", "c.onnx"),
            ("/a/b/c.onnx", "/a/d/e", "../../b/c.onnx"),
            ("/a/c.onnx", "/", "a/c.onnx"),
        ] {
            assert_eq!(relative(Path::new(file), Path::new(directory)), Path::new(expected));
        }
    }

    #[test]
    fn colorizers_have_none() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/colorizer.onnx");
        let frozen = crate::freeze::FrozenNetwork::load(&path).unwrap();
        let script = python_script(&frozen.metadata().facts, &path, Path::new("a.py"));
        assert!(matches!(script, Err(FreezeError::NoScript)), "{script:?}");
    }

    #[test]
    fn both_programs_name_the_file_once() {
        for program in [PICTURES, TABLES] {
            assert_eq!(program.matches(MODEL).count(), 1);
        }
    }
}
