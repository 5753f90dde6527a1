//! The homography of exactly four pairs, in closed form.

use nalgebra::Matrix3;

use super::point::{Correspondence, Point};

/// A triangle counts as a line if its height is a smaller share of its longest side.
const FLAT: f64 = 1e-8;

/// The homography through four pairs, in the coordinates of the pairs. None if three sources or
/// three targets are collinear. None too if the map reverses the orientation of some triangles but
/// not of others: such a map tears the plane between the points. The third coordinates of the mapped
/// sources are positive.
///
/// Both quadrilaterals are images of the four points (1,0,0), (0,1,0), (0,0,1), (1,1,1) of the
/// projective plane. The adjugate inverts the map onto the first, so there is no division, and h33
/// may be 0. The factors of the basis are areas of triangles, whose signs give the orientation.
///
/// # References
/// Hartley and Zisserman, "Multiple View Geometry", 2004, 2.4 (the projective basis); Chum, Werner
/// and Matas, "Epipolar geometry estimation via RANSAC benefits from the oriented epipolar
/// constraint", 2004 (the signs).
pub(super) fn solve(pairs: [&Correspondence; 4]) -> Option<Matrix3<f64>> {
    let source = Basis::of(pairs.map(|pair| pair.source))?;
    let target = Basis::of(pairs.map(|pair| pair.target))?;
    let turns = |index: usize| source.areas[index] * target.areas[index] > 0.0;
    if (1..4).any(|index| turns(index) != turns(0)) {
        return None;
    }
    let [_, l1, l2, l3] = source.areas;
    let [_, m1, m2, m3] = target.areas;
    // diag(m / l) without its denominators.
    let factors = [m1 * l2 * l3, l1 * m2 * l3, l1 * l2 * m3];
    let [a, b, c] = source.points;
    // The rows of the adjugate of [a b c] are cross products of points (x, y, 1).
    let rows = [cross(b, c), cross(c, a), cross(a, b)];
    let mut matrix = Matrix3::zeros();
    for ((point, factor), row) in target.points.iter().zip(factors).zip(rows) {
        for (column, entry) in row.into_iter().enumerate() {
            let scaled = factor * entry;
            matrix[(0, column)] += point.x * scaled;
            matrix[(1, column)] += point.y * scaled;
            matrix[(2, column)] += scaled;
        }
    }
    let depth = matrix[(2, 0)] * a.x + matrix[(2, 1)] * a.y + matrix[(2, 2)];
    // The signs of all four agree with that of the first.
    Some(if depth < 0.0 { -matrix } else { matrix })
}

/// Three points, and the double areas of four triangles: that of the three points, and those with
/// the fourth point in place of each.
struct Basis {
    points: [Point; 3],
    areas: [f64; 4],
}

impl Basis {
    fn of([a, b, c, d]: [Point; 4]) -> Option<Self> {
        let triangles = [[a, b, c], [d, b, c], [a, d, c], [a, b, d]];
        let areas = triangles.map(|[a, b, c]| Point::double_area(a, b, c));
        let spans = |([a, b, c], area): ([Point; 3], &f64)| {
            let longest = squared(a, b).max(squared(b, c)).max(squared(c, a));
            area.abs() > FLAT * longest
        };
        triangles.into_iter().zip(&areas).all(spans).then_some(Self { points: [a, b, c], areas })
    }
}

/// The square of a distance.
fn squared(a: Point, b: Point) -> f64 {
    (a.x - b.x).powi(2) + (a.y - b.y).powi(2)
}

/// (a, 1) x (b, 1).
const fn cross(a: Point, b: Point) -> [f64; 3] {
    [a.y - b.y, b.x - a.x, a.x * b.y - a.y * b.x]
}

#[cfg(test)]
mod tests {
    use super::super::dlt;
    use super::*;

    fn pairs(numbers: [[f64; 4]; 4]) -> [Correspondence; 4] {
        numbers.map(|[x, y, u, v]| Correspondence::new(x, y, u, v))
    }

    #[test]
    fn agrees_with_the_linear_equations() {
        let pairs = pairs([
            [-1.0, -0.9, -1.1, -0.7],
            [1.2, -1.0, 0.9, -1.3],
            [0.8, 1.1, 1.0, 0.6],
            [-0.7, 1.0, -0.8, 1.2],
        ]);
        let closed = solve(pairs.each_ref()).unwrap();
        let linear = dlt::solve(&pairs, &[1.0; 4]).matrix;
        let closed = closed / closed.norm() * (closed.dot(&linear)).signum();
        assert!((closed - linear).norm() < 1e-13, "{closed} {linear}");
    }

    #[test]
    fn lines_and_torn_planes_give_nothing() {
        let square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let with = |targets: [[f64; 2]; 4]| {
            let numbers =
                [0, 1, 2, 3].map(|i| [square[i][0], square[i][1], targets[i][0], targets[i][1]]);
            solve(pairs(numbers).each_ref())
        };
        assert!(with([[0.0, 0.0], [2.0, 0.1], [2.0, 1.9], [0.1, 2.0]]).is_some());
        // Three on a line.
        assert!(with([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.1, 2.0]]).is_none());
        // Two corners exchanged: a bow tie.
        assert!(with([[0.0, 0.0], [2.0, 0.1], [0.1, 2.0], [2.0, 1.9]]).is_none());
        // A triangle is a line by its shape, not its size.
        assert!(with([[0.0, 0.0], [2e-7, 1e-8], [2e-7, 2e-7], [1e-8, 2e-7]]).is_some());
        assert!(with([[0.0, 0.0], [2e9, 1.0], [4e9, 0.0], [1e8, 2e9]]).is_none());
        // All triangles reversed: a mirror, which is allowed.
        assert!(with([[2.0, 0.1], [0.0, 0.0], [0.1, 2.0], [2.0, 1.9]]).is_some());
    }
}
