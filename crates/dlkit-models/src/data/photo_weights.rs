//! How often photos are drawn, by their names.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::error::DataError;
use super::layout::Layout;
use super::photos::PhotosConfig;

/// How often each training photo is drawn, by the weights of a recipe; their order is that of `files`.
///
/// # Errors
/// A name that no photo's path begins with; weights that leave no photo.
pub(crate) fn named_weights(
    config: &PhotosConfig,
    files: &[PathBuf],
) -> Result<Vec<f64>, DataError> {
    let root = Layout::find(&config.path)?.learned(&config.path)?.to_owned();
    let mut unused: BTreeSet<&String> = config.weights.keys().collect();
    let mut weight = |file: &PathBuf| {
        let path = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().into_owned();
        let named = config.weights.iter().filter(|(name, _)| path.starts_with(name.as_str()));
        let longest = named.max_by_key(|(name, _)| name.len());
        longest.map_or(1.0, |(name, weight)| {
            unused.remove(name);
            *weight
        })
    };
    let weights: Vec<f64> = files.iter().map(&mut weight).collect();
    if let Some(name) = unused.first() {
        return Err(DataError::Unfit(format!(
            "data.weights: no training photo's path within {} begins with \"{name}\"",
            root.display()
        )));
    }
    if weights.iter().all(|weight| *weight == 0.0) {
        return Err(DataError::Unfit("data.weights: all training photos have weight 0".to_owned()));
    }
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use image::RgbImage;

    use super::super::photos::PhotoFiles;
    use super::*;

    #[test]
    fn weights_are_those_of_the_longest_name() {
        let parts = tempfile::tempdir().unwrap();
        for name in ["train/sea/a.png", "train/sea/far/b.png", "train/c.png"] {
            let path = parts.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            RgbImage::new(4, 3).save(path).unwrap();
        }
        let weights = |names: &[(&str, f64)]| {
            let weights = names.iter().map(|(name, weight)| ((*name).to_owned(), *weight));
            let config = PhotosConfig {
                validation: 0.0,
                weights: weights.collect(),
                ..PhotosConfig::new(parts.path().to_owned())
            };
            let files = PhotoFiles::find(&config, 1).unwrap().train;
            let found = named_weights(&config, &files).map_err(|error| error.to_string())?;
            let name = |file: &PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
            Ok::<_, String>(files.iter().map(name).zip(found).collect::<BTreeMap<_, _>>())
        };
        let found = weights(&[("sea/", 0.25), ("sea/far", 2.0)]).unwrap();
        assert_eq!(found.values().copied().collect::<Vec<_>>(), [0.25, 2.0, 1.0]);
        let message = weights(&[("see/", 0.25)]).unwrap_err();
        assert!(message.contains("begins with \"see/\""), "{message}");
        assert!(weights(&[("", 0.0)]).unwrap_err().contains("all training photos"));
    }
}
