//! Charts and pictures as SVG, PNG and GIF.
//!
//! A chart draws itself as SVG text. [`write_picture`] saves the text and rasterizes it to PNG, so both
//! files show the same drawing. Lengths are in pixels of the SVG, x to the right, y down.

mod animation;
mod axis;
mod color;
mod color_bar;
mod confusion;
mod contact_sheet;
mod error;
mod error_bars;
mod font;
mod frame;
mod legend;
mod line_chart;
mod map_grid;
mod palette;
mod picture;
mod picture_grid;
mod series;
mod sheet;
mod svg;
mod ticks;
mod weight_maps;

pub(crate) use animation::gif_from_svgs;
pub(crate) use axis::Scale;
pub(crate) use color::Color;
pub(crate) use confusion::ConfusionMatrix;
pub(crate) use contact_sheet::{ContactSheet, reduced};
pub(crate) use error_bars::{ErrorBar, ErrorBars};
pub(crate) use font::Font;
pub(crate) use line_chart::LineChart;
pub(crate) use map_grid::{Map, MapGrid};
pub(crate) use palette::{Palette, PaletteBin};
pub(crate) use picture::{stage_drawing, stage_picture, write_picture};
pub(crate) use picture_grid::{Cell, PictureGrid};
pub(crate) use series::{Series, Style};
pub(crate) use svg::escape;
pub(crate) use weight_maps::{WeightMaps, largest_weight};
