#!/usr/bin/env python3
"""Writes the reference values that dlkit-models is tested against, computed by PyTorch.

How to run it (PyTorch 2.15.0 wrote the files in the repository; the CPU build does):

    python generate.py

It rewrites the JSON files beside it:

- activations.json  activation functions, with their gradients
- layers.json       layers and one small network, with the gradients of inputs and parameters
- losses.json       losses, with their gradients
- optimizers.json   five steps of each optimizer
- clipping.json     gradients clipped by their global norm
- traces.json       the value after every layer of a trained network, in both phases

Everything is computed in float64. Each case draws from a generator seeded by its name, so
adding a case leaves the others as they are. Random numbers are multiples of 1/2048: exact in
float32 too, so that a float32 implementation starts from the same values.

A tensor is {"shape": [..], "data": [..]}, row-major. Gradients of activations and layers are
those of sum(output * cotangent). All inputs are small and never square, so that swapped axes
show.

Where dlkit's convention is not PyTorch's:

- a dense weight is stored [inputs, outputs], the transpose of PyTorch's;
- padding in average pooling is not counted (count_include_pad=False).
"""

import json
import zlib
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

DIRECTORY = Path(__file__).resolve().parent
GRID = 1024


class Random:
    """Random tensors for one case, the same in every run."""

    def __init__(self, name):
        self.generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))

    def normal(self, shape, scale=1.0):
        """Normally distributed, never 0, where ReLU and the like have no derivative."""
        values = torch.randn(shape, generator=self.generator) * scale
        values = torch.round(values * GRID) / GRID
        return torch.where(values == 0, 1 / GRID, values)

    def positive(self, shape):
        """Uniform in 0.5 to 1.5."""
        values = torch.rand(shape, generator=self.generator) + 0.5
        return torch.round(values * GRID) / GRID

    def distinct(self, shape):
        """Uniform in -2 to 2, not 0 and without ties, which max pooling may resolve as it likes."""
        count = torch.Size(shape).numel()
        steps = torch.randperm(4 * GRID, generator=self.generator)[:count]
        return ((steps + 0.5) / GRID - 2).view(shape)


def tensor(values):
    return {"shape": list(values.shape), "data": values.detach().flatten().tolist()}


