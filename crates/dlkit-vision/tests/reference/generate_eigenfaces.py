#!/usr/bin/env python3
"""Makes eigenfaces.json: what scikit-learn finds for small pictures, fewer and more than pixels.

Needs: pip install scikit-learn numpy. Made with scikit-learn 1.9.1, NumPy 2.4.6.
Usage: crates/dlkit-vision/tests/reference/generate_eigenfaces.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(77)
cases = []
for count, width, height, kept in [(18, 9, 7, 6), (70, 5, 4, 5), (16, 4, 4, 3)]:
    # A few directions of falling strength, and noise.
    directions = rng.normal(size=(4, width * height))
    strength = rng.normal(size=(count, 4)) * [30, 18, 10, 6]
    pixels = np.clip(128 + strength @ directions + rng.normal(0, 4, (count, width * height)), 0, 255).round()
    pca = PCA(svd_solver="full").fit(pixels / 255)
    rank = min(count - 1, width * height)
    cases.append({
        "width": width, "height": height, "pixels": pixels.astype(int).ravel().tolist(), "kept": kept,
        "eigenvalues": pca.explained_variance_[:rank].tolist(),
        "shares": pca.explained_variance_ratio_[:rank].tolist(),
        "components": pca.components_[:kept].ravel().tolist(),
        "mean": pca.mean_.tolist(),
    })
accept, reject = rng.normal(0, 1, 40).round(1), rng.normal(1.2, 1, 30).round(1)
area = roc_auc_score(np.r_[np.zeros(40), np.ones(30)], np.r_[accept, reject])
path = pathlib.Path(__file__).with_name("eigenfaces.json")
path.write_text(json.dumps({
    "scikit-learn": sklearn.__version__, "cases": cases,
    "roc": {"accept": accept.tolist(), "reject": reject.tolist(), "area": area},
}) + "\n")
