"""Writes the networks of networks.py with random weights as ONNX files.

Usage: export.py PHOTO.png DIR --threads N
"""

import argparse
import logging
import pathlib

import cv2
import networks
import numpy as np
import onnx
import torch
from torch.export import Dim

OPSET = 18


def written(network, example, deviation, path, **options):
    network = networks.calibrated(network, example, deviation)
    torch.onnx.export(
        network, example, path, opset_version=OPSET, external_data=False, verbose=False, **options
    )
    print(path.name, f"{path.stat().st_size / 1e6:.0f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("photo", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()
    # It tells of every package that it does without.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    gray = cv2.imread(str(arguments.photo), cv2.IMREAD_GRAYSCALE).astype(np.float32)
    gray = torch.from_numpy(gray)[None, None]
    # Roughly L, for weights that are random anyway.
    lightness = gray / 2.55
    rgb = gray.repeat(1, 3, 1, 1)
    none = torch.zeros(1, 2, 256, 256), torch.zeros(1, 1, 256, 256)
    place = arguments.folder
    names = {"input_names": ["input"], "output_names": ["output"]}
    eccv16 = place / "eccv16.onnx"
    written(networks.Eccv16(), (lightness,), 0.1, eccv16, **names)
    # The same with its weights beside it.
    beside = place / "eccv16-beside.onnx"
    weights = f"{beside.name}.data"
    # It would be added to.
    (place / weights).unlink(missing_ok=True)
    onnx.save_model(onnx.load(eccv16), beside, save_as_external_data=True, location=weights)
    inputs = {"input_names": ["input", "user_ab", "user_map"], "output_names": ["output"]}
    written(networks.Siggraph17(), (lightness, *none), 0.1, place / "siggraph17.onnx", **inputs)
    written(networks.DdColor(), (rgb / 255,), 12.0, place / "ddcolor.onnx", **names)
    sides = {0: Dim.STATIC, 1: Dim.STATIC, 2: 32 * Dim("rows"), 3: 32 * Dim("columns")}
    written(networks.DeOldify(), (rgb,), 0.1, place / "deoldify.onnx", dynamic_shapes=(sides,), **names)


if __name__ == "__main__":
    main()
