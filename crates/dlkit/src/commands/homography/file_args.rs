//! Options for files of points and matrices, and for many pictures.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dlkit_vision::matrix_files::MatrixFormat;
use image::ImageFormat;

use super::Args;

/// Files of points and matrices, and many pictures.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct FileArgs {
    /// More pictures, directories of pictures, or patterns such as "*.jpg": each is warped into the
    /// directory of --output, by the same matrix, points or corners.
    #[arg(value_name = "FILE|DIR|GLOB")]
    pub(super) more: Vec<PathBuf>,
    /// Matrix file to apply: JSON, OpenCV's FileStorage (YAML, XML, JSON), text of NumPy, or .npy, with
    /// 3x3 or 2x3 numbers. Its canvas is kept, if it has one.
    #[arg(long, help_heading = "Estimation", value_name = "FILE")]
    pub(super) matrix: Option<PathBuf>,
    /// Write the matrix: .json keeps the canvas; .yml and .xml are for OpenCV, .txt and .npy for NumPy.
    #[arg(long, help_heading = "Results", value_name = "FILE")]
    pub(super) save_matrix: Option<PathBuf>,
    /// Points to map, instead of a picture: a file as for --points with x and y, or "x,y x,y ...". Prints
    /// them with their images, or writes them to --output (.csv, .txt or .json).
    #[arg(long, help_heading = "Warping", value_name = "FILE|POINTS", allow_hyphen_values = true)]
    pub(super) map: Option<String>,
    /// With many pictures: skip those whose results exist, to resume an interrupted command.
    #[arg(long, help_heading = "Results", conflicts_with = "force")]
    pub(super) skip_existing: bool,
}

impl FileArgs {
    /// The file of `--map`, if it names one.
    pub(super) fn map_file(&self) -> Option<&Path> {
        self.map.as_deref().map(Path::new).filter(|path| path.exists())
    }
}

/// Refuses combinations of these options that clap cannot check.
pub(super) fn check(args: &Args, estimates: bool) -> Result<()> {
    let files = &args.files;
    if let (Some(path), true) = (&files.matrix, estimates) {
        bail!(
            "--matrix {}: reads a matrix, but points are given too; to write the matrix, use \
             --save-matrix FILE; to apply a matrix, leave the points out",
            path.display()
        );
    }
    if let Some(path) = &files.save_matrix
        && MatrixFormat::of(path).is_none()
    {
        bail!(
            "--save-matrix {}: the file name must end in .json, .yml, .yaml, .xml, .txt or .npy",
            path.display()
        );
    }
    if args.image.is_none() && files.map.is_none() && args.output.is_some() {
        bail!("--output is for a picture or for --map; give one, or leave --output out");
    }
    if files.map.is_some() {
        return check_map(args);
    }
    let is_batch = super::batch::is_batch(args);
    if files.skip_existing && !is_batch {
        bail!("--skip-existing is for many pictures; leave it out");
    }
    if !is_batch {
        return Ok(());
    }
    if let Some(flag) = args.estimation.of_uncertainty() {
        bail!("{flag} is for the report of one picture; leave {flag} out, or give one picture");
    }
    let of_one = [
        ("--onto", args.onto.is_some()),
        ("--overlay", args.overlay.is_some()),
        ("--forward", args.forward.is_some()),
        ("--save-matrix", files.save_matrix.is_some()),
        ("--world-file", args.units.wants_world_file()),
    ];
    if let Some((flag, _)) = of_one.iter().find(|(_, given)| *given) {
        bail!(
            "{flag} is for one picture, whose --output is a file; leave {flag} out, or give one picture \
             and one file"
        );
    }
    match &args.output {
        None => bail!("several pictures need --output DIR, the directory of the results"),
        Some(output) if names_a_picture(output) && !output.is_dir() => bail!(
            "--output {}: a file, but there are several pictures; give a directory",
            output.display()
        ),
        Some(_) => Ok(()),
    }
}

/// Whether a path has the ending of a picture, even of a format that is not written.
pub(super) fn names_a_picture(path: &Path) -> bool {
    path.extension().and_then(ImageFormat::from_extension).is_some()
}

/// Refuses options that mean nothing with `--map`.
fn check_map(args: &Args) -> Result<()> {
    if args.image.is_some() && args.onto.is_none() {
        bail!("--map maps points, not the picture; leave the picture or --map out");
    }
    if let Some(flag) = args.estimation.of_uncertainty() {
        bail!("{flag} is for the report of an estimate; with --map, leave {flag} out");
    }
    if !args.files.more.is_empty() {
        bail!("--map maps points, not pictures; leave all pictures but that of --onto out");
    }
    let before = [("--overlay", args.overlay.is_some()), ("--forward", args.forward.is_some())];
    let after = [
        ("--blend", args.blend),
        ("--matches", args.matches.is_some()),
        ("--skip-existing", args.files.skip_existing),
        ("--world-file", args.units.wants_world_file()),
    ];
    let mut of_pictures = before.into_iter().chain(args.of_warping()).chain(after);
    if let Some((flag, _)) = of_pictures.find(|(_, given)| *given) {
        bail!("{flag} is for pictures, but --map maps points; leave one of them out");
    }
    Ok(())
}
