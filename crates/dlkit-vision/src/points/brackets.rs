//! Reads lists in brackets as Python, NumPy and MATLAB print them: `[[1. 2.]\n [3. 4.]]`,
//! `src = np.float32([[1, 2], [3, 4]])`, `((1, 2), (3, 4))`, `[1 2; 3 4]`.

use serde_json::{Number, Value};
use thiserror::Error;

/// Why text is not a list in brackets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BracketsError {
    /// A bracket does not match the one it should close, or the text ends too early.
    #[error("line {line}: the brackets do not match")]
    Unmatched {
        /// The line, from 1.
        line: usize,
    },
    /// NumPy abbreviates long arrays.
    #[error(
        "line {line}: `...` stands for numbers left out; print all of them with \
         numpy.set_printoptions(threshold=numpy.inf), or save them with numpy.savetxt"
    )]
    Abbreviated {
        /// The line, from 1.
        line: usize,
    },
    /// A word is neither a number nor part of a call such as `np.array(...)`.
    #[error("line {line}: `{word}` is not a number")]
    Word {
        /// The line, from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// A number is infinite or NaN.
    #[error("line {line}: `{word}` is not a finite number")]
    NotFinite {
        /// The line, from 1.
        line: usize,
        /// The word.
        word: String,
    },
    /// Lists within lists within lists.
    #[error("line {line}: lists in more than {DEEPEST} brackets")]
    Deep {
        /// The line, from 1.
        line: usize,
    },
}

/// Most brackets around a number: arrays of points have three, calls add a few.
const DEEPEST: usize = 16;

/// A list and the name it is assigned to, as in `src = [[1, 2]]`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    pub(crate) label: Option<String>,
    pub(crate) list: Value,
}

/// Whether text has lists in lists, or lists that are assigned to names, as in `src = [1 2; 3 4]`.
pub(crate) fn has_nested_lists(text: &str) -> bool {
    let mut before = ' ';
    let uncommented = text.lines().flat_map(|line| uncommented(line).chars());
    for character in uncommented.filter(|character| !character.is_whitespace()) {
        if "[(".contains(before) && "[(".contains(character) || before == '=' && character == '[' {
            return true;
        }
        before = character;
    }
    false
}

/// Reads the lists of a text, one after the other. `#` and `//` start comments.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block>, BracketsError> {
    let mut reader = Reader { open: vec![Open::default()], words: Vec::new(), line: 1 };
    for line in text.lines() {
        reader.read(uncommented(line))?;
        reader.line += 1;
    }
    let line = reader.line.saturating_sub(1).max(1);
    match reader.open.pop() {
        Some(outermost) if reader.open.is_empty() => Ok(outermost.blocks),
        _ => Err(BracketsError::Unmatched { line }),
    }
}

/// Whether text has a bracket outside its comments.
pub(crate) fn has_brackets(text: &str) -> bool {
    text.lines().any(|line| uncommented(line).contains(['[', '(']))
}

/// A line without its comment, which `#` or `//` starts.
fn uncommented(line: &str) -> &str {
    let line = line.split('#').next().unwrap_or_default();
    line.split("//").next().unwrap_or_default()
}

/// A list that is not closed yet.
#[derive(Default)]
struct Open {
    /// The bracket that closes it.
    closing: char,
    /// The word before the bracket, of a call.
    is_call: bool,
    /// Rows that a semicolon has ended.
    rows: Vec<Value>,
    items: Vec<Value>,
    /// Of the outermost text: the lists.
    blocks: Vec<Block>,
}

struct Reader {
    open: Vec<Open>,
    /// The words outside brackets since the last list.
    words: Vec<String>,
    line: usize,
}

