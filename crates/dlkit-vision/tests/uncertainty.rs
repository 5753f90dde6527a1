//! The stated uncertainty of mapped points against the scatter of many estimates.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use dlkit_vision::homography::{
    Correspondence, Estimate, Homography, HomographyConfig, Method, Model, Point, Refinement, Side,
    Uncertainty, compare_models, estimate, picture_corners,
};
use dlkit_vision::points::{Order, parse_pairs};
use dlkit_vision::ransac::RansacConfig;
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

const SETS: usize = 1000;

/// Normal errors (Box and Muller).
struct Noise(ChaCha12Rng);

impl Noise {
    fn draw(&mut self) -> f64 {
        let [radius, angle]: [f64; 2] = [0; 2].map(|_| self.0.random_range(f64::MIN_POSITIVE..1.0));
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    fn moved(&mut self, point: Point, deviation: f64) -> Point {
        Point::new(point.x + deviation * self.draw(), point.y + deviation * self.draw())
    }
}

/// Places spread over a picture of 640 x 480 pixels, with as many again as there are corners.
fn places(count: u32) -> Vec<Point> {
    (0..count)
        .map(|index| {
            let angle = f64::from(index) * 2.4;
            let radius = 0.35 + 0.6 * f64::from(index % 4) / 4.0;
            Point::new(320.0 + 300.0 * radius * angle.cos(), 240.0 + 230.0 * radius * angle.sin())
        })
        .collect()
}

fn truth(model: Model) -> Homography {
    let rows = match model {
        Model::Homography => [[1.1, 0.08, 40.0], [-0.05, 0.95, 20.0], [2e-4, -1e-4, 1.0]],
        Model::Affine => [[1.1, 0.3, 40.0], [-0.2, 0.8, 20.0], [0.0, 0.0, 1.0]],
        Model::Similarity => [[1.2, -0.5, 40.0], [0.5, 1.2, 20.0], [0.0, 0.0, 1.0]],
        Model::Rigid => [[0.8, -0.6, 40.0], [0.6, 0.8, 20.0], [0.0, 0.0, 1.0]],
        Model::Translation => [[1.0, 0.0, 40.0], [0.0, 1.0, 20.0], [0.0, 0.0, 1.0]],
    };
    Homography::from_rows(rows).unwrap()
}

struct Setting {
    model: Model,
    refinement: Refinement,
    count: u32,
    /// Standard deviations at the sources and at the targets.
    noise: [f64; 2],
    known: Option<f64>,
}

/// The share of sets of pairs in which the true image of a corner of the picture is within its
/// stated region, for each corner.
fn coverage(setting: &Setting) -> [f64; 4] {
    let Setting { model, refinement, count, noise, known } = *setting;
    let truth = truth(model);
    let config = HomographyConfig { model, refinement, ..HomographyConfig::default() };
    let mut random = Noise(ChaCha12Rng::seed_from_u64(7));
    let mut within = [0_u32; 4];
    for _ in 0..SETS {
        let pairs: Vec<Correspondence> = places(count)
            .into_iter()
            .map(|place| Correspondence {
                source: random.moved(place, noise[0]),
                target: random.moved(truth.map(place).unwrap(), noise[1]),
            })
            .collect();
        let found = estimate(&pairs, &config).unwrap();
        let uncertainty = Uncertainty::of(&pairs, &found, &config, known).unwrap();
        for (corner, within) in picture_corners((640, 480)).into_iter().zip(&mut within) {
            let region = uncertainty.at(corner).unwrap();
            // At the sources, the region is around the point that is mapped to where it truly is.
            let (from, to) = if uncertainty.side() == Side::Source {
                let seen = found.homography.inverse().map(truth.map(corner).unwrap()).unwrap();
                (corner, seen)
            } else {
                (found.homography.map(corner).unwrap(), truth.map(corner).unwrap())
            };
            *within += u32::from(region.contains(to.x - from.x, to.y - from.y));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    within.map(|within| f64::from(within) / SETS as f64)
}

#[test]
fn the_stated_regions_hold_the_truth_in_95_of_100_sets() {
    let homography = Model::Homography;
    let cases = [
        (homography, Refinement::Forward, 12, [0.0, 0.7], None),
        (homography, Refinement::Forward, 6, [0.0, 0.5], None),
        (homography, Refinement::Forward, 4, [0.0, 0.5], Some(0.5)),
        (homography, Refinement::None, 12, [0.0, 0.5], None),
        (homography, Refinement::Symmetric, 12, [0.5, 0.5], None),
        (homography, Refinement::Backward, 12, [0.7, 0.0], None),
        (Model::Affine, Refinement::Forward, 8, [0.0, 1.0], None),
        (Model::Similarity, Refinement::Forward, 5, [0.0, 1.0], None),
        (Model::Similarity, Refinement::Backward, 5, [1.0, 0.0], None),
        (Model::Rigid, Refinement::Forward, 5, [0.0, 1.0], None),
        (Model::Translation, Refinement::Forward, 3, [0.0, 1.0], None),
    ];
    for (model, refinement, count, noise, known) in cases {
        let shares = coverage(&Setting { model, refinement, count, noise, known });
        for share in shares {
            assert!((0.93..=0.97).contains(&share), "{model:?} {refinement:?} {count}: {shares:?}");
        }
    }
}

fn dlt(pairs: &[Correspondence]) -> (Estimate, HomographyConfig) {
    let config = HomographyConfig::default();
    (estimate(pairs, &config).unwrap(), config)
}

#[test]
fn exact_pairs_say_nothing_unless_the_noise_is_given() {
    let truth = truth(Model::Homography);
    let pair = |place| Correspondence { source: place, target: truth.map(place).unwrap() };
    let four: Vec<Correspondence> = picture_corners((640, 480)).into_iter().map(pair).collect();
    let (found, config) = dlt(&four);
    assert!(Uncertainty::of(&four, &found, &config, None).is_none());
    let known = Uncertainty::of(&four, &found, &config, Some(1.0)).unwrap();
    assert_eq!((known.noise(), known.freedom()), (1.0, None));
    // At a corner only its own click matters: a circle of 1 px times the root of -2 ln 0.05.
    for corner in picture_corners((640, 480)) {
        let region = known.at(corner).unwrap();
        let expected = (-2.0 * 0.05_f64.ln()).sqrt();
        assert!((region.major - expected).abs() < 1e-6, "{region:?}");
        assert!((region.minor - expected).abs() < 1e-6, "{region:?}");
    }
}

/// The matrix of six clicks within 60 px of each other, in a picture of 4000 x 3000 pixels.
#[test]
fn six_clicks_do_not_reach_far() {
    let pairs = parse_pairs(include_str!("cases/six_clicks.csv"), Order::Xy).unwrap();
    let (found, config) = dlt(&pairs);
    let uncertainty = Uncertainty::of(&pairs, &found, &config, None).unwrap();
    let corners = picture_corners((4000, 3000)).map(|corner| uncertainty.at(corner));
    let reaches = uncertainty.reaches(&pairs, &found.inliers);
    let at_origin = corners[0].unwrap().major;
    assert!((5.0..100.0).contains(&at_origin), "{at_origin}");
    for corner in &corners[1..] {
        assert!(corner.is_none_or(|region| region.major > 100.0), "{corner:?}");
    }
    assert!(reaches[0].uncertainty.unwrap() < 5.0, "{reaches:?}");
    assert!(reaches[2].uncertainty.is_none_or(|uncertainty| uncertainty > 5.0), "{reaches:?}");
}

#[test]
fn the_plainest_model_that_explains_the_pairs_is_best() {
    for truth_model in Model::ALL {
        for robust in [false, true] {
            let mut right = 0;
            let mut random = Noise(ChaCha12Rng::seed_from_u64(3));
            for _ in 0..50 {
                let truth = truth(truth_model);
                let mut pairs: Vec<Correspondence> = places(30)
                    .into_iter()
                    .map(|place| Correspondence {
                        source: place,
                        target: random.moved(truth.map(place).unwrap(), 0.5),
                    })
                    .collect();
                let method =
                    if robust { Method::Ransac(RansacConfig::default()) } else { Method::Dlt };
                if robust {
                    for pair in pairs.iter_mut().step_by(4) {
                        pair.target = random.moved(pair.target, 100.0);
                    }
                }
                let config = HomographyConfig { method, ..HomographyConfig::default() };
                let found = estimate(&pairs, &config).unwrap();
                let scores = compare_models(&pairs, &found, &config, None);
                let best = scores.iter().min_by(|a, b| a.criterion.total_cmp(&b.criterion));
                right += u32::from(best.unwrap().model == truth_model);
            }
            assert!(right >= 45, "{truth_model:?} {robust}: {right} of 50");
        }
    }
}

#[test]
fn exact_pairs_are_explained_by_the_plainest_model() {
    for model in Model::ALL {
        let truth = truth(model);
        let pairs: Vec<Correspondence> = places(4)
            .into_iter()
            .map(|place| Correspondence { source: place, target: truth.map(place).unwrap() })
            .collect();
        let (found, config) = dlt(&pairs);
        let scores = compare_models(&pairs, &found, &config, None);
        let best = scores.iter().min_by(|a, b| a.criterion.total_cmp(&b.criterion)).unwrap();
        assert_eq!(best.model, model, "{scores:?}");
    }
}
