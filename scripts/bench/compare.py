"""Runs workloads in turns, ours and the peers', and tells how much longer the peers take.

Usage: compare.py OURS PYTHON [--only NAME] [--json FILE] [--rounds N]
OURS is the built example `workload`, PYTHON an interpreter that has PyTorch and onnxruntime.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess

PEER = pathlib.Path(__file__).with_name("peer.py")
# Steps per turn: turns of about a second.
STEPS = {"colorizer-train": 2, "colorizer-apply": 2, "mlp-60": 60, "mlp-256": 40}


def peers(name):
    """Command lines of each peer, after the interpreter."""
    layouts = ["contiguous", "channels_last"] if name.startswith("colorizer") else ["contiguous"]
    lines = {f"PyTorch, {layout}": ["--layout", layout] for layout in layouts}
    if name == "colorizer-apply":
        lines["onnxruntime"] = ["--library", "onnxruntime"]
    return lines


def times(command, threads):
    variables = {**os.environ, "RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    output = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    return [float(line) for line in output.stdout.split()]


def compare(name, arguments):
    steps = str(STEPS[name])
    commands = {"dlkit": [arguments.ours, name, steps]}
    for peer, options in peers(name).items():
        threads = ["--threads", str(arguments.threads)]
        commands[peer] = [arguments.python, str(PEER), name, steps, *threads, *options]
    turns = {who: [] for who in commands}
    for _ in range(arguments.rounds):
        for who, command in commands.items():
            turns[who].append(statistics.median(times(command, arguments.threads)))
    ours = turns["dlkit"]
    rows = []
    for who in list(turns)[1:]:
        ratios = sorted(peer / our for our, peer in zip(ours, turns[who]))
        rows.append(
            {
                "name": name,
                "peer": who,
                "ours_ms": round(statistics.median(ours), 2),
                "ours_least_ms": round(min(ours), 2),
                "peer_ms": round(statistics.median(turns[who]), 2),
                "peer_least_ms": round(min(turns[who]), 2),
                "ratio": round(statistics.median(ratios), 3),
                "ratio_least": round(ratios[0], 3),
                "ratio_greatest": round(ratios[-1], 3),
            }
        )
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("python")
    parser.add_argument("--only", choices=list(STEPS))
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    rows = []
    for name in [arguments.only] if arguments.only else STEPS:
        rows.extend(compare(name, arguments))
    print("| workload | peer | dlkit, ms (least) | peer, ms (least) | ratio (least to greatest) |")
    print("|---|---|---|---|---|")
    for row in rows:
        print(
            "| {name} | {peer} | {ours_ms} ({ours_least_ms}) | {peer_ms} ({peer_least_ms}) "
            "| {ratio} ({ratio_least} to {ratio_greatest}) |".format(**row)
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
