#!/usr/bin/env python3
"""Compares robust homographies with OpenCV's USAC: the same inliers by 60 seeds, and few right pairs.

Usage: scripts/bench/robust.py DLKIT   (needs opencv-python-headless and numpy; prints two tables)
The second follows OpenCV's own test of accuracy (usac_Homography, modules/calib3d/test).
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

dlkit = sys.argv[1]
cases = pathlib.Path(__file__).parents[2] / "crates/dlkit-vision/tests/cases"
METHODS = {"USAC_ACCURATE": cv2.USAC_ACCURATE, "USAC_MAGSAC": cv2.USAC_MAGSAC}
# Of line_silent and many_to_one, in a picture of 640 x 640 pixels.
TRUTH = np.array([[1.1, 0.08, 40], [-0.05, 0.95, 20], [2e-4, -1e-4, 1]])
CORNERS = np.array([[0, 0], [639, 0], [639, 639], [0, 639.0]])
cv2.setNumThreads(1)


def apply(matrix, points):
    mapped = np.c_[points, np.ones(len(points))] @ np.asarray(matrix).T
    return mapped[:, :2] / mapped[:, 2:]


def ours(pairs, *more):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(pairs.tolist(), file)
        file.flush()
        answer = subprocess.run([dlkit, "homography", "--points", file.name, "--method", "ransac", "--json",
                                 *map(str, more)], capture_output=True, text=True)
    if answer.returncode:
        return None, np.zeros(len(pairs), bool)
    found = json.loads(answer.stdout)
    return found["matrix"], np.array([row["inlier"] for row in found["points"]])


def theirs(pairs, method, threshold, samples, confidence):
    matrix, mask = cv2.findHomography(pairs[:, :2], pairs[:, 2:], METHODS[method], threshold,
                                      maxIters=samples, confidence=confidence)
    return matrix, np.zeros(len(pairs), bool) if matrix is None else mask.ravel().astype(bool)


print(f"OpenCV {cv2.__version__}; 60 seeds of dlkit, 60 orders of the pairs for OpenCV, threshold 3 px")
print("| pairs | method | inliers | with the most frequent, within 1 % | largest corner error |")
print("|---|---|---|---|---|")
for name in ["line_silent_60_6", "many_to_one_20", "graf_sift_70"]:
    pairs = np.loadtxt(cases / f"{name}.csv", delimiter=",", skiprows=1)
    for method in ["dlkit", *METHODS]:
        results = []
        for seed in range(60):
            if method == "dlkit":
                matrix, inliers = ours(pairs, "--seed", seed)
            else:
                order = np.random.default_rng(seed).permutation(len(pairs))
                matrix, shuffled = theirs(pairs[order], method, 3.0, 10_000, 0.999)
                inliers = np.zeros(len(pairs), bool)
                inliers[order] = shuffled
            error = np.inf if matrix is None else np.linalg.norm(
                apply(matrix, CORNERS) - apply(TRUTH, CORNERS), axis=1).max()
            results.append((inliers, error))
        same = [sum(100 * (a != b).sum() <= b.sum() for a, _ in results) for b, _ in results]
        counts = [inliers.sum() for inliers, _ in results]
        error = "" if "graf" in name else f"{max(error for _, error in results):.1f} px"
        print(f"| {name} | {method} | {min(counts)} to {max(counts)} | {max(same)} of 60 | {error} |")


def views(rng, right, count=1500):
    """Two views of a square, noise of 0.1 px, and pairs anywhere."""
    pitch, yaw, roll = rng.uniform(-np.pi / 6, np.pi / 6, 3)
    turn_x = [[1, 0, 0], [0, np.cos(roll), -np.sin(roll)], [0, np.sin(roll), np.cos(roll)]]
    turn_y = [[np.cos(pitch), 0, np.sin(pitch)], [0, 1, 0], [-np.sin(pitch), 0, np.cos(pitch)]]
    turn_z = [[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]]
    turn = np.array(turn_z) @ turn_y @ turn_x
    shift = np.array([*rng.uniform(-0.5, 0.5, 2), rng.uniform(1, 2)])
    camera = np.array([[rng.uniform(100, 1000), 0, 100], [0, rng.uniform(100, 1000), rng.uniform(-100, 100)],
                       [0, 0, 1]])
    points = np.c_[rng.uniform(0, 1, (right, 2)), np.ones(right)]
    moved = points @ turn.T + shift
    if moved[:, 2].min() < 0:
        moved[:, 2] -= moved[:, 2].min() + 1
    first, second = points @ camera.T, moved @ camera.T
    pairs = np.r_[np.c_[first[:, :2] / first[:, 2:], second[:, :2] / second[:, 2:]],
                  rng.uniform(0, 1000, (count - right, 4))]
    return pairs + rng.normal(0, 0.1, pairs.shape)


print("\n1,500 pairs, threshold 2 px, confidence 0.99: more than 80 % of the right pairs found; seconds")
print("(dlkit: the whole command)")
print("| right | method | found | median |")
print("|---|---|---|---|")
for share, right in [(0.1, 150), (0.05, 75)]:
    samples = int(1.3 * np.log(0.01) / np.log(1 - share**4))
    for method in ["dlkit", *METHODS]:
        found, times = 0, []
        for seed in range(10):
            pairs = views(np.random.default_rng(seed), right)
            start = time.perf_counter()
            if method == "dlkit":
                _, inliers = ours(pairs, "--threshold", 2, "--confidence", 0.99, "--max-samples", samples,
                                  "--seed", seed)
            else:
                _, inliers = theirs(pairs, method, 2.0, samples, 0.99)
            times.append(time.perf_counter() - start)
            found += inliers[:right].sum() > 0.8 * right
        print(f"| {share:.0%} | {method} | {found} of 10 | {np.median(times):.2f} |")
