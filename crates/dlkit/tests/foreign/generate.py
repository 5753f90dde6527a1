#!/usr/bin/env python3
"""Writes small models with the inputs and outputs of models of other projects, and known answers.

Needs onnx. Run from anywhere; the files are written beside this one.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

HERE = Path(__file__).resolve().parent


def write(name, nodes, weights, channels, sizes, hints={}):
    tensor = lambda name, channels: helper.make_tensor_value_info(
        name, TensorProto.FLOAT, [1, channels, *sizes]
    )
    graph = helper.make_graph(
        nodes,
        name,
        [tensor("input", channels[0]), *[tensor(*hint) for hint in hints.items()]],
        [tensor("output", channels[1])],
        [numpy_helper.from_array(array(*weight), weight[0]) for weight in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    save(model, HERE / name)


def array(name, value):
    return np.array(value, np.int64 if name == "sizes" else np.float32)


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
# a = that of the hints, b = 20 where there are some.
nodes = [
    helper.make_node("Mul", ["user_ab", "picked"], ["picked_ab"]),
    helper.make_node("Mul", ["user_map", "marked"], ["marked_ab"]),
    helper.make_node("Add", ["picked_ab", "marked_ab"], ["output"]),
]
weights = {"picked": np.reshape([1.0, 0.0], (1, 2, 1, 1)), "marked": np.reshape([0.0, 20.0], (1, 2, 1, 1))}
write("hinted.onnx", nodes, weights, (1, 2), (256, 256), {"user_ab": 2, "user_map": 1})
# Models that would take 75 GiB and more.
lines = {"weight": np.reshape([0.2, -0.4], (2, 1, 1, 1)), "bias": [10.0, 5.0]}
first = helper.make_node("Conv", ["input", "weight", "bias"], ["lines"], kernel_shape=[1, 1], strides=[1, 1])
nodes = [
    first,
    helper.make_node("ConstantOfShape", ["sizes"], ["filled"]),
    helper.make_node("ReduceMax", ["filled"], ["most"]),
    helper.make_node("Add", ["lines", "most"], ["output"]),
]
write("huge-constant.onnx", nodes, {**lines, "sizes": [1, 2, 100_000, 100_000]}, (1, 2), (256, 256))
nodes = [
    first,
    helper.make_node("Resize", ["lines", "", "", "sizes"], ["enlarged"]),
    helper.make_node("ReduceMax", ["enlarged"], ["most"]),
    helper.make_node("Add", ["lines", "most"], ["output"]),
]
write("huge-resize.onnx", nodes, {**lines, "sizes": [1, 2, 300_000, 300_000]}, (1, 2), (256, 256))
# Logits are the means of red, green and blue.
picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["batch", 3, "height", "width"])
logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 3])
nodes = [
    helper.make_node("GlobalAveragePool", ["picture"], ["means"]),
    helper.make_node("Flatten", ["means"], ["logits"]),
]
graph = helper.make_graph(nodes, "classifier", [picture], [logits])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
checker.check_model(model)
save(model, HERE / "classifier.onnx")
