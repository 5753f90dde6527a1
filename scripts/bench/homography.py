"""The measurements of homography.sh: DLKIT BENCH PLACE [PHOTO...]."""
import json
import os
import pathlib
import re
import subprocess
import sys
import time

import cv2
import numpy as np

dlkit, bench, place = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
photos = sys.argv[4:] or ["datasets/page/page.jpg", str(place / "graf1.png")]
THREADS = 2
KINDS = [("nearest", cv2.INTER_NEAREST), ("bilinear", cv2.INTER_LINEAR),
         ("bicubic", cv2.INTER_CUBIC), ("lanczos", cv2.INTER_LANCZOS4)]
cv2.setNumThreads(THREADS)
# NumPy asks Linux for huge pages for the pictures OpenCV writes; here the allocator is told to do so
# for dlkit's, too. Without, a 12-megapixel picture costs dlkit some 5 to 10 ms more.
environment = {**os.environ, "RAYON_NUM_THREADS": str(THREADS),
               "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
rng = np.random.default_rng(0)


def tilted(width, height):
    """Corners moved by some percent: nowhere much smaller than the picture."""
    source = np.float32([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])
    target = source + np.float32([[.05, .05], [-.025, .02], [-.075, -.033], [.025, -.083]]) * [width, height]
    return cv2.getPerspectiveTransform(source, target.astype(np.float32))


def milliseconds(work, repetitions):
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return times


# Speed: 12 megapixels of a photograph, and 2,000 pairs of which 800 are wrong.
photo = cv2.resize(cv2.imread(photos[0]), (4000, 3000), interpolation=cv2.INTER_CUBIC)
matrix = tilted(4000, 3000)
source = rng.uniform(0, 1000, (2000, 2))
truth = np.array([[1.1, 0.1, 30], [-0.05, 0.95, 20], [1e-4, -5e-5, 1]])


def apply(matrix, points):
    mapped = np.c_[points, np.ones(len(points))] @ np.asarray(matrix).T
    return mapped[:, :2] / mapped[:, 2:]


target = apply(truth, source) + rng.normal(0, 0.5, source.shape)
target[:800] = rng.uniform(0, 1000, (800, 2))
cv2.imwrite(str(place / "speed.bmp"), photo)
(place / "speed-matrix.json").write_text(json.dumps(matrix.tolist()))
(place / "speed-pairs.json").write_text(json.dumps(np.c_[source, target].tolist()))
theirs, ours = {}, {}
for _ in range(3):
    for name, flag in KINDS:
        times = milliseconds(lambda: cv2.warpPerspective(photo, matrix, (4000, 3000), flags=flag), 4)
        theirs.setdefault(name, []).extend(times[1:])
    times = milliseconds(lambda: cv2.findHomography(source, target, cv2.RANSAC, 3.0), 31)
    theirs.setdefault("ransac", []).extend(times[1:])
    arguments = [place / "speed.bmp", place / "speed-matrix.json", place / "speed-pairs.json", "3"]
    output = subprocess.run([bench, *map(str, arguments)], env=environment, check=True,
                            capture_output=True, text=True).stdout
    for name, times in json.loads(output).items():
        ours.setdefault(name, []).extend(times)
print(f"OpenCV {cv2.__version__}, {THREADS} threads, milliseconds: least and median of 9 (RANSAC: 90)")
print("| work | dlkit | OpenCV | OpenCV / dlkit, least |")
print("|---|---|---|---|")
for name in ["nearest", "bilinear", "bicubic", "lanczos", "ransac"]:
    a, b = ours[name], theirs[name]
    title = "RANSAC, 2,000 pairs, 40 % wrong" if name == "ransac" else f"{name}, 12-megapixel RGB"
    print(f"| {title} | {min(a):.2f}, {np.median(a):.2f} | {min(b):.2f}, {np.median(b):.2f} "
          f"| {min(b) / min(a):.2f} |")
    if name + " anti-aliased" in ours:
        a = ours[name + " anti-aliased"]
        print(f"| {name}, anti-aliased | {min(a):.2f}, {np.median(a):.2f} | | |")

found = json.loads(subprocess.run(
    [dlkit, "homography", "--points", place / "speed-pairs.json", "--method", "ransac", "--json"],
    check=True, capture_output=True, text=True).stdout)
opencv, mask = cv2.findHomography(source, target, cv2.RANSAC, 3.0)
good = np.arange(2000) >= 800
for name, result, inliers in [("dlkit", found["matrix"], [p["inlier"] for p in found["points"]]),
                              ("OpenCV", opencv, mask.ravel().astype(bool))]:
    error = np.linalg.norm(apply(result, source[good]) - apply(truth, source[good]), axis=1)
    print(f"RANSAC, {name}: {np.sum(np.array(inliers) == good)} of 2000 pairs told right, "
          f"{np.sqrt((error**2).mean()):.4f} px from the truth (root mean square)")

print("\nmean (and largest) difference to OpenCV in gray levels, where neither sees the border")
print("| photo | " + " | ".join(name for name, _ in KINDS) + " |")
print("|---|" + "---|" * len(KINDS))
for path in photos:
    photo = cv2.imread(path)
    if photo is None:
        continue
    height, width = photo.shape[:2]
    matrix = tilted(width, height)
    (place / "matrix.json").write_text(json.dumps(matrix.tolist()))
    cells = []
    for name, flag in KINDS:
        output = place / "ours.png"
        cv2.imwrite(str(place / "photo.png"), photo)
        subprocess.run([dlkit, "homography", place / "photo.png", "--matrix", place / "matrix.json",
                        "--canvas", "source", "--interpolation", name, "--no-antialias",
                        "--output", output, "--force", "--quiet"], check=True)
        mine = cv2.imread(str(output)).astype(float)
        other = cv2.warpPerspective(photo, matrix, (width, height), flags=flag).astype(float)
        inner = cv2.warpPerspective(np.ones((height, width)), matrix, (width, height)) == 1
        inner = cv2.erode(inner.astype(np.uint8), np.ones((11, 11))) == 1
        difference = np.abs(mine - other)[inner]
        cells.append(f"{difference.mean():.3f} ({difference.max():.0f})")
    print(f"| {pathlib.Path(path).name} | " + " | ".join(cells) + " |")

if (place / "graf3.png").exists():
    numbers = re.search(r"<data>(.*?)</data>", (place / "H1to3p.xml").read_text(), re.S).group(1)
    matrix = np.array(numbers.split(), float).reshape(3, 3)
    (place / "graf.json").write_text(json.dumps(matrix.tolist()))
    graf3 = cv2.imread(str(place / "graf3.png"), cv2.IMREAD_GRAYSCALE).astype(float)
    height, width = graf3.shape
    print("\ngraf1 warped onto graf3 by the published matrix: correlation of the overlap")
    for name, _ in KINDS:
        output = place / "graf.png"
        subprocess.run([dlkit, "homography", place / "graf1.png", "--matrix", place / "graf.json",
                        "--canvas", f"{width}x{height}", "--interpolation", name,
                        "--background", "transparent", "--output", output, "--force", "--quiet"], check=True)
        warped = cv2.imread(str(output), cv2.IMREAD_UNCHANGED)
        seen = warped[..., 3] == 255
        gray = cv2.cvtColor(warped[..., :3], cv2.COLOR_BGR2GRAY).astype(float)
        correlation = np.corrcoef(gray[seen], graf3[seen])[0, 1]
        print(f"{name}: {correlation:.4f} over {seen.mean():.0%} of the canvas")
