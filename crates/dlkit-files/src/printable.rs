//! Makes text from outside safe for a terminal.

/// Characters of Unicode's category Cf (format), version 16, and the two that separate lines and
/// paragraphs: invisible ones, and those that change the direction of what follows.
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

/// Whether a character must not reach a terminal unescaped: a control character, an invisible
/// one, or one that changes the direction of text.
///
/// ```
/// use dlkit_files::is_hidden;
///
/// assert!("\u{1b}\n\u{ad}\u{200b}\u{202e}\u{feff}\u{e0041}".chars().all(is_hidden));
/// assert!(!"a é e\u{301} 数 🦀 ש -".chars().any(is_hidden));
/// ```
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || FORMAT.iter().any(|&(first, last)| (first..=last).contains(&character))
}

/// Escapes every hidden character of a text, line ends included.
///
/// ```
/// assert_eq!(dlkit_files::printable("é\u{1b}[2J\n"), "é\\u{1b}[2J\\n");
/// ```
#[must_use]
pub fn printable(text: &str) -> String {
    escaped(text, is_hidden)
}

/// Escapes every hidden character of a text except line ends.
///
/// ```
/// assert_eq!(dlkit_files::printable_lines("a\tb\r\nc"), "a\\tb\\r\nc");
/// ```
#[must_use]
pub fn printable_lines(text: &str) -> String {
    escaped(text, |character| character != '\n' && is_hidden(character))
}

fn escaped(text: &str, must_escape: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if must_escape(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_others_kept() {
        assert_eq!(printable("\u{1b}[31mrot\u{7}"), "\\u{1b}[31mrot\\u{7}");
        assert_eq!(printable("safe\u{202e}gnp.exe"), "safe\\u{202e}gnp.exe");
        assert_eq!(printable("a\r\n\u{2028}b"), "a\\r\\n\\u{2028}b");
        assert_eq!(printable("naïve 数 🦀 \\n"), "naïve 数 🦀 \\n");
        assert_eq!(printable_lines("a\n\u{9b}2J\nb\n"), "a\n\\u{9b}2J\nb\n");
    }
}
