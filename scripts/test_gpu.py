"""Compares the other devices of a build with the default one.

Two small networks are trained for an epoch on each device, evaluated, applied to pictures and trained
on, also across devices. Losses and probabilities must agree within 1e-3.

Usage: python3 scripts/test_gpu.py DLKIT DEVICE
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 1e-3
REPOSITORY = pathlib.Path(__file__).parent.parent

# Convolutions fast and plain, both poolings, activations with and without weights.
CONVOLUTIONS = f"""
task = "classification"
data = {{ kind = "mnist", path = "{REPOSITORY.resolve()}/datasets/mnist-small", validation = 0.1 }}

[network]
input = [1, 28, 28]
layers = [
    {{ type = "conv2d", filters = 8, kernel = 3, activation = "relu" }},
    {{ type = "max-pool2d", size = 2 }},
    {{ type = "conv2d", filters = 16, kernel = 5, stride = 2, batch_norm = true, activation = "prelu" }},
    {{ type = "avg-pool2d", size = 2 }},
    {{ type = "flatten" }},
    {{ type = "dense", units = 32, activation = {{ kind = "elu" }} }},
    {{ type = "dense", units = 10 }},
]

[training]
batch_size = 100
learning_rate = 1e-4   # small, because steps amplify rounding differences
"""

dlkit, card = sys.argv[1:]
right = True


def run(*arguments):
    """Standard output of a command that must succeed."""
    line = [dlkit, *map(str, arguments)]
    answer = subprocess.run(line, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        sys.exit(f"{' '.join(line)}\nended with {answer.returncode}: {answer.stderr}")
    return answer.stdout


def say(passed, text):
    global right
    right &= passed
    print("ok     " if passed else "WRONG  ", text, flush=True)


def agree(name, one, other):
    """Compares figures by their keys."""
    worst = max((abs(one[key] - other[key]) for key in one.keys() & other.keys()), default=1.0)
    text = f"{name}: {len(one)} figures, largest difference {worst:.1e}"
    say(one.keys() == other.keys() and worst <= TOLERANCE, text)


def losses(directory):
    """Losses of every epoch."""
    lines = (directory / "metrics.jsonl").read_text().splitlines()
    return {
        f"{name} of epoch {line['epoch']}": line[name]
        for line in map(json.loads, lines)
        for name in ("train_loss", "validation_loss")
    }


def test_figures(directory, device):
    """Loss on the test part; accuracy jumps by one sample if two classes are equally likely."""
    answer = json.loads(run("evaluate", directory, "--device", device, "--json"))
    return {"loss": answer["loss"]}


def probabilities(directory, device):
    """Probability of each class for each shipped digit."""
    digits = REPOSITORY / "datasets/digits"
    answer = json.loads(run("predict", directory, digits, "--top", 10, "--device", device, "--json"))
    return {
        (part["file"], name): share
        for part in answer["predictions"]
        for name, share in part["top"]
    }


def check(name, recipe, work):
    here = work / f"{name}-flex"
    for device in ("flex", "ndarray", card):
        there = work / f"{name}-{device}"
        run("train", "--config", recipe, "--epochs", 1, "--device", device, "--output", there, "--quiet")
        if device == "flex":
            continue
        agree(f"{name}: trained on {device} and on flex, losses", losses(there), losses(here))
        agree(
            f"{name}: trained on {device} and on flex, probabilities",
            probabilities(there, device),
            probabilities(here, "flex"),
        )
        agree(
            f"{name}: trained on {device}, evaluated there and on flex",
            test_figures(there, device),
            test_figures(there, "flex"),
        )
        agree(
            f"{name}: trained on {device}, applied there and on flex",
            probabilities(there, device),
            probabilities(there, "flex"),
        )
        # Started there and resumed here, and the other way round.
        back = shutil.copytree(there, work / f"{name}-{device}-flex")
        away = shutil.copytree(here, work / f"{name}-flex-{device}")
        run("train", "--resume", back, "--epochs", 2, "--device", "flex", "--quiet")
        run("train", "--resume", away, "--epochs", 2, "--device", device, "--quiet")
        agree(f"{name}: resumed from {device} on flex and the reverse", losses(back), losses(away))


with tempfile.TemporaryDirectory() as directory:
    work = pathlib.Path(directory)
    recipe = work / "convolutions.toml"
    recipe.write_text(CONVOLUTIONS)
    check("perceptron", REPOSITORY / "configs/mnist/mlp.toml", work)
    check("convolutions", recipe, work)
    line = [dlkit, "evaluate", work / "perceptron-flex", "--device", "wgpu:99"]
    answer = subprocess.run(line, capture_output=True, text=True, check=False)
    said = answer.returncode == 2 and "--device wgpu:99: " in answer.stderr
    say(said, f"a missing adapter: {answer.stderr.strip()}")

sys.exit(not right)
