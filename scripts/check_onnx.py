"""Checks frozen files with onnx.checker and onnxruntime; called by check-onnx.sh.

Usage: check_onnx.py DLKIT

Each case is a small network, trained for one epoch on the ten shipped digits so that every weight and
statistic changes, and then frozen. For 1, 7 and 64 digits, onnxruntime's outputs must equal
those of `dlkit trace` (the last layer) and `dlkit predict` (probabilities). Classifiers built here with the onnx
package stand for models of other projects: `dlkit predict --classes` must give onnxruntime's probabilities. Recipes of colorizers are
trained for one epoch on the shipped photos, those of regressions on their own line; they and the shipped
colorizer are compared with `dlkit trace` on 1, 7 and 64 random inputs.
"""

import gzip
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parent.parent
BATCHES = [1, 7, 64]
# Largest difference, as a share of the largest output; that of fast 3x3 convolutions, which dlkit runs
# by Winograd's algorithm, adds up over many layers.
TOLERANCE = 1e-5
DEEP_CONVOLUTIONS = 1e-4

# The shipped network and its recipe.
SHIPPED, SHIPPED_RECIPE = "models/colorizer.onnx", "configs/colorizer/context.toml"

ACTIVATIONS = [
    '"none"', '"sigmoid"', '"tanh"', '"relu"', '"softplus"', '"selu"', '"gelu"', '"silu"',
    '{ kind = "leaky-relu", slope = 0.3 }', '{ kind = "prelu", per = "layer" }',
    '{ kind = "prelu", per = "channel" }', '{ kind = "elu", alpha = 0.7 }',
    '{ kind = "rrelu", mode = "framework" }', '{ kind = "rrelu", mode = "paper" }',
    '{ kind = "rrelu", mode = "post" }',
]  # fmt: skip

# Layers for maps of 1x28x28; a dense layer follows.
LAYERS = {
    "dense": '{ type = "flatten" }, { type = "dense", units = 20 }',
    "dense without bias": '{ type = "flatten" }, { type = "dense", units = 20, bias = false }',
    "conv2d": '{ type = "conv2d", filters = 4, kernel = 3 }',
    "conv2d with all settings": '{ type = "conv2d", filters = 4, kernel = [5, 3], stride = [2, 1], '
    "padding = [1, 2], dilation = [1, 2], bias = false }",
    "conv2d same, even kernel": '{ type = "conv2d", filters = 4, kernel = [4, 2], padding = "same" }',
    "max-pool2d": '{ type = "max-pool2d", size = [3, 2], stride = 2, padding = [1, 0] }',
    "avg-pool2d": '{ type = "avg-pool2d", size = 3, stride = [1, 2], padding = 1 }',
    "reshape": '{ type = "reshape", shape = [4, 14, 14] }, { type = "conv2d", filters = 3, kernel = 3 }',
    "reshape to a vector": '{ type = "reshape", shape = [784] }',
    "upsample, nearest": '{ type = "upsample", factor = [3, 2] }',
    "upsample, bilinear": '{ type = "upsample", factor = [2, 3], mode = "bilinear" }',
    "batch-norm of maps": '{ type = "conv2d", filters = 4, kernel = 3 }, { type = "batch-norm" }',
    "batch-norm of a vector": '{ type = "flatten" }, { type = "dense", units = 20, batch_norm = true }',
    "dropout": '{ type = "dropout", rate = 0.3 }',
    "conv2d with groups": '{ type = "conv2d", filters = 4, kernel = 3 }, { type = "conv2d", filters = 6, '
    "kernel = 3, groups = 2 }",
    "depthwise conv2d": '{ type = "conv2d", filters = 4, kernel = 3 }, { type = "conv2d", filters = 4, '
    "kernel = 3, stride = 2, padding = 1, groups = 4 }",
    "conv-transpose2d": '{ type = "max-pool2d", size = 4 }, { type = "conv-transpose2d", filters = 3, '
    "kernel = [4, 3], stride = [2, 3], padding = [1, 0], output_padding = [1, 2] }",
    "global-avg-pool": '{ type = "conv2d", filters = 4, kernel = 3 }, { type = "global-avg-pool" }',
    "pixel-shuffle": '{ type = "conv2d", filters = 12, kernel = 3 }, { type = "pixel-shuffle", factor = 2 }',
    "group-norm of maps": '{ type = "conv2d", filters = 4, kernel = 3 }, { type = "group-norm", groups = 2 }',
    "group-norm of a vector": '{ type = "flatten" }, { type = "dense", units = 20 }, '
    '{ type = "group-norm", groups = 4 }',
    "layer-norm of maps": '{ type = "conv2d", filters = 4, kernel = 3 }, { type = "layer-norm" }',
    "layer-norm of a vector": '{ type = "flatten" }, { type = "dense", units = 20 }, { type = "layer-norm" }',
    **{
        f"{join} of maps": f'{{ type = "conv2d", filters = 3, kernel = 3, name = "a" }}, {{ type = "conv2d", '
        f'filters = 3, kernel = 3, name = "b", from = "input" }}, {{ type = "{join}", from = ["a", "b", "a"] }}'
        for join in ["add", "multiply", "concat"]
    },
    **{
        f"{join} of a map of one pixel": f'{{ type = "conv2d", filters = 3, kernel = 3, name = "a" }}, '
        f'{{ type = "global-avg-pool" }}, {{ type = "{join}", from = ["global_avg_pool1", "a"] }}'
        for join in ["add", "multiply", "concat"]
    },
    "softmax of maps": '{ type = "conv2d", filters = 4, kernel = 3 }, { type = "softmax" }',
    "softmax of a vector": '{ type = "flatten" }, { type = "dense", units = 20 }, { type = "softmax" }',
}


