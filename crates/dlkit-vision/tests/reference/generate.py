#!/usr/bin/env python3
"""Makes homography.json: what OpenCV finds for points with noise and with wrong pairs.

Needs: pip install opencv-python-headless numpy. Made with OpenCV 4.14.0, NumPy 2.
Usage: crates/dlkit-vision/tests/reference/generate.py
"""
import json
import pathlib

import cv2
import numpy as np

rng = np.random.default_rng(2024)


def random_homography(width, height):
    """The map that takes the corners of a picture to corners moved by up to a quarter of it."""
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    moved = corners + rng.uniform(-0.25, 0.25, (4, 2)) * [width, height] + rng.uniform(-50, 50, 2)
    return cv2.getPerspectiveTransform(corners, moved.astype(np.float32))


def apply(matrix, points):
    mapped = np.c_[points, np.ones(len(points))] @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def pairs(matrix, width, height, count, noise):
    source = rng.uniform(0, 1, (count, 2)) * [width, height]
    target = apply(matrix, source) + rng.normal(0, noise, (count, 2))
    return np.c_[source, target].round(2)


noisy = []
while len(noisy) < 100:
    width, height = rng.uniform(200, 2000, 2)
    matrix = random_homography(width, height)
    data = pairs(matrix, width, height, int(rng.integers(6, 25)), rng.uniform(0.2, 2.0))
    found, _ = cv2.findHomography(data[:, :2], data[:, 2:], 0)
    noisy.append({"pairs": data.tolist(), "matrix": found.tolist()})

robust = []
for count in [50, 200, 500]:
    width, height = 1200, 900
    matrix = random_homography(width, height)
    data = pairs(matrix, width, height, count, 0.6)
    wrong = count * 2 // 5
    data[:wrong, 2:] = (rng.uniform(0, 1, (wrong, 2)) * [width, height]).round(2)
    data = data[rng.permutation(count)]
    found, mask = cv2.findHomography(data[:, :2], data[:, 2:], cv2.RANSAC, 3.0)
    inliers = mask.ravel().astype(bool)
    errors = np.linalg.norm(apply(found, data[:, :2]) - data[:, 2:], axis=1)[inliers]
    robust.append({
        "pairs": data.tolist(),
        "matrix": found.tolist(),
        "inliers": inliers.tolist(),
        "root_mean_square": float(np.sqrt((errors**2).mean())),
    })

# The corners of the notebook of the post, as (row, column).
rows = np.float32([[448, 67], [602, 129], [362, 392], [483, 494]])
targets = np.float32([[386, 78], [552, 78], [386, 453], [552, 453]])
notebook = cv2.getPerspectiveTransform(rows[:, ::-1].copy(), targets[:, ::-1].copy())

path = pathlib.Path(__file__).with_name("homography.json")
path.write_text(json.dumps({
    "opencv": cv2.__version__, "noisy": noisy, "robust": robust, "notebook": notebook.tolist(),
}) + "\n")
