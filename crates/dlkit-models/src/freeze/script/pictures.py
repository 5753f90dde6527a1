"""Prints the class of each picture and the probabilities of all classes as CSV, as `dlkit predict` gives them.

Needs numpy, pillow and onnxruntime. Usage: python FILE.py PICTURE...
"""
import csv
import io
import json
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageCms, ImageOps

MODEL = "model.onnx"  # relative to this file

session = onnxruntime.InferenceSession(pathlib.Path(__file__).resolve().parent / MODEL)
about = session.get_modelmeta().custom_metadata_map
classes, threshold, last_layer, shape, weights_of_gray, invert, mean, deviation = (
    json.loads(about.get(f"dlkit.{key}", "null"))
    for key in "classes threshold output input.shape input.gray input.invert input.mean input.deviation".split()
)


def to_srgb(profile, channels):
    """What converts 8-bit samples from a color profile; none where it is sRGB's own, or does not suit the samples."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        is_gray = profile.profile.xcolor_space == "GRAY"
        srgb, exactly = ImageCms.createProfile("sRGB"), ImageCms.Flags.NOOPTIMIZE
        transform = ImageCms.buildTransform(profile, srgb, "L" if is_gray else "RGB", "RGB", flags=exactly)
    except (OSError, ImageCms.PyCMSError):
        return None

    def convert(samples):
        given = samples[..., 0] if is_gray else np.broadcast_to(samples, (*samples.shape[:2], 3))
        found = ImageCms.applyTransform(Image.fromarray(np.uint8(given)), transform)
        return np.asarray(found, int)[..., :channels]

    levels = np.arange(256) if channels == 1 else np.rint(np.linspace(0, 255, 9))
    probes = np.stack(np.meshgrid(*[levels] * channels), -1).reshape(1, -1, channels)
    is_unsuited = is_gray and channels == 3
    return None if is_unsuited or abs(convert(probes) - probes).max() <= 1 else convert


def raw_mode(image):
    """How the samples lie in the file, such as RGB;16B."""
    raw = image.tile[0].args if image.tile else ""
    return raw if isinstance(raw, str) else str(raw[0])


def sixteen_bits(path, image):
    """All 16 bits of samples of which Pillow keeps the upper 8: another reading gives the lower ones."""
    lower, raw = Image.open(path), raw_mode(image)
    swapped = {"LA;16B": "RGBA", **{f"{mode};16{end}": f"{mode};16{other}" for mode in ["RGB", "RGBA"] for end, other in ["BL", "LB"]}}
    if raw not in swapped or "transparency" in image.info:
        raise ValueError(f"16 bits per sample as {raw}, of which Pillow keeps 8; save the picture as PNG")
    replaced = lambda args: swapped[raw] if isinstance(args, str) else (swapped[raw], *args[1:])
    lower.tile = [tile._replace(args=replaced(tile.args)) for tile in lower.tile]
    upper, lower = (np.asarray(ImageOps.exif_transpose(half), int) for half in [image, lower])
    return lower[..., 0::2] * 256 + lower[..., 1::2] if raw == "LA;16B" else upper * 256 + lower


def samples(path):
    """A picture, upright, in sRGB and on white, [height, width, channels], and the largest value of its samples."""
    image = Image.open(path)
    numbers = [part for part in image.tile[0].args if isinstance(part, int)] if image.format == "PPM" else []
    if image.mode == "RGB" and max(numbers, default=0) > 255:
        raise ValueError("16 bits per sample, of which Pillow keeps 8; save the picture as PNG")
    most = 65535 if ";16" in raw_mode(image) or image.mode.startswith("I") else 255
    if image.mode.startswith("I"):
        values = np.atleast_3d(np.asarray(ImageOps.exif_transpose(image), int))
    elif most == 65535:
        values = sixteen_bits(path, image)
    else:
        mode = ("L" if image.mode in ["1", "L", "LA"] else "RGB") + "A" * image.has_transparency_data
        values = np.atleast_3d(np.asarray(ImageOps.exif_transpose(image).convert(mode), int))
    colors = 1 if values.shape[2] < 3 else 3
    convert = to_srgb(image.info["icc_profile"], colors) if "icc_profile" in image.info else None
    if convert and most == 65535:
        raise ValueError("16 bits per sample and a color profile; convert the picture to sRGB")
    if convert:
        values = np.dstack([convert(values[..., :colors]), values[..., colors:]])
    if values.shape[2] > colors:
        values, most = (values if most == 255 else (values + 128) // 257), 255
        color, opacity = values[..., :colors], values[..., colors:]
        values = (color * opacity + 255 * (255 - opacity) + 127) // 255
    return values, most


def resized(values, size):
    """Values along the first axis, weighed by a triangle around each new place, in single precision."""
    ratio = np.float32(len(values)) / np.float32(size)
    radius = max(ratio, np.float32(1))
    middle = (np.arange(size, dtype=np.float32) + np.float32(0.5)) * ratio
    places = np.floor(middle - radius).astype(int)[:, None] + np.arange(int(2 * radius) + 3)
    away = abs(places.astype(np.float32) - (middle - np.float32(0.5))[:, None]) / radius
    weights = np.where((places >= 0) & (places < len(values)), np.maximum(1 - away, 0), np.float32(0))
    weights /= np.cumsum(weights, axis=1)[:, -1:]
    sums = np.zeros((size, *values.shape[1:]), np.float32)
    for place, weight in zip(places.T.clip(0, len(values) - 1), weights.T):
        sums += values[place] * weight[:, None, None]
    return sums


def network_input(path):
    """A picture as the network takes it, [1, channels, height, width]."""
    channels, height, width = shape
    values, most = samples(path)
    values = resized(resized(values.astype(np.float32), height).swapaxes(0, 1), width).swapaxes(0, 1)
    values = np.floor(values.astype(float) + 0.5)
    if channels < values.shape[2]:
        parts = values.astype(np.float32) * (np.float32(1) / np.float32(most)) * np.float32(weights_of_gray)
        gray = (parts[..., 0] + parts[..., 1] + parts[..., 2]) * np.float32(255)
        values, most = np.floor(gray.astype(float) + 0.5)[..., None], 255
    values = values if most == 255 else (values + 128) // 257
    values = 255 - values if invert else values
    values = (np.broadcast_to(values, (height, width, channels)) / 255 - mean) / deviation
    return values.astype(np.float32).transpose(2, 0, 1)[None]


def probabilities(path):
    """The probability of each class; scores where the network was not trained to give probabilities."""
    outputs = session.run(None, {session.get_inputs()[0].name: network_input(path)})
    shares = outputs[-1].reshape(-1).astype(float)
    if len(outputs) == 1 and last_layer == "logits":
        shares = np.exp(shares - shares.max())
        shares /= shares.sum()
    return shares


def chosen(shares):
    """The class: the likeliest one, or that for which the threshold between two classes decides."""
    return classes[shares.argmax() if threshold is None else int(shares[1] >= threshold)]


if __name__ == "__main__":
    failed, table = False, csv.writer(sys.stdout)
    table.writerow(["file", "class", *classes])
    for path in sys.argv[1:]:
        try:
            shares = probabilities(path)
            table.writerow([path, chosen(shares), *shares])
        except (OSError, ValueError) as error:
            failed = True
            print(f"{path}: {error}", file=sys.stderr)
    sys.exit(failed)