def toml(value):
    """Writes a value as on the right of `key = ` in TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, str):
        return f'"{value}"'
    return repr(value)


def kind(name, **keys):
    return {"kind": name, **keys}


def write(name, cases):
    """Writes one case a line. Fails on numbers that are not finite."""
    lines = ",\n".join(json.dumps(case, allow_nan=False) for case in cases)
    (DIRECTORY / name).write_text(f"[\n{lines}\n]\n")


# --- Activations ---------------------------------------------------------------------------


def scaled_negatives(factor):
    return lambda x: torch.where(x >= 0, x, x * factor)


# Name, value in a configuration, function. All in the test phase.
ACTIVATIONS = [
    ("sigmoid", "sigmoid", torch.sigmoid),
    ("tanh", "tanh", torch.tanh),
    ("relu", "relu", F.relu),
    ("leaky-relu", kind("leaky-relu", slope=0.01), lambda x: F.leaky_relu(x, 0.01)),
    ("leaky-relu-steep", kind("leaky-relu", slope=0.2), lambda x: F.leaky_relu(x, 0.2)),
    ("elu", kind("elu", alpha=1.0), F.elu),
    ("elu-low", kind("elu", alpha=0.7), lambda x: F.elu(x, alpha=0.7)),
    ("selu", "selu", F.selu),
    ("gelu", "gelu", F.gelu),
    ("silu", "silu", F.silu),
    # PyTorch turns linear above 20 by default, where float64 still sees the difference.
    ("softplus", "softplus", lambda x: F.softplus(x, threshold=50)),
    # U(1/8, 1/3) multiplies in training; the mean, 11/48, in testing.
    ("rrelu-framework", kind("rrelu", mode="framework"), lambda x: F.rrelu(x, training=False)),
    # The paper divides by U(3, 8) in training and by 5.5 in testing; the post multiplies.
    ("rrelu-paper", kind("rrelu", mode="paper"), scaled_negatives(1 / 5.5)),
    ("rrelu-post", kind("rrelu", mode="post"), scaled_negatives(5.5)),
    ("softmax", "softmax", lambda x: F.softmax(x, dim=1)),
]

EXTREMES = [30.0, -30.0, 100.0, -100.0, 0.5, -0.5, -100.0, 100.0, -30.0, 30.0, -0.75, 0.75]


def activation_case(name, text, function, values, slope=None):
    values = values.clone().requires_grad_()
    if slope is not None:
        slope = slope.clone().requires_grad_()
    output = function(values) if slope is None else function(values, slope)
    cotangent = Random(name + " cotangent").normal(output.shape)
    (output * cotangent).sum().backward()
    case = {
        "name": name,
        "activation": toml(text),
        "input": tensor(values),
        "output": tensor(output),
        "cotangent": tensor(cotangent),
        "input_gradient": tensor(values.grad),
    }
    if slope is not None:
        case |= {"slope": tensor(slope), "slope_gradient": tensor(slope.grad)}
    return case


def activation_input(name, shape):
    values = Random(name).normal(shape, scale=2.0)
    values.view(-1)[:2] = torch.tensor([0.5, -0.5])
    return values


def activations():
    extremes = torch.tensor(EXTREMES)
    for name, text, function in ACTIVATIONS:
        yield activation_case(name, text, function, activation_input(name, [2, 3, 4, 5]))
        # One row of opposite extremes, one of equal ones and one of moderate numbers.
        yield activation_case(f"{name}-extreme", text, function, extremes.view(3, 4))
    name = "softmax-features"
    softmax = ACTIVATIONS[-1][2]
    yield activation_case(name, "softmax", softmax, activation_input(name, [3, 6]))
    values = torch.tensor([[3.0, 0.7, 0.5]])  # 0.846, 0.085, 0.069
    yield activation_case("softmax-by-hand", "softmax", softmax, values)

    layer, channel = kind("prelu", per="layer"), kind("prelu", per="channel")
    one, two = torch.tensor([0.25]), torch.tensor([0.25, -0.5])
    three = torch.tensor([0.25, -0.125, 0.75])
    for name, text, slope, shape in [
        ("prelu-layer", layer, one, [2, 3, 4, 5]),
        ("prelu-layer-features", layer, one, [5, 3]),
        ("prelu-channel", channel, three, [2, 3, 4, 5]),
        ("prelu-channel-features", channel, three, [5, 3]),
    ]:
        yield activation_case(name, text, F.prelu, activation_input(name, shape), slope)
    extremes = extremes.view(2, 2, 1, 3)
    yield activation_case("prelu-layer-extreme", layer, F.prelu, extremes, one)
    yield activation_case("prelu-channel-extreme", channel, F.prelu, extremes, two)


# --- Layers --------------------------------------------------------------------------------

TRAIN, TEST = "train", "test"


def layer(type_name, **keys):
    """A layer's table in a configuration."""
    lines = [f"{key} = {toml(value)}" for key, value in {"type": type_name, **keys}.items()]
    return "\n".join(["[[network.layers]]", *lines, ""])


class Graph(nn.ModuleDict):
    """Modules by name, joined by a function of them and of the input."""

    def __init__(self, modules, joined):
        super().__init__({name.replace(".", "/"): module for name, module in modules})
        self.joined = joined

    def forward(self, values):
        return self.joined(lambda name: self[name.replace(".", "/")], values)


class Reshape(nn.Module):
    """Gives each sample a new shape, in row-major order."""

    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, values):
        return values.reshape(len(values), *self.shape)


def set_parameters(module, random):
    """Gives a module random parameters and running statistics; none is left at 1 or 0."""
    with torch.no_grad():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.weight.copy_(random.positive(module.weight.shape))
            module.bias.copy_(random.normal(module.bias.shape))
            module.running_mean.copy_(random.normal(module.running_mean.shape))
            module.running_var.copy_(random.positive(module.running_var.shape))
        else:
            for parameter in module.parameters():
                parameter.copy_(random.normal(parameter.shape, scale=0.5))


def learned(name, module):
    """Yields dlkit's path of each learned parameter, the parameter and its layout's conversion."""
    if isinstance(module, nn.Linear):
        yield f"{name}.weight", module.weight, torch.t
        if module.bias is not None:
            yield f"{name}.bias", module.bias, torch.clone
        return
    names = {"weight": "weight", "bias": "bias"}
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.GroupNorm, nn.LayerNorm)):
        names = {"weight": "gamma", "bias": "beta"}
    if isinstance(module, nn.PReLU):
        names = {"weight": "slope"}
    for key, parameter in module.named_parameters():
        layout = torch.flatten if isinstance(module, nn.LayerNorm) else torch.clone
        yield f"{name}.{names[key]}", parameter, layout


def running(name, module):
    """Returns dlkit's paths of the running statistics and their values now."""
    if not isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        return {}
    return {
        f"{name}.running_mean": tensor(module.running_mean),
        f"{name}.running_variance": tensor(module.running_var),
    }


