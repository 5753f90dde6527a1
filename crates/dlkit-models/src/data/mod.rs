//! Data: what a recipe says of it, reading it, dividing it.

mod config;
mod error;
mod files;
mod fingerprint;
mod folder;
mod images;
mod line;
mod load;
mod mnist;
mod photos;
mod picture;
mod split;
mod table;
mod verify;

pub use config::DataConfig;
pub use error::DataError;
pub use files::picture_files;
pub use images::{ImageData, ImageSet, ImagesConfig};
pub use line::LineConfig;
pub(crate) use photos::resized;
pub use photos::{Photo, PhotoFiles, PhotoStore, PhotosConfig, read_photo};
pub(crate) use picture::open as open_picture;
pub use picture::{is_picture, read_picture};
pub use split::{Fold, Split};
pub use table::{TableConfig, TableSet, read_table};
pub use verify::{DataSummary, PartSummary, verify};
