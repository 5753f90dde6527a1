//! Lists of files.

use std::path::{Path, PathBuf};

/// Files of an option: each value is a file or a comma-separated list of files. A value that exists as a
/// path is one file, even with commas in its name.
pub(crate) fn listed(values: &[PathBuf]) -> Vec<PathBuf> {
    values.iter().flat_map(|value| divided(value)).collect()
}

fn divided(value: &Path) -> Vec<PathBuf> {
    match value.to_str() {
        Some(text) if text.contains(',') && !value.exists() => {
            text.split(',').filter(|part| !part.is_empty()).map(PathBuf::from).collect()
        }
        _ => vec![value.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_comma_is_one_file_where_it_exists() {
        let directory = tempfile::tempdir().unwrap();
        let whole = directory.path().join("a,b.png");
        let apart = [PathBuf::from("x/a.png"), PathBuf::from("b.png")];
        assert_eq!(listed(&[PathBuf::from("x/a.png,b.png,")]), apart);
        std::fs::write(&whole, "").unwrap();
        assert_eq!(listed(&[whole.clone(), apart[1].clone()]), [whole, apart[1].clone()]);
    }
}
