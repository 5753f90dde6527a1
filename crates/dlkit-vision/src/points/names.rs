//! What the names of columns and lists say: which coordinate of which point.

use std::cmp::Ordering;

use super::meaning::{Meaning, System};
use crate::homography::Side;

/// Names of columns, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// No name is that of a coordinate.
    Unknown,
    /// The names do not tell source and target apart.
    Ambiguous,
}

/// Columns of one point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PointColumns {
    /// The column of x, or of the column or the longitude.
    pub(super) x: usize,
    /// The column of y, or of the row or the latitude.
    pub(super) y: usize,
    /// Whether these are sources of a file of QGIS, whose y points up.
    pub(super) is_up: bool,
}

/// Columns of both points of pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PairColumns {
    pub(super) source: PointColumns,
    pub(super) target: PointColumns,
    /// Whether the names are those of a QGIS file of points, whose source y points up.
    pub(super) is_qgis: bool,
}

/// The columns of the four coordinates, whatever the order of the names. Other columns are ignored.
pub(super) fn pair_columns<N: AsRef<str>>(names: &[N]) -> Result<PairColumns, Unclear> {
    let mut groups = groups(names);
    let coordinates: usize = groups.iter().map(|group| group.columns.len()).sum();
    if coordinates == 0 {
        return Err(Unclear::Unknown);
    }
    if groups.len() > 2 {
        // Half a point may be something else, such as the number of a line.
        groups.retain(|group| group.point().is_ok());
    }
    if groups.len() > 2 {
        // Points that are named as source and target come before others.
        groups.retain(|group| group.side.is_some());
    }
    let is_qgis = is_qgis(names);
    let (source, target) = match &groups[..] {
        // The same names twice: source first, as in files without names.
        [both] if both.is_capital.is_some() => {
            let ([x, u], [y, v]) = (both.both(0)?, both.both(1)?);
            (PointColumns { x, y, is_up: false }, PointColumns { x: u, y: v, is_up: false })
        }
        [first, second] => {
            let (a, b) = (first.point()?, second.point()?);
            match first.compared(second) {
                Some(Ordering::Less) => (a, b),
                Some(Ordering::Greater) => (b, a),
                _ => return Err(Unclear::Ambiguous),
            }
        }
        _ => return Err(Unclear::Ambiguous),
    };
    Ok(PairColumns { source, target, is_qgis })
}

/// The columns of one point: those of the names if there is only one, or else of that side.
pub(super) fn point_columns<N: AsRef<str>>(
    names: &[N],
    side: Side,
) -> Result<PointColumns, Unclear> {
    let groups = groups(names);
    let mut whole = groups.iter().filter_map(|group| group.point().ok());
    match (whole.next(), whole.next()) {
        _ if groups.is_empty() => Err(Unclear::Unknown),
        (Some(only), None) => Ok(only),
        _ => {
            let pair = pair_columns(names)?;
            Ok(if side == Side::Source {
                PointColumns { is_up: pair.is_qgis, ..pair.source }
            } else {
                pair.target
            })
        }
    }
}

/// The side of a list of points by its name, such as `src`, `target_points` or `pts2`, with its
/// number. None if the name says neither or is that of a coordinate.
pub(super) fn side_of_list(name: &str) -> Option<(Option<Side>, Option<u32>)> {
    let meaning = Meaning::of(name)?;
    let says = meaning.side.is_some() || meaning.number.is_some();
    (meaning.axis.is_none() && says).then_some((meaning.side, meaning.number))
}

/// Coordinates with the same side, number and system.
#[derive(Debug)]
struct Group {
    system: System,
    side: Option<Side>,
    number: Option<u32>,
    /// The coordinate and the column of each.
    columns: Vec<(usize, usize)>,
    /// Whether the names are in capitals; none if some are.
    is_capital: Option<bool>,
}

