//! Matrices in JSON: dlkit's own, OpenCV's, and others.

use serde_json::{Map, Value};

use super::choice::chosen;
use super::error::MatrixProblem;
use super::file_storage::{STORED, check_type};
use super::grid::Grid;
use super::{Frame, MatrixFile, PictureSize};
use crate::homography::Homography;
use crate::warp::Canvas;

/// Reads the matrix of a JSON document.
pub(super) fn parsed(text: &str) -> Result<MatrixFile, MatrixProblem> {
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        // OpenCV 3 ends whole numbers with a point.
        Err(error) => {
            serde_json::from_str(&with_decimals(text)).map_err(|_| MatrixProblem::Json(error))?
        }
    };
    let Value::Object(entries) = &document else {
        return super::plain(&Grid::of_value(&document)?);
    };
    if let Some(grid) = stored(entries) {
        return super::plain(&grid?);
    }
    let homography = Homography::from_rows(chosen(candidates(entries))?.matrix()?)?;
    // The canvas of a report is that of the inverse, if that was applied.
    let is_inverted = entries.get("inverted") == Some(&Value::Bool(true));
    let canvas: Option<Canvas> = part(entries, "canvas")?;
    let picture: Option<PictureSize> = part(entries, "picture")?;
    if canvas.is_some_and(|canvas| canvas.width.min(canvas.height) == 0) {
        return Err(MatrixProblem::Part { name: "canvas" });
    }
    if picture.is_some_and(|picture| picture.width.min(picture.height) == 0) {
        return Err(MatrixProblem::Part { name: "picture" });
    }
    let target_unit: Option<String> = part(entries, "target_unit")?;
    let canvas = canvas.filter(|_| !is_inverted);
    let frame = frame(entries)?;
    Ok(MatrixFile { homography, canvas, picture, target_unit, frame })
}

/// How the canvas lies in the target plane.
fn frame(entries: &Map<String, Value>) -> Result<Frame, MatrixProblem> {
    let units_per_pixel: Option<f64> = part(entries, UNITS_PER_PIXEL)?;
    if units_per_pixel.is_some_and(|units| !(units.is_finite() && units > 0.0)) {
        return Err(MatrixProblem::Part { name: UNITS_PER_PIXEL });
    }
    let is_up = match entries.get(Y_AXIS).map(Value::as_str) {
        None | Some(Some("down")) => false,
        Some(Some("up")) => true,
        Some(_) => return Err(MatrixProblem::Part { name: Y_AXIS }),
    };
    Ok(Frame { units_per_pixel, is_up })
}

/// The names of the parts of a frame.
const UNITS_PER_PIXEL: &str = "units_per_pixel";
const Y_AXIS: &str = "y_axis";

/// The matrices of an object, with their names; those of objects in it too.
fn candidates(entries: &Map<String, Value>) -> Vec<(String, Result<Grid, MatrixProblem>)> {
    let mut found = Vec::new();
    for (name, value) in entries {
        match value {
            // The inverse and the points of a report are no choice.
            _ if name == "inverse" || name == "points" => {}
            Value::Array(items) if items.iter().all(|item| item.is_array() || item.is_number()) => {
                found.push((name.clone(), Grid::of_value(value)));
            }
            Value::Object(inner) => match stored(inner) {
                Some(grid) => found.push((name.clone(), grid)),
                None => found.extend(candidates(inner)),
            },
            _ => {}
        }
    }
    found
}

/// The matrix of an object with rows, columns and data, as OpenCV and others have it.
fn stored(entries: &Map<String, Value>) -> Option<Result<Grid, MatrixProblem>> {
    let [rows, columns, data] = STORED.map(|name| entries.get(name));
    let kind = entries.get("dt").and_then(Value::as_str).unwrap_or("d");
    Some(of_stored(rows?.as_u64()?, columns?.as_u64()?, data?, kind))
}

fn of_stored(rows: u64, columns: u64, data: &Value, kind: &str) -> Result<Grid, MatrixProblem> {
    if data.as_str().is_some_and(|text| text.starts_with("$base64$")) {
        return Err(MatrixProblem::Base64);
    }
    check_type(kind)?;
    let size = |size: u64| usize::try_from(size).unwrap_or(usize::MAX);
    Grid::new(size(rows), size(columns), Grid::of_value(data)?.into_numbers())
}

fn part<T: serde::de::DeserializeOwned>(
    entries: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<T>, MatrixProblem> {
    let read = |value: &Value| serde_json::from_value(value.clone());
    entries.get(name).map(read).transpose().map_err(|_| MatrixProblem::Part { name })
}

/// The text with a zero after each point that no digit follows.
fn with_decimals(text: &str) -> String {
    let mut mended = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        mended.push(character);
        let follows = characters.peek().is_some_and(char::is_ascii_digit);
        if character == '.' && before.is_ascii_digit() && !follows {
            mended.push('0');
        }
        before = character;
    }
    mended
}
