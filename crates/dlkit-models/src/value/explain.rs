//! Turns serde's messages into the full key, the given value and the allowed ones.

/// The key an error is about and the message for it.
pub(crate) fn explain(path: &str, message: &str) -> (String, String) {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let here = if path.is_empty() { "the recipe".to_owned() } else { format!("`{path}`") };
    let (key, text) = match (kind(message), quoted.split_first()) {
        (Kind::UnknownKey, Some((given, allowed))) => {
            let key = with_key(path, given);
            let text = format!("unknown key `{key}`{}", hint(given, allowed));
            (key, text)
        }
        (Kind::UnknownName, Some((given, allowed))) => {
            (path.to_owned(), format!("{here}: unknown \"{given}\"{}", hint(given, allowed)))
        }
        (Kind::MissingKey, Some((field, _))) => {
            (path.to_owned(), format!("missing key `{}`", below(path, field)))
        }
        _ => {
            let text = wrong_value(message).map_or_else(
                || format!("{here}: {}", message.trim()),
                |reason| format!("{here} {reason}"),
            );
            (path.to_owned(), text)
        }
    };
    (key, text)
}

/// Whether a message says that a key is missing.
pub(crate) fn is_missing_key(message: &str) -> bool {
    matches!(kind(message), Kind::MissingKey)
}

enum Kind {
    UnknownKey,
    UnknownName,
    MissingKey,
    Other,
}

fn kind(message: &str) -> Kind {
    if message.starts_with("unknown field") {
        Kind::UnknownKey
    } else if message.starts_with("unknown variant") {
        Kind::UnknownName
    } else if message.starts_with("missing field") {
        Kind::MissingKey
    } else {
        Kind::Other
    }
}

/// The path of an unknown key, which serde counts into the path except inside tagged tables.
fn with_key(path: &str, key: &str) -> String {
    match path.strip_suffix(key) {
        Some(table) if table.is_empty() || table.ends_with('.') => path.to_owned(),
        _ => below(path, key),
    }
}

/// The path of a key of a table.
fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The nearest allowed word and all of them.
pub(crate) fn hint(given: &str, allowed: &[&str]) -> String {
    if allowed.is_empty() {
        return "; this table allows no other key".to_owned();
    }
    // Words are in lower case; `ReLU` is a good guess all the same.
    let given = given.to_lowercase();
    let nearest = allowed
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&given, word), word))
        .min()
        .filter(|(distance, word)| *distance <= 1 + word.len() / 3);
    let list = allowed.join(", ");
    match nearest {
        Some((_, word)) => format!(", did you mean `{word}`? Allowed: {list}"),
        None => format!("; allowed: {list}"),
    }
}

/// "invalid type: string "7", expected usize" in the words of every other message.
fn wrong_value(message: &str) -> Option<String> {
    let (given, expected) = message.trim().split_once(", expected ")?;
    let expected = needed(expected);
    if let Some(length) = given.strip_prefix("invalid length ") {
        return Some(format!("must be {expected}, not a list of length {length}"));
    }
    let given = given.strip_prefix("invalid type: ").or(given.strip_prefix("invalid value: "))?;
    let given = match given {
        "sequence" => "a list".to_owned(),
        "map" => "a table".to_owned(),
        _ => {
            let kinds = ["string ", "integer ", "floating point ", "boolean "];
            let value = kinds.iter().find_map(|kind| given.strip_prefix(kind)).unwrap_or(given);
            value.replace('`', "")
        }
    };
    Some(format!("must be {expected}, not {given}"))
}

/// The value that a recipe needs for this Rust type.
fn needed(expected: &str) -> &str {
    match expected {
        "usize" | "u64" | "u32" => "a non-negative integer",
        "a nonzero usize" => "a positive integer",
        "f64" | "f32" => "a number",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "path string" => "a string",
        _ if expected.starts_with("struct ") || expected.contains("tagged enum") => "a table",
        _ => expected,
    }
}
