"""Runs workloads in turns, ours and the peers', and prints how much longer the peers take.

Usage: compare.py --check [OPTIONS]      checks the options, runs nothing
       compare.py OURS PYTHON [OPTIONS]  OPTIONS: [--only NAME] [--json FILE] [--rounds N] [--threads N]
OURS is the built example `workload` (beside it, `stock` is the same with Burn's own layers), PYTHON an
interpreter that has what requirements.txt names. A run of all workloads writes the table of
docs/benchmarks.md.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

PEER = pathlib.Path(__file__).with_name("peer.py")
ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
MARKS = "<!-- measured: written by scripts/bench/run.sh -->", "<!-- end of measured -->"
# Steps per turn: turns of about a second.
RECIPES = {
    "configs/mnist/mlp.toml": 120,
    "configs/mnist/mlp-full.toml": 120,
    "configs/mnist/mlp-l1.toml": 120,
    "configs/mnist/cnn.toml": 15,
    "configs/mnist/resnet.toml": 60,
    "configs/colorizer/eight-layer.toml": 8,
    "configs/colorizer/unet.toml": 15,
    "configs/colorizer/deeper.toml": 2,
}
STEPS = {
    "colorizer-train": 2,
    "colorizer-apply": 2,
    "cnn-128": 15,
    "mlp-60": 120,
    "mlp-256": 60,
    **RECIPES,
}
FILTERS = [1, 39, 78, 117, 156, 195, 234, 273, 313]
PAIRS = list(zip(FILTERS, FILTERS[1:]))
MEBIBYTE = 1 << 20


def operations(name):
    """Multiplications and additions of a step by the definition of its layers. Training takes three
    times those of applying, but for the first layer, whose input needs no gradient."""
    if name.startswith("mlp"):
        batch = int(name.removeprefix("mlp-"))
        first, others = 784 * 1024, 1024 * 128 + 128 * 10
    elif name == "cnn-128":
        batch = 128
        first, others = 26 * 26 * 32 * 9, 24 * 24 * 64 * 32 * 9 + 9216 * 128 + 128 * 10
    else:
        batch, side = (32, 32) if name == "colorizer-train" else (1, 272)
        layers = [(side - 2 * depth - 2) ** 2 * 9 * a * b for depth, (a, b) in enumerate(PAIRS)]
        if name == "colorizer-apply":
            return 2 * sum(layers)
        first, others = layers[0], sum(layers[1:])
    return 2 * batch * (2 * first + 3 * others)


def layouts(name):
    """Layouts in memory between which a network makes a difference."""
    return ["contiguous"] if "mlp" in name else ["contiguous", "channels_last"]


def peers(name):
    """Options of each peer."""
    lines = {f"PyTorch, {layout}": ["--layout", layout] for layout in layouts(name)}
    if name == "colorizer-apply":
        lines["onnxruntime"] = ["--library", "onnxruntime"]
    return lines


def variables(threads):
    """The environment of a command."""
    return {**os.environ, "RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}


def run(command, threads):
    done = subprocess.run(
        command, env=variables(threads), check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def compare(name, arguments):
    steps = str(STEPS[name])
    threads = ["--threads", str(arguments.threads)]
    stock = str(pathlib.Path(arguments.ours).with_name("stock"))
    work = str(ROOT / name) if name in RECIPES else name
    commands = {"dlkit": [arguments.ours, work, steps]}
    if name not in RECIPES:
        commands["Burn's own layers"] = [stock, name, steps]
    for peer, options in peers(name).items():
        commands[peer] = [arguments.python, str(PEER), work, steps, *threads, *options]
    sgemm = [arguments.python, str(PEER), "sgemm", "10", *threads]
    turns = {who: [] for who in commands}
    rates = []
    for _ in range(arguments.rounds):
        for who, command in commands.items():
            turns[who].append(run(command, arguments.threads))
        rates.append(2 * 2048**3 / min(run(sgemm, arguments.threads)["milliseconds"]) / 1e6)
    medians = {
        who: [statistics.median(turn["milliseconds"]) for turn in all_] for who, all_ in turns.items()
    }
    least = {
        who: min(time for turn in all_ for time in turn["milliseconds"])
        for who, all_ in turns.items()
    }
    memory = {
        who: max(turn["peak"] - turn["before"] for turn in all_) / MEBIBYTE
        for who, all_ in turns.items()
    }
    ours = medians["dlkit"]
    rate = max(rates)
    # Operations are counted for the networks above only.
    share = None if name in RECIPES else round(operations(name) / least["dlkit"] / 1e6 / rate, 3)
    rows = []
    for who in list(turns)[1:]:
        ratios = sorted(peer / our for our, peer in zip(ours, medians[who]))
        rows.append(
            {
                "name": name,
                "peer": who,
                "ours_ms": round(statistics.median(ours), 2),
                "ours_least_ms": round(least["dlkit"], 2),
                "peer_ms": round(statistics.median(medians[who]), 2),
                "peer_least_ms": round(least[who], 2),
                "ratio": round(statistics.median(ratios), 3),
                "ratio_least": round(ratios[0], 3),
                "ratio_greatest": round(ratios[-1], 3),
                "ratio_of_least": round(least[who] / least["dlkit"], 3),
                "ours_memory_mib": round(memory["dlkit"], 1),
                "peer_memory_mib": round(memory[who], 1),
                "sgemm_gflops": round(rate, 1),
                "share_of_sgemm": share,
            }
        )
    return rows


HEAD = """| workload | peer | dlkit, ms (least) | peer, ms (least) | ratio (least to greatest) \
| ratio of least times | memory of a step, MiB: dlkit, peer | share of sgemm |
|---|---|---|---|---|---|---|---|"""
ROW = (
    "| {name} | {peer} | {ours_ms} ({ours_least_ms}) | {peer_ms} ({peer_least_ms}) "
    "| {ratio} ({ratio_least} to {ratio_greatest}) | {ratio_of_least} "
    "| {ours_memory_mib}, {peer_memory_mib} | {share} |"
)


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions(arguments):
    """Those of the peers; asked first, so that a missing one is known before anything is measured."""
    found = run([arguments.python, str(PEER), "versions", "0", "--threads", "1"], 1)
    return ", ".join(f"{name} {version}" for name, version in found.items())


def circumstances(arguments):
    """When, where and with what a table was measured."""
    load = os.getloadavg()[0]
    return (
        f"{datetime.date.today()}; {processor()}, {os.cpu_count()} cores, {arguments.threads} "
        f"threads each; {platform.system()} {platform.release()}; {arguments.versions}; "
        f"{arguments.rounds} turns; load of the machine at the end {load:.1f}"
    )


def measured(rows, arguments):
    rate = max(row["sgemm_gflops"] for row in rows)
    return "\n".join(
        [
            f"{circumstances(arguments)}; sgemm {rate:.0f} GFLOP/s.",
            "",
            HEAD,
            *(ROW.format(**row, share=percent(row["share_of_sgemm"])) for row in rows),
        ]
    )


def percent(share):
    return "-" if share is None else f"{share:.0%}"


def positive(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def parse(program, names, rounds):
    check = "--check" in sys.argv[1:2]
    parser = argparse.ArgumentParser(prog=program)
    if check:
        parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    else:
        parser.add_argument("ours")
        parser.add_argument("python")
    parser.add_argument("--only", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="where figures go")
    parser.add_argument(
        "--rounds", type=positive, default=rounds, metavar="N", help=f"turns: {rounds}"
    )
    threads = os.cpu_count()
    parser.add_argument("--threads", type=positive, default=threads, metavar="N", help=str(threads))
    arguments = parser.parse_args()
    if arguments.json and (arguments.json.is_dir() or not arguments.json.absolute().parent.is_dir()):
        parser.error(f"--json {arguments.json}: give a file in a directory that is there")
    if check:
        sys.exit(0)
    return arguments


def table_of(names, compare, measured, arguments, marks):
    """Prints the table of some workloads; that of all is also written into the page, between two marks."""
    arguments.versions = versions(arguments)
    rows = []
    for name in [arguments.only] if arguments.only else names:
        rows.extend(compare(name, arguments))
        # An interrupted run keeps what it has measured.
        if arguments.json:
            arguments.json.write_text(json.dumps(rows, indent=2) + "\n")
    table = measured(rows, arguments)
    print(table)
    if not arguments.only:
        begin, end = marks
        before, rest = PAGE.read_text().split(begin)
        after = rest.split(end, 1)[1]
        PAGE.write_text(f"{before}{begin}\n{table}\n{end}{after}")


def main():
    names = list(STEPS)
    arguments = parse("scripts/bench/run.sh", names, rounds=7)
    table_of(names, compare, measured, arguments, MARKS)


if __name__ == "__main__":
    main()
