"""Colorizes photos with dlkit and with onnxruntime by large colorizers of other projects, and prints how far their
colors are apart, and time and peak memory of both.

Usage: compare.py --check [OPTIONS]      checks the options, runs nothing
       compare.py DLKIT PYTHON PLACE [OPTIONS]  OPTIONS: [--rounds N] [--threads N] [--photo FILE]
PYTHON is an interpreter that has the peers; PLACE keeps the models.

This program imports nothing large: the peak memory of a process that it starts is at least its own.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
MARKS = "<!-- foreign: written by scripts/foreign-colorizers.sh -->", "<!-- end of foreign -->"
# Names, and width and height of what they see.
MODELS = {
    "eccv16": (256, 256),
    "eccv16-beside": (256, 256),
    "siggraph17": (256, 256),
    "ddcolor": (256, 256),
    "deoldify": (384, 256),
}
# Most that colors may differ, relative to the largest a or b.
APART = 1e-4
MEBIBYTE = 1 << 20


def timed(command, threads):
    """Seconds, seconds of processors and peak memory of a command, and what it prints."""
    names = ["RAYON_NUM_THREADS", "RTEN_NUM_THREADS", "OMP_NUM_THREADS"]
    variables = {**os.environ, **dict.fromkeys(names, str(threads))}
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), env=variables, stdout=subprocess.PIPE, text=True)
    with process.stdout:
        output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / MEBIBYTE, output


def difference(arguments, name, model, peer):
    """How far colors are apart on a picture of the model's size, without preparation or enlarging."""
    width, height = MODELS[name]
    place = arguments.place
    picture = place / f"gray-{width}x{height}.png"
    result, colors = place / f"{name}-exact.png", place / f"{name}.npy"
    timed([*peer, "cut", arguments.photo, width, height, picture], arguments.threads)
    command = [arguments.dlkit, "colorize", picture, "--model", model, "--output", result]
    timed([*command, "--prepare", "none", "--force", "--quiet"], arguments.threads)
    command = [*peer, "colorize", model, picture, place / "peer.png", "--colors", colors]
    timed([*command, "--threads", arguments.threads], arguments.threads)
    *_, output = timed([*peer, "difference", result, picture, colors], arguments.threads)
    return json.loads(output)


def times(arguments, name, model, peer):
    """The median seconds, seconds of processors and peak memory of dlkit, those of the peer in turns, and the peer's
    seconds of processors without its start."""
    result = arguments.place / f"{name}.png"
    ours = [arguments.dlkit, "colorize", arguments.photo, "--model", model, "--output", result]
    ours += ["--force", "--quiet"]
    theirs = [*peer, "colorize", model, arguments.photo, arguments.place / "peer.png"]
    theirs += ["--threads", arguments.threads]
    turns = []
    for _ in range(arguments.rounds):
        *own, _ = timed(ours, arguments.threads)
        *others, output = timed(theirs, arguments.threads)
        turns.append((*own, *others, json.loads(output.splitlines()[-1])["seconds"]))
    return [statistics.median(column) for column in zip(*turns)]


def measured(arguments):
    """The rows of the table, and whether all colors are near enough."""
    peer = [arguments.python, HERE / "peer.py"]
    lines, near = [], True
    for name in MODELS:
        model = arguments.place / f"{name}.onnx"
        sizes = [path.stat().st_size for path in arguments.place.glob(f"{model.name}*")]
        apart = difference(arguments, name, model, peer)
        found = times(arguments, name, model, peer)
        (seconds, work, memory), (peer_seconds, peer_work, peer_memory), inner = found[:3], found[3:6], found[6]
        near &= apart["relative"] <= APART
        cells = [
            name,
            f"{sum(sizes) / 1e6:.0f}",
            f"{apart['largest']:.1f}",
            f"{apart['difference']:.4f}",
            f"{apart['relative']:.1e}",
            f"{apart['rounding']:.1e}",
            f"{apart['inside']:.0%}",
            f"{seconds:.2f}, {peer_seconds:.2f}",
            f"{work:.2f}, {peer_work:.2f} ({inner:.2f})",
            f"{memory:.0f}, {peer_memory:.0f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    return lines, near


HEAD = [
    "model",
    "MB",
    "largest ab",
    "largest difference",
    "relative",
    "16 bits alone",
    "within sRGB",
    "seconds: dlkit, onnxruntime",
    "seconds of processors (without start)",
    "peak memory, MiB",
]


def parsed():
    parser = argparse.ArgumentParser(prog="foreign-colorizers.sh")
    check = "--check" in sys.argv
    if not check:
        for name in ["dlkit", "python", "place"]:
            parser.add_argument(name, type=pathlib.Path)
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help="turns of each program")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="threads of each program")
    parser.add_argument("--photo", type=pathlib.Path, default=ROOT / "datasets/photos/validation/dragonfly.jpg")
    parser.add_argument("--write", action="store_true", help="write the table to docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.threads < 1:
        parser.error("--rounds and --threads must be at least 1")
    if not arguments.photo.is_file():
        parser.error(f"--photo {arguments.photo}: no such file")
    return arguments


def main():
    arguments = parsed()
    if arguments.check:
        return
    if not all((arguments.place / f"{name}.onnx").is_file() for name in MODELS):
        picture = arguments.place / "gray-256x256.png"
        timed([arguments.python, HERE / "peer.py", "cut", arguments.photo, 256, 256, picture], arguments.threads)
        command = [arguments.python, HERE / "export.py", picture, arguments.place]
        print(timed([*command, "--threads", arguments.threads], arguments.threads)[-1], end="", flush=True)
    head = ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    print(*head, sep="\n", flush=True)
    lines, near = measured(arguments)
    if arguments.write:
        text = PAGE.read_text()
        before, rest = text.split(MARKS[0], 1)
        after = rest.split(MARKS[1], 1)[1]
        table = "\n".join([*head, *lines])
        PAGE.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}")
    if not near:
        sys.exit(f"colors differ by more than {APART} of the largest a or b")


if __name__ == "__main__":
    main()
