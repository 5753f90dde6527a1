"""Runs commands of dlkit and Python programs that do the same in turns, and prints how much longer these take.

Usage: usage.py --check [OPTIONS]       checks the options, runs nothing
       usage.py DLKIT PYTHON [OPTIONS]  OPTIONS: [--only NAME] [--json FILE] [--rounds N] [--threads N]
PYTHON is an interpreter that has the peers. A run of all workloads writes the table of docs/benchmarks.md.

This program imports nothing large: the peak memory of a process that it starts is at least its own.
"""

import itertools
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import tomllib

import compare
from compare import MEBIBYTE, ROOT

PEER = pathlib.Path(__file__).with_name("usage_peer.py")
TRAINING = pathlib.Path(__file__).with_name("usage_training.py")
MARKS = "<!-- usage: written by scripts/bench/usage.sh -->", "<!-- end of usage -->"
# Epochs per turn; the first one does not count.
EPOCHS = {
    "configs/mnist/mlp.toml": 8,
    "configs/mnist/mlp-full.toml": 8,
    "configs/mnist/mlp-l1.toml": 8,
    "configs/mnist/cnn.toml": 4,
    "configs/mnist/resnet.toml": 5,
    "configs/colorizer/eight-layer.toml": 2,
    "configs/colorizer/unet.toml": 5,
    "configs/colorizer/deeper.toml": 2,
}
assert EPOCHS.keys() == compare.RECIPES.keys()
PHOTOS = 28
# Recipes of networks that are applied, and pictures at once for onnxruntime: all, or as many as keep what
# flows between convolutions below some hundreds of megabytes.
APPLIED = {
    "predict-mlp": ("configs/mnist/mlp.toml", []),
    "predict-cnn": ("configs/mnist/cnn.toml", ["--batch", 1000]),
}
PAGES = {"homography-12": (4000, 3000), "homography-24": (6000, 4000)}


def timed(command, threads):
    """Seconds and peak memory of a command, and what it prints."""
    start = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), env=compare.variables(threads), stdout=subprocess.PIPE, text=True
    )
    with process.stdout:
        output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return seconds, used.ru_maxrss * 1024, output


def settled(name, epochs, place, arguments):
    """A recipe with all defaults written out and shipped data, as dlkit and PyTorch read it."""
    data = pathlib.Path(tomllib.loads((ROOT / name).read_text())["data"]["path"])
    sets = [f"training.epochs={epochs}"]
    if data.name == "mnist":
        # The whole of it is not shipped.
        data = data.with_name("mnist-small")
        sets.append("data.validation=0.1")
    sets.append(f"data.path={ROOT / data}")
    options = [option for each in sets for option in ["--set", each]]
    path = place / "recipe.toml"
    command = [arguments.ours, "config", "show", ROOT / name, *options]
    path.write_text(timed(command, arguments.threads)[2])
    return path


def seconds_of(epochs):
    return statistics.median(epoch["seconds"] for epoch in epochs[1:])


def training(name, place, arguments):
    """Epochs of a training, validation included, without start and end of the program."""
    recipe = settled(name, EPOCHS[name], place, arguments)
    run = place / "run"

    def ours():
        command = [arguments.ours, "train", recipe, "--output", run, "--quiet"]
        _, memory, _ = timed(command, arguments.threads)
        lines = (run / "metrics.jsonl").read_text().splitlines()
        shutil.rmtree(run)
        return seconds_of([json.loads(line) for line in lines]), memory

    def peer(layout, workers):
        command = [arguments.python, TRAINING, recipe, "--threads", arguments.threads]
        command += ["--layout", layout, "--workers", workers]
        _, memory, output = timed(command, arguments.threads)
        return seconds_of(json.loads(output)), memory

    # The fastest way of PyTorch counts: that of the least of two trials.
    ways = list(itertools.product(compare.layouts(name), [0, 2]))
    fastest = min(ways, key=lambda way: min(peer(*way)[0] for _ in range(2)))
    layout, workers = fastest
    return ours, lambda: {f"PyTorch, {layout}, {workers} workers": peer(*fastest)}


def whole(programs, ours, theirs, output, arguments):
    """Whole commands, and the peer's also without Python's start and imports."""

    def cleared(command):
        seconds, memory, printed = timed(command, arguments.threads)
        if output and output.is_dir():
            shutil.rmtree(output)
        elif output:
            output.unlink()
        return seconds, memory, printed

    def peer():
        command = [arguments.python, PEER, *theirs, "--threads", arguments.threads]
        seconds, memory, printed = cleared(command)
        inner = json.loads(printed.splitlines()[-1])["seconds"]
        return {programs: (seconds, memory), f"{programs}, without start": (inner, memory)}

    def mine():
        return cleared([arguments.ours, *ours])[:2]

    # Programs and libraries come from the disk the first time.
    mine()
    peer()
    return mine, peer


