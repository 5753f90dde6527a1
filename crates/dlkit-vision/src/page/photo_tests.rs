//! Photos without a sheet have none.

use std::path::Path;

use super::{PageError, find_page};

#[test]
fn photos_without_a_sheet_have_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/photos/test");
    for name in ["china", "lemur", "flower", "colosseum", "fish3", "sunset", "windmill5", "dam5"] {
        let photo = image::open(folder.join(format!("{name}.jpg"))).unwrap();
        let found = find_page(&photo);
        assert!(matches!(found, Err(PageError::NotFound { .. })), "{name}: {found:?}");
    }
}
