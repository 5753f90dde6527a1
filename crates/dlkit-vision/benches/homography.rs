//! Times warping and robust estimation on inputs that `scripts/bench/homography.py` gives OpenCV
//! too, and prints the milliseconds of each repetition as JSON.
//!
//! Usage: `homography PICTURE MATRIX.json PAIRS.json REPETITIONS`

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program run by hand")]

use std::time::Instant;

use dlkit_files::picture::read_picture;
use dlkit_vision::homography::{Correspondence, Homography, HomographyConfig, Method, estimate};
use dlkit_vision::ransac::RansacConfig;
use dlkit_vision::warp::{CanvasChoice, Interpolation, WarpConfig, warp};

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [picture, matrix, pairs, repetitions] = arguments.as_slice() else {
        println!("usage: homography PICTURE MATRIX.json PAIRS.json REPETITIONS");
        return;
    };
    let repetitions: usize = repetitions.parse().unwrap();
    let picture = read_picture(picture.as_ref()).unwrap();
    let read = |path: &String| std::fs::read(path).unwrap();
    let homography = Homography::from_rows(serde_json::from_slice(&read(matrix)).unwrap()).unwrap();
    let pairs: Vec<[f64; 4]> = serde_json::from_slice(&read(pairs)).unwrap();
    let pairs: Vec<_> =
        pairs.iter().map(|[x, y, u, v]| Correspondence::new(*x, *y, *u, *v)).collect();
    let mut times = serde_json::Map::new();
    for (name, interpolation) in [
        ("nearest", Interpolation::Nearest),
        ("bilinear", Interpolation::Bilinear),
        ("bicubic", Interpolation::Bicubic),
        ("lanczos", Interpolation::Lanczos),
    ] {
        for antialias in [false, true] {
            let config = WarpConfig {
                interpolation,
                antialias,
                canvas: CanvasChoice::Source,
                ..WarpConfig::default()
            };
            let name = if antialias { format!("{name} anti-aliased") } else { name.to_owned() };
            let work = || drop(warp(&picture, &homography, &config).unwrap());
            times.insert(name, milliseconds(repetitions, work).into());
        }
    }
    let config =
        HomographyConfig { method: Method::Ransac(RansacConfig::default()), ..Default::default() };
    let work = || drop(estimate(&pairs, &config).unwrap());
    times.insert("ransac".to_owned(), milliseconds(10 * repetitions, work).into());
    let work = || drop(estimate(&pairs, &HomographyConfig::default()).unwrap());
    times.insert("dlt".to_owned(), milliseconds(10 * repetitions, work).into());
    println!("{}", serde_json::Value::Object(times));
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
