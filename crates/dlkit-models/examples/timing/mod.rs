//! Times and memory of repeated work.

use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

/// Steps before the clock runs.
const WARM_UP: usize = 2;

/// Runs the workload of the arguments, `NAME REPETITIONS`, and prints what was measured as JSON.
pub(crate) fn print(
    run: impl FnOnce(&str, usize) -> Result<Measured, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(repetitions)) = (arguments.next(), arguments.next()) else {
        return Err("two arguments are needed: NAME REPETITIONS".into());
    };
    let Measured { times, before, peak } = run(&name, repetitions.parse()?)?;
    let times: Vec<String> = times.iter().map(|time| format!("{time:.3}")).collect();
    let times = times.join(", ");
    let mut output = std::io::stdout().lock();
    writeln!(output, r#"{{"milliseconds": [{times}], "before": {before}, "peak": {peak}}}"#)?;
    Ok(())
}

/// What was measured: milliseconds of each repetition after the warm-up, bytes of memory.
pub(crate) struct Measured {
    times: Vec<f64>,
    before: u64,
    peak: u64,
}

pub(crate) fn measure(repetitions: usize, mut work: impl FnMut()) -> Measured {
    let before = memory("VmRSS:");
    let mut times = Vec::new();
    for _ in 0..WARM_UP + repetitions {
        let start = Instant::now();
        work();
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Measured { times: times.split_off(WARM_UP), before, peak: memory("VmHWM:") }
}

/// Bytes of memory of this process, or 0 where the system does not say.
fn memory(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}
