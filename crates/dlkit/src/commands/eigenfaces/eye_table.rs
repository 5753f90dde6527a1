//! Tables of the places of eyes: `--eyes`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use dlkit_files::regular::read_regular;

use super::folder::is_stack;
use super::named_file::File;

/// Maximum size of a table in bytes.
const LARGEST_TABLE: u64 = 1 << 26;

/// Two eyes: x and y of each, in pixels of the picture.
pub(super) type Eyes = [[f64; 2]; 2];

/// The eyes of pictures.
pub(super) struct EyeTable {
    path: PathBuf,
    /// By absolute path.
    eyes: HashMap<PathBuf, Eyes>,
}

/// What a column of the table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Picture,
    /// An eye (0 is the first) and an axis (0 is x).
    Number(usize, usize),
    /// An eye: x and y in one cell.
    Pair(usize),
    Other,
}

/// What to write.
const REMEDY: &str = "give picture;x,y;x,y, such as s1/1.pgm;31,52;61,53, or name the columns in the first \
     line, such as picture;left eye x;left eye y;right eye x;right eye y";

impl EyeTable {
    /// Reads a table. A path starts at the folder of the table, at one of the inputs or, if nothing is
    /// there, at the current directory; pictures that are nowhere are not an error.
    pub(super) fn read(path: &Path, inputs: &[PathBuf]) -> Result<Self> {
        let name = format!("--eyes {}", path.display());
        let bytes =
            read_regular(path, LARGEST_TABLE).with_context(|| format!("{name}: cannot be read"))?;
        let text = String::from_utf8(bytes)
            .ok()
            .with_context(|| format!("{name}: not text in UTF-8; {REMEDY}"))?;
        let places: Vec<&Path> =
            path.parent().into_iter().chain(inputs.iter().map(PathBuf::as_path)).collect();
        let mut eyes = HashMap::new();
        for (line, file, own) in lines(&text).with_context(|| name.clone())? {
            let Some(found) = places
                .iter()
                .map(|place| place.join(&file))
                .chain([PathBuf::from(&file)])
                .find_map(|candidate| candidate.canonicalize().ok())
            else {
                continue;
            };
            if eyes.insert(found, own).is_some_and(|other| other != own) {
                bail!(
                    "{name}, line {line}: `{file}` has other eyes in a line before; keep one of them"
                );
            }
        }
        if eyes.is_empty() {
            bail!(
                "{name}: none of its pictures exists; paths start at its folder, at an input, or here"
            );
        }
        Ok(Self { path: path.to_owned(), eyes })
    }

    /// The table as the user named it.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The eyes of a picture file; none if there is no line for it. A stack has none.
    pub(super) fn eyes(&self, file: &File) -> Option<Eyes> {
        let path = file.path.canonicalize().ok().filter(|path| !is_stack(path))?;
        self.eyes.get(&path).copied()
    }
}

/// The lines of a table: number from 1, picture, eyes.
fn lines(text: &str) -> Result<Vec<(usize, String, Eyes)>> {
    let mut columns: Option<Vec<Column>> = None;
    let mut found = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = index + 1;
        let separator = [';', '\t'].into_iter().find(|mark| line.contains(*mark)).unwrap_or(',');
        let cells: Vec<&str> =
            line.split(separator).map(|cell| cell.trim().trim_matches('"').trim()).collect();
        let layout = match &columns {
            Some(layout) => layout,
            None if cells.iter().skip(1).any(|cell| numbers(cell).is_none()) => {
                columns = Some(
                    named(&cells).with_context(|| format!("line {number}: `{line}`; {REMEDY}"))?,
                );
                continue;
            }
            None => columns.insert(
                unnamed(cells.len())
                    .with_context(|| format!("line {number}: `{line}`; {REMEDY}"))?,
            ),
        };
        let (file, eyes) = read_line(layout, &cells)
            .with_context(|| format!("line {number}: `{line}`; {REMEDY}"))?;
        found.push((number, file, eyes));
    }
    if found.is_empty() {
        bail!("no pictures; {REMEDY}");
    }
    Ok(found)
}

/// The columns without names.
fn unnamed(count: usize) -> Option<Vec<Column>> {
    use Column::{Number, Pair, Picture};
    match count {
        3 => Some(vec![Picture, Pair(0), Pair(1)]),
        5 => Some(vec![Picture, Number(0, 0), Number(0, 1), Number(1, 0), Number(1, 1)]),
        _ => None,
    }
}

