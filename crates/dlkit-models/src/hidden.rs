//! Characters that are not seen, or change how others are.

/// Characters of Unicode's category Cf (format), version 16, and the two that separate lines and
/// paragraphs: invisible ones, and those that turn the direction of what follows.
const FORMAT: [(char, char); 21] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0001}', '\u{e0001}'),
    ('\u{e0020}', '\u{e007f}'),
];

/// Whether a character must not reach a terminal as it is, where text comes from elsewhere: control
/// characters, invisible ones, and those that turn the direction of text.
///
/// ```
/// use dlkit_models::hidden::is_hidden;
///
/// assert!("\u{1b}\n\u{ad}\u{200b}\u{202e}\u{feff}\u{e0041}".chars().all(is_hidden));
/// assert!(!"a é e\u{301} 数 🦀 ש -".chars().any(is_hidden));
/// ```
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || FORMAT.iter().any(|&(first, last)| (first..=last).contains(&character))
}

/// Text of a file for a terminal: without hidden characters, which could do anything there.
pub(crate) fn printable(text: &str) -> String {
    printable_lines(text).replace('\n', "\\n")
}

/// Most characters of a text that are shown.
const LONGEST_TEXT: usize = 1 << 16;

/// Text of a file within an error: on one line, and no longer than a reader bears.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 400;
    let mut short: String = printable(&text.chars().take(LONGEST).collect::<String>());
    if text.chars().nth(LONGEST).is_some() {
        short.push_str("...");
    }
    short
}

/// The same, lines kept.
pub(crate) fn printable_lines(text: &str) -> String {
    let mut safe = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == LONGEST_TEXT {
            safe.push_str("...");
            break;
        }
        if character == '\n' || !is_hidden(character) {
            safe.push(character);
        } else {
            safe.extend(character.escape_default());
        }
    }
    safe
}
