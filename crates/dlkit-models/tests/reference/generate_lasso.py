"""Writes lasso.json: what scikit-learn's Lasso and ElasticNet find.

Usage: python generate_lasso.py   (scikit-learn, numpy)
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import ElasticNet, Lasso

random = np.random.default_rng(7)
features = random.normal(size=(80, 8))
# Two features go together, so that L1 and elastic net differ.
features[:, 1] = 0.9 * features[:, 0] + 0.3 * random.normal(size=80)
coefficients = np.array([2.0, 1.0, 0.0, -1.5, 0.0, 0.0, 0.4, 0.0])
features = features.round(6)
targets = (features @ coefficients + 0.7 + 0.5 * random.normal(size=80)).round(6)

cases = []
for alpha in (0.05, 0.3):
    for name, l1_ratio, model in (
        ("lasso", 1.0, Lasso(alpha=alpha, tol=1e-12, max_iter=1_000_000)),
        ("elastic net", 0.5, ElasticNet(alpha=alpha, l1_ratio=0.5, tol=1e-12, max_iter=1_000_000)),
    ):
        model.fit(features, targets)
        cases.append(
            {
                "name": f"{name}, alpha {alpha}",
                "alpha": alpha,
                "l1_ratio": l1_ratio,
                "coefficients": model.coef_.tolist(),
                "intercept": float(model.intercept_),
            }
        )

path = Path(__file__).with_name("lasso.json")
content = {
    "scikit-learn": sklearn.__version__,
    "features": features.tolist(),
    "targets": targets.tolist(),
    "cases": cases,
}
path.write_text(json.dumps(content, indent=1) + "\n")
