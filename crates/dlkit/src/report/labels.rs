//! Whether recognized people are those that a list names.

use dlkit_vision::eigenfaces::{Recognition, Verdict};
use serde::Serialize;

/// The person that a list names for a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Label {
    /// The name.
    pub(crate) person: String,
    /// Whether the model knows this person.
    pub(crate) known: bool,
    /// Whether the verdict is right: this person if known, otherwise anything but known; none without a
    /// verdict.
    pub(crate) right: Option<bool>,
}

impl Label {
    /// Compares a label with what was found.
    pub(crate) fn of(person: String, found: &Recognition, people: &[String]) -> Self {
        let known = people.contains(&person);
        let named = found.candidates.first().is_some_and(|near| near.person == person);
        let is_known = found.verdict == Verdict::Known;
        let right = (found.verdict != Verdict::Undecided).then_some(if known {
            is_known && named
        } else {
            !is_known
        });
        Self { person, known, right }
    }
}

/// How many verdicts are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LabelCounts {
    /// Pictures of people that the model knows: right, and all.
    known: [usize; 2],
    /// Pictures of others: right, and all.
    others: [usize; 2],
}

impl LabelCounts {
    /// Counts the labels; none without any.
    pub(crate) fn of<'a>(labels: impl Iterator<Item = &'a Label>) -> Option<Self> {
        let mut counts = Self { known: [0; 2], others: [0; 2] };
        for Label { known, right, .. } in labels {
            let own = if *known { &mut counts.known } else { &mut counts.others };
            own[0] += usize::from(*right == Some(true));
            own[1] += usize::from(right.is_some());
        }
        (counts.known[1] + counts.others[1] > 0).then_some(counts)
    }
}

impl std::fmt::Display for LabelCounts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { known: [known, of_known], others: [others, of_others] } = self;
        let (right, all) = (known + others, of_known + of_others);
        write!(
            formatter,
            "labels: {right} of {all} verdicts right ({known} of {of_known} for known people, {others} of \
             {of_others} for others)"
        )
    }
}
