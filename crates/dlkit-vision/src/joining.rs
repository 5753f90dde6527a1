//! Elements that pairs connect.

/// The first of all elements that pairs connect with each element.
pub(crate) fn joined(count: usize, pairs: &[(usize, usize)]) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..count).collect();
    let root = |parent: &mut Vec<usize>, mut of: usize| {
        while parent[of] != of {
            parent[of] = parent[parent[of]];
            of = parent[of];
        }
        of
    };
    for (a, b) in pairs {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
        parent[a.max(b)] = a.min(b);
    }
    (0..count).map(|element| root(&mut parent, element)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_joined() {
        assert_eq!(joined(6, &[(1, 4), (4, 5), (0, 2)]), [0, 1, 0, 3, 1, 1]);
    }
}
