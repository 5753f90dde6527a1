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
THREADS = int(os.environ["THREADS"])
ROUNDS = 3
environment = {**os.environ, "RAYON_NUM_THREADS": str(THREADS)}
rng = np.random.default_rng(0)


def faces(count, width, height):
    """Smooth pictures whose variances fall as those of faces do, and noise."""
    frequencies = np.hypot(*np.meshgrid(np.fft.fftfreq(width), np.fft.fftfreq(height)))
    spectrum = np.fft.fft2(rng.normal(size=(count, height, width))) / np.maximum(frequencies, 1 / width) ** 1.5
    pictures = np.fft.ifft2(spectrum).real
    pictures /= pictures.std()
    return (0.5 + 0.15 * pictures + rng.normal(0, 0.01, pictures.shape)).astype(np.float32)


print(f"scikit-learn {sklearn.__version__}, svd_solver='randomized', {THREADS} threads; milliseconds: least "
      "and median, wall clock")
print("| work | dlkit | scikit-learn, float64 | ratio, least | scikit-learn, float32 | ratio, least |")
print("|---|---|---|---|---|---|")
checks = []
for count, width, height, kept in [(400, 92, 112, 100), (16, 235, 235, 15)]:
    pictures = faces(count, width, height)
    path = place / "faces.f32"
    path.write_bytes(pictures.tobytes())
    inputs = {"float64": pictures.reshape(count, -1).astype(np.float64), "float32": pictures.reshape(count, -1)}
    times = {"ours": [], "float64": [], "float32": []}
    for _ in range(ROUNDS):
        for kind, flat in inputs.items():
            for _ in range(2):
                start = time.perf_counter()
                pca = PCA(kept, svd_solver="randomized", random_state=0).fit(flat)
                times[kind].append((time.perf_counter() - start) * 1e3)
        arguments = [bench, path, width, height, kept, 3]
        output = subprocess.run([str(word) for word in arguments], env=environment, check=True,
                                capture_output=True, text=True).stdout
        found = json.loads(output)
        times["ours"] += found["milliseconds"]
    cells = {name: f"{min(values):.1f}, {np.median(values):.1f}" for name, values in times.items()}
    ratio = {kind: f"{min(times[kind]) / min(times['ours']):.1f}" for kind in inputs}
    print(f"| {count} of {width}x{height}, {kept} components | {cells['ours']} | {cells['float64']} "
          f"| {ratio['float64']} | {cells['float32']} | {ratio['float32']} |", flush=True)
    exact = PCA(kept, svd_solver="full").fit(inputs["float64"]).explained_variance_
    for name, values in [("dlkit", found["eigenvalues"][:kept]), ("scikit-learn, randomized", pca.explained_variance_)]:
        checks.append(f"{count} of {width}x{height}, {name}: eigenvalues differ from the full decomposition's by "
                      f"{np.abs(np.array(values) / exact - 1).max():.1e}, relative")
print("\n".join(checks))
