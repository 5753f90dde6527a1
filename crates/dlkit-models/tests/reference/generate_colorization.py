#!/usr/bin/env python3
"""Writes the reference values the colorizer is tested against, by NumPy and scikit-image.

How to run it (NumPy 2 and scikit-image 0.26 wrote the file in the repository):

    python generate_colorization.py

It rewrites colorization.json beside it. Everything is computed in float64 from the definitions
(Zhang, Isola and Efros, 2016, equations 2 to 5; Hasler and Suesstrunk, 2003), by other means than
dlkit's: whole arrays over the plane of bins, no tables.
"""

import json
from pathlib import Path

import numpy as np
from skimage.color import lab2rgb, rgb2lab
from skimage.metrics import peak_signal_noise_ratio

random = np.random.default_rng(7)


def lab():
    corners = np.array(np.meshgrid([0, 0.2, 0.5, 1], [0, 0.03, 0.7, 1], [0, 0.4, 0.9, 1]))
    rgb = np.concatenate([corners.reshape(3, -1).T, random.random((100, 3))])
    values = rgb2lab(rgb[None])[0]
    assert np.abs(lab2rgb(values[None])[0] - rgb).max() < 1e-3
    return {"rgb": rgb.tolist(), "lab": values.tolist()}


def bins(width, keep, spread):
    """The plane, its kept cells and their centers, for normally distributed colors."""
    side = 220 // width
    ab = random.normal(0, spread, (4000, 2))
    counts, _, _ = np.histogram2d(*ab.T, bins=side, range=[[-110, 110], [-110, 110]])
    flat = counts.ravel()
    order = np.lexsort((np.arange(flat.size), -flat))[:keep]
    cells = np.sort(order[flat[order] > 0])
    centres = np.stack(np.divmod(cells, side), 1) * width + width / 2 - 110
    return ab, flat, cells, centres


def distances(ab, centres):
    return np.linalg.norm(ab[:, None] - centres[None], axis=2)


def case(width, keep, spread, smoothing, lam):
    side = 220 // width
    ab, flat, cells, centres = bins(width, keep, spread)
    # What is not kept counts for the kept bin nearest to its cell.
    plane = np.stack(np.divmod(np.arange(side * side), side), 1) * width + width / 2 - 110
    owner = distances(plane, centres).argmin(1)
    counts = np.bincount(owner, weights=flat, minlength=len(cells))
    prior = counts / counts.sum()
    if smoothing:
        kernel = np.exp(-0.5 * (distances(centres, centres) / smoothing) ** 2)
        prior = (prior[:, None] * kernel / kernel.sum(1, keepdims=True)).sum(0)
    weights = 1 / ((1 - lam) * prior + lam / len(cells))
    weights /= (weights * prior).sum()

    colours = ab[:40]
    own = owner[np.floor((colours + 110) / width).astype(int) @ [side, 1]]
    steps = np.abs(centres[own][:, None] - centres[None]) / width
    window = np.exp(-0.5 * (steps**2).sum(2) / 1.4**2) * (steps.max(2) <= 2)
    window /= window.sum(1, keepdims=True)

    distance = distances(colours, centres)
    nearest = np.exp(-0.5 * (distance / 5) ** 2)
    nearest[distance > np.sort(distance, 1)[:, 4:5]] = 0
    nearest /= nearest.sum(1, keepdims=True)

    scores = random.normal(0, 4, (30, len(cells)))
    annealed = {}
    for temperature in [0.05, 0.2, 0.38, 1.0]:
        z = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        powers = np.exp(np.log(z) / temperature)
        annealed[str(temperature)] = (powers @ centres / powers.sum(1, keepdims=True)).tolist()
    return {
        "width": width,
        "keep": keep,
        "smoothing": smoothing,
        "lambda": lam,
        "ab": ab.tolist(),
        "cells": cells.tolist(),
        "prior": prior.tolist(),
        "weights": weights.tolist(),
        "mean": (prior @ centres).tolist(),
        "window": window.tolist(),
        "nearest": nearest.tolist(),
        "scores": scores.tolist(),
        "annealed": annealed,
    }


def metrics():
    errors, weights = random.gamma(2, 20, 500), random.random(500)
    thresholds = np.arange(151)
    within = (errors[None] <= thresholds[:, None]) * weights
    left, right = random.integers(0, 256, (2, 11, 7, 3), dtype=np.uint8)
    red, green, blue = left.reshape(-1, 3).astype(float).T
    rg, yb = red - green, (red + green) / 2 - blue
    colourful = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    return {
        "errors": errors.tolist(),
        "weights": weights.tolist(),
        "area": (within.sum(1) / weights.sum()).mean(),
        "left": left.ravel().tolist(),
        "right": right.ravel().tolist(),
        "psnr": peak_signal_noise_ratio(left, right),
        "colourfulness": colourful,
    }


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


content = {
    "lab": lab(),
    "cases": [case(10, 30, 18, 0, 0.5), case(5, 24, 9, 5, 0.3)],
    "metrics": metrics(),
}
path = Path(__file__).resolve().parent / "colorization.json"
path.write_text(json.dumps(rounded(content), separators=(",", ":")) + "\n")
