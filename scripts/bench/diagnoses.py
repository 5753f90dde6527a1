"""Trainings made sick on purpose, and healthy ones: does `dlkit diagnose` name the cause first?

Trains some forty sick and twenty healthy networks on the shipped digits, flowers and lines (a few minutes on two
cores), diagnoses each without `[diagnostics]`, and prints a table: what was done, which cause was named first.
Exits with code 1 if fewer than 34 causes are named first or more than one healthy run is called sick.

    python3 scripts/bench/diagnoses.py target/release/dlkit [--only NAME] [--seed 1]
"""

import argparse
import gzip
import json
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

DENSE = '{ type = "dense", units = %s }'
RECIPE = """task = "classification"
seed = {seed}

[data]
kind = "mnist"
path = "{data}"
validation = 0.2
{data_keys}

[network]
input = [1, 28, 28]
activation = "{activation}"
{network_keys}
layers = [{layers}]

[training]
epochs = {epochs}
batch_size = {batch}
learning_rate = {rate}
{training_keys}
"""


def dense(*units, between=""):
    """A perceptron with these hidden layers."""
    inner = [DENSE % count + between for count in units]
    return ", ".join(['{ type = "flatten" }', *inner, DENSE % 10])


CNN = ", ".join(
    ['{ type = "conv2d", filters = 8, kernel = 3, stride = 2 }',
     '{ type = "conv2d", filters = 16, kernel = 3, stride = 2 }', '{ type = "flatten" }', DENSE % 10])
DEFAULTS = {"data": "plain", "data_keys": "", "activation": "relu", "network_keys": "", "layers": dense(128, 64),
            "epochs": 6, "batch": 60, "rate": 0.001, "training_keys": "", "after": ""}

