"""Compares the registration of pictures with OpenCV's: BENCH FOLDER...

BENCH is the program of `cargo bench -p dlkit-vision --bench features --no-run`. Each folder has `img1.png`, `img2.png`
and `H1to2p`, the true homography between them; `scripts/bench/pairs.py` renders some. The second picture is also turned, made smaller and darkened. Prints
the mean error of the corners of the first picture, in pixels of the second before it was changed, and milliseconds, and at the end the rows in which dlkit is worse or slower."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np

THREADS = 2
REPETITIONS = 5
RATIO, THRESHOLD, SAMPLES = 0.8, 3.0, 10_000
cv2.setNumThreads(THREADS)
environment = {**os.environ, "RAYON_NUM_THREADS": str(THREADS)}


def changed(picture):
    """Names, changed pictures, and the homographies that change them."""
    height, width = picture.shape[:2]
    yield "as is", picture, np.eye(3), 1.0
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), 35, 1), [0, 0, 1]])
    side = int(np.hypot(width, height)) + 1
    shift = np.array([[1, 0, (side - width) / 2], [0, 1, (side - height) / 2], [0, 0, 1]])
    yield "turned", cv2.warpPerspective(picture, shift @ turn, (side, side), flags=cv2.INTER_CUBIC), shift @ turn, 1.0
    # Pixel centers are at whole numbers.
    half = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]])
    yield "halved", cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), half, 0.5
    yield "darkened", np.round(picture * 0.3).astype(np.uint8), np.eye(3), 1.0


def corner_error(found, truth, size, scale):
    width, height = size
    corners = np.array([[0, 0, 1], [width - 1, 0, 1], [width - 1, height - 1, 1], [0, height - 1, 1]]).T
    a, b = np.asarray(found) @ corners, truth @ corners
    return float(np.mean(np.linalg.norm(a[:2] / a[2] - b[:2] / b[2], axis=0)) / scale)


def milliseconds(work):
    work()
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def opencv(first, second):
    sift, matcher = cv2.SIFT_create(), cv2.BFMatcher(cv2.NORM_L2)

    def match(a, b):
        if a is None or b is None or min(len(a), len(b)) < 2:
            return []
        forward, backward = matcher.knnMatch(a, b, k=2), matcher.match(b, a)
        back = {m.queryIdx: m.trainIdx for m in backward}
        return [m for m, n in forward if m.distance < RATIO * n.distance and back[m.trainIdx] == m.queryIdx]

    def register():
        (ka, da), (kb, db) = sift.detectAndCompute(first, None), sift.detectAndCompute(second, None)
        matches = match(da, db)
        source = np.float64([ka[m.queryIdx].pt for m in matches])
        target = np.float64([kb[m.trainIdx].pt for m in matches])
        if len(matches) < 4:
            return None, len(ka), len(matches), 0, da, db
        found, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, THRESHOLD, maxIters=SAMPLES,
                                            confidence=0.999)
        return found, len(ka), len(matches), int(inliers.sum()), da, db

    found, features, matches, inliers, da, db = register()
    return {"matrix": found, "features": [features], "matches": matches, "inliers": inliers,
            "detect": milliseconds(lambda: sift.detectAndCompute(first, None)),
            "match": milliseconds(lambda: match(da, db)), "register": milliseconds(register)}


def dlkit(bench, first, second):
    command = [bench, first, second, str(REPETITIONS)]
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)


def main():
    bench, *folders = sys.argv[1:]
    rows, worse, slower = 0, [], []
    print(f"OpenCV {cv2.__version__}, {THREADS} threads, medians of {REPETITIONS}")
    print(f"{'pair':24}{'':8}{'error px':>9}{'inliers':>9}{'matches':>9}{'detect ms':>11}{'match ms':>10}{'all ms':>9}")
    with tempfile.TemporaryDirectory() as place:
        for folder in map(pathlib.Path, folders):
            first = cv2.imread(str(folder / "img1.png"), cv2.IMREAD_GRAYSCALE)
            second = cv2.imread(str(folder / "img2.png"), cv2.IMREAD_GRAYSCALE)
            truth = np.loadtxt(folder / "H1to2p")
            paths = [str(pathlib.Path(place) / name) for name in ("first.png", "second.png")]
            cv2.imwrite(paths[0], first)
            for name, picture, change, scale in changed(second):
                cv2.imwrite(paths[1], picture)
                errors, times_of = {}, {}
                for who, result in [("OpenCV", opencv(first, picture)), ("dlkit", dlkit(bench, *paths))]:
                    error = float("inf")
                    if result["matrix"] is not None:
                        error = corner_error(result["matrix"], change @ truth, first.shape[::-1], scale)
                    times = "".join(f"{statistics.median(result[key]):>{width}.1f}"
                                    for key, width in [("detect", 11), ("match", 10), ("register", 9)])
                    print(f"{folder.name + ', ' + name:24}{who:8}{error:9.2f}{result['inliers']:9}{result['matches']:9}{times}",
                          flush=True)
                    errors[who], times_of[who] = error, statistics.median(result["register"])
                rows += 1
                label = f"{folder.name}, {name}"
                if errors["dlkit"] > errors["OpenCV"]:
                    worse.append(f"{label} ({errors['dlkit']:.2f}, {errors['OpenCV']:.2f} px)")
                if times_of["dlkit"] > times_of["OpenCV"]:
                    slower.append(f"{label} ({times_of['dlkit']:.0f}, {times_of['OpenCV']:.0f} ms)")
    print(f"of {rows} rows, dlkit has a larger error in {len(worse)}: {'; '.join(worse) or 'none'}")
    print(f"and takes longer in {len(slower)}: {'; '.join(slower) or 'none'}")


main()
