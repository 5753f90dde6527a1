"""Colorizes a picture with a colorizer and onnxruntime, or tells how far a result of dlkit is from its colors.

Usage: peer.py colorize MODEL PICTURE OUTPUT.png --threads N [--colors FILE.npy]
       peer.py difference RESULT.png PICTURE COLORS.npy
       peer.py cut PHOTO WIDTH HEIGHT OUTPUT.png

`colorize` prints the seconds of processors it took without Python's start and imports; its colors are those of the model, before
they are enlarged. `difference` compares them with the a and b of a result of 16 bits, where both lie within sRGB.
`cut` makes a gray picture of 16 bits of a photo.
"""

import argparse
import json
import time

import cv2
import numpy as np

XYZ_FROM_RGB = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def lab_from_rgb(rgb):
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ XYZ_FROM_RGB.T / WHITE
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def rgb_from_lab(lab):
    """Red, green and blue; outside of 0 to 1 for colors that sRGB lacks."""
    lightness, a, b = np.moveaxis(lab, -1, 0)
    root = (lightness + 16) / 116
    roots = np.stack([root + a / 500, root, root - b / 200], -1)
    xyz = np.where(roots > 0.2068966, roots**3, (roots - 16 / 116) / 7.787) * WHITE
    linear = xyz @ np.linalg.inv(XYZ_FROM_RGB).T
    return np.where(linear > 0.0031308, 1.055 * linear.clip(0) ** (1 / 2.4) - 0.055, 12.92 * linear)


def read(path):
    """Red, green and blue, 0 to 1."""
    picture = cv2.imread(path, cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    return picture[..., ::-1].astype(np.float64) / np.iinfo(picture.dtype).max


def size_of(shape, picture):
    """Height and width that a model takes; DeOldify's are multiples of 32, the shorter one 256."""
    if all(isinstance(side, int) for side in shape[2:]):
        return shape[2:]
    short, long = sorted(picture)
    longer = min(max(-(-(256 * long // short) // 32), 8), 32) * 32
    return [256, longer] if picture[0] <= picture[1] else [longer, 256]


def run(session, rgb):
    """The a and b that a model gives a picture, and the height and width of what it saw."""
    picture, *hints = session.get_inputs()
    rows, columns = size_of(picture.shape, rgb.shape[:2])
    if rgb.shape[:2] != (rows, columns):
        rgb = cv2.resize(rgb, (columns, rows), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    lightness = lab_from_rgb(rgb)[..., 0]
    if picture.shape[1] == 1:
        seen = lightness[None]
    else:
        gray = rgb_from_lab(np.stack([lightness, 0 * lightness, 0 * lightness], -1))
        # The white of Lab is that of sRGB up to the fifth digit only: red stands for all.
        seen = np.repeat(gray[None, ..., 0], 3, 0).clip(0, 1)
    output = session.get_outputs()[0].shape[1]
    scale = 255 if picture.shape[1] == output else 1
    feed = {picture.name: (scale * seen[None]).astype(np.float32)}
    feed |= {hint.name: np.zeros(hint.shape, np.float32) for hint in hints}
    found = np.moveaxis(session.run(None, feed)[0][0].astype(np.float64), 0, -1)
    return found if output == 2 else lab_from_rgb((found / scale).clip(0, 1))[..., 1:]


def painted(rgb, colors):
    height, width = rgb.shape[:2]
    if colors.shape[:2] != (height, width):
        colors = cv2.resize(colors, (width, height), interpolation=cv2.INTER_LINEAR)
    return rgb_from_lab(np.dstack([lab_from_rgb(rgb)[..., 0], colors]))


def colorize(arguments):
    import onnxruntime

    start = time.process_time()
    cv2.setNumThreads(arguments.threads)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(
        arguments.model, options, providers=["CPUExecutionProvider"]
    )
    rgb = read(arguments.picture)
    colors = run(session, rgb)
    result = np.rint(255 * painted(rgb, colors).clip(0, 1)).astype(np.uint8)
    cv2.imwrite(arguments.output, result[..., ::-1])
    seconds = time.process_time() - start
    if arguments.colors:
        np.save(arguments.colors, colors)
    print(json.dumps({"seconds": seconds}))


def difference(arguments):
    rgb, colors = read(arguments.picture), np.load(arguments.colors)
    inside = painted(rgb, colors)
    inside = ((inside > 1e-4) & (inside < 1 - 1e-4)).all(-1)
    found = lab_from_rgb(read(arguments.result))[..., 1:]
    apart = np.abs(found - colors)[inside]
    # What 16 bits make of the same colors.
    kept = lab_from_rgb(np.rint(65_535 * painted(rgb, colors)).clip(0, 65_535) / 65_535)[..., 1:]
    largest = np.abs(colors).max()
    print(
        json.dumps(
            {
                "largest": largest,
                "deviation": colors.std(),
                "inside": inside.mean(),
                "difference": apart.max(),
                "relative": apart.max() / largest,
                "rounding": np.abs(kept - colors)[inside].max() / largest,
            }
        )
    )


def cut(arguments):
    gray = lab_from_rgb(read(arguments.photo))[..., 0]
    size = arguments.width, arguments.height
    gray = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    gray = rgb_from_lab(np.stack([gray, 0 * gray, 0 * gray], -1))[..., 0]
    cv2.imwrite(arguments.output, np.rint(65_535 * gray.clip(0, 1)).astype(np.uint16))


def main():
    parser = argparse.ArgumentParser()
    works = parser.add_subparsers(required=True, metavar="WORK")
    for work, names in [
        (colorize, ["model", "picture", "output"]),
        (difference, ["result", "picture", "colors"]),
        (cut, ["photo", "width", "height", "output"]),
    ]:
        added = works.add_parser(work.__name__)
        for name in names:
            added.add_argument(name, type=int if name in ["width", "height"] else str)
        if work is colorize:
            added.add_argument("--threads", type=int, required=True)
            added.add_argument("--colors")
        added.set_defaults(work=work)
    arguments = parser.parse_args()
    arguments.work(arguments)


if __name__ == "__main__":
    main()