impl Reader {
    fn read(&mut self, line: &str) -> Result<(), BracketsError> {
        let mut word = String::new();
        for character in line.chars().chain([' ']) {
            if !(character.is_whitespace() || "[](),;=:".contains(character)) {
                word.push(character);
                continue;
            }
            if character == '(' && !word.is_empty() {
                // The name of a call.
                if self.open.len() == 1 {
                    self.words.push(std::mem::take(&mut word));
                }
                word.clear();
                self.open(')', true)?;
                continue;
            }
            let is_name = character == '=';
            self.word(&std::mem::take(&mut word), is_name)?;
            match character {
                '[' => self.open(']', false)?,
                '(' => self.open(')', false)?,
                ']' | ')' => self.close(character)?,
                ';' => self.end_row(),
                '=' | ':' if self.open.len() == 1 => self.words.push("=".to_owned()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads a word: outside brackets part of a name, inside a number or an argument of a call.
    fn word(&mut self, word: &str, is_name: bool) -> Result<(), BracketsError> {
        let line = self.line;
        if word.is_empty() {
            return Ok(());
        }
        let is_outside = self.open.len() == 1;
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if is_outside {
            self.words.push(word.to_owned());
            return Ok(());
        }
        if word.trim_matches('.').is_empty() {
            return Err(BracketsError::Abbreviated { line });
        }
        match word.parse::<f64>() {
            Ok(number) => match Number::from_f64(number) {
                Some(number) => open.items.push(Value::Number(number)),
                None => return Err(BracketsError::NotFinite { line, word: word.to_owned() }),
            },
            // `dtype=np.float32`, and its value.
            Err(_) if open.is_call || is_name => {}
            Err(_) => return Err(BracketsError::Word { line, word: word.to_owned() }),
        }
        Ok(())
    }

    fn open(&mut self, closing: char, is_call: bool) -> Result<(), BracketsError> {
        if self.open.len() > DEEPEST {
            return Err(BracketsError::Deep { line: self.line });
        }
        self.open.push(Open { closing, is_call, ..Open::default() });
        Ok(())
    }

    fn close(&mut self, character: char) -> Result<(), BracketsError> {
        let unmatched = BracketsError::Unmatched { line: self.line };
        let is_inner = self.open.len() > 1;
        let closed = match self.open.pop() {
            Some(closed) if is_inner && closed.closing == character => closed,
            _ => return Err(unmatched),
        };
        let is_outermost = self.open.len() == 1;
        let list = closed.list();
        let Some(outer) = self.open.last_mut() else { return Err(unmatched) };
        if is_outermost {
            let label = label(&std::mem::take(&mut self.words));
            outer.blocks.push(Block { label, list });
        } else {
            outer.items.push(list);
        }
        Ok(())
    }

    fn end_row(&mut self) {
        if let Some(open) = self.open.last_mut().filter(|open| !open.items.is_empty()) {
            let row = std::mem::take(&mut open.items);
            open.rows.push(Value::Array(row));
        }
    }
}

impl Open {
    /// The list; of a call, its only list.
    fn list(mut self) -> Value {
        if !self.rows.is_empty() {
            if !self.items.is_empty() {
                self.rows.push(Value::Array(self.items));
            }
            return Value::Array(self.rows);
        }
        let is_list = |item: &Value| item.is_array();
        if self.is_call
            && self.items.iter().filter(|item| is_list(item)).count() == 1
            && let Some(place) = self.items.iter().position(is_list)
        {
            return self.items.swap_remove(place);
        }
        Value::Array(self.items)
    }
}

/// The name before an equals sign or a colon, if any.
fn label(words: &[String]) -> Option<String> {
    let sign = words.iter().rposition(|word| word == "=")?;
    words[..sign].last().cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, Value)> {
        blocks(text).unwrap().into_iter().map(|block| (block.label, block.list)).collect()
    }

    #[test]
    fn arrays_are_read_as_they_are_printed() {
        let expected = json!([[1.0, 2.5], [3.0, -4.0]]);
        for text in [
            "[[1. 2.5]\n [3. -4. ]]",
            "[[ 1.   2.5]\n [ 3.  -4. ]]",
            "array([[ 1. ,  2.5],\n       [ 3. , -4. ]])",
            "np.array([[1, 2.5], [3, -4]], dtype=np.float32)",
            "((1, 2.5), (3, -4))",
            "[(1, 2.5), (3, -4),]",
            "[1 2.5; 3 -4]",
            "[1, 2.5;\n 3, -4;]",
            "tensor([[1., 2.5], # the first\n [3., -4.]], dtype=torch.float64)",
            "[Point(1, 2.5), Point(3, -4)]",
        ] {
            assert_eq!(read(text), [(None, expected.clone())], "{text}");
        }
    }

    #[test]
    fn lists_keep_their_names() {
        let text = "import numpy as np\nsrc = np.float32([[1, 2], [3, 4]])\ndst: ((5, 6), (7, 8))";
        let expected = [
            (Some("src".to_owned()), json!([[1.0, 2.0], [3.0, 4.0]])),
            (Some("dst".to_owned()), json!([[5.0, 6.0], [7.0, 8.0]])),
        ];
        assert_eq!(read(text), expected);
    }

    #[test]
    fn what_is_no_list_is_named() {
        for (text, expected) in [
            ("[[1, 2]", "line 1: the brackets do not match"),
            ("[[1, 2)]", "line 1: the brackets do not match"),
            ("[[1, 2]]]", "line 1: the brackets do not match"),
            ("[[1. 2.]\n ...\n [3. 4.]]", "line 2: `...` stands for numbers left out"),
            ("[[1, two]]", "line 1: `two` is not a number"),
            ("[[1,\nnan]]", "line 2: `nan` is not a finite number"),
            (&"[".repeat(40), "line 1: lists in more than 16 brackets"),
        ] {
            let message = blocks(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }

    #[test]
    fn lists_in_lists_are_recognized() {
        for text in [
            "[[1 2]]",
            "src = np.array([[1, 2]])",
            "( (1, 2), (3, 4))",
            "[\n [1, 2]]",
            "a = [1 2; 3 4];",
        ] {
            assert!(has_nested_lists(text), "{text}");
        }
        for text in [
            "(1, 2) => (3, 4)",
            "(1, 2) -> (3, 4)",
            "1 2 3 4",
            "[1, 2, 3, 4]",
            "# ((x, y))\n1 2 3 4",
        ] {
            assert!(!has_nested_lists(text), "{text}");
        }
    }
}
