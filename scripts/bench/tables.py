"""Tables of scikit-learn: dlkit with the recipe of `dlkit new`, scikit-learn's MLP and the same network in PyTorch.

Each seed divides the rows anew (80 and 20 %, by classes); all three learn from the same rows and are measured on the
same others. Prints the mean and the standard deviation over the seeds: accuracy of classes, R squared of numbers.

    python3 scripts/bench/tables.py target/release/dlkit [--seeds 5] [--only iris,wine]
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import tomllib
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn import datasets
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

CLASSES = {"iris": datasets.load_iris, "wine": datasets.load_wine, "breast-cancer": datasets.load_breast_cancer,
           "digits": datasets.load_digits}
NUMBERS = {"diabetes": datasets.load_diabetes, "linnerud": datasets.load_linnerud}


def dlkit(program, *arguments):
    """Runs a command and returns its JSON object."""
    line = [program, *map(str, arguments), "--json", "--quiet"]
    return json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)


def frame(name):
    """Features and targets of a data set, targets of classes as names."""
    data = (CLASSES | NUMBERS)[name](as_frame=True)
    targets = data.target
    if name in CLASSES:
        targets = targets.map(lambda place: f"class {data.target_names[place]}").to_frame("target")
    elif targets.ndim == 1:
        targets = targets.to_frame("target")
    return data.data, targets


def by_dlkit(program, folder, seed, train, test, targets):
    train.to_csv(folder / "train.csv", index=False)
    test.to_csv(folder / "test.csv", index=False)
    dlkit(program, "new", folder / "train.csv", "--target", ",".join(targets), "--output", folder / "r.toml")
    run = folder / "run"
    dlkit(program, "train", folder / "r.toml", "--set", "data.test=0", "--set", f"seed={seed}", "--output", run)
    report = dlkit(program, "evaluate", run, "--data", folder / "test.csv")
    return report.get("accuracy", report.get("r2")), tomllib.loads((folder / "r.toml").read_text())


def by_torch(recipe, seed, x, y, x_test):
    """The network of the recipe, trained by Adam as the recipe says, without a validation part."""
    torch.manual_seed(seed)
    layers, width = [], x.shape[1]
    units = [layer["units"] for layer in recipe["network"]["layers"]]
    for place, count in enumerate(units):
        layers.append(torch.nn.Linear(width, count))
        layers += [torch.nn.ReLU()] if place + 1 < len(units) else []
        width = count
    network = torch.nn.Sequential(*layers)
    training = recipe["training"]
    optimizer = torch.optim.Adam(network.parameters(), lr=training["learning_rate"])
    classes = y.dtype.kind == "i"
    loss_of = torch.nn.CrossEntropyLoss() if classes else torch.nn.MSELoss()
    x, x_test = (torch.tensor(values, dtype=torch.float32) for values in (x, x_test))
    y = torch.tensor(y, dtype=torch.long if classes else torch.float32)
    for _ in range(training["epochs"]):
        for rows in torch.randperm(len(x)).split(training["batch_size"]):
            optimizer.zero_grad()
            loss_of(network(x[rows]), y[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        output = network(x_test)
    return output.argmax(1).numpy() if classes else output.numpy()


def compare(program, name, seed):
    """The figures of all three for one division of the rows."""
    features, targets = frame(name)
    whole = pd.concat([features, targets], axis=1)
    classes = name in CLASSES
    parts = train_test_split(whole, test_size=0.2, random_state=seed, stratify=targets if classes else None)
    names = list(targets.columns)
    scaler = StandardScaler().fit(parts[0][features.columns])
    x, x_test = (scaler.transform(part[features.columns]) for part in parts)
    with tempfile.TemporaryDirectory() as place:
        ours, recipe = by_dlkit(program, Path(place), seed, *parts, names)
    if classes:
        known = sorted(targets["target"].unique())
        y, y_test = (part["target"].map(known.index).to_numpy() for part in parts)
        peer = MLPClassifier(random_state=seed).fit(x, y).predict(x_test)
        return ours, accuracy_score(y_test, peer), accuracy_score(y_test, by_torch(recipe, seed, x, y, x_test))
    y_scaler = StandardScaler().fit(parts[0][names])
    y, y_test = (y_scaler.transform(part[names]) for part in parts)
    peer = MLPRegressor(random_state=seed).fit(x, y if y.shape[1] > 1 else y.ravel())
    peer = peer.predict(x_test).reshape(y_test.shape)
    return ours, r2_score(y_test, peer), r2_score(y_test, by_torch(recipe, seed, x, y, x_test))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default=",".join(CLASSES | NUMBERS))
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    print("| data | figure | dlkit | scikit-learn | PyTorch |\n|---|---|---|---|---|")
    for name in arguments.only.split(","):
        figures = np.array([compare(arguments.program, name, seed) for seed in range(1, arguments.seeds + 1)])
        cells = [f"{statistics.mean(column):.3f} ± {statistics.stdev(column):.3f}" for column in figures.T]
        print(f"| {name} | {'accuracy' if name in CLASSES else 'R2'} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