# Name: (causes that are right, changes of the recipe).
SICK = {
    "labels shuffled": ("unrelated-labels", {"data": "shuffled"}),
    "labels shuffled, tanh": ("unrelated-labels", {"data": "shuffled", "activation": "tanh", "epochs": 15}),
    "labels shuffled, cnn": ("unrelated-labels", {"data": "shuffled", "layers": CNN, "rate": 0.003}),
    "labels shuffled, long": ("unrelated-labels", {"data": "shuffled", "epochs": 30}),
    "few samples by heart": ("overfitting", {"data": "few", "epochs": 60}),
    "half of the labels wrong, by heart": ("overfitting", {"data": "noisy", "epochs": 30}),
    "noisy labels, wide": ("overfitting", {"data": "noisy", "layers": dense(512), "epochs": 30}),
    "noisy labels, tanh": ("overfitting", {"data": "noisy", "activation": "tanh", "epochs": 40}),
    "inputs of 0 to 255": ("unscaled-inputs", {"data_keys": "deviation = 0.00392157"}),
    "inputs of 0 to 255, sigmoid": ("unscaled-inputs", {"data_keys": "deviation = 0.00392157", "activation": "sigmoid"}),
    "inputs around 50": ("unscaled-inputs", {"data_keys": "mean = -50"}),
    "inputs of 0 to 0.001": ("unscaled-inputs", {"data_keys": "deviation = 1000"}),
    "sigmoid, large steps": ("saturated-units|high-learning-rate", {"activation": "sigmoid", "rate": 0.5}),
    "tanh, large steps": ("saturated-units|high-learning-rate", {"activation": "tanh", "rate": 0.3}),
    "batch normalization of one": ("batch-of-one", {"network_keys": "batch_norm = true", "batch": 1, "epochs": 1}),
    "L1 too strong": ("strong-penalty", {"after": "[penalty]\nl1 = 0.05"}),
    "L1 too strong, cnn": ("strong-penalty", {"layers": CNN, "after": "[penalty]\nl1 = 0.1"}),
    "L2 too strong": ("strong-penalty", {"after": "[penalty]\nl2 = 3.0"}),
    "weight decay too strong": ("strong-penalty",
                                {"training_keys": 'optimizer = { kind = "adamw", weight_decay = 100.0 }'}),
    "rate too large": ("high-learning-rate|dead-units|large-updates", {"rate": 0.3}),
    "rate too large, cnn": ("high-learning-rate|dead-units|large-updates", {"layers": CNN, "rate": 0.3}),
    "rate too large, SGD": ("high-learning-rate|undefined|dead-units|large-updates", {"rate": 3.0, "training_keys": 'optimizer = "sgd"'}),
    "rate too large, RMSprop": ("high-learning-rate|dead-units|large-updates", {"rate": 0.1, "training_keys": 'optimizer = "rmsprop"'}),
    "rate too small": ("low-learning-rate", {"rate": 1e-6}),
    "rate too small, SGD": ("low-learning-rate", {"rate": 1e-4, "training_keys": 'optimizer = "sgd"'}),
    "rate too small, tanh": ("low-learning-rate", {"rate": 3e-6, "activation": "tanh"}),
    "ten sigmoids": ("vanishing-gradient", {"activation": "sigmoid", "layers": dense(*[32] * 9)}),
    "eight sigmoids, wide": ("vanishing-gradient", {"activation": "sigmoid", "layers": dense(*[64] * 7)}),
    "weights of zero": ("small-weights|no-gradient|equal-units", {"network_keys": 'initializer = "zeros"'}),
    "weights of one": ("equal-units|saturated-units", {"network_keys": 'initializer = "ones"', "activation": "tanh"}),
    "equal weights": ("equal-units", {"network_keys": 'initializer = { kind = "constant", value = 0.01 }'}),
    "warm-up of a hundred epochs": ("long-warm-up", {"training_keys": "warmup_epochs = 100000"}),
    "a rare class": ("imbalanced-classes", {"data": "rare", "epochs": 2, "rate": 0.0003}),
    "a rare class, cnn": ("imbalanced-classes", {"data": "rare", "layers": CNN, "epochs": 2}),
    "one unit": ("narrow-layer", {"layers": dense(1), "epochs": 10}),
    "two layers of one unit": ("narrow-layer|dead-units", {"layers": dense(64, 1), "activation": "tanh", "epochs": 10}),
    "dropout of nearly all": ("strong-dropout",
                              {"layers": dense(64, between=', { type = "dropout", rate = 0.97 }')}),
    "gradients clipped away": ("tight-clipping",
                               {"rate": 0.1, "training_keys": 'optimizer = "sgd"\ngradient_clipping = { kind = "norm", limit = 1e-5 }'}),
    "outputs through a ReLU": ("rectified-output",
                               {"layers": '{ type = "flatten" }, { type = "dense", units = 64 }, '
                                '{ type = "dense", units = 10 }, { type = "activation", function = "relu" }', "rate": 0.02}),
    "ended early": ("few-epochs", {"epochs": 1, "batch": 4000}),
    "ended early, SGD": ("few-epochs|low-learning-rate", {"epochs": 4, "batch": 1000, "rate": 0.05, "training_keys": 'optimizer = "sgd"'}),
    "all pictures the same": ("constant-inputs", {"data": "constant"}),
}
HEALTHY = {
    "perceptron": {},
    "perceptron, tanh": {"activation": "tanh"},
    "perceptron, sigmoid": {"activation": "sigmoid", "epochs": 10},
    "perceptron, GELU": {"activation": "gelu"},
    "perceptron, ELU": {"activation": "elu"},
    "wide": {"layers": dense(512), "epochs": 4},
    "narrow": {"layers": dense(16), "epochs": 10},
    "deep": {"layers": dense(64, 64, 64, 64, 64), "network_keys": 'initializer = "he-normal"'},
    "batch normalization": {"network_keys": "batch_norm = true"},
    "dropout": {"layers": dense(256, between=', { type = "dropout", rate = 0.3 }')},
    "cnn": {"layers": CNN, "rate": 0.003},
    "cnn, batch normalization": {"layers": CNN, "rate": 0.003, "network_keys": "batch_norm = true"},
    "SGD with momentum": {"rate": 0.05, "training_keys": 'optimizer = { kind = "sgd", momentum = 0.9 }'},
    "SGD": {"rate": 0.1, "training_keys": 'optimizer = "sgd"', "epochs": 10},
    "AdamW": {"training_keys": 'optimizer = "adamw"'},
    "RMSprop": {"training_keys": 'optimizer = "rmsprop"'},
    "cosine": {"training_keys": 'schedule = "cosine"'},
    "weak L1": {"after": "[penalty]\nl1 = 1e-5"},
    "weak L2": {"after": "[penalty]\nl2 = 1e-4"},
    "clipping": {"training_keys": 'gradient_clipping = { kind = "norm", limit = 1.0 }'},
    "large batches": {"batch": 250, "rate": 0.003},
    "long": {"epochs": 15},
}


