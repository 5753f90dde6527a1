#!/usr/bin/env python3
"""Writes small models with the inputs and outputs of colorizers of other projects, and known answers.

Needs onnx. Run from anywhere; the files are written beside this one.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

HERE = Path(__file__).resolve().parent


def write(name, nodes, weights, channels, sizes):
    tensor = lambda name, channels: helper.make_tensor_value_info(
        name, TensorProto.FLOAT, [1, channels, *sizes]
    )
    graph = helper.make_graph(
        nodes,
        name,
        [tensor("input", channels[0])],
        [tensor("output", channels[1])],
        [numpy_helper.from_array(np.array(value, np.float32), key) for key, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    save(model, HERE / name)


def convolution():
    return helper.make_node("Conv", ["input", "weight", "bias"], ["output"], kernel_shape=[1, 1], strides=[1, 1])


def tint(most):
    weights = {"factors": np.reshape([1.0, 0.8, 0.6], (1, 3, 1, 1)), "least": 0.0, "most": most}
    nodes = [
        helper.make_node("Mul", ["input", "factors"], ["tinted"]),
        helper.make_node("Clip", ["tinted", "least", "most"], ["output"]),
    ]
    return nodes, weights


# a = 0.2 L + 10, b = 5 - 0.4 L.
write("zhang.onnx", [convolution()], {"weight": np.reshape([0.2, -0.4], (2, 1, 1, 1)), "bias": [10, 5]}, (1, 2), (256, 256))
# a = 30 times the mean of red, green and blue; b = -20.
write("ddcolor.onnx", [convolution()], {"weight": np.reshape([10] * 3 + [0] * 3, (2, 3, 1, 1)), "bias": [0, -20]}, (3, 2), (64, 64))
write("deoldify.onnx", *tint(255.0), (3, 3), ("height", "width"))
write("deoldify-web.onnx", *tint(1.0), (3, 3), ("height", "width"))
