//! Times feature detection, matching and registration of two pictures, which
//! `scripts/bench/features.py` also gives OpenCV, and prints the milliseconds of each repetition and
//! the matrix as JSON.
//!
//! Usage: `features FIRST SECOND REPETITIONS`

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program run by hand")]

use std::time::Instant;

use dlkit_files::picture::read_picture;
use dlkit_vision::features::{
    GrayPicture, RegistrationConfig, detect_features, match_features, register,
};

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [first, second, repetitions] = arguments.as_slice() else {
        println!("usage: features FIRST SECOND REPETITIONS");
        return;
    };
    let repetitions: usize = repetitions.parse().unwrap();
    let [first, second] =
        [first, second].map(|path| GrayPicture::of(&read_picture(path.as_ref()).unwrap()));
    let config = RegistrationConfig::default();
    let most = config.matching.most_features;
    let features = [&first, &second].map(|picture| detect_features(picture, most));
    let registration = register(&first, &second, &config);
    let (matrix, inliers, alarms) = match &registration {
        Ok(found) => (
            Some(found.estimate.homography.rows()),
            found.estimate.inliers.iter().filter(|inlier| **inlier).count(),
            Some(found.log_false_alarms),
        ),
        Err(_) => (None, 0, None),
    };
    let result = serde_json::json!({
        "features": features.each_ref().map(Vec::len),
        "matches": match_features(&features[0], &features[1], config.matching.ratio).len(),
        "inliers": inliers,
        "log_false_alarms": alarms,
        "error": registration.err().map(|error| error.to_string()),
        "matrix": matrix,
        "detect": milliseconds(repetitions, || drop(detect_features(&first, most))),
        "match": milliseconds(repetitions, || {
            drop(match_features(&features[0], &features[1], config.matching.ratio));
        }),
        "register": milliseconds(repetitions, || drop(register(&first, &second, &config))),
    });
    println!("{result}");
}

fn milliseconds(repetitions: usize, work: impl Fn()) -> Vec<f64> {
    work();
    (0..repetitions)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect()
}
