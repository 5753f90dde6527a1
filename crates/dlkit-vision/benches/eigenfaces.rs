//! Fits eigenfaces to pictures of a file, for `scripts/bench/eigenfaces.py`:
//! `FILE WIDTH HEIGHT COMPONENTS REPETITIONS`; the file holds float32 values. Prints milliseconds
//! and eigenvalues as JSON.

#![expect(clippy::print_stdout, reason = "a program run by hand")]

use std::time::Instant;

use dlkit_vision::eigenfaces::{
    Components, MethodChoice, Normalization, Pictures, principal_components,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [file, numbers @ ..] = &arguments[..] else { return Ok(()) };
    let numbers: Vec<usize> = numbers.iter().map(|word| word.parse()).collect::<Result<_, _>>()?;
    let [width, height, components, repetitions] = numbers[..] else {
        return Err("FILE WIDTH HEIGHT COMPONENTS REPETITIONS".into());
    };
    let bytes = std::fs::read(file)?;
    let values = bytes.as_chunks().0.iter().map(|value| f32::from_le_bytes(*value)).collect();
    let pictures = Pictures::new(width, height, values)?;
    let (mut times, mut eigenvalues) = (Vec::new(), Vec::new());
    for _ in 0..repetitions {
        let start = Instant::now();
        let number = Components::Number(components);
        let found =
            principal_components(&pictures, Normalization::None, number, MethodChoice::Auto)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        eigenvalues = found.spectrum.eigenvalues;
    }
    let result = serde_json::json!({ "milliseconds": times, "eigenvalues": eigenvalues });
    println!("{result}");
    Ok(())
}
