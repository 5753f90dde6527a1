//! Matches as a CSV file.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use dlkit_files::StagedFile;
use dlkit_vision::features::FeatureMatch;

/// Writes the matches under a temporary name: `x,y` in the picture, `x2,y2` in the one it is drawn onto.
pub(super) fn staged(
    path: &Path,
    matches: &[FeatureMatch],
    inliers: &[bool],
) -> Result<StagedFile> {
    StagedFile::write(path, table(matches, inliers)?.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}

fn table(matches: &[FeatureMatch], inliers: &[bool]) -> Result<String> {
    let mut text = "x,y,x2,y2,distance,inlier\n".to_owned();
    for (pair, inlier) in matches.iter().zip(inliers) {
        let (source, target) = (pair.source.place, pair.target.place);
        writeln!(
            text,
            "{:.4},{:.4},{:.4},{:.4},{:.4},{}",
            source.x,
            source.y,
            target.x,
            target.y,
            pair.distance,
            u8::from(*inlier)
        )
        .context("cannot write the matches")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use dlkit_vision::features::Keypoint;
    use dlkit_vision::homography::Point;

    use super::*;

    #[test]
    fn each_match_is_a_row() {
        let at = |x, y| Keypoint { place: Point::new(x, y), scale: 2.0, angle: 0.0, response: 0.1 };
        let pair = FeatureMatch {
            source: at(1.25, 2.0),
            target: at(-3.0, 4.123_46),
            distance: 0.25,
            ratio: 0.5,
        };
        let text = table(&[pair, pair], &[true, false]).unwrap();
        let rows = "1.2500,2.0000,-3.0000,4.1235,0.2500,1\n1.2500,2.0000,-3.0000,4.1235,0.2500,0\n";
        assert_eq!(text, format!("x,y,x2,y2,distance,inlier\n{rows}"));
    }
}
