//! What a file would become in memory, counted before anything is built.
//!
//! Two bytes of a file can stand for a message of several hundred in memory. A file with more parts
//! than any network needs is therefore refused by a walk over its bytes that builds nothing.

use super::error::Damage;

/// Most bytes of memory for all parts together; values of tensors do not count.
const LARGEST_PARTS: usize = 1 << 30;
/// What a message takes in memory: the largest some 400 bytes.
const MESSAGE: usize = 400;
/// What a text or a number takes, besides its characters.
const VALUE: usize = 32;
/// What a number of a list takes.
const NUMBER: usize = 8;

/// Deepest nesting of messages, as the decoder has it: some 30 graphs inside each other.
const DEEPEST: usize = 100;

/// Checks that a file can be decoded in bounded memory.
pub(super) fn check_parts(file: &[u8]) -> Result<(), Damage> {
    let mut parts = 0;
    Walk { rest: file }.message(Kind::Model, DEEPEST, &mut parts)
}

/// The messages that hold others.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    Shape,
    /// Holds no messages.
    Leaf,
}

enum Content {
    Message(Kind),
    /// Numbers, one byte or more each.
    Numbers,
    /// Text or bytes, kept as they are.
    Bytes,
}

impl Kind {
    const fn field(self, tag: u64) -> Content {
        match (self, tag) {
            (Self::Model, 7) | (Self::Attribute, 6) => Content::Message(Self::Graph),
            (Self::Graph, 1) => Content::Message(Self::Node),
            (Self::Graph | Self::Attribute, 5) => Content::Message(Self::Tensor),
            (Self::Graph, 11..=13) => Content::Message(Self::Value),
            (Self::Node, 5) => Content::Message(Self::Attribute),
            (Self::Value, 2) => Content::Message(Self::Type),
            (Self::Type, 1) => Content::Message(Self::TensorType),
            (Self::TensorType, 2) => Content::Message(Self::Shape),
            (Self::Model, 8 | 14) | (Self::Tensor, 13) | (Self::Shape, 1) => {
                Content::Message(Self::Leaf)
            }
            (Self::Attribute, 7 | 8) | (Self::Tensor, 1) => Content::Numbers,
            _ => Content::Bytes,
        }
    }
}

struct Walk<'a> {
    rest: &'a [u8],
}

impl<'a> Walk<'a> {
    fn message(&mut self, kind: Kind, depth: usize, parts: &mut usize) -> Result<(), Damage> {
        let Some(depth) = depth.checked_sub(1) else { return Err(Damage::Nested) };
        while !self.rest.is_empty() {
            let key = self.number()?;
            count(VALUE, parts)?;
            match key & 7 {
                0 => drop(self.number()?),
                1 => drop(self.take(8)?),
                2 => {
                    let length = self.number()?;
                    let content = self.take(length)?;
                    match kind.field(key >> 3) {
                        Content::Message(kind) => {
                            count(MESSAGE, parts)?;
                            Self { rest: content }.message(kind, depth, parts)?;
                        }
                        Content::Numbers => count(content.len().saturating_mul(NUMBER), parts)?,
                        Content::Bytes => {}
                    }
                }
                5 => drop(self.take(4)?),
                // Groups were given up before ONNX began.
                wire => return Err(Damage::Bytes(format!("has a field of the type {wire}"))),
            }
        }
        Ok(())
    }

    /// A number in groups of seven bits, the lowest first.
    fn number(&mut self) -> Result<u64, Damage> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let Some((&byte, rest)) = self.rest.split_first() else { return Err(cut_short()) };
            self.rest = rest;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damage::Bytes("has a number that does not end".to_owned()))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Damage> {
        let length = usize::try_from(length).map_err(|_| cut_short())?;
        let (content, rest) = self.rest.split_at_checked(length).ok_or_else(cut_short)?;
        self.rest = rest;
        Ok(content)
    }
}

fn count(more: usize, parts: &mut usize) -> Result<(), Damage> {
    *parts = parts.saturating_add(more);
    if *parts > LARGEST_PARTS { Err(Damage::Parts { most: LARGEST_PARTS }) } else { Ok(()) }
}

fn cut_short() -> Damage {
    Damage::Bytes("ends early or is damaged".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(bytes: &[u8]) -> String {
        check_parts(bytes).unwrap_err().to_string()
    }

    /// A field of a key with its length and content.
    fn field(key: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![key];
        let mut length = content.len();
        while length >= 0x80 {
            bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        bytes.push(u8::try_from(length).unwrap());
        bytes.extend(content);
        bytes
    }

    #[test]
    fn rejects_more_parts_than_any_network_has() {
        // A graph of nodes without content, two bytes each.
        let nodes = |count: usize| field(GRAPH, &[NODE, 0].repeat(count));
        check_parts(&nodes(2_000_000)).unwrap();
        let message = message(&nodes(3_000_000));
        assert_eq!(
            message,
            "would take more than 1073741824 bytes of memory for its parts, weights aside"
        );
    }

    #[test]
    fn rejects_graphs_without_end_in_each_other() {
        let nested = |depth: usize| {
            let inner = (0..depth).fold(Vec::new(), |inner, _| {
                field(NODE, &field(ATTRIBUTE, &field(SUBGRAPH, &inner)))
            });
            field(GRAPH, &inner)
        };
        check_parts(&nested(30)).unwrap();
        assert_eq!(message(&nested(40)), "has graphs inside graphs, more than can be read");
    }

    const GRAPH: u8 = 7 << 3 | 2;
    const NODE: u8 = 1 << 3 | 2;
    const ATTRIBUTE: u8 = 5 << 3 | 2;
    const SUBGRAPH: u8 = 6 << 3 | 2;

    #[test]
    fn rejects_bytes_that_are_no_messages() {
        assert_eq!(message(&[0x3a, 0x05, 0x00]), "ends early or is damaged");
        assert_eq!(message(&[0x0b]), "has a field of the type 3");
        assert_eq!(message(&[0xff; 12]), "has a number that does not end");
        assert_eq!(message(&[0x08]), "ends early or is damaged");
    }
}
