//! Times the colorizer's convolutions, forward and backward: median milliseconds and share of the
//! arithmetic that the definition needs, in Gflop/s. `convolution_times [batch] [side]`

#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]

use std::io::Write;
use std::time::Instant;

use dlkit_kernels::winograd::{Ending, Shape, convolution, input_gradient, weight_gradient};

const WIDTHS: [usize; 9] = [1, 39, 78, 117, 156, 195, 234, 273, 313];
const REPETITIONS: usize = 7;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    let batch: usize = arguments.next().unwrap_or(32);
    let side: usize = arguments.next().unwrap_or(32);
    let mut output = std::io::stdout().lock();
    let mut totals = [0.0; 3];
    for (layer, widths) in WIDTHS.windows(2).enumerate() {
        let side = side - 2 * layer;
        let shape = Shape {
            batch,
            channels: widths[0],
            filters: widths[1],
            height: side,
            width: side,
            padding: [0, 0],
        };
        let out = side - 2;
        let numbers = |count: usize| {
            (0..count).map(|index| (index % 1009) as f32 / 1009.0 - 0.5).collect::<Vec<_>>()
        };
        let input = numbers(batch * widths[0] * side * side);
        let weight = numbers(widths[0] * widths[1] * 9);
        let gradient = numbers(batch * widths[1] * out * out);
        let flops = 18.0 * (batch * out * out * widths[0] * widths[1]) as f64;
        let times = [
            median(|| convolution(shape, &input, &weight, Ending::default())),
            median(|| input_gradient(shape, &gradient, &weight)),
            median(|| weight_gradient(shape, &input, &gradient)),
        ];
        write!(output, "{:>3} -> {:>3}, {out:>3}x{out:<3}", widths[0], widths[1])?;
        for (total, time) in totals.iter_mut().zip(times) {
            *total += time;
            write!(output, " {:8.2} ms {:6.1} Gflop/s", time * 1e3, flops / time / 1e9)?;
        }
        writeln!(output)?;
    }
    let [forward, input, weight] = totals.map(|time| time * 1e3);
    writeln!(output, "forward {forward:.1} ms, input {input:.1} ms, weights {weight:.1} ms")
}

fn median<T>(mut work: impl FnMut() -> T) -> f64 {
    drop(work());
    let mut times: Vec<f64> = (0..REPETITIONS)
        .map(|_| {
            let start = Instant::now();
            drop(work());
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[REPETITIONS / 2]
}
