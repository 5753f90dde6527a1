//! Input pictures and the paths of their results.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, bail};
use dlkit_files::picture::{LeftOut, LeftOutReason, picture_files};
use image::ImageFormat;

use super::results::{COLORIZED, Originals};
use crate::arguments::{Failures, expanded, is_pattern};

/// A picture and the path of its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) input: PathBuf,
    pub(super) output: Output,
}

/// Path of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// This file.
    Named(PathBuf),
    /// This name; the format of the result decides the ending.
    Stem(PathBuf),
}

/// The jobs of a command line.
pub(super) struct Found {
    pub(super) jobs: Vec<Job>,
    /// Ignored files in folders.
    pub(super) left_out: Vec<LeftOut>,
}

/// The jobs of a command line; inputs that cannot be used become failures.
///
/// # Errors
/// One output file for several pictures; a result that would overwrite a picture.
pub(super) fn jobs(
    inputs: &[PathBuf],
    output: Option<&Path>,
    failures: &mut Failures,
) -> Result<Found> {
    let mut found: Vec<(PathBuf, Option<PathBuf>)> = Vec::new();
    let mut left_out = Vec::new();
    let inputs: Vec<PathBuf> =
        inputs.iter().flat_map(|input| without_results(input, failures, &mut left_out)).collect();
    for input in inputs {
        let base = input.is_dir().then(|| input.clone());
        let listing = picture_files(std::slice::from_ref(&input));
        left_out.extend(listing.left_out);
        let originals = Originals::new(listing.files.iter().flatten());
        let is_result = |file: &Path| {
            // A file that is given by its name is taken whatever its name.
            base.is_some() && originals.have_as_result(file)
                || is_within_output(file, base.as_deref(), output)
        };
        for file in listing.files {
            match file {
                Ok(path) if is_result(&path) => {
                    left_out.push(LeftOut { path, reason: LeftOutReason::Result });
                }
                Ok(file) => found.push((file, base.clone())),
                Err(error) => failures.add(&input, &Error::new(error)),
            }
        }
    }
    let one_file = output.filter(|output| names_a_file(output));
    if let Some(output) = one_file {
        let of_directory = found.iter().any(|(_, base)| base.is_some());
        let pictures: BTreeSet<&PathBuf> = found.iter().map(|(file, _)| file).collect();
        let what = match pictures.len() {
            _ if of_directory => "the pictures of a directory go into one",
            0 | 1 => "",
            _ => "there are several pictures",
        };
        if !what.is_empty() {
            bail!("--output {}: a file, but {what}; give a directory", output.display());
        }
    }
    let jobs: Vec<Job> = found
        .into_iter()
        .map(|(input, base)| {
            let place = match (one_file, output) {
                (Some(file), _) => Output::Named(file.to_owned()),
                (None, output) => Output::Stem(stem(&input, base.as_deref(), output)),
            };
            Job { input, output: place }
        })
        .collect();
    Ok(Found { jobs: distinct(jobs)?, left_out })
}

/// Whether a file lies in the results directory within the input directory.
fn is_within_output(file: &Path, base: Option<&Path>, output: Option<&Path>) -> bool {
    let real = |path: Option<&Path>| path.and_then(|path| path.canonicalize().ok());
    let (Some(base), Some(output)) = (real(base), real(output)) else { return false };
    output != base && real(Some(file)).is_some_and(|file| file.starts_with(&output))
}

/// Files that match a pattern, without results of others of them; a path that is not a pattern matches
/// itself.
fn without_results(
    input: &Path,
    failures: &mut Failures,
    left_out: &mut Vec<LeftOut>,
) -> Vec<PathBuf> {
    let paths = expanded(input, failures);
    if !is_pattern(input) {
        return paths;
    }
    let originals = Originals::new(paths.iter());
    let (results, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|path| originals.have_as_result(path));
    let reason = LeftOutReason::Result;
    left_out.extend(results.into_iter().map(|path| LeftOut { path, reason }));
    paths
}

/// Whether an output names a file and not a directory: it has the ending of a picture, even of a format
/// that dlkit cannot write.
fn names_a_file(output: &Path) -> bool {
    output.extension().and_then(ImageFormat::from_extension).is_some() && !output.is_dir()
}

/// The path of a result without its ending.
fn stem(input: &Path, base: Option<&Path>, output: Option<&Path>) -> PathBuf {
    let relative = base.and_then(|base| input.strip_prefix(base).ok());
    let name = input.file_stem().unwrap_or(input.as_os_str());
    let colorized = |path: &Path| {
        let mut name = path.file_name().unwrap_or(path.as_os_str()).to_owned();
        name.push(COLORIZED);
        path.with_file_name(name)
    };
    match (output, base) {
        (Some(output), _) => match relative {
            Some(relative) => output.join(relative.with_extension("")),
            None => output.join(name),
        },
        (None, Some(base)) => {
            // `.` has no file name.
            let base = base.canonicalize().unwrap_or_else(|_| base.to_owned());
            let folder = colorized(&base);
            relative.map_or_else(|| folder.join(name), |path| folder.join(path.with_extension("")))
        }
        (None, None) => colorized(&input.with_file_name(name)),
    }
}