fn groups<N: AsRef<str>>(names: &[N]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (column, name) in names.iter().enumerate() {
        let Some(Meaning { axis: Some((system, axis)), side, number, is_capital }) =
            Meaning::of(name.as_ref())
        else {
            continue;
        };
        let same =
            |group: &&mut Group| (group.system, group.side, group.number) == (system, side, number);
        if let Some(group) = groups.iter_mut().find(same) {
            group.columns.push((axis, column));
            group.is_capital = group.is_capital.filter(|capital| *capital == is_capital);
        } else {
            let (columns, is_capital) = (vec![(axis, column)], Some(is_capital));
            groups.push(Group { system, side, number, columns, is_capital });
        }
    }
    groups
}

impl Group {
    fn of_axis(&self, axis: usize) -> Vec<usize> {
        self.columns.iter().filter(|(own, _)| *own == axis).map(|(_, column)| *column).collect()
    }

    /// The columns of the only point.
    fn point(&self) -> Result<PointColumns, Unclear> {
        match (&self.of_axis(0)[..], &self.of_axis(1)[..]) {
            (&[x], &[y]) => Ok(PointColumns { x, y, is_up: false }),
            _ => Err(Unclear::Ambiguous),
        }
    }

    /// The two columns of a coordinate, in order.
    fn both(&self, axis: usize) -> Result<[usize; 2], Unclear> {
        <[usize; 2]>::try_from(self.of_axis(axis)).map_err(|_| Unclear::Ambiguous)
    }

    /// `Less` if these are source points and the others targets; none if the names do not tell.
    fn compared(&self, other: &Self) -> Option<Ordering> {
        let rank = |side: Option<Side>| side.map(|side| u8::from(side == Side::Target));
        match (rank(self.side), rank(other.side)) {
            (Some(a), Some(b)) if a != b => return Some(a.cmp(&b)),
            (Some(_), Some(_)) => return None,
            (Some(a), None) => return Some(a.cmp(&(1 - a))),
            (None, Some(b)) => return Some((1 - b).cmp(&b)),
            (None, None) => {}
        }
        if self.number != other.number {
            return Some(self.number.cmp(&other.number));
        }
        match (self.system, other.system) {
            // Both may be pixels, and x and y may be anything.
            (System::Plain, System::Grid) | (System::Grid, System::Plain) => None,
            // Both are maps.
            (System::Geographic, System::Projected) | (System::Projected, System::Geographic) => {
                None
            }
            (a, b) if a == b => None,
            (a, b) => Some(a.cmp(&b)),
        }
    }
}