def layer_case(name, input_shape, text, modules, phase=TEST, batch=3, joined=None):
    """Runs `modules`, a list of modules or (dlkit name, module) where there are parameters.

    They run one after the other or, with `joined`, as that function of named modules says.
    """
    random = Random(name)
    modules = [item if isinstance(item, tuple) else (None, item) for item in modules]
    if joined is None:
        network = nn.Sequential(*[module for _, module in modules])
    else:
        network = Graph(modules, joined)
    network.train(phase == TRAIN)
    for _, module in modules:
        set_parameters(module, random)
    named = [(path, module) for path, module in modules if path]

    parameters = {}
    for path, module in named:
        parameters |= {key: tensor(layout(value)) for key, value, layout in learned(path, module)}
        parameters |= running(path, module)
    values = random.distinct([batch, *input_shape]).requires_grad_()
    output = network(values)
    cotangent = random.normal(output.shape)
    (output * cotangent).sum().backward()

    gradients, statistics = {}, {}
    for path, module in named:
        gradients |= {
            key: tensor(layout(value.grad)) for key, value, layout in learned(path, module)
        }
        statistics |= running(path, module)
    case = {
        "name": name,
        "input_shape": input_shape,
        "layers": text,
        "phase": phase,
        "parameters": parameters,
        "input": tensor(values),
        "output": tensor(output),
        "cotangent": tensor(cotangent),
        "input_gradient": tensor(values.grad),
        "parameter_gradients": gradients,
    }
    if statistics:
        case["running"] = statistics
    return case


def dense_layers():
    yield layer_case("dense", [5], layer("dense", units=4), [("dense1", nn.Linear(5, 4))])
    yield layer_case(
        "dense-without-bias",
        [4],
        layer("dense", units=6, bias=False),
        [("dense1", nn.Linear(4, 6, bias=False))],
    )
    yield layer_case(
        "dense-one-unit", [7], layer("dense", units=1), [("dense1", nn.Linear(7, 1))], batch=1
    )
    yield layer_case(
        "dense-twice",
        [3],
        layer("dense", units=5) + layer("dense", units=2),
        [("dense1", nn.Linear(3, 5)), ("dense2", nn.Linear(5, 2))],
        batch=4,
    )


# Name, keys in a configuration, arguments of nn.Conv2d. Two 7x5 channels in, three out.
CONVOLUTIONS = [
    ("valid", {"kernel": [3, 2], "padding": "valid"}, {}),
    ("without-bias", {"kernel": [2, 3], "padding": "valid", "bias": False}, {"bias": False}),
    ("1x1", {"kernel": 1, "padding": "valid"}, {}),
    ("kernel-covers-image", {"kernel": [7, 5], "padding": "valid"}, {}),
    ("same-odd", {"kernel": [3, 5], "padding": "same"}, {"padding": "same"}),
    # An odd number of pixels is added: the extra one goes to the bottom and right.
    ("same-even", {"kernel": [4, 2], "padding": "same"}, {"padding": "same"}),
    (
        "same-dilation",
        {"kernel": [2, 3], "padding": "same", "dilation": 3},
        {"padding": "same", "dilation": 3},
    ),
    ("stride-2", {"kernel": 3, "stride": 2, "padding": "valid"}, {"stride": 2}),
    # The last row and column are read by no window.
    ("stride-remainder", {"kernel": [3, 1], "stride": 3, "padding": "valid"}, {"stride": 3}),
    (
        "stride-by-axis",
        {"kernel": [2, 3], "stride": [3, 2], "padding": "valid"},
        {"stride": (3, 2)},
    ),
    ("padding-1", {"kernel": [3, 2], "padding": 1}, {"padding": 1}),
    ("padding-by-axis", {"kernel": [2, 3], "padding": [1, 2]}, {"padding": (1, 2)}),
    ("dilation-2", {"kernel": [3, 2], "padding": "valid", "dilation": 2}, {"dilation": 2}),
    (
        "stride-padding-dilation",
        {"kernel": [3, 2], "stride": 2, "padding": [2, 1], "dilation": 2},
        {"stride": 2, "padding": (2, 1), "dilation": 2},
    ),
]


def convolutions():
    for name, keys, arguments in CONVOLUTIONS:
        size = keys["kernel"]
        kernel = tuple(size) if isinstance(size, list) else size
        yield layer_case(
            f"conv-{name}",
            [2, 7, 5],
            layer("conv2d", filters=3, **keys),
            [("conv1", nn.Conv2d(2, 3, kernel, **arguments))],
            batch=2,
        )