/// Removes repeated pictures and refuses two pictures with the same result.
fn distinct(jobs: Vec<Job>) -> Result<Vec<Job>> {
    let mut seen: BTreeMap<(PathBuf, Option<OsString>), PathBuf> = BTreeMap::new();
    let mut kept = Vec::new();
    for job in jobs {
        // Pictures that differ only in format get two distinct results.
        let key = match &job.output {
            Output::Named(path) => (path.clone(), None),
            Output::Stem(path) => {
                (path.clone(), job.input.extension().map(OsStr::to_ascii_lowercase))
            }
        };
        let real = job.input.canonicalize().unwrap_or_else(|_| job.input.clone());
        match seen.get(&key) {
            Some(first) if *first == real => continue,
            Some(_) => bail!(
                "{}: the result of two pictures, the second is {}; colorize them one after the other, or \
                 rename one",
                key.0.display(),
                job.input.display()
            ),
            None => {}
        }
        seen.insert(key, real);
        kept.push(job);
    }
    Ok(kept)
}

/// Files that no result may overwrite: the pictures, and the results written so far.
#[derive(Debug, Default)]
pub(super) struct Claims {
    pictures: BTreeSet<PathBuf>,
    results: BTreeSet<PathBuf>,
}

impl Claims {
    pub(super) fn new(jobs: &[Job]) -> Self {
        let pictures = jobs.iter().filter_map(|job| job.input.canonicalize().ok()).collect();
        Self { pictures, results: BTreeSet::new() }
    }

    /// Checks that a file may be written.
    ///
    /// # Errors
    /// The file would overwrite an input or another result.
    pub(super) fn check(&self, path: &Path) -> Result<()> {
        // Follows links; a missing file cannot be overwritten.
        let Ok(real) = path.canonicalize() else { return Ok(()) };
        if self.pictures.contains(&real) {
            bail!("{}: would overwrite an input picture; choose another --output", path.display());
        }
        if self.results.contains(&real) {
            bail!(
                "{}: would overwrite the result of another picture; choose another --output",
                path.display()
            );
        }
        Ok(())
    }

    /// Adds a written file.
    pub(super) fn add(&mut self, path: &Path) {
        self.results.extend(path.canonicalize().ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_lie_beside_their_picture_or_below_the_output() {
        let place = |input: &str, base: Option<&str>, output: Option<&str>| {
            stem(Path::new(input), base.map(Path::new), output.map(Path::new)).display().to_string()
        };
        assert_eq!(place("a/b.c.jpg", None, None), "a/b.c-colorized");
        assert_eq!(place("a/b.jpg", None, Some("out")), "out/b");
        assert_eq!(place("nowhere/x/b.jpg", Some("nowhere"), Some("out")), "out/x/b");
        assert_eq!(place("nowhere/x/b.jpg", Some("nowhere"), None), "nowhere-colorized/x/b");
    }

    #[test]
    fn what_was_named_twice_is_colored_once_and_formats_do_not_meet() {
        let job = |input: &str| Job {
            input: PathBuf::from(input),
            output: Output::Stem(PathBuf::from("out/a")),
        };
        let kept = distinct(vec![job("x/a.png"), job("x/a.JPG"), job("x/a.png")]).unwrap();
        assert_eq!(kept, [job("x/a.png"), job("x/a.JPG")]);
        let message = distinct(vec![job("x/a.png"), job("y/a.png")]).unwrap_err().to_string();
        assert!(message.contains("out/a: the result of two pictures"), "{message}");
    }

    #[test]
    fn results_of_an_earlier_command_are_not_colored_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::create_dir_all(path("photos/out")).unwrap();
        for name in ["photos/a.png", "photos/out/a.png"] {
            std::fs::write(path(name), "").unwrap();
        }
        let found = |output: &str| {
            let mut failures = Failures::default();
            let jobs = jobs(&[path("photos")], Some(&path(output)), &mut failures).unwrap();
            assert!(failures.is_empty());
            jobs.jobs.into_iter().map(|job| job.input).collect::<Vec<_>>()
        };
        assert_eq!(found("photos/out"), [path("photos/a.png")]);
        assert_eq!(found("photos").len(), 2);
        assert_eq!(found("elsewhere").len(), 2);
    }

    #[test]
    fn an_output_with_the_ending_of_a_picture_is_a_file() {
        assert!(names_a_file(Path::new("a/b.PNG")) && names_a_file(Path::new("b.tif")));
        assert!(!names_a_file(Path::new("a/b")) && !names_a_file(Path::new("a/b.2024")));
        let directory = tempfile::Builder::new().suffix(".png").tempdir().unwrap();
        assert!(!names_a_file(directory.path()));
    }
}