/// Whether the names are those of a file of ground control points as QGIS writes it, of any
/// version.
///
/// # References
/// QGIS, `qgsgeorefmainwindow.cpp` (saveGCPs).
fn is_qgis<N: AsRef<str>>(names: &[N]) -> bool {
    let has = |wanted: &str| names.iter().any(|name| name.as_ref().trim() == wanted);
    has("mapX")
        && has("mapY")
        && (has("pixelX") && has("pixelY") || has("sourceX") && has("sourceY"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns of x, y, u, v.
    fn columns(names: &str) -> Result<[usize; 4], Unclear> {
        let names: Vec<&str> = names.split(',').collect();
        let PairColumns { source, target, .. } = pair_columns(&names)?;
        Ok([source.x, source.y, target.x, target.y])
    }

    #[test]
    fn names_say_which_coordinate_of_which_point() {
        for (names, expected) in [
            ("x,y,u,v", [0, 1, 2, 3]),
            ("v,u,y,x", [3, 2, 1, 0]),
            ("dst_x,dst_y,src_x,src_y", [2, 3, 0, 1]),
            ("row,col,row2,col2", [1, 0, 3, 2]),
            ("col_dst,row_dst,col_src,row_src", [2, 3, 0, 1]),
            ("x,y,x2,y2", [0, 1, 2, 3]),
            ("x2,y2,x1,y1", [2, 3, 0, 1]),
            ("x0,y0,x1,y1", [0, 1, 2, 3]),
            ("x,y,x.1,y.1", [0, 1, 2, 3]),
            ("x,y,x',y'", [0, 1, 2, 3]),
            ("x',y',x,y", [2, 3, 0, 1]),
            ("mapX,mapY,pixelX,pixelY,enable,dX,dY,residual", [2, 3, 0, 1]),
            ("mapX,mapY,sourceX,sourceY,enable,dX,dY,residual", [2, 3, 0, 1]),
            ("lon,lat,x,y", [2, 3, 0, 1]),
            ("lat,lon,row,col", [3, 2, 1, 0]),
            ("easting,northing,pixel_x,pixel_y", [2, 3, 0, 1]),
            ("x,y,Longitude (deg),Latitude (deg)", [0, 1, 2, 3]),
            ("u,v,lon,lat", [0, 1, 2, 3]),
            ("target_x,target_y,x,y", [2, 3, 0, 1]),
            ("x,y,targetX,targetY", [0, 1, 2, 3]),
            ("srcx,srcy,dstx,dsty", [0, 1, 2, 3]),
            ("xdst,ydst,xsrc,ysrc", [2, 3, 0, 1]),
            ("xa,ya,xb,yb", [0, 1, 2, 3]),
            ("X_out [mm],Y_out [mm],X_in [px],Y_in [px]", [2, 3, 0, 1]),
            ("x,y,x,y", [0, 1, 2, 3]),
            ("id,X1,Y1,X2,Y2,score", [1, 2, 3, 4]),
            ("x,y,src_x,src_y,dst_x,dst_y", [2, 3, 4, 5]),
            ("line,x,y,u,v", [1, 2, 3, 4]),
        ] {
            assert_eq!(columns(names), Ok(expected), "{names}");
        }
    }

    #[test]
    fn names_that_do_not_tell_are_told_apart_from_unknown_ones() {
        for names in ["left,top,right,bottom", "a,b,c,d", "dx,dy,ex,ey", ""] {
            assert_eq!(columns(names), Err(Unclear::Unknown), "{names}");
        }
        for names in [
            "x,y,X,Y",
            "x,y",
            "x,y,row,col",
            "lon,lat,easting,northing",
            "src_x,src_y,source_u,source_v",
            "x,y,u",
            "x1,y1,x2,y2,x3,y3",
        ] {
            assert_eq!(columns(names), Err(Unclear::Ambiguous), "{names}");
        }
    }

    #[test]
    fn one_point_is_found_with_and_without_another() {
        let at = |names: &str, side| {
            let names: Vec<&str> = names.split(',').collect();
            point_columns(&names, side).map(|PointColumns { x, y, .. }| [x, y])
        };
        assert_eq!(at("id,row,col", Side::Target), Ok([2, 1]));
        assert_eq!(at("v,u", Side::Source), Ok([1, 0]));
        assert_eq!(at("u,v,x,y", Side::Source), Ok([2, 3]));
        assert_eq!(at("u,v,x,y", Side::Target), Ok([0, 1]));
        assert_eq!(at("line,x,y", Side::Target), Ok([1, 2]));
        assert_eq!(at("left,top", Side::Source), Err(Unclear::Unknown));
        assert_eq!(at("x,x", Side::Source), Err(Unclear::Ambiguous));
    }

    #[test]
    fn lists_are_named_after_their_side() {
        for (name, expected) in [
            ("src", Some((Some(Side::Source), None))),
            ("dstPoints", Some((Some(Side::Target), None))),
            ("world_points", Some((Some(Side::Target), None))),
            ("pts1", Some((None, Some(1)))),
            ("points_b", Some((None, Some(2)))),
            ("points", None),
            ("x1", None),
            ("residuals", None),
        ] {
            assert_eq!(side_of_list(name), expected, "{name}");
        }
    }
}