def read(name):
    return bytearray(gzip.decompress((ROOT / "datasets/mnist-small" / f"{name}-ubyte.gz").read_bytes()))


def write_data(folder, pictures, labels):
    folder.mkdir()
    count = len(labels)
    (folder / "train-images-idx3-ubyte").write_bytes(struct.pack(">4i", 2051, count, 28, 28) + bytes(pictures))
    (folder / "train-labels-idx1-ubyte").write_bytes(struct.pack(">2i", 2049, count) + bytes(labels))
    for part in ("t10k-images-idx3", "t10k-labels-idx1"):
        (folder / f"{part}-ubyte").write_bytes(read(part))


def variants(place, seed):
    """The data sets that the trainings use."""
    draw = random.Random(seed)
    pictures, labels = read("train-images-idx3")[16:], read("train-labels-idx1")[8:]
    one = [bytes(pictures[784 * index:784 * (index + 1)]) for index in range(len(labels))]
    write_data(place / "plain", pictures, labels)
    shuffled = list(labels)
    draw.shuffle(shuffled)
    write_data(place / "shuffled", pictures, shuffled)
    noisy = [draw.randrange(10) if draw.random() < 0.5 else label for label in labels]
    write_data(place / "noisy", pictures, noisy)
    few = 150
    write_data(place / "few", b"".join(one[:few]), labels[:few])
    kept = [index for index, label in enumerate(labels) if label != 8 or draw.random() < 0.02]
    write_data(place / "rare", b"".join(one[index] for index in kept), [labels[index] for index in kept])
    write_data(place / "constant", bytes(len(pictures)), labels)


def dlkit(program, *arguments, ok=(0,)):
    line = [program, *map(str, arguments), "--json", "--quiet"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(line)}: {done.stderr}")
    return done.stdout


def diagnosed(program, place, name, changes, seed):
    """The findings of one training."""
    keys = DEFAULTS | changes
    folder = place / name.replace(" ", "-").replace(",", "")
    text = RECIPE.format(seed=seed, **keys | {"data": place / keys["data"]}) + keys["after"]
    recipe = folder.with_suffix(".toml")
    recipe.write_text(text)
    dlkit(program, "train", recipe, "--output", folder, ok=(0, 1))
    run = json.loads(dlkit(program, "diagnose", folder))["runs"][0]
    return [(finding["symptom"], finding["text"]) for finding in run["findings"]], run.get("notes", [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    right = sick = false = healthy = 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        variants(place, arguments.seed)
        trainings = [(name, *what) for name, what in SICK.items()] + [(name, "", what) for name, what in HEALTHY.items()]
        for name, causes, changes in trainings:
            if arguments.only not in name:
                continue
            findings, notes = diagnosed(arguments.program, place, name, changes, arguments.seed)
            named = [symptom for symptom, _ in findings]
            fine = named[:1] and named[0] in causes.split("|") if causes else not named
            if causes:
                sick, right = sick + 1, right + bool(fine)
            else:
                healthy, false = healthy + 1, false + bool(named)
            print(f"{'ok  ' if fine else 'MISS'} | {name} | {causes or 'healthy'} | {', '.join(named) or '-'}", flush=True)
            if arguments.verbose or not fine:
                print("       " + " / ".join([text for _, text in findings] + notes), flush=True)
    print(f"{right} of {sick} causes named first; {false} of {healthy} healthy runs called sick")
    if not arguments.only and (right < 34 or false > 1):
        sys.exit(1)


if __name__ == "__main__":
    main()