def made(what, arguments):
    timed([arguments.python, PEER, *what], arguments.threads)


def colorizing(_, place, arguments):
    photos, output = place / "photos", place / "output"
    photos.mkdir()
    for photo in sorted((ROOT / "datasets/photos/train").glob("*.jpg"))[:PHOTOS]:
        shutil.copy(photo, photos)
    return whole(
        "onnxruntime and OpenCV",
        ["colorize", photos, "--output", output, "--quiet"],
        ["colorize", ROOT / "models/colorizer.onnx", photos, output],
        output,
        arguments,
    )


def predicting(name, place, arguments):
    (recipe, batch), run, model = APPLIED[name], place / "run", place / "model.onnx"
    recipe, digits = settled(recipe, 1, place, arguments), place / "digits"
    timed([arguments.ours, "train", recipe, "--output", run, "--quiet"], arguments.threads)
    timed([arguments.ours, "freeze", run, "--output", model, "--quiet"], arguments.threads)
    made(["make-digits", digits], arguments)
    return whole(
        "onnxruntime and OpenCV",
        ["predict", model, digits],
        ["predict", model, digits, *batch],
        None,
        arguments,
    )


def warping(name, place, arguments):
    photo, points, output = place / "photo.jpg", place / "points.txt", place / "warped.jpg"
    made(["make-page", *PAGES[name], photo, points], arguments)
    return whole(
        "OpenCV",
        ["homography", photo, "--points", points, "--canvas", "source", "--output", output],
        ["homography", photo, points, output],
        output,
        arguments,
    )


WORKLOADS = {
    **dict.fromkeys(EPOCHS, training),
    "colorize": colorizing,
    **dict.fromkeys(APPLIED, predicting),
    **dict.fromkeys(PAGES, warping),
}


def turns(name, place, arguments):
    """Seconds and peak memory of each turn, ours and the peers'."""
    ours, peers = WORKLOADS[name](name, place, arguments)
    turns = {}
    for turn in range(arguments.rounds):
        # Neither always comes first.
        sides = [lambda: {"dlkit": ours()}, peers]
        results = {}
        for side in sides if turn % 2 == 0 else reversed(sides):
            results.update(side())
        for who, result in results.items():
            turns.setdefault(who, []).append(result)
    return {"dlkit": turns.pop("dlkit"), **turns}


def compared(name, place, arguments):
    place = place / name.replace("/", "-")
    place.mkdir()
    all_ = turns(name, place, arguments)
    shutil.rmtree(place)
    seconds = {who: [turn[0] for turn in turns] for who, turns in all_.items()}
    memory = {who: max(turn[1] for turn in turns) / MEBIBYTE for who, turns in all_.items()}
    ours = seconds["dlkit"]
    rows = []
    for who in list(all_)[1:]:
        ratios = sorted(peer / our for our, peer in zip(ours, seconds[who]))
        rows.append(
            {
                "name": name,
                "peer": who,
                "ours_s": round(statistics.median(ours), 3),
                "ours_least_s": round(min(ours), 3),
                "peer_s": round(statistics.median(seconds[who]), 3),
                "peer_least_s": round(min(seconds[who]), 3),
                "ratio": round(statistics.median(ratios), 2),
                "ratio_least": round(ratios[0], 2),
                "ratio_greatest": round(ratios[-1], 2),
                "ratio_of_least": round(min(seconds[who]) / min(ours), 2),
                "ours_memory_mib": round(memory["dlkit"]),
                "peer_memory_mib": round(memory[who]),
            }
        )
    return rows


HEAD = """| workload | peer | dlkit, s (least) | peer, s (least) | ratio (least to greatest) \
| ratio of least times | peak memory, MiB: dlkit, peer |
|---|---|---|---|---|---|---|"""
ROW = (
    "| {name} | {peer} | {ours_s} ({ours_least_s}) | {peer_s} ({peer_least_s}) "
    "| {ratio} ({ratio_least} to {ratio_greatest}) | {ratio_of_least} "
    "| {ours_memory_mib}, {peer_memory_mib} |"
)


def measured(rows, arguments):
    lines = [f"{compare.circumstances(arguments)}.", "", HEAD]
    return "\n".join([*lines, *(ROW.format(**row) for row in rows)])


def main():
    names = list(WORKLOADS)
    arguments = compare.parse("scripts/bench/usage.sh", names, rounds=5)
    with tempfile.TemporaryDirectory() as place:
        work = lambda name, arguments: compared(name, pathlib.Path(place), arguments)
        compare.table_of(names, work, measured, arguments, MARKS)


if __name__ == "__main__":
    main()