/// The columns by their names: a picture and each number once.
fn named(cells: &[&str]) -> Option<Vec<Column>> {
    let columns: Vec<Column> = cells.iter().copied().map(column).collect();
    let count = |wanted: Column| columns.iter().filter(|column| **column == wanted).count();
    let whole = (0..2).all(|eye| {
        let numbers = [count(Column::Number(eye, 0)), count(Column::Number(eye, 1))];
        (count(Column::Pair(eye)), numbers) == (1, [0, 0])
            || (count(Column::Pair(eye)), numbers) == (0, [1, 1])
    });
    (count(Column::Picture) == 1 && whole).then_some(columns)
}

/// What a name of a column says: `left eye x`, `lefteye_x`, `lx` and `left` all name the first eye.
fn column(name: &str) -> Column {
    let letters: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    if ["picture", "image", "file", "filename", "path", "name", "photo", "imageid"]
        .contains(&letters.as_str())
    {
        return Column::Picture;
    }
    let rest = letters.replace("eye", "").replace("position", "").replace("pos", "");
    let side = |word: &str, letter: char| {
        rest.strip_prefix(word)
            .or_else(|| rest.strip_suffix(word))
            .or_else(|| rest.strip_prefix(letter))
            .or_else(|| rest.strip_suffix(letter))
            .map(str::to_owned)
    };
    let eye = side("left", 'l').map(|axis| (0, axis));
    match eye.or_else(|| side("right", 'r').map(|axis| (1, axis))) {
        Some((eye, axis)) => match axis.as_str() {
            "x" => Column::Number(eye, 0),
            "y" => Column::Number(eye, 1),
            "" | "xy" => Column::Pair(eye),
            _ => Column::Other,
        },
        None => Column::Other,
    }
}

/// The numbers of a cell, with a comma or spaces between.
fn numbers(cell: &str) -> Option<Vec<f64>> {
    let words = cell.split([',', ' ']).filter(|word| !word.is_empty());
    let found: Option<Vec<f64>> =
        words.map(|word| word.parse().ok().filter(|number: &f64| number.is_finite())).collect();
    found.filter(|numbers| !numbers.is_empty())
}

fn read_line(columns: &[Column], cells: &[&str]) -> Option<(String, Eyes)> {
    if columns.len() != cells.len() {
        return None;
    }
    let (mut picture, mut eyes) = (None, [[0.0; 2]; 2]);
    for (column, cell) in columns.iter().zip(cells) {
        match column {
            Column::Picture => picture = Some(*cell).filter(|cell| !cell.is_empty()),
            Column::Number(eye, axis) => {
                let &[number] = numbers(cell)?.as_slice() else { return None };
                eyes[*eye][*axis] = number;
            }
            Column::Pair(eye) => {
                let &[x, y] = numbers(cell)?.as_slice() else { return None };
                eyes[*eye] = [x, y];
            }
            Column::Other => {}
        }
    }
    Some((picture?.to_owned(), eyes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The forms in which published sets give eyes.
    #[test]
    fn tables_are_read_in_many_forms() {
        let expected = [(2, "s1/1.pgm".to_owned(), [[31.0, 52.5], [61.0, 53.0]])];
        for head in [
            "picture;left eye;right eye\ns1/1.pgm;31,52.5;61,53",
            "picture;left eye x,y;right eye x,y\ns1/1.pgm;31,52.5;61,53",
            "# eyes\ns1/1.pgm;31,52.5;61,53",
            "\u{feff}# eyes\r\ns1/1.pgm,31,52.5,61,53\r\n",
            "file,lefteye_x,lefteye_y,righteye_x,righteye_y\ns1/1.pgm,31,52.5,61,53",
            "image,age,rx,ry,lx,ly\ns1/1.pgm,41,61,53,31,52.5",
            "\"Path\"\t\"RIGHT EYE (x, y)\"\t\"LEFT EYE (x, y)\"\ns1/1.pgm\t61 53\t31 52.5",
            "name;x left;y left;x right;y right\ns1/1.pgm;31;52.5;61;53",
        ] {
            let found = lines(head).unwrap();
            assert_eq!(found, expected, "{head}");
        }
    }

    #[test]
    fn other_tables_are_refused_with_the_line() {
        for (text, expected) in [
            ("", "no pictures"),
            ("picture;left eye;right eye\n", "no pictures"),
            ("a.png;1,2", "line 1: `a.png;1,2`"),
            ("a.png;1,2;3", "line 1"),
            ("picture;left eye;right eye\na.png;1,2;3,four", "line 2"),
            ("a.png,1,2,3,4\nb.png,1,2,3", "line 2"),
            ("picture;left eye;nose\na.png;1,2;3,4", "line 1"),
            ("a.png,1,2,3,inf", "line 1"),
        ] {
            let error = format!("{:#}", lines(text).unwrap_err());
            assert!(error.contains(expected) && error.contains("picture;"), "{text}: {error}");
        }
    }
}