# Name, keys in a configuration, channels, filters, arguments of nn.Conv2d.
GROUPED = [
    ("two", {"kernel": [3, 2], "groups": 2}, 4, 6, {"groups": 2}),
    ("depthwise", {"kernel": 3, "padding": 1, "groups": 3}, 3, 3, {"padding": 1, "groups": 3}),
    (
        "depthwise-stride",
        {"kernel": [3, 2], "stride": 2, "padding": [1, 0], "groups": 3, "bias": False},
        3,
        3,
        {"stride": 2, "padding": (1, 0), "groups": 3, "bias": False},
    ),
    ("multiplied", {"kernel": 2, "groups": 2}, 2, 6, {"groups": 2}),
]

# Name, keys in a configuration, arguments of nn.ConvTranspose2d.
TRANSPOSED = [
    ("plain", {"kernel": [3, 2]}, {}),
    ("stride", {"kernel": 4, "stride": 2, "padding": 1}, {"stride": 2, "padding": 1}),
    ("apart", {"kernel": [1, 2], "stride": 3, "bias": False}, {"stride": 3, "bias": False}),
    (
        "by-axis",
        {"kernel": [3, 2], "stride": [2, 3], "padding": [1, 0], "output_padding": [1, 2]},
        {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2)},
    ),
]


def other_convolutions():
    for name, keys, channels, filters, arguments in GROUPED:
        size = keys["kernel"]
        kernel = tuple(size) if isinstance(size, list) else size
        yield layer_case(
            f"conv-groups-{name}",
            [channels, 7, 5],
            layer("conv2d", filters=filters, **keys),
            [("conv1", nn.Conv2d(channels, filters, kernel, **arguments))],
            batch=2,
        )
    for name, keys, arguments in TRANSPOSED:
        size = keys["kernel"]
        kernel = tuple(size) if isinstance(size, list) else size
        yield layer_case(
            f"conv-transpose-{name}",
            [2, 4, 3],
            layer("conv-transpose2d", filters=3, **keys),
            [("conv_transpose1", nn.ConvTranspose2d(2, 3, kernel, **arguments))],
            batch=2,
        )


