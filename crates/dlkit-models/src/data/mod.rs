//! Data: its settings in recipes, reading and splitting.

mod augmentation;
mod config;
mod error;
mod files;
mod fingerprint;
mod folder;
mod group;
mod images;
mod labeled;
mod layout;
mod line;
mod load;
mod located;
mod mnist;
mod origin;
mod photo_store;
mod photo_weights;
mod photos;
mod picture;
mod split;
mod strata;
mod table;
mod verify;

pub use augmentation::Augmentation;
pub use config::DataConfig;
pub use error::DataError;
pub(crate) use group::PictureGroups;
pub use images::{ImageData, ImageSet, ImagesConfig};
pub(crate) use labeled::labeled_pictures;
pub use layout::Part;
pub use line::LineConfig;
pub use located::pictures_at;
pub use origin::{Origin, Origins};
pub use photo_store::PhotoStore;
pub(crate) use photo_weights::named_weights;
pub(crate) use photos::{FoundPhotos, photos_of, resized};
pub use photos::{Photo, PhotoFiles, PhotosConfig, read_photo};
pub(crate) use picture::GRAY;
pub use picture::read_picture;
pub use split::{Fold, Split};
pub(crate) use strata::Strata;
pub use table::{
    BadCell, Cells, Coded, FormatConfig, Kind, MissingRule, Names, Selection, Survey, TableConfig,
    TableFile, TableFormat, TableSet, Wanted,
};
pub(crate) use table::{FALSE, MISSING, TRUE};
pub use verify::{DataSummary, PartSummary, verify};
