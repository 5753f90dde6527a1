#!/usr/bin/env python3
"""Writes metrics.json: figures of classifiers, computed by scikit-learn.

How to run it (scikit-learn 1.9.1 and NumPy 2.4.6 wrote the file in the repository):

    python generate_metrics.py

Each case has the class of each sample, its probabilities row by row, and the figures. Probabilities
are multiples of 1/256, so that scores tie and single precision holds them exactly. The expected
calibration error, which scikit-learn lacks, follows its definition (Guo et al., 2017).
"""

import json
from pathlib import Path

import numpy as np
from sklearn import metrics
from sklearn.utils.class_weight import compute_class_weight


def probabilities(random, samples, classes, actual, sharpness):
    """Random probabilities that lean to the right class, as multiples of 1/256."""
    scores = random.normal(size=(samples, classes))
    scores[np.arange(samples), actual] += sharpness
    shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    grid = np.floor(shares * 256) / 256
    # What rounding left over goes to the likeliest class.
    grid[np.arange(samples), shares.argmax(axis=1)] += 1 - grid.sum(axis=1)
    return grid


def calibration_error(actual, shares, bins=15):
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == actual
    edges = np.linspace(0, 1, bins + 1)
    error = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error


def best_threshold(actual, scores, figure):
    """The largest value of a figure over all thresholds."""
    return max(figure(actual, (scores >= cut).astype(int)) for cut in np.unique(scores))


def case(name, actual, shares):
    classes = shares.shape[1]
    labels = list(range(classes))
    predicted = shares.argmax(axis=1)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        actual, predicted, labels=labels, zero_division=np.nan
    )
    against_rest = [
        (metrics.roc_auc_score(actual == c, shares[:, c]),
         metrics.average_precision_score(actual == c, shares[:, c]))
        for c in labels
    ]
    binary = classes == 2
    found = {
        "name": name,
        "actual": actual.tolist(),
        "probabilities": shares.flatten().tolist(),
        "accuracy": metrics.accuracy_score(actual, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(actual, predicted),
        "macro_f1": metrics.f1_score(actual, predicted, average="macro"),
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "class_roc_auc": [auc for auc, _ in against_rest],
        "class_average_precision": [precision for _, precision in against_rest],
        "roc_auc": metrics.roc_auc_score(actual, shares[:, 1])
        if binary
        else metrics.roc_auc_score(actual, shares, multi_class="ovr", average="macro"),
        "average_precision": metrics.average_precision_score(actual, shares[:, 1])
        if binary
        else metrics.average_precision_score(np.eye(classes)[actual], shares, average="macro"),
        "brier_score": metrics.brier_score_loss(actual, shares[:, 1])
        if binary
        else metrics.brier_score_loss(actual, shares, labels=labels),
        "calibration_error": calibration_error(actual, shares),
        "balanced_weights": compute_class_weight(
            "balanced", classes=np.unique(actual), y=actual
        ).tolist(),
    }
    if binary:
        found["best_balanced_accuracy"] = best_threshold(
            actual, shares[:, 1], metrics.balanced_accuracy_score
        )
        found["best_f1"] = best_threshold(actual, shares[:, 1], metrics.f1_score)
    return found


def cases():
    random = np.random.default_rng(7)
    for name, counts, sharpness in [
        ("two classes", [31, 28], 0.8),
        ("two classes, one rare", [150, 9], 1.2),
        ("three classes", [20, 35, 12], 1.0),
        ("seven classes, no better than chance", [9, 8, 7, 10, 9, 11, 6], 0.0),
        ("four classes, almost certain", [12, 13, 14, 11], 6.0),
    ]:
        actual = np.repeat(np.arange(len(counts)), counts)
        random.shuffle(actual)
        yield case(name, actual, probabilities(random, len(actual), len(counts), actual, sharpness))


def main():
    lines = ",\n".join(json.dumps(found) for found in cases())
    assert "NaN" not in lines
    (Path(__file__).resolve().parent / "metrics.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
