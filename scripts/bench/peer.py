"""Runs one workload of docs/benchmarks.md by PyTorch or onnxruntime and prints, as JSON, the milliseconds
of its repetitions and the bytes of memory before the first and at the peak (Linux only).

Usage: peer.py NAME REPETITIONS --threads N [--library torch|onnxruntime] [--layout contiguous|channels_last]
NAME may also be the path of a recipe, for a step of its training, sgemm, a product of two matrices of 2048x2048, or versions, which prints those.
"""

import argparse
import io
import json
import pathlib
import time

import recipe
import torch

WARM_UP = 2
FILTERS = [39, 78, 117, 156, 195, 234, 273, 313]
NAMES = ["colorizer-train", "colorizer-apply", "cnn-128", "mlp-60", "mlp-256", "sgemm", "versions"]


def colorizer():
    layers, channels = [], 1
    for index, filters in enumerate(FILTERS):
        layers.append(torch.nn.Conv2d(channels, filters, 3))
        if index + 1 < len(FILTERS):
            layers.append(torch.nn.ReLU())
        channels = filters
    return torch.nn.Sequential(*layers)


def mlp():
    return torch.nn.Sequential(
        torch.nn.Linear(784, 1024),
        torch.nn.ReLU(),
        torch.nn.Linear(1024, 128),
        torch.nn.ReLU(),
        torch.nn.Linear(128, 10),
    )


def cnn():
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 3),
        torch.nn.ReLU(),
        torch.nn.Conv2d(32, 64, 3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(9216, 128),
        torch.nn.ReLU(),
        torch.nn.Linear(128, 10),
    )


def training(network, inputs, loss):
    # Fused is its fastest; the default loop over parameters takes half as long again for the perceptron.
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)

    def step():
        optimizer.zero_grad()
        loss(network(inputs)).backward()
        optimizer.step()

    return step


def work(name, library, layout):
    if name.endswith(".toml"):
        layouts = {"channels_last": torch.channels_last}
        return recipe.step(name, layouts.get(layout, torch.contiguous_format))
    format = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    if name == "sgemm":
        left, right, product = (torch.randn(2048, 2048) for _ in range(3))
        return lambda: torch.mm(left, right, out=product)
    if name.startswith("mlp") or name == "cnn-128":
        batch = int(name.split("-")[1])
        classes = torch.arange(batch) % 10
        loss = lambda scores: torch.nn.functional.cross_entropy(scores, classes)
        if name == "cnn-128":
            images = torch.randn(batch, 1, 28, 28).to(memory_format=format)
            return training(cnn().to(memory_format=format), images, loss)
        return training(mlp(), torch.randn(batch, 784), loss)
    network = colorizer().to(memory_format=format)
    if name == "colorizer-train":
        images = torch.randn(32, 1, 32, 32).to(memory_format=format)
        targets = torch.randn(32, 313, 16, 16).to(memory_format=format)
        loss = lambda outputs: torch.nn.functional.mse_loss(outputs, targets)
        return training(network, images, loss)
    image = torch.randn(1, 1, 272, 272).to(memory_format=format)
    if library == "torch":

        def apply():
            with torch.inference_mode():
                network(image)

        return apply
    import onnxruntime

    file = io.BytesIO()
    torch.onnx.export(network, (image,), file, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(
        file.getvalue(), options, providers=["CPUExecutionProvider"]
    )
    feed = {session.get_inputs()[0].name: image.contiguous().numpy()}
    return lambda: session.run(None, feed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name", help=f"{', '.join(NAMES)} or the path of a recipe")
    parser.add_argument("repetitions", type=int)
    parser.add_argument("--library", choices=["torch", "onnxruntime"], default="torch")
    parser.add_argument("--layout", choices=["contiguous", "channels_last"], default="contiguous")
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    if arguments.name == "versions":
        import cv2
        import onnxruntime

        modules = {"PyTorch": torch, "onnxruntime": onnxruntime, "OpenCV": cv2}
        print(json.dumps({name: module.__version__ for name, module in modules.items()}))
        return
    torch.set_num_threads(arguments.threads)
    step = work(arguments.name, arguments.library, arguments.layout)
    # From here on the peak is that of the steps, not that of what came before.
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass
    before = memory("VmRSS:")
    times = []
    for _ in range(WARM_UP + arguments.repetitions):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"milliseconds": times[WARM_UP:], "before": before, "peak": memory("VmHWM:")}))


def memory(key):
    """Bytes of memory of this process, or 0 where the system does not say."""
    try:
        lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))


if __name__ == "__main__":
    main()