# Name, keys in a configuration, arguments of nn.MaxPool2d and nn.AvgPool2d.
POOLS = [
    ("square", {"size": 2}, {"kernel_size": 2}),
    ("by-axis", {"size": [2, 3]}, {"kernel_size": (2, 3)}),
    ("overlapping", {"size": [3, 2], "stride": 1}, {"kernel_size": (3, 2), "stride": 1}),
    ("apart", {"size": [1, 2], "stride": 3}, {"kernel_size": (1, 2), "stride": 3}),
    (
        "padding",
        {"size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 3, "stride": 2, "padding": 1},
    ),
    (
        "padding-by-axis",
        {"size": [2, 3], "stride": [2, 1], "padding": [1, 0]},
        {"kernel_size": (2, 3), "stride": (2, 1), "padding": (1, 0)},
    ),
]


def pools():
    for name, keys, arguments in POOLS:
        yield layer_case(
            f"max-pool-{name}", [2, 7, 5], layer("max-pool2d", **keys), [nn.MaxPool2d(**arguments)]
        )
        yield layer_case(
            f"avg-pool-{name}",
            [2, 7, 5],
            layer("avg-pool2d", **keys),
            [nn.AvgPool2d(**arguments, count_include_pad=False)],
        )


def shape_layers():
    yield layer_case("flatten", [2, 4, 3], layer("flatten"), [nn.Flatten()])
    yield layer_case(
        "flatten-dense",
        [2, 3, 4],
        layer("flatten") + layer("dense", units=2),
        [nn.Flatten(), ("dense1", nn.Linear(24, 2))],
    )
    yield layer_case(
        "reshape-features-to-maps", [24], layer("reshape", shape=[2, 3, 4]), [Reshape(2, 3, 4)]
    )
    yield layer_case(
        "reshape-maps", [3, 2, 4], layer("reshape", shape=[2, 4, 3]), [Reshape(2, 4, 3)]
    )
    for mode in ["nearest", "bilinear"]:
        arguments = {"mode": mode} | ({"align_corners": False} if mode == "bilinear" else {})
        for name, shape, factor in [
            ("2", [2, 4, 3], 2),
            ("by-axis", [2, 3, 4], [2, 3]),
            ("one-row", [1, 1, 3], 2),
        ]:
            scale = tuple(map(float, factor)) if isinstance(factor, list) else factor
            yield layer_case(
                f"upsample-{mode}-{name}",
                shape,
                layer("upsample", factor=factor, mode=mode),
                [nn.Upsample(scale_factor=scale, **arguments)],
                batch=2,
            )


def batch_norms():
    # Training updates the running variance with the unbiased one of the batch.
    for phase in [TEST, TRAIN]:
        for name, shape, module, batch in [
            ("features", [4], nn.BatchNorm1d(4), 5),
            ("maps", [3, 4, 2], nn.BatchNorm2d(3), 2),
        ]:
            yield layer_case(
                f"batch-norm-{name}-{phase}",
                shape,
                layer("batch-norm"),
                [("batch_norm1", module)],
                phase,
                batch,
            )
        yield layer_case(
            f"batch-norm-options-{phase}",
            [3],
            layer("batch-norm", epsilon=0.001, momentum=0.3),
            [("batch_norm1", nn.BatchNorm1d(3, eps=0.001, momentum=0.3))],
            phase,
            batch=4,
        )


def sample_norms():
    for phase in [TEST, TRAIN]:
        yield layer_case(
            f"group-norm-{phase}",
            [6, 3, 2],
            layer("group-norm", groups=3, epsilon=0.001),
            [("group_norm1", nn.GroupNorm(3, 6, eps=0.001))],
            phase,
        )
    yield layer_case(
        "group-norm-features", [6], layer("group-norm", groups=2), [("group_norm1", nn.GroupNorm(2, 6))]
    )
    yield layer_case(
        "layer-norm-maps",
        [2, 4, 3],
        layer("layer-norm"),
        [("layer_norm1", nn.LayerNorm([2, 4, 3]))],
    )
    yield layer_case(
        "layer-norm-features",
        [5],
        layer("layer-norm", epsilon=0.01),
        [("layer_norm1", nn.LayerNorm(5, eps=0.01))],
    )


def joined_layers():
    stem = layer("conv2d", filters=4, kernel=3, padding=1, name="a")
    other = layer("conv2d", filters=4, kernel=1, name="b", **{"from": "input"})

    def convolutions():
        return [("a", nn.Conv2d(2, 4, 3, padding=1)), ("b", nn.Conv2d(2, 4, 1))]

    for name, join in [
        ("add", lambda a, b: a + b),
        ("multiply", lambda a, b: a * b),
        ("concat", lambda a, b: torch.cat([a, b], dim=1)),
    ]:
        yield layer_case(
            f"{name}-maps",
            [2, 5, 4],
            stem + other + layer(name, **{"from": ["a", "b"]}),
            convolutions(),
            joined=lambda m, x: join(m("a")(x), m("b")(x)),
        )
        mean = layer("global-avg-pool", name="mean")
        yield layer_case(
            f"{name}-spread",
            [2, 5, 4],
            stem + other + mean + layer(name, **{"from": ["mean", "a"]}),
            convolutions(),
            joined=lambda m, x: join(
                m("b")(x).mean((2, 3), keepdim=True).expand(-1, -1, 5, 4), m("a")(x)
            ),
        )
        yield layer_case(
            f"{name}-three-vectors",
            [3],
            layer("dense", units=4, name="a")
            + layer("dense", units=4, name="b", activation="tanh")
            + layer("dense", units=4, name="c", **{"from": "input"})
            + layer(name, **{"from": ["a", "c", "b"]}),
            [("a", nn.Linear(3, 4)), ("b", nn.Linear(4, 4)), ("c", nn.Linear(3, 4))],
            joined=lambda m, x: join(
                join(m("a")(x), m("c")(x)), torch.tanh(m("b")(m("a")(x)))
            ),
        )


def graphs():
    # A residual block as in He et al., 2016, with a squeeze and excitation of Hu et al., 2018.
    for phase in [TEST, TRAIN]:
        yield layer_case(
            f"residual-{phase}",
            [2, 6, 5],
            layer("conv2d", filters=4, kernel=3, padding=1, batch_norm=True, activation="relu", name="a")
            + layer("conv2d", filters=4, kernel=3, padding=1, batch_norm=True, name="b")
            + layer("global-avg-pool")
            + layer("conv2d", filters=4, kernel=1, activation="sigmoid", name="gate")
            + layer("multiply", **{"from": ["b", "gate"]})
            + layer("add", **{"from": ["multiply1", "a"]})
            + layer("activation", function="relu"),
            [
                ("a", nn.Conv2d(2, 4, 3, padding=1)),
                ("a.batch_norm", nn.BatchNorm2d(4)),
                ("b", nn.Conv2d(4, 4, 3, padding=1)),
                ("b.batch_norm", nn.BatchNorm2d(4)),
                ("gate", nn.Conv2d(4, 4, 1)),
            ],
            phase,
            joined=residual,
        )
    # A small U-Net (Ronneberger et al., 2015) with padding.
    yield layer_case(
        "u-net",
        [1, 8, 12],
        layer("conv2d", filters=3, kernel=3, padding=1, activation="elu", name="enc1")
        + layer("max-pool2d", size=2)
        + layer("conv2d", filters=5, kernel=3, padding=1, activation="elu", name="enc2")
        + layer("conv-transpose2d", filters=3, kernel=2, stride=2, name="up")
        + layer("concat", **{"from": ["enc1", "up"]})
        + layer("conv2d", filters=2, kernel=3, padding=1, name="out"),
        [
            ("enc1", nn.Conv2d(1, 3, 3, padding=1)),
            ("enc2", nn.Conv2d(3, 5, 3, padding=1)),
            ("up", nn.ConvTranspose2d(5, 3, 2, stride=2)),
            ("out", nn.Conv2d(6, 2, 3, padding=1)),
        ],
        joined=u_net,
    )


def residual(m, x):
    first = torch.relu(m("a.batch_norm")(m("a")(x)))
    second = m("b.batch_norm")(m("b")(first))
    gate = torch.sigmoid(m("gate")(second.mean((2, 3), keepdim=True)))
    return torch.relu(second * gate + first)


def u_net(m, x):
    first = F.elu(m("enc1")(x))
    second = F.elu(m("enc2")(F.max_pool2d(first, 2)))
    return m("out")(torch.cat([first, m("up")(second)], dim=1))


def other_layers():
    yield layer_case(
        "activation", [2, 4, 3], layer("activation", function="relu"), [nn.ReLU()], TRAIN
    )
    yield layer_case("dropout-test", [7], layer("dropout", rate=0.5), [nn.Dropout(0.5)], TEST)
    yield layer_case("softmax-features", [6], layer("softmax"), [nn.Softmax(dim=1)])
    yield layer_case("softmax-maps", [4, 3, 2], layer("softmax"), [nn.Softmax(dim=1)])
    yield layer_case("global-avg-pool", [3, 4, 2], layer("global-avg-pool"), [nn.AdaptiveAvgPool2d(1)])
    yield layer_case("pixel-shuffle", [8, 2, 3], layer("pixel-shuffle", factor=2), [nn.PixelShuffle(2)])


def composites():
    """A layer with its batch normalization and activation: linear, batch norm, activation."""
    yield layer_case(
        "dense-activation",
        [5],
        layer("dense", units=4, activation="tanh"),
        [("dense1", nn.Linear(5, 4)), nn.Tanh()],
    )
    for phase in [TEST, TRAIN]:
        yield layer_case(
            f"dense-batch-norm-elu-{phase}",
            [3],
            layer("dense", units=4, bias=True, batch_norm=True, activation="elu"),
            [
                ("dense1", nn.Linear(3, 4)),
                ("dense1.batch_norm", nn.BatchNorm1d(4)),
                nn.ELU(),
            ],
            phase,
            batch=5,
        )
        prelu = kind("prelu", per="channel")
        yield layer_case(
            f"conv-batch-norm-prelu-{phase}",
            [2, 5, 4],
            layer(
                "conv2d",
                filters=3,
                kernel=[3, 2],
                padding="same",
                bias=False,
                batch_norm=True,
                activation=prelu,
            ),
            [
                ("conv1", nn.Conv2d(2, 3, (3, 2), padding="same", bias=False)),
                ("conv1.batch_norm", nn.BatchNorm2d(3)),
                ("conv1.activation", nn.PReLU(3)),
            ],
            phase,
        )


def networks():
    yield layer_case(
        "network",
        [2, 9, 7],
        layer("conv2d", filters=3, kernel=[3, 2], padding=1)
        + layer("batch-norm")
        + layer("activation", function="relu")
        + layer("max-pool2d", size=[3, 2])
        + layer("flatten")
        + layer("dense", units=5)
        + layer("dropout", rate=0.0)
        + layer("dense", units=4),
        [
            ("conv1", nn.Conv2d(2, 3, (3, 2), padding=1)),
            ("batch_norm1", nn.BatchNorm2d(3)),
            nn.ReLU(),
            nn.MaxPool2d((3, 2)),
            nn.Flatten(),
            ("dense1", nn.Linear(3 * 3 * 4, 5)),
            nn.Dropout(0.0),
            ("dense2", nn.Linear(5, 4)),
        ],
        TRAIN,
        batch=4,
    )


def layers():
    for group in [
        dense_layers,
        convolutions,
        other_convolutions,
        pools,
        shape_layers,
        batch_norms,
        sample_norms,
        other_layers,
        composites,
        networks,
        joined_layers,
        graphs,
    ]:
        yield from group()


# --- Losses --------------------------------------------------------------------------------


def loss_case(
    name, loss, outputs, function, classes=None, targets=None, label_smoothing=0.0, weights=None
):
    outputs = outputs.clone().requires_grad_()
    value = function(outputs)
    value.backward()
    case = {"name": name, "loss": loss, "label_smoothing": label_smoothing}
    case["outputs"] = tensor(outputs)
    if classes is not None:
        case["classes"] = classes
    if targets is not None:
        case["targets"] = tensor(targets)
    if weights is not None:
        case["class_weights"] = weights
    return case | {"value": value.item(), "gradient": tensor(outputs.grad)}


def losses():
    """Cross-entropy is averaged over the batch; mse and mae over all elements."""
    classes = [2, 0, 1, 2, 3]
    logits = Random("logits").normal([5, 4], scale=2.0)
    extreme_classes = [0, 1, 2, 0]
    extreme = torch.tensor(
        [
            [100.0, -100.0, 0.5],  # certain and right
            [100.0, -100.0, 0.5],  # certain and wrong
            [100.0, 100.0, 100.0],
            [-100.0, -100.0, -99.0],
        ]
    )
    for name, outputs, labels in [
        ("cross-entropy", logits, classes),
        ("cross-entropy-extreme", extreme, extreme_classes),
    ]:
        for smoothing in [0.0, 0.1]:
            yield loss_case(
                f"{name}-smoothed" if smoothing else name,
                "cross-entropy",
                outputs,
                lambda x: F.cross_entropy(x, torch.tensor(labels), label_smoothing=smoothing),
                classes=labels,
                label_smoothing=smoothing,
            )
    for loss, function in [("mse", F.mse_loss), ("mae", F.l1_loss)]:
        random = Random(loss)
        outputs = random.normal([5, 3])
        targets = random.normal([5, 3])
        yield loss_case(
            f"{loss}-targets", loss, outputs, lambda x: function(x, targets), targets=targets
        )
        one_hot = F.one_hot(torch.tensor(classes), 4).double()
        outputs = random.normal([5, 4])
        yield loss_case(
            f"{loss}-classes", loss, outputs, lambda x: function(x, one_hot), classes=classes
        )
        one_hot_extreme = F.one_hot(torch.tensor(extreme_classes), 3).double()
        yield loss_case(
            f"{loss}-classes-extreme",
            loss,
            extreme,
            lambda x: function(x, one_hot_extreme),
            classes=extreme_classes,
        )
    for name, outputs, labels, weights in [
        ("cross-entropy-weighted", logits, classes, [1.5, 0.25, 4.0, 0.5]),
        ("cross-entropy-weighted-extreme", extreme, extreme_classes, [0.0, 2.0, 0.5]),
    ]:
        for smoothing in [0.0, 0.1]:
            yield loss_case(
                f"{name}-smoothed" if smoothing else name,
                "cross-entropy",
                outputs,
                lambda x: F.cross_entropy(
                    x,
                    torch.tensor(labels),
                    weight=torch.tensor(weights),
                    label_smoothing=smoothing,
                ),
                classes=labels,
                label_smoothing=smoothing,
                weights=weights,
            )


# --- Optimizers ----------------------------------------------------------------------------

ADAM_KEYS = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-8}
ADAM = {"betas": (0.9, 0.999), "eps": 1e-8}
RMSPROP_KEYS = {"alpha": 0.99, "epsilon": 1e-8}
RMSPROP = {"alpha": 0.99, "eps": 1e-8}
STEPS = 5

