//! Text of a file, made fit to be shown: without hidden characters, and no longer than a reader bears.

use dlkit_files::{printable, printable_lines};

/// Most characters of a text that are shown.
const LONGEST_TEXT: usize = 1 << 16;
/// Most characters of a text within an error.
const LONGEST_IN_ERROR: usize = 400;

/// On one line.
pub(crate) fn shown(text: &str) -> String {
    cut(text, LONGEST_TEXT, printable)
}

/// Its lines kept.
pub(crate) fn shown_lines(text: &str) -> String {
    cut(text, LONGEST_TEXT, printable_lines)
}

/// Within an error: on one line.
pub(crate) fn shortened(text: &str) -> String {
    cut(text, LONGEST_IN_ERROR, printable)
}

fn cut(text: &str, most: usize, escaped: fn(&str) -> String) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => escaped(&text[..end]) + "...",
        None => escaped(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_and_hidden_characters_escaped() {
        assert_eq!(shortened(&"é".repeat(401)), "é".repeat(400) + "...");
        assert_eq!(shortened(&"é".repeat(400)), "é".repeat(400));
        assert_eq!(shown("a\nb\u{1b}"), "a\\nb\\u{1b}");
        assert_eq!(shown_lines("a\nb\u{1b}"), "a\nb\\u{1b}");
    }
}
