"""The measurements of eigenfaces.sh: BENCH PLACE."""
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy as np
import sklearn
from sklearn.decomposition import PCA

bench, place = sys.argv[1], pathlib.Path(sys.argv[2])
THREADS = 2
environment = {**os.environ, "RAYON_NUM_THREADS": str(THREADS)}
rng = np.random.default_rng(0)


def faces(count, width, height):
    """Smooth pictures whose variances fall as those of faces do, and noise."""
    frequencies = np.hypot(*np.meshgrid(np.fft.fftfreq(width), np.fft.fftfreq(height)))
    spectrum = np.fft.fft2(rng.normal(size=(count, height, width))) / np.maximum(frequencies, 1 / width) ** 1.5
    pictures = np.fft.ifft2(spectrum).real
    pictures /= pictures.std()
    return (0.5 + 0.15 * pictures + rng.normal(0, 0.01, pictures.shape)).astype(np.float32)


print(f"scikit-learn {sklearn.__version__}, {THREADS} threads each, milliseconds: least and median")
print("| work | dlkit | scikit-learn, randomized | ratio, least | scikit-learn, full | eigenvalues, relative |")
print("|---|---|---|---|---|---|")
for count, width, height, kept in [(400, 92, 112, 100), (16, 235, 235, 15)]:
    pictures = faces(count, width, height)
    path = place / "faces.f32"
    path.write_bytes(pictures.tobytes())
    flat = pictures.reshape(count, -1)
    times = {"ours": [], "randomized": [], "full": []}
    for _ in range(3):
        for solver in ["randomized", "full"]:
            for _ in range(3):
                start = time.perf_counter()
                pca = PCA(kept, svd_solver=solver, random_state=0).fit(flat)
                times[solver].append((time.perf_counter() - start) * 1e3)
        arguments = [bench, path, width, height, kept, 5]
        output = subprocess.run([str(word) for word in arguments], env=environment, check=True,
                                capture_output=True, text=True).stdout
        found = json.loads(output)
        times["ours"] += found["milliseconds"]
    exact = PCA(kept, svd_solver="full").fit(flat.astype(np.float64))
    relative = np.abs(np.array(found["eigenvalues"][:kept]) / exact.explained_variance_ - 1).max()
    cells = {name: f"{min(values):.1f}, {np.median(values):.1f}" for name, values in times.items()}
    print(f"| {count} of {width}x{height}, {kept} components | {cells['ours']} | {cells['randomized']} "
          f"| {min(times['randomized']) / min(times['ours']):.1f} | {cells['full']} | {relative:.1e} |")
