//! Pictures of faces with the names of their people.

use super::copies::Copies;
use super::error::EigenfacesError;
use super::pictures::Pictures;
use crate::joining::joined;

/// Pictures of faces and the people they show.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceSet {
    /// The pictures.
    pub(super) pictures: Pictures,
    /// A name for each picture.
    pub(super) names: Vec<String>,
    /// The people, each once.
    pub(super) people: Vec<String>,
    /// The person of each picture, as an index into the people.
    pub(super) person_of: Vec<usize>,
    /// Whether people have their own names, and not the name of their only picture.
    pub(super) labeled: bool,
    /// Which pictures are copies.
    pub(super) copies: Copies,
}

impl FaceSet {
    /// Pictures of known people: a name for each picture, and the name of its person.
    ///
    /// # Errors
    /// The numbers of names and pictures differ.
    pub fn of_people(
        pictures: Pictures,
        names: Vec<String>,
        person_names: &[String],
    ) -> Result<Self, EigenfacesError> {
        let mut people: Vec<String> = person_names.to_vec();
        people.sort();
        people.dedup();
        let person_of =
            person_names.iter().filter_map(|name| people.binary_search(name).ok()).collect();
        Self { pictures, names, people, person_of, labeled: true, copies: Copies::default() }
            .checked()
    }

    /// Pictures of unnamed people: each picture counts as another person.
    ///
    /// # Errors
    /// The numbers of names and pictures differ.
    pub fn unlabeled(pictures: Pictures, names: Vec<String>) -> Result<Self, EigenfacesError> {
        let people = names.clone();
        let person_of = (0..names.len()).collect();
        Self { pictures, names, people, person_of, labeled: false, copies: Copies::default() }
            .checked()
    }

    fn checked(mut self) -> Result<Self, EigenfacesError> {
        let (width, height) = (self.pictures.width(), self.pictures.height());
        let count = self.pictures.count();
        if self.names.len() == count && self.person_of.len() == count {
            self.copies = Copies::among(&self.pictures);
            return Ok(self);
        }
        Err(EigenfacesError::Shape {
            values: self.names.len() * self.pictures.pixels(),
            width,
            height,
        })
    }

    /// The pictures.
    #[must_use]
    pub const fn pictures(&self) -> &Pictures {
        &self.pictures
    }

    /// The people, each once; people of unlabeled pictures have the names of their pictures.
    #[must_use]
    pub fn people(&self) -> &[String] {
        &self.people
    }

    /// A name for each picture.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The person of each picture, as an index into the people.
    #[must_use]
    pub fn person_of(&self) -> &[usize] {
        &self.person_of
    }

    /// Pictures that are copies of each other. Folds keep them together.
    #[must_use]
    pub const fn copies(&self) -> &Copies {
        &self.copies
    }

    /// For each person, the first of the people who share pictures with him or her.
    pub(super) fn first_of_people(&self) -> Vec<usize> {
        let shared = self.copies.first_of().iter().zip(&self.person_of);
        let pairs: Vec<(usize, usize)> =
            shared.map(|(first, person)| (self.person_of[*first], *person)).collect();
        joined(self.people.len(), &pairs)
    }

    /// Some of the pictures, with all people.
    pub(super) fn part(&self, chosen: &[usize]) -> Self {
        Self {
            pictures: self.pictures.part(chosen),
            names: chosen.iter().map(|picture| self.names[*picture].clone()).collect(),
            people: self.people.clone(),
            person_of: chosen.iter().map(|picture| self.person_of[*picture]).collect(),
            labeled: self.labeled,
            copies: self.copies.part(chosen),
        }
    }

    /// Whether people have their own names.
    #[must_use]
    pub const fn is_labeled(&self) -> bool {
        self.labeled
    }
}
