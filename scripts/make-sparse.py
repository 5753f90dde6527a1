#!/usr/bin/env python3
"""Draws datasets/sparse/sparse.csv: a price that depends on 3 of 20 features, and noise.
Usage: scripts/make-sparse.py (writes the same file each time)"""
import csv
import random
from pathlib import Path

ROWS = 200
WEIGHTS = {"area": 3.0, "rooms": 2.0, "age": -1.5}
UNRELATED = [f"noise{number}" for number in range(1, 18)]
NOISE = 3.0
TARGET = Path(__file__).resolve().parent.parent / "datasets/sparse/sparse.csv"


def main():
    draw = random.Random(1)
    TARGET.parent.mkdir(exist_ok=True)
    with TARGET.open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*WEIGHTS, *UNRELATED, "price"])
        for _ in range(ROWS):
            features = {name: draw.gauss(0, 1) for name in [*WEIGHTS, *UNRELATED]}
            price = 10 + sum(weight * features[name] for name, weight in WEIGHTS.items()) + draw.gauss(0, NOISE)
            table.writerow([f"{value:.3f}" for value in [*features.values(), price]])


if __name__ == "__main__":
    main()