# Name, value in a configuration, learning rate, PyTorch's optimizer and its arguments.
OPTIMIZERS = [
    ("sgd", kind("sgd"), 0.1, torch.optim.SGD, {}),
    ("sgd-decay", kind("sgd", weight_decay=0.01), 0.1, torch.optim.SGD, {"weight_decay": 0.01}),
    ("sgd-momentum", kind("sgd", momentum=0.9), 0.1, torch.optim.SGD, {"momentum": 0.9}),
    (
        "sgd-nesterov",
        kind("sgd", momentum=0.9, nesterov=True, weight_decay=0.01),
        0.1,
        torch.optim.SGD,
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    ("adam", kind("adam", **ADAM_KEYS), 0.01, torch.optim.Adam, ADAM),
    (
        "adam-options",
        kind("adam", beta_1=0.8, beta_2=0.95, epsilon=0.001),
        0.05,
        torch.optim.Adam,
        {"betas": (0.8, 0.95), "eps": 0.001},
    ),
    (
        "adam-decay",
        kind("adam", **ADAM_KEYS, weight_decay=0.05),
        0.01,
        torch.optim.Adam,
        {**ADAM, "weight_decay": 0.05},
    ),
    (
        "adamw",
        kind("adamw", **ADAM_KEYS, weight_decay=0.01),
        0.01,
        torch.optim.AdamW,
        {**ADAM, "weight_decay": 0.01},
    ),
    (
        "rmsprop",
        kind("rmsprop", **RMSPROP_KEYS, momentum=0.0, centered=False),
        0.01,
        torch.optim.RMSprop,
        RMSPROP,
    ),
    (
        "rmsprop-centered-momentum",
        kind("rmsprop", **RMSPROP_KEYS, momentum=0.9, centered=True),
        0.01,
        torch.optim.RMSprop,
        {**RMSPROP, "momentum": 0.9, "centered": True},
    ),
]


def optimizers():
    for name, text, learning_rate, optimizer_type, arguments in OPTIMIZERS:
        random = Random(name)
        initial = random.normal([3, 4])
        gradients = [random.normal([3, 4]) for _ in range(STEPS)]
        for gradient in gradients:
            gradient[1, 2] = 0.0  # a unit that never learns anything
        parameter = initial.clone().requires_grad_()
        optimizer = optimizer_type([parameter], lr=learning_rate, foreach=False, **arguments)
        for gradient in gradients:
            parameter.grad = gradient.clone()
            optimizer.step()
        yield {
            "name": name,
            "optimizer": toml(text),
            "learning_rate": learning_rate,
            "initial": tensor(initial),
            "gradients": [tensor(gradient) for gradient in gradients],
            "final": tensor(parameter),
        }


# --- Clipping ------------------------------------------------------------------------------


def clipping():
    """PyTorch scales by max_norm / (norm + 1e-6), and only where that is below 1."""
    for name, scale in [("above", 1.0), ("below", 0.0625)]:
        random = Random(f"clipping {name}")
        gradients = [random.normal(shape, scale) for shape in [[2, 3], [3], [3, 1, 2, 2]]]
        parameters = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient.clone()
        norm = nn.utils.clip_grad_norm_(parameters, max_norm=1.0)
        assert (norm > 1.0) == (name == "above"), f"the norm {norm} is on the wrong side of 1"
        yield {
            "name": name,
            "max_norm": 1.0,
            "norm": norm.item(),
            "gradients": [tensor(gradient) for gradient in gradients],
            "clipped": [tensor(parameter.grad) for parameter in parameters],
        }


def traces():
    """A network with batch normalization and dropout, trained for some steps, then looked into.

    Weights are rounded to float32 after training, so that they can be carried over exactly.
    Dropout works while training and is off in the comparison: its draws are no one else's.
    """
    random = Random("trace")
    torch.manual_seed(7)
    dropout = nn.Dropout(0.25)
    network = nn.Sequential(
        nn.Conv2d(2, 4, (3, 2)), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        dropout, nn.Linear(40, 6), nn.BatchNorm1d(6), nn.ELU(), nn.Linear(6, 3),
    )
    names = [
        "conv1", "conv1.batch_norm", "conv1.activation", "max_pool1", "flatten1",
        "dropout1", "dense1", "dense1.batch_norm", "dense1.activation", "dense2",
    ]
    inputs = random.distinct([24, 2, 12, 5])
    classes = (inputs[:, 0].mean((1, 2)) > 0).long() + (inputs[:, 1].mean((1, 2)) > 0).long()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(network(inputs), classes).backward()
        optimizer.step()
    network.load_state_dict({
        name: value.float().double() if value.is_floating_point() else value
        for name, value in network.state_dict().items()
    })
    weights = {}
    for name, module in zip(names, network):
        if isinstance(module, nn.Linear):
            weights[f"{name}.weight"] = tensor(module.weight.t())
            weights[f"{name}.bias"] = tensor(module.bias)
        elif isinstance(module, nn.Conv2d):
            weights[f"{name}.weight"] = tensor(module.weight)
            weights[f"{name}.bias"] = tensor(module.bias)
        elif isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            weights[f"{name}.gamma"] = tensor(module.weight)
            weights[f"{name}.beta"] = tensor(module.bias)
            weights[f"{name}.running_mean"] = tensor(module.running_mean)
            weights[f"{name}.running_variance"] = tensor(module.running_var)
    dropout.p = 0.0
    batch = inputs[:5]
    for phase in ["test", "train"]:
        network.train(phase == "train")
        values, value = {}, batch
        for name, module in zip(names, network):
            value = module(value)
            values[name] = tensor(value)
        yield {"phase": phase, "weights": weights, "input": tensor(batch), "values": values}


def main():
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)  # sums in one order, so that the files are the same everywhere
    write("activations.json", activations())
    write("layers.json", layers())
    write("losses.json", losses())
    write("optimizers.json", optimizers())
    write("clipping.json", clipping())
    write("traces.json", traces())


if __name__ == "__main__":
    main()
