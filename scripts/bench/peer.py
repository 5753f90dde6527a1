"""Times one workload of docs/benchmarks.md by PyTorch or onnxruntime; prints milliseconds, one a line.

Usage: peer.py NAME REPETITIONS [--library torch|onnxruntime] [--layout contiguous|channels_last]
"""

import argparse
import io
import time

import torch

WARM_UP = 2
FILTERS = [39, 78, 117, 156, 195, 234, 273, 313]
NAMES = ["colorizer-train", "colorizer-apply", "mlp-60", "mlp-256"]


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


def training(network, inputs, loss):
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)

    def step():
        optimizer.zero_grad()
        loss(network(inputs)).backward()
        optimizer.step()

    return step


def work(name, library, layout):
    format = torch.channels_last if layout == "channels_last" else torch.contiguous_format
    if name.startswith("mlp"):
        batch = int(name.removeprefix("mlp-"))
        classes = torch.arange(batch) % 10
        loss = lambda scores: torch.nn.functional.cross_entropy(scores, classes)
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
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("repetitions", type=int)
    parser.add_argument("--library", choices=["torch", "onnxruntime"], default="torch")
    parser.add_argument("--layout", choices=["contiguous", "channels_last"], default="contiguous")
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    step = work(arguments.name, arguments.library, arguments.layout)
    for index in range(WARM_UP + arguments.repetitions):
        start = time.perf_counter()
        step()
        if index >= WARM_UP:
            print(f"{(time.perf_counter() - start) * 1e3:.3f}")


if __name__ == "__main__":
    main()
