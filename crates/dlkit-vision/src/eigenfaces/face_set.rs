//! Pictures of faces with the names of their people.

use super::error::EigenfacesError;
use super::pictures::Pictures;

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
        Self { pictures, names, people, person_of, labeled: true }.checked()
    }

    /// Pictures of unnamed people: each picture counts as another person.
    ///
    /// # Errors
    /// The numbers of names and pictures differ.
    pub fn unlabeled(pictures: Pictures, names: Vec<String>) -> Result<Self, EigenfacesError> {
        let people = names.clone();
        let person_of = (0..names.len()).collect();
        Self { pictures, names, people, person_of, labeled: false }.checked()
    }

    fn checked(self) -> Result<Self, EigenfacesError> {
        let (width, height) = (self.pictures.width(), self.pictures.height());
        let count = self.pictures.count();
        if self.names.len() == count && self.person_of.len() == count {
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

    /// Whether people have their own names.
    #[must_use]
    pub const fn is_labeled(&self) -> bool {
        self.labeled
    }
}
