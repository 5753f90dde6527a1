//! Colors that a user gives at some places of a photo.

use thiserror::Error;

use crate::facts::color::lab_from_rgb;
use crate::value::number::float;

/// Most hints of a photo.
const MOST_HINTS: usize = 10_000;
/// The shorter side of a photo in radii of a hint, where none is given: about 5 of 256 pixels across, in
/// the middle of those that SIGGRAPH17 learned from.
const RADII: f64 = 100.0;

/// The color of a disk of a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hint {
    /// Column of the middle in pixels, 0 in the middle of the left ones.
    pub x: f64,
    /// Row of the middle in pixels, 0 in the middle of the top ones.
    pub y: f64,
    /// Red, green and blue, 0 to 255; only its a and b are used.
    pub color: [u8; 3],
    /// In pixels; none for a hundredth of the photo's shorter side.
    pub radius: Option<f64>,
}

/// Hints of one photo; where disks overlap, the later one counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Hints {
    /// With their lines, from 1.
    hints: Vec<(usize, Hint)>,
}

/// Why hints cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HintError {
    /// Lines that are not hints.
    #[error("{}; a hint is x,y,#rrggbb or x,y,#rrggbb,radius, in pixels of the photo", .0.join("; "))]
    Lines(Vec<String>),
    /// No hints.
    #[error("no hints; a hint is x,y,#rrggbb or x,y,#rrggbb,radius, in pixels of the photo")]
    Empty,
    /// Too many.
    #[error("{0} hints; at most {MOST_HINTS} are allowed")]
    Many(usize),
    /// Hints that lie beyond the photo.
    #[error("{}; the photo has {width}x{height} pixels, x from 0 to {} and y from 0 to {}",
        lines.join("; "), width - 1, height - 1)]
    Beyond {
        /// The lines and their places.
        lines: Vec<String>,
        /// Of the photo.
        width: usize,
        /// Of the photo.
        height: usize,
    },
}

impl Hints {
    /// Reads hints of a text with lines `x,y,#rrggbb` or `x,y,#rrggbb,radius`. A first line of names,
    /// empty lines and lines that begin with `#` are left out.
    ///
    /// # Errors
    /// Lines that are not hints, all of them; no hints, or too many.
    pub fn parse(text: &str) -> Result<Self, HintError> {
        let mut hints = Vec::new();
        let mut bad = Vec::new();
        let text = text.trim_start_matches('\u{feff}');
        for (place, line) in text.lines().enumerate() {
            let line = line.trim();
            let is_header = hints.is_empty() && bad.is_empty() && is_header(line);
            if line.is_empty() || line.starts_with('#') || is_header {
                continue;
            }
            match hint(line) {
                Ok(hint) => hints.push((place + 1, hint)),
                Err(reason) => bad.push(format!("line {}: {reason}", place + 1)),
            }
        }
        match hints.len() {
            _ if !bad.is_empty() => Err(HintError::Lines(shortened(bad))),
            0 => Err(HintError::Empty),
            count if count > MOST_HINTS => Err(HintError::Many(count)),
            _ => Ok(Self { hints }),
        }
    }

    /// Checks that all hints lie on a photo of a height and a width.
    ///
    /// # Errors
    /// Some do not; all of them are named.
    pub fn check(&self, [height, width]: [usize; 2]) -> Result<(), HintError> {
        let on = |at: f64, size: usize| (0.0..=float(size.max(1)) - 1.0).contains(&at);
        let beyond =
            self.hints.iter().filter(|(_, hint)| !on(hint.x, width) || !on(hint.y, height));
        let lines: Vec<String> =
            beyond.map(|(line, hint)| format!("line {line}: {},{}", hint.x, hint.y)).collect();
        let lines = shortened(lines);
        if lines.is_empty() { Ok(()) } else { Err(HintError::Beyond { lines, width, height }) }
    }

    /// The a and b of each place of a coarser or finer grid over a photo that has one, row by row. The
    /// place that a hint lies in always has its color.
    pub(super) fn seen(&self, photo: [usize; 2], grid: [usize; 2]) -> Vec<Option<[f32; 2]>> {
        let mut found = vec![None; grid[0] * grid[1]];
        let scale = [0, 1].map(|axis| float(photo[axis].max(1)) / float(grid[axis].max(1)));
        let usual = float(photo[0].min(photo[1])) / RADII;
        for (_, hint) in &self.hints {
            let [_, a, b] = lab_from_rgb(hint.color.map(|byte| f32::from(byte) / 255.0));
            let radius = hint.radius.unwrap_or(usual);
            let middle = [hint.y, hint.x];
            let [rows, columns] = [0, 1].map(|axis| {
                let at = |shift: f64| place((middle[axis] + shift + 0.5) / scale[axis], grid[axis]);
                (at(-radius)..=at(radius), at(0.0))
            });
            for row in rows.0 {
                for column in columns.0.clone() {
                    let place = [row, column];
                    let away =
                        |axis: usize| (float(place[axis]) + 0.5) * scale[axis] - 0.5 - middle[axis];
                    let within = away(0).hypot(away(1)) <= radius;
                    if within || (row, column) == (rows.1, columns.1) {
                        found[row * grid[1] + column] = Some([a, b]);
                    }
                }
            }
        }
        found
    }
}

