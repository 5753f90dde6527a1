"""A recipe of dlkit as PyTorch has it: network, loss, optimizer and batch size."""

import pathlib
import tomllib

import torch
from torch import nn
from torch.nn import functional as F

ACTIVATIONS = {
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "leaky-relu": nn.LeakyReLU,
    "prelu": nn.PReLU,
}
LOSSES = {"mse": F.mse_loss, "mae": F.l1_loss, "huber": F.huber_loss}


def pair(value):
    return tuple(value) if isinstance(value, list) else (value, value)


def kind(value):
    return value["kind"] if isinstance(value, dict) else value


def activation(value):
    name = kind(value)
    return [] if name == "none" else [ACTIVATIONS[name]()]


def first_layer(table, shape):
    """The module of a table without what follows it, and whether that can have normalization."""
    type_, channels = table["type"], shape[0]
    if type_ == "dense":
        return nn.Linear(channels, table["units"], bias=table.get("bias", True)), True
    if type_ == "conv2d":
        padding = table.get("padding", "valid")
        padding = padding if isinstance(padding, str) else pair(padding)
        return (
            nn.Conv2d(
                channels,
                table["filters"],
                pair(table["kernel"]),
                stride=pair(table.get("stride", 1)),
                padding=padding,
                dilation=pair(table.get("dilation", 1)),
                groups=table.get("groups", 1),
                bias=table.get("bias", True),
            ),
            True,
        )
    if type_ == "conv-transpose2d":
        return (
            nn.ConvTranspose2d(
                channels,
                table["filters"],
                pair(table["kernel"]),
                stride=pair(table.get("stride", 1)),
                padding=pair(table.get("padding", 0)),
                output_padding=pair(table.get("output_padding", 0)),
                bias=table.get("bias", True),
            ),
            True,
        )
    sizes = {"kernel_size": pair(table.get("size", 1)), "padding": pair(table.get("padding", 0))}
    sizes["stride"] = pair(table.get("stride", table.get("size", 1)))
    modules = {
        "max-pool2d": lambda: nn.MaxPool2d(**sizes),
        "avg-pool2d": lambda: nn.AvgPool2d(**sizes, count_include_pad=False),
        "global-avg-pool": lambda: nn.AdaptiveAvgPool2d(1),
        "flatten": nn.Flatten,
        "upsample": lambda: nn.Upsample(
            scale_factor=tuple(float(each) for each in pair(table["factor"])),
            mode=table.get("mode", "nearest"),
        ),
        "pixel-shuffle": lambda: nn.PixelShuffle(table["factor"]),
        "batch-norm": lambda: (nn.BatchNorm1d if len(shape) == 1 else nn.BatchNorm2d)(channels),
        "group-norm": lambda: nn.GroupNorm(table["groups"], channels),
        "layer-norm": lambda: nn.LayerNorm(shape),
        "dropout": lambda: nn.Dropout(table["rate"]),
        "softmax": lambda: nn.Softmax(dim=1),
        "activation": lambda: nn.Sequential(*activation(table.get("function"))),
    }
    return modules[type_](), False


class Network(nn.Module):
    """Layers by name, each with the names of what it reads."""

    def __init__(self, config):
        super().__init__()
        tables = config["layers"]
        neurons = [i for i, table in enumerate(tables) if "units" in table or "filters" in table]
        self.steps, self.parts = [], nn.ModuleList()
        counts, before = {}, "input"
        values = {"input": torch.zeros(2, *config["input"])}
        for index, table in enumerate(tables):
            root = {"conv2d": "conv", "max-pool2d": "max_pool", "avg-pool2d": "avg_pool"}
            root = root.get(table["type"], table["type"].removesuffix("2d").replace("-", "_"))
            counts[root] = counts.get(root, 0) + 1
            name = table.get("name", f"{root}{counts[root]}")
            sources = table.get("from", before)
            sources = [sources] if isinstance(sources, str) else sources
            join = table["type"] if table["type"] in ["add", "multiply", "concat"] else None
            part = nn.Identity() if join else self.part(table, config, index < neurons[-1], values[sources[0]])
            self.parts.append(part)
            self.steps.append((name, sources, join))
            values[name] = self.value(self.steps[-1], part, values)
            before = name

    @staticmethod
    def part(table, config, hidden, value):
        module, follows = first_layer(table, list(value.shape[1:]))
        modules = [module]
        if follows:
            if table.get("batch_norm", hidden and config.get("batch_norm", False)):
                output = module(value)
                norm = nn.BatchNorm1d if output.dim() == 2 else nn.BatchNorm2d
                modules.append(norm(output.shape[1]))
            inherited = config.get("activation", "none") if hidden else "none"
            modules.extend(activation(table.get("activation", inherited)))
        return nn.Sequential(*modules)

    @staticmethod
    def value(step, part, values):
        _, sources, join = step
        given = [values[source] for source in sources]
        if join is None:
            return part(given[0])
        if join == "concat":
            sizes = max((each.shape[2:] for each in given), default=())
            return torch.cat([each.expand(*each.shape[:2], *sizes) for each in given], dim=1)
        result = given[0]
        for each in given[1:]:
            result = result + each if join == "add" else result * each
        return result

    def forward(self, inputs):
        values = {"input": inputs}
        for step, part in zip(self.steps, self.parts):
            values[step[0]] = self.value(step, part, values)
        return values[self.steps[-1][0]]


def optimizer(training, parameters):
    config = training.get("optimizer", "adam")
    keys = config if isinstance(config, dict) else {}
    rate, decay = training.get("learning_rate", 1e-3), keys.get("weight_decay")
    if kind(config) == "sgd":
        return torch.optim.SGD(
            parameters,
            lr=rate,
            momentum=keys.get("momentum", 0),
            nesterov=keys.get("nesterov", False),
            weight_decay=decay or 0,
        )
    if kind(config) == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=rate)
    # Fused is its fastest.
    if kind(config) == "adamw":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01 if decay is None else decay, fused=True)
    return torch.optim.Adam(parameters, lr=rate, weight_decay=decay or 0, fused=True)


def soft_cross_entropy(outputs, shares):
    """That of each place, for shares of the classes."""
    return -(F.log_softmax(outputs, 1) * shares).sum(1)


def step(path, layout):
    """A step of training by a recipe on drawn inputs."""
    recipe = tomllib.loads(pathlib.Path(path).read_text())
    config, training = recipe["network"], recipe.get("training", {})
    network = Network(config).to(memory_format=layout)
    batch = training.get("batch_size", 64)
    inputs = torch.randn(batch, *config["input"])
    if inputs.dim() == 4:
        inputs = inputs.to(memory_format=layout)
    with torch.no_grad():
        shape = network(inputs).shape
    if recipe["task"] == "classification":
        classes = torch.arange(batch) % shape[1]
        loss = lambda outputs: F.cross_entropy(outputs, classes)
    elif recipe["task"] == "colorization":
        shares = torch.rand(shape).softmax(1).contiguous(memory_format=layout)
        loss = lambda outputs: soft_cross_entropy(outputs, shares).mean()
    else:
        targets = torch.rand(shape)
        loss = lambda outputs: LOSSES[kind(training.get("loss", "mse"))](outputs, targets)
    follow = optimizer(training, network.parameters())

    def step():
        follow.zero_grad()
        loss(network(inputs)).backward()
        follow.step()

    return step
