//! What a file would become in memory, counted before anything is built.
//!
//! Two bytes of a file can stand for a message of several hundred in memory. A file with more parts
//! than any network needs is therefore refused by a walk over its bytes that builds nothing.

use super::damage::Damage;

/// Most bytes of memory for all parts together; values of tensors do not count.
const LARGEST_PARTS: usize = 1 << 28;
/// What a message takes in memory: the largest some 400 bytes.
const MESSAGE: usize = 400;
/// What a text takes besides its characters: 24 bytes in a list that has room for twice as many, and
/// a block of the heap.
const VALUE: usize = 80;
/// What a number takes: 8 bytes in a list that has room for twice as many.
const NUMBER: usize = 16;
/// What a byte of a list of numbers of single precision takes, likewise.
const FLOAT_BYTE: usize = 2;

/// Deepest nesting of messages, as the decoder has it: some 30 graphs inside each other.
const DEEPEST: usize = 100;

/// Checks that a file can be decoded in bounded memory.
pub(crate) fn check_parts(file: &[u8]) -> Result<(), Damage> {
    let mut parts = 0;
    Walk { rest: file }.message(Kind::Model, DEEPEST, &mut parts)
}

/// Messages that contain others.
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
    /// Numbers of four bytes each.
    Floats,
    /// Text, which is copied.
    Text,
    /// Bytes, which stay where they are.
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
            (Self::Attribute, 8) | (Self::Tensor, 1) => Content::Numbers,
            (Self::Attribute, 7) => Content::Floats,
            (Self::Model, 2 | 3 | 4 | 6)
            | (Self::Graph, 2 | 10)
            | (Self::Node, 1 | 2 | 3 | 4 | 6 | 7)
            | (Self::Attribute, 1)
            | (Self::Tensor, 8 | 12)
            | (Self::Value, 1 | 3)
            | (Self::Leaf, 1 | 2) => Content::Text,
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
            count(if key & 7 == 2 { VALUE } else { NUMBER }, parts)?;
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
                        Content::Floats => {
                            count(content.len().saturating_mul(FLOAT_BYTE), parts)?;
                        }
                        Content::Text => count(content.len(), parts)?,
                        Content::Bytes => {}
                    }
                }
                5 => drop(self.take(4)?),
                // Groups were given up before ONNX began.
                wire => return Err(Damage::Bytes(format!("contains a field of type {wire}"))),
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
        Err(Damage::Bytes("contains a number that does not end".to_owned()))
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
    Damage::Bytes("is truncated or damaged".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::onnx::{Attribute, GraphProto, NodeProto, TensorProto, ValueInfo};

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
        check_parts(&nodes(500_000)).unwrap();
        let refusal = "needs more than 268435456 bytes of memory besides its weights";
        assert_eq!(message(&nodes(600_000)), refusal);
        // One node of inputs without names.
        let node = |content: &[u8]| field(GRAPH, &field(NODE, content));
        let inputs = |count: usize| node(&[INPUT, 0].repeat(count));
        check_parts(&inputs(3_000_000)).unwrap();
        assert_eq!(message(&inputs(3_500_000)), refusal);
    }

    #[test]
    fn names_and_lists_count_as_long_as_they_are() {
        let counted = |content: &[u8]| {
            let mut parts = 0;
            Walk { rest: content }.message(Kind::Node, DEEPEST, &mut parts).unwrap();
            parts
        };
        assert_eq!(counted(&field(INPUT, b"conv1")), 80 + 5);
        let attribute = |content: &[u8]| counted(&field(ATTRIBUTE, content));
        assert_eq!(attribute(&field(INTEGERS, &[0; 12])), 80 + 400 + 80 + 12 * 16);
        // Three numbers of four bytes each.
        assert_eq!(attribute(&field(FLOATS, &[0; 12])), 80 + 400 + 80 + 3 * 8);
        assert_eq!(attribute(&[INTEGERS - 2, 7]), 80 + 400 + 16);
        // A text stays where it is.
        assert_eq!(attribute(&field(TEXT, b"mode")), 80 + 400 + 80);
    }

    #[test]
    fn no_message_is_larger_than_it_is_counted() {
        assert!(size_of::<GraphProto>() <= MESSAGE && size_of::<NodeProto>() <= MESSAGE);
        assert!(size_of::<Attribute>() <= MESSAGE);
        assert!(size_of::<TensorProto>() <= MESSAGE && size_of::<ValueInfo>() <= MESSAGE);
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
        assert_eq!(message(&nested(40)), "nests graphs too deeply");
    }

    const GRAPH: u8 = 7 << 3 | 2;
    const NODE: u8 = 1 << 3 | 2;
    const INPUT: u8 = 1 << 3 | 2;
    const ATTRIBUTE: u8 = 5 << 3 | 2;
    const TEXT: u8 = 4 << 3 | 2;
    const FLOATS: u8 = 7 << 3 | 2;
    const INTEGERS: u8 = 8 << 3 | 2;
    const SUBGRAPH: u8 = 6 << 3 | 2;

    #[test]
    fn rejects_bytes_that_are_no_messages() {
        assert_eq!(message(&[0x3a, 0x05, 0x00]), "is truncated or damaged");
        assert_eq!(message(&[0x0b]), "contains a field of type 3");
        assert_eq!(message(&[0xff; 12]), "contains a number that does not end");
        assert_eq!(message(&[0x08]), "is truncated or damaged");
    }
}
