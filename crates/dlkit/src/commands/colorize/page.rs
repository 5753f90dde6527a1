//! One page of all pictures, each gray on one side of a slider and colored on the other.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use dlkit_models::tasks::colorization::Temperature;
use image::DynamicImage;

use super::sheets::gray;
use crate::plot::escape;
use crate::report::{PICTURE_PAGE_STYLE, at_most, check_html, document, embedded};

/// Longer side of a picture on the page, in pixels: as wide as the page at two pixels for one.
const LARGEST: u32 = 1440;
/// Most pictures of a page, which holds some hundred kilobytes for each.
const MOST: usize = 500;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page under way.
pub(super) struct Page {
    path: PathBuf,
    figures: String,
    pictures: usize,
}

impl Page {
    /// A page for so many pictures.
    ///
    /// # Errors
    /// A name that is not that of a page; too many pictures for one.
    pub(super) fn new(path: &Path, pictures: usize) -> Result<Self> {
        check_html("--page", path)?;
        if pictures > MOST {
            bail!("--page: {pictures} pictures, but one page holds at most {MOST}; make several");
        }
        Ok(Self { path: path.to_owned(), figures: String::new(), pictures: 0 })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds the figure of a picture.
    pub(super) fn add(&mut self, figure: &str) {
        self.figures.push_str(figure);
        self.pictures += 1;
    }

    /// The page as HTML text.
    pub(super) fn html(&self, model: &str, temperature: Option<Temperature>) -> String {
        let count = self.pictures;
        let plural = if count == 1 { "" } else { "s" };
        let (model, figures) = (escape(model), &self.figures);
        let how = temperature.map_or_else(String::new, |temperature| {
            format!(", temperature {}", temperature.value())
        });
        let body = format!(
            "<main>\n\
             <h1>Colorized pictures</h1>\n\
             <p>{count} picture{plural}, colors by {model}{how}. Move the line of a \
             picture: left of it are the colors, right of it the gray picture.</p>\n\
             {figures}</main>\n<script>\n{SCRIPT}</script>\n"
        );
        document("Colorized pictures", &[PICTURE_PAGE_STYLE, STYLE], &body)
    }
}

/// The figure of a picture and its result.
pub(super) fn figure(
    input: &Path,
    picture: &DynamicImage,
    result: &DynamicImage,
) -> Result<String> {
    let name = input.file_name().unwrap_or(input.as_os_str()).to_string_lossy();
    let name = escape(&name);
    let (width, height) = (picture.width(), picture.height());
    let before = embedded(&gray(at_most(picture, LARGEST)))?;
    let after = embedded(&at_most(result, LARGEST))?;
    Ok(format!(
        "<figure>\n<div class=\"pair\">\n\
         <img src=\"{after}\" alt=\"{name}, colorized\">\n\
         <img class=\"before\" src=\"{before}\" alt=\"{name}, gray\">\n\
         <input type=\"range\" min=\"0\" max=\"100\" value=\"50\" \
         aria-label=\"Share of {name} that is shown in color\">\n</div>\n\
         <figcaption>{name} <span>{width} × {height}</span></figcaption>\n</figure>\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_both_pictures_and_escapes_names() {
        let mut page = Page::new(Path::new("a.html"), 1).unwrap();
        let picture = DynamicImage::from(image::GrayImage::new(2000, 30));
        let colored = picture.to_rgb8().into();
        page.add(&figure(Path::new("x/<b>&.png"), &picture, &colored).unwrap());
        let html = page.html("model \"x\"", Some(Temperature::new(0.38).unwrap()));
        assert_eq!(html.matches("data:image/jpeg;base64,/9j/").count(), 2);
        assert!(html.contains("&lt;b&gt;&amp;.png, colorized") && html.contains("2000 × 30"));
        assert!(
            html.contains("1 picture, colors by model &quot;x&quot;, temperature 0.38"),
            "{html}"
        );
        assert!(!html.contains("http"), "needs no other files");
    }

    #[test]
    fn other_names_and_too_many_pictures_are_refused() {
        assert!(
            Page::new(Path::new("a.png"), 1)
                .is_err_and(|error| error.to_string().contains(".html"))
        );
        assert!(Page::new(Path::new("a.HTM"), MOST).is_ok());
        assert!(Page::new(Path::new("a.html"), MOST + 1).is_err());
    }
}