/// The place of a grid that a coordinate lies in, or the nearest one.
fn place(at: f64, size: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "limited to the places of a grid"
    )]
    let place = at.floor().clamp(0.0, float(size.max(1)) - 1.0) as usize;
    place
}

/// A list for a message.
fn shortened(mut lines: Vec<String>) -> Vec<String> {
    const MOST: usize = 20;
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    lines.extend((more > 0).then(|| format!("{more} more lines")));
    lines
}

/// Whether a line has the names of columns.
fn is_header(line: &str) -> bool {
    let name = line.split(',').next().unwrap_or_default().trim().trim_matches('"');
    name.eq_ignore_ascii_case("x")
}

fn hint(line: &str) -> Result<Hint, String> {
    let cells: Vec<&str> =
        line.split(',').map(|cell| cell.trim().trim_matches('"').trim()).collect();
    let (x, y, color, radius) = match cells[..] {
        [x, y, color] => (x, y, color, None),
        [x, y, color, radius] => (x, y, color, Some(radius).filter(|radius| !radius.is_empty())),
        _ => return Err(format!("`{line}` has {} values", cells.len())),
    };
    let number = |name: &str, text: &str| {
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| format!("{name} is `{text}`, not a number"))
    };
    let radius = radius.map(|text| {
        let radius = number("the radius", text)?;
        if radius >= 0.0 { Ok(radius) } else { Err(format!("the radius is {text}, below 0")) }
    });
    let color =
        rgb(color).ok_or_else(|| format!("the color is `{color}`, not one like #c04020"))?;
    Ok(Hint { x: number("x", x)?, y: number("y", y)?, color, radius: radius.transpose()? })
}

/// The color of `#rrggbb`.
fn rgb(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some([red, green, blue])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bad_line_is_named() {
        let message = |text: &str| Hints::parse(text).unwrap_err().to_string();
        let found = message(
            "x,y,color\n1,2,#ff0000\n3,4,red\n\n5,#00ff00\n6,no,#0000ff\n7,8,#112233,-1\n9,9,#12345é",
        );
        for expected in [
            "line 3: the color is `red`, not one like #c04020",
            "line 5: `5,#00ff00` has 2 values",
            "line 6: y is `no`, not a number",
            "line 7: the radius is -1, below 0",
            "line 8: the color is `#12345é`",
            "a hint is x,y,#rrggbb or x,y,#rrggbb,radius",
        ] {
            assert!(found.contains(expected), "{found}");
        }
        assert!(!found.contains("line 2"), "{found}");
        assert!(message("x,y,color\n# none\n").starts_with("no hints"));
        assert!(message("nan,1,#000000").contains("line 1: x is `nan`"));
        assert!(message(&"1,2,#ff0000\n".repeat(10_001)).contains("at most 10000"));
        let long = message(&"a\n".repeat(30));
        assert!(long.contains("line 20:") && long.contains("10 more lines"), "{long}");
    }

    #[test]
    fn hints_lie_on_the_photo() {
        let hints = Hints::parse("\u{feff}X,Y,Color,Radius\n\"0\", 0 ,#FF0000,\n29,19,#00ff00,2.5")
            .unwrap();
        assert_eq!(hints.hints[1].1.radius, Some(2.5));
        assert_eq!(hints.hints[0].1.color, [255, 0, 0]);
        hints.check([20, 30]).unwrap();
        let message = hints.check([30, 20]).unwrap_err().to_string();
        assert_eq!(
            message,
            "line 3: 29,19; the photo has 20x30 pixels, x from 0 to 19 and y from 0 to 29"
        );
    }

    #[test]
    fn disks_are_those_of_the_photo_and_later_ones_count() {
        // A photo of 8 rows and 16 columns, seen as 4 by 4: places are 2 pixels high and 4 wide.
        let seen = |text: &str| {
            let found = Hints::parse(text).unwrap().seen([8, 16], [4, 4]);
            let red = lab_from_rgb([1.0, 0.0, 0.0]);
            let shown = |ab: &Option<[f32; 2]>| match ab {
                None => '.',
                Some([a, _]) if (a - red[1]).abs() < 1e-3 => 'r',
                Some(_) => 'o',
            };
            found.iter().map(shown).collect::<String>()
        };
        // Too small for the middle of a place, but it lies in one.
        assert_eq!(seen("15,7,#ff0000,0"), ".... .... .... ...r".replace(' ', ""));
        // Middles of rows 2 and 4, and of columns 5.5 and 9.5: two of each within 3 pixels of (8, 3).
        assert_eq!(seen("7.5,3.5,#ff0000,3"), ".... .rr. .rr. ....".replace(' ', ""));
        assert_eq!(
            seen("7.5,3.5,#ff0000,3\n9.5,2.5,#0000ff,0.1"),
            ".... .ro. .rr. ....".replace(' ', "")
        );
    }
}
