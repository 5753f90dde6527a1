//! Names of layers, and which layer reads which.

use std::collections::{BTreeMap, BTreeSet};

use super::config::LayerConfig;
use super::origin::Origin;
use super::sources::Sources;
use crate::value::explain::hint;
use crate::value::problem::Problem;

/// The name of the input of a network.
pub(super) const INPUT: &str = "input";

/// The tables of a recipe so far: their names, and where their values come from.
pub(super) struct Wires<'a> {
    tables: &'a [LayerConfig],
    names: Names,
    known: Vec<(String, Origin)>,
}

impl<'a> Wires<'a> {
    pub(super) fn new(tables: &'a [LayerConfig]) -> Self {
        Self { tables, names: Names::default(), known: Vec::new() }
    }

    /// The name of the next table and the origins of what it reads.
    ///
    /// # Errors
    /// A name that is not allowed or already taken; a source that does not exist or comes later.
    pub(super) fn next(&mut self, table: &LayerConfig) -> Result<(String, Vec<Origin>), Problem> {
        let name = self.names.take(table)?;
        let before = self.known.last().map_or(Origin::Input, |(_, origin)| *origin);
        let Some(Sources(sources)) = table.table().from() else { return Ok((name, vec![before])) };
        if sources.is_empty() {
            return Err(Problem::new("from", "is empty; name a layer, or leave it out"));
        }
        let origins = sources.iter().map(|source| self.origin(source, &name));
        let origins =
            origins.collect::<Result<_, _>>().map_err(|reason| Problem::new("from", reason))?;
        Ok((name, origins))
    }

    /// Adds that table, whose value comes from `end`.
    pub(super) fn push(&mut self, name: String, end: Origin) {
        self.known.push((name, end));
    }

    /// Checks that every value is among those that are read, that of the last layer aside.
    ///
    /// # Errors
    /// Names the table.
    pub(super) fn check_all_read<'b>(
        &self,
        read: impl Iterator<Item = &'b Origin>,
    ) -> Result<(), Problem> {
        let read: BTreeSet<&Origin> = read.collect();
        let others = self.known.len().saturating_sub(1);
        let mut ends = self.known.iter().take(others).enumerate();
        match ends.find(|(_, (_, end))| !read.contains(end)) {
            None => Ok(()),
            Some((index, (name, _))) => Err(Problem::new(
                format!("layers[{index}]"),
                format!(
                    "(layer `{name}`): no layer reads its output; name it in `from` of a later \
                     layer, or remove it"
                ),
            )),
        }
    }

    /// Where the value called `source` comes from, for the layer `reader`.
    fn origin(&self, source: &str, reader: &str) -> Result<Origin, String> {
        if source == INPUT {
            return Ok(Origin::Input);
        }
        if let Some((_, origin)) = self.known.iter().find(|(name, _)| name == source) {
            return Ok(*origin);
        }
        let names = all_names(self.tables);
        let place = |wanted: &str| names.iter().position(|name| name == wanted);
        let Some(later) = place(source) else {
            let known = std::iter::once(INPUT).chain(self.known.iter().map(|(name, _)| &**name));
            let hint = hint(source, &known.collect::<Vec<_>>());
            return Err(format!("names \"{source}\", but no layer has that name{hint}"));
        };
        if source == reader {
            return Err(format!("names \"{source}\", the layer itself; name one before it"));
        }
        if reads(self.tables, &names, later, self.known.len()) {
            return Err(format!(
                "names \"{source}\", which itself reads `{reader}`: a cycle; let one of them read \
                 another layer"
            ));
        }
        Err(format!("names \"{source}\", which comes later; move `{source}` before `{reader}`"))
    }
}

/// The names of all tables, empty where one has none.
fn all_names(tables: &[LayerConfig]) -> Vec<String> {
    let mut names = Names::default();
    tables.iter().map(|table| names.take(table).unwrap_or_default()).collect()
}

/// Whether a table reads another, directly or through tables between.
fn reads(tables: &[LayerConfig], names: &[String], reader: usize, wanted: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![reader];
    while let Some(table) = open.pop() {
        if table == wanted {
            return true;
        }
        if !seen.insert(table) {
            continue;
        }
        match tables[table].table().from() {
            None => open.extend(table.checked_sub(1)),
            Some(Sources(sources)) => {
                let place = |source: &String| names.iter().position(|name| name == source);
                open.extend(sources.iter().filter_map(place));
            }
        }
    }
    false
}

/// Names of values that are no layer's: of the network's ends, and of the classes' shares.
const RESERVED: [&str; 3] = [INPUT, "output", "probabilities"];

/// Hands out layer names: the given one, or the type and a number counted per type.
#[derive(Default)]
struct Names {
    taken: BTreeSet<String>,
    counts: BTreeMap<&'static str, usize>,
}

impl Names {
    fn take(&mut self, layer: &LayerConfig) -> Result<String, Problem> {
        let table = layer.table();
        let root = table.root();
        let count = self.counts.entry(root).or_insert(0);
        *count += 1;
        let name = match table.name() {
            None => format!("{root}{count}"),
            Some(name) => {
                let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
                if name.is_empty() || !name.chars().all(allowed) {
                    return Err(Problem::new(
                        "name",
                        format!("may contain only letters, digits, `_` and `-`, not \"{name}\""),
                    ));
                }
                if RESERVED.contains(&name) {
                    return Err(Problem::new(
                        "name",
                        format!("is \"{name}\", a reserved name; choose another"),
                    ));
                }
                name.to_owned()
            }
        };
        if !self.taken.insert(name.clone()) {
            return Err(Problem::new(
                "name",
                format!("is \"{name}\", the name of an earlier layer; choose another"),
            ));
        }
        Ok(name)
    }
}
