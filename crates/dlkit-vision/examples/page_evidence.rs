//! Prints the quadrilaterals of photos that may be sheets, and what speaks for each: the file, the
//! eight coordinates of the corners and the numbers of the evidence, separated by tabs. From these,
//! `scripts/bench/pages.py calibrate` fits the weights of the confidence.
//!
//! Usage: `page_evidence PHOTO...`

#![expect(clippy::print_stdout, reason = "a program")]

use std::path::PathBuf;

use dlkit_vision::page::candidates;

/// Candidates printed for each photo.
const MOST: usize = 25;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let photo = dlkit_files::picture::read_picture(&path)?;
        for candidate in candidates(&photo).iter().take(MOST) {
            let corners = candidate.corners.iter().flat_map(|corner| [corner.x, corner.y]);
            let numbers = corners.chain(candidate.evidence.numbers());
            let row: Vec<String> = numbers.map(|number| format!("{number:.5}")).collect();
            println!("{}\t{}", path.display(), row.join("\t"));
        }
    }
    Ok(())
}
