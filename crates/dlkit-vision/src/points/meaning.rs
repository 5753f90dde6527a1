//! The words of names of columns and lists.

use crate::homography::Side;

/// Coordinates that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum System {
    /// x and y.
    Plain,
    /// Column and row.
    Grid,
    /// u and v.
    Uv,
    /// Longitude and latitude.
    Geographic,
    /// Easting and northing.
    Projected,
}

/// The words of coordinates to the right (or to the east), and of those down (or to the north).
const AXES: [(&str, System, usize); 22] = [
    ("x", System::Plain, 0),
    ("y", System::Plain, 1),
    ("col", System::Grid, 0),
    ("cols", System::Grid, 0),
    ("column", System::Grid, 0),
    ("sample", System::Grid, 0),
    ("row", System::Grid, 1),
    ("rows", System::Grid, 1),
    ("line", System::Grid, 1),
    ("u", System::Uv, 0),
    ("v", System::Uv, 1),
    ("lon", System::Geographic, 0),
    ("lng", System::Geographic, 0),
    ("long", System::Geographic, 0),
    ("longitude", System::Geographic, 0),
    ("east", System::Projected, 0),
    ("easting", System::Projected, 0),
    ("lat", System::Geographic, 1),
    ("latitude", System::Geographic, 1),
    ("north", System::Projected, 1),
    ("northing", System::Projected, 1),
    ("northings", System::Projected, 1),
];

/// Words of source points.
const SOURCES: [&str; 19] = [
    "src", "source", "sources", "from", "pixel", "pixels", "image", "img", "photo", "picture",
    "in", "input", "before", "moving", "query", "old", "orig", "original", "scan",
];

/// Words of target points.
const TARGETS: [&str; 25] = [
    "dst",
    "dest",
    "destination",
    "target",
    "targets",
    "tgt",
    "to",
    "map",
    "world",
    "geo",
    "gcp",
    "ground",
    "real",
    "page",
    "out",
    "output",
    "after",
    "fixed",
    "train",
    "new",
    "ref",
    "reference",
    "warped",
    "rectified",
    PRIME,
];

/// The word for the stroke of x'.
const PRIME: &str = "prime";

/// Words that say neither which point nor which coordinate.
const OTHERS: [&str; 23] = [
    "px",
    "mm",
    "cm",
    "m",
    "km",
    "deg",
    "degree",
    "degrees",
    "meter",
    "meters",
    "metre",
    "metres",
    "coord",
    "coords",
    "coordinate",
    "coordinates",
    "pos",
    "position",
    "point",
    "points",
    "pt",
    "pts",
    "p",
];

/// What a name says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The coordinates it is one of, and which: 0 for x, 1 for y.
    pub(super) axis: Option<(System, usize)>,
    pub(super) side: Option<Side>,
    pub(super) number: Option<u32>,
    /// Whether the coordinate is written in capitals.
    pub(super) is_capital: bool,
}

impl Meaning {
    /// What a name says; none if one of its words is unknown.
    pub(super) fn of(name: &str) -> Option<Self> {
        let mut meaning = Self::default();
        for word in words(name) {
            meaning.read(&word)?;
        }
        (meaning != Self::default()).then_some(meaning)
    }

    fn read(&mut self, word: &str) -> Option<()> {
        let lower = word.to_lowercase();
        if self.read_known(&lower, word) {
            return Some(());
        }
        // Two words in one, such as `srcx` and `xdst`.
        let (first, second) = (1..lower.len())
            .filter(|place| lower.is_char_boundary(*place))
            .map(|place| lower.split_at(place))
            .find(|(first, second)| {
                let (is_axis, is_side) = (|word: &str| axis_of(word).is_some(), is_side);
                is_side(first) && is_axis(second) || is_axis(first) && is_side(second)
            })?;
        (self.read_known(first, first) && self.read_known(second, second)).then_some(())
    }

    /// Notes a word; false if it is unknown or contradicts an earlier one.
    fn read_known(&mut self, lower: &str, word: &str) -> bool {
        if let Some(axis) = axis_of(lower) {
            self.is_capital = word.chars().all(char::is_uppercase);
            return self.axis.replace(axis).is_none();
        }
        if let Some(side) = side_of(lower) {
            return self.side.replace(side).is_none_or(|before| before == side);
        }
        let number = match lower {
            "a" | "first" => Some(1),
            "b" | "second" => Some(2),
            _ => lower.parse().ok(),
        };
        match number {
            Some(number) => self.number.replace(number).is_none(),
            None => OTHERS.contains(&lower),
        }
    }
}

fn axis_of(word: &str) -> Option<(System, usize)> {
    AXES.iter().find(|(own, ..)| *own == word).map(|(_, system, axis)| (*system, *axis))
}

fn side_of(word: &str) -> Option<Side> {
    if SOURCES.contains(&word) {
        Some(Side::Source)
    } else {
        TARGETS.contains(&word).then_some(Side::Target)
    }
}

fn is_side(word: &str) -> bool {
    side_of(word).is_some() || ["a", "b"].contains(&word)
}

/// The words of a name: divided at signs, before capitals, and around digits. A unit in brackets
/// is left out; the strokes of x' become a word.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let name = name.trim().trim_matches('"').trim();
    let named = name.split(['(', '[']).next().unwrap_or(name);
    for character in named.chars() {
        let is_stroke = matches!(character, '\'' | '\u{2032}' | '\u{2019}' | '`');
        let is_turn = character.is_uppercase() && before.is_lowercase()
            || character.is_ascii_digit() != before.is_ascii_digit();
        if is_turn || !character.is_alphanumeric() {
            words.push(String::new());
        }
        if is_stroke {
            words.push(PRIME.to_owned());
        } else if let (true, Some(word)) = (character.is_alphanumeric(), words.last_mut()) {
            word.push(character);
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}
