//! Scores of held-out pictures.

use serde::{Deserialize, Serialize};

/// Scores of held-out pictures, each with the person that it shows. Pictures of one person resemble
/// each other, so the number of people says how much a rate is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scores {
    values: Vec<f64>,
    people: Vec<usize>,
}

impl Scores {
    pub(super) const fn new() -> Self {
        Self { values: Vec::new(), people: Vec::new() }
    }

    pub(super) fn push(&mut self, value: f64, person: usize) {
        self.values.push(value);
        self.people.push(person);
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.values.extend(other.values);
        self.people.extend(other.people);
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether a file may hold them.
    pub(super) fn is_sound(&self) -> bool {
        self.values.len() == self.people.len() && self.values.iter().all(|value| value.is_finite())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, usize)> {
        self.values.iter().copied().zip(self.people.iter().copied())
    }

    /// The scores by person, each list once.
    pub(super) fn by_person(&self) -> Vec<Vec<f64>> {
        let mut people: std::collections::BTreeMap<usize, Vec<f64>> =
            std::collections::BTreeMap::new();
        for (value, person) in self.iter() {
            people.entry(person).or_default().push(value);
        }
        people.into_values().collect()
    }

    /// The values of all people but those of one group, of `groups`.
    pub(super) fn without(&self, group: usize, groups: usize) -> Vec<f64> {
        let others = self.iter().filter(|(_, person)| person % groups != group);
        others.map(|(value, _)| value).collect()
    }

    /// One more than the last person.
    pub(super) fn end_of_people(&self) -> usize {
        self.people.iter().max().map_or(0, |last| last + 1)
    }
}