def png(pixels: np.ndarray) -> bytes:
    """An 8-bit picture as PNG: gray, or red, green and blue along the last axis."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


def recipe(layers: str, head: str = '{ type = "dense", units = 10 }', training: str = "") -> str:
    return (
        'task = "classification"\ndata = { kind = "image-folder", path = "tiny", validation = 0, '
        "mean = 0.13, deviation = 0.31 }\n[network]\ninput = [1, 28, 28]\n"
        f'layers = [{layers}, {{ type = "flatten" }}, {head}]\n{training}'
    )


class Case(NamedTuple):
    """A network and what it learns; `shares` says whether its outputs can be given as probabilities."""

    name: str
    recipe: str
    task: str = "classification"
    shares: bool = True
    tolerance: float = TOLERANCE


def cases() -> Iterator[Case]:
    """Every case; shipped recipes as they are."""
    for function in ACTIVATIONS:
        layers = (
            f'{{ type = "conv2d", filters = 3, kernel = 5, activation = {function} }}, '
            f'{{ type = "flatten" }}, {{ type = "dense", units = 16, activation = {function} }}'
        )
        yield Case(f"activation {function}", recipe(layers))
    for name, layers in LAYERS.items():
        yield Case(f"layer {name}", recipe(layers))
    # Outputs of a network trained by squared errors are shares already, or no such thing.
    layers, training = LAYERS["dense"], '[training]\nloss = "mse"\n'
    dense = '{ type = "dense", units = 10 }'
    softmax = f'{dense}, {{ type = "softmax" }}'
    yield Case("loss mse with softmax", recipe(layers, softmax, training))
    yield Case("loss mse without softmax", recipe(layers, dense, training), shares=False)
    # The last layers have 7x7 positions, so that its training takes seconds.
    deep = '{ type = "conv2d", filters = 128, kernel = 3, padding = "same", activation = "relu" }'
    layers = f'{{ type = "max-pool2d", size = 4 }}, {", ".join([deep] * 10)}'
    yield Case("ten convolutions of 3x3", recipe(layers), tolerance=DEEP_CONVOLUTIONS)
    for path in sorted((ROOT / "configs").rglob("*.toml")):
        text = path.read_text()
        task = tomllib.loads(text)["task"]
        tolerance = DEEP_CONVOLUTIONS if task == "colorization" else TOLERANCE
        name = f"recipe {path.relative_to(ROOT)}"
        # The shipped photos have fewer colors than thousands have.
        fewer = text.replace("filters = 216,", "filters = 120,")
        yield Case(name, fewer, task, shares=task == "classification", tolerance=tolerance)
        if path == ROOT / SHIPPED_RECIPE:
            yield Case(SHIPPED, text, task, shares=False, tolerance=tolerance)


def difference(expected: np.ndarray, given: np.ndarray) -> float:
    """As a share of the largest value expected; undefined where a value is."""
    assert expected.shape == given.shape, (expected.shape, given.shape)
    return float(np.abs(expected - given).max() / np.abs(expected).max())


class Check:
    def __init__(self, dlkit: str, place: pathlib.Path):
        self.dlkit, self.place = str(pathlib.Path(dlkit).resolve()), place
        for picture in (ROOT / "datasets/digits").glob("digit-*.png"):
            folder = place / "tiny" / picture.name.split("-")[1]
            folder.mkdir(parents=True)
            (folder / picture.name).write_bytes(picture.read_bytes())
        images = ROOT / "datasets/mnist-small/t10k-images-idx3-ubyte.gz"
        pixels = np.frombuffer(gzip.decompress(images.read_bytes())[16:], np.uint8)
        self.pixels = pixels.reshape(-1, 1, 28, 28)[: max(BATCHES)]
        (place / "pictures").mkdir()
        self.pictures = []
        for index, picture in enumerate(self.pixels):
            self.pictures.append(f"pictures/{index}.png")
            (place / self.pictures[-1]).write_bytes(png(picture[0]))
        # Pictures of three digits, one in each channel.
        self.colors = np.stack([self.pixels[:8, 0], self.pixels[8:16, 0], self.pixels[16:24, 0]], -1)
        (place / "colors").mkdir()
        for index, picture in enumerate(self.colors):
            (place / f"colors/{index}.png").write_bytes(png(picture))

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.dlkit, *arguments], cwd=self.place, capture_output=True, text=True
        )
        if done.returncode != 0:
            sys.exit(f"dlkit {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def freeze(self, number: int, case: Case) -> pathlib.Path:
        (self.place / f"{number}.toml").write_text(case.recipe)
        data = {
            "classification": ["data.kind=image-folder", "data.path=tiny", "data.validation=0"],
            "colorization": [f"data.path={ROOT / 'datasets/photos'}", "data.crops=1"],
            "regression": [],
        }[case.task]
        if 'kind = "table"' in case.recipe:
            data = [f"data.path={ROOT / 'datasets/sparse/sparse.csv'}"]
        sets = [word for change in data for word in ("--set", change)]
        train = ["train", "--config", f"{number}.toml", "--epochs", "1", "--output", f"run{number}"]
        self.run(*train, *sets, "--quiet")
        file = f"{number}.onnx"
        self.run("freeze", f"run{number}", "--output", file, "--quiet")
        return self.place / file

    def compare(self, file: pathlib.Path, case: Case) -> float:
        """The largest difference over all batches and outputs."""
        onnx.checker.check_model(str(file), full_check=True)
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        if case.task == "classification":
            differences = self.compare_digits(session, file, case)
        else:
            differences = self.compare_drawn(session, file, tomllib.loads(case.recipe))
        # Unlike the built-in, NumPy's maximum of values one of which is undefined is undefined.
        return float(np.max(list(differences)))

    def compare_digits(
        self, session: onnxruntime.InferenceSession, file: pathlib.Path, case: Case
    ) -> Iterator[float]:
        """Outputs and, where there are, probabilities of digits."""
        [given] = session.get_inputs()
        layer, *shares = [output.name for output in session.get_outputs()]
        assert shares == (["probabilities"] if case.shares else []), shares
        about = session.get_modelmeta().custom_metadata_map
        mean, deviation = (float(about[f"dlkit.input.{key}"]) for key in ("mean", "deviation"))
        classes = json.loads(about["dlkit.classes"])
        for batch in BATCHES:
            pixels = (self.pixels[:batch] / 255 - mean) / deviation
            outputs = session.run(None, {given.name: pixels.astype(np.float32)})
            pictures = self.pictures[:batch]
            yield difference(self.trace(file, layer, pictures), outputs[0])
            if not case.shares:
                continue
            answer = json.loads(self.run("predict", file.name, *pictures, "--top", "10", "--json"))
            ranked = [dict(map(tuple, each["top"])) for each in answer["predictions"]]
            predicted = np.array([[shares[name] for name in classes] for shares in ranked])
            yield difference(predicted, outputs[1])

    def compare_drawn(
        self, session: onnxruntime.InferenceSession, file: pathlib.Path, recipe: dict
    ) -> Iterator[float]:
        """Outputs of drawn inputs as large as those the network learns from."""
        [given], [layer] = session.get_inputs(), session.get_outputs()
        draw = np.random.default_rng(1)
        for batch in BATCHES:
            values = draw.standard_normal([batch, *recipe["network"]["input"]], np.float32)
            np.save(self.place / "drawn.npy", values)
            [outputs] = session.run(None, {given.name: values})
            yield difference(self.trace(file, layer.name, ["drawn.npy"]), outputs)

    def trace(self, file: pathlib.Path, layer: str, inputs: list[str]) -> np.ndarray:
        """The values of a layer, as `dlkit trace` gives them."""
        arguments = ["--layer", layer, "--output", "values", "--quiet", "--input", ",".join(inputs)]
        self.run("trace", str(file), *arguments)
        values = np.load(self.place / "values" / f"{layer}.npy")
        shutil.rmtree(self.place / "values")
        return values


def check_foreign(check: Check) -> None:
    """`dlkit inspect` reads a file of another program: unknown operators, subgraphs, no shapes."""
    helper, tensor = onnx.helper, onnx.TensorProto
    branch = helper.make_graph([helper.make_node("Identity", ["x"], ["z"])], "branch", [], [])
    nodes = [
        helper.make_node("If", ["flag"], ["y"], then_branch=branch, else_branch=branch),
        helper.make_node("Mystery", ["y"], ["out"], domain="org.example", ratio=0.5, mode="odd"),
    ]
    inputs = [
        helper.make_tensor_value_info("flag", tensor.BOOL, []),
        helper.make_tensor_value_info("x", tensor.DOUBLE, ["n", None, 3]),
    ]
    output = helper.make_tensor_value_info("out", tensor.FLOAT16, None)
    model = helper.make_model(helper.make_graph(nodes, "foreign", inputs, [output]))
    onnx.save(model, str(check.place / "foreign.onnx"))
    about = json.loads(check.run("inspect", "foreign.onnx", "--json"))
    assert about["inputs"] == [
        {"name": "flag", "type": "bool", "shape": []},
        {"name": "x", "type": "float64", "shape": ["n", "?", "3"]},
    ], about
    assert about["outputs"] == [{"name": "out", "type": "float16", "shape": None}], about
    assert about["nodes"] == [
        "y = If(flag, else_branch=graph of 1 nodes, then_branch=graph of 1 nodes)",
        'out = org.example.Mystery(y, mode="odd", ratio=0.5)',
    ], about


def foreign_classifier(axes: str, kind: int, sides: list, softmax: bool) -> onnx.ModelProto:
    """A small convolutional network as exporters write it: RGB pictures to five classes."""
    helper, draw = onnx.helper, np.random.default_rng(3)
    number = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.FLOAT16: np.float16}[kind]
    shapes = {"w1": [8, 3, 3, 3], "b1": [8], "w2": [12, 8, 3, 3], "b2": [12], "w3": [5, 12], "b3": [5]}
    weights = {name: draw.normal(0, 0.4, shape) for name, shape in shapes.items()}
    weights |= {"scale": draw.uniform(0.5, 2, 8), "bias": draw.normal(0, 1, 8), "mean": draw.normal(0, 1, 8)}
    weights["variance"] = draw.uniform(0.5, 2, 8)
    nodes = [
        helper.make_node("Conv", ["planes", "w1", "b1"], ["c1"], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4),
        helper.make_node("BatchNormalization", ["c1", "scale", "bias", "mean", "variance"], ["n1"]),
        helper.make_node("Relu", ["n1"], ["r1"]),
        helper.make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["p1", "w2", "b2"], ["c2"], kernel_shape=[3, 3]),
        helper.make_node("Clip", ["c2", "zero", "six"], ["r2"]),
        helper.make_node("GlobalAveragePool", ["r2"], ["g"]),
        helper.make_node("Flatten", ["g"], ["f"]),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["logits"], transB=1),
    ]
    first = ("Identity", {}) if axes == "nchw" else ("Transpose", {"perm": [0, 3, 1, 2]})
    nodes.insert(0, helper.make_node(first[0], ["picture"], ["planes"], **first[1]))
    if softmax:
        nodes.append(helper.make_node("Softmax", ["logits"], ["shares"], axis=1))
    batch, *sizes = sides
    shape = [batch, 3, *sizes] if axes == "nchw" else [batch, *sizes, 3]
    weights |= {"zero": 0.0, "six": 6.0}
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("picture", kind, shape)],
        [helper.make_tensor_value_info("shares" if softmax else "logits", kind, [batch, 5])],
        [onnx.numpy_helper.from_array(np.asarray(value, number), name) for name, value in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def check_foreign_classifiers(check: Check) -> Iterator[tuple[str, float, float]]:
    """Name, largest difference and tolerance of models that `dlkit predict --classes` understands."""
    float32, float16 = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16
    (check.place / "classes.txt").write_text("ant\nbee\ncat\ndog\nemu\n")
    scaled = ["--scale", "255", "--mean", "123.7,116.3,103.5", "--deviation", "58.4,57.1,57.4"]
    cases = [
        ("nchw", float32, [1, 28, 28], False, [], 1e-5),
        ("nchw", float32, ["n", "h", "w"], True, ["--size", "28", *scaled], 1e-5),
        ("nhwc", float32, ["n", 28, 28], False, [*scaled, "--channels", "bgr"], 1e-5),
        ("nhwc", float16, [1, 28, 28], True, ["--mean", "0.5", "--deviation", "0.5"], 5e-3),
    ]
    for axes, kind, sides, softmax, options, tolerance in cases:
        model = foreign_classifier(axes, kind, sides, softmax)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, str(check.place / "classifier.onnx"))
        values = check.colors / 255 * (255 if "255" in options else 1)
        mean, deviation = ([123.7, 116.3, 103.5], [58.4, 57.1, 57.4]) if "255" in options else (0, 1)
        if "0.5" in options:
            mean, deviation = 0.5, 0.5
        values = (values - mean) / deviation
        values = values[..., ::-1] if "bgr" in options else values
        values = values if axes == "nhwc" else values.transpose(0, 3, 1, 2)
        session = onnxruntime.InferenceSession(str(check.place / "classifier.onnx"), providers=["CPUExecutionProvider"])
        number = np.float16 if kind == float16 else np.float32
        found = [session.run(None, {"picture": value[None].astype(number)})[0][0] for value in values]
        found = np.array(found, float)
        if not softmax:
            found = np.exp(found) / np.exp(found).sum(1, keepdims=True)
        files = [f"colors/{place}.png" for place in range(len(check.colors))]
        line = ["predict", "classifier.onnx", *files, "--classes", "classes.txt", "--top", "5", "--json", *options]
        answer = json.loads(check.run(*line))
        assert answer["model"]["outputs"] == ("probabilities" if softmax else "logits"), answer["model"]
        shares = [dict(map(tuple, each["top"])) for each in answer["predictions"]]
        expected = np.array([[row[name] for name in ["ant", "bee", "cat", "dog", "emu"]] for row in shares])
        assert np.ptp(expected, axis=0).max() > 0.05, "all pictures look alike to the model"
        name = f"model of another project, {axes}, {'half' if kind == float16 else 'single'} precision"
        yield name, float(abs(found - expected).max()), tolerance


def main() -> None:
    [dlkit] = sys.argv[1:]
    failed = count = 0
    with tempfile.TemporaryDirectory() as place:
        check = Check(dlkit, pathlib.Path(place))
        check_foreign(check)
        for name, largest, tolerance in check_foreign_classifiers(check):
            within = largest <= tolerance
            failed += not within
            print(f"{'ok' if within else 'DIFFERS'}  {largest:.1e}  {name}", flush=True)
        foreign, failed = failed, 0
        for count, case in enumerate(cases(), start=1):
            shipped = case.name == SHIPPED
            file = ROOT / SHIPPED if shipped else check.freeze(count, case)
            largest = check.compare(file, case)
            # An undefined difference is not within.
            within = largest <= case.tolerance
            failed += not within
            print(f"{'ok' if within else 'DIFFERS'}  {largest:.1e}  {case.name}", flush=True)
    batches = ", ".join(map(str, BATCHES))
    print(f"{count - failed} of {count} networks agree with onnxruntime (batches of {batches})")
    sys.exit(1 if failed or foreign else 0)


if __name__ == "__main__":
    main()
