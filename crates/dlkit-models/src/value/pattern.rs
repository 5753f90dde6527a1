//! Names with wildcards.

/// Whether a name fits a pattern: `*` stands for any text, also none, and `?` for one character.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    // Where the last `*` was, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut place) = (0, 0);
    while place < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == name[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                place = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_any_text_and_for_one_character() {
        for (pattern, name) in [
            ("conv1", "conv1"),
            ("conv*", "conv"),
            ("*", ""),
            ("*1", "conv11"),
            ("c?nv*.b*m", "conv1.batch_norm"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("conv1", "conv11"), ("conv?", "conv"), ("", "a"), ("*2", "conv1"), ("a*b", "acd")]
        {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
