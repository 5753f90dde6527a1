"""Does the work of a command of dlkit in Python, or makes what both work on. Work prints, as JSON in its last
line, the seconds it took without Python's start and imports.

Usage: usage_peer.py colorize MODEL PHOTOS OUTPUT --threads N
       usage_peer.py predict MODEL PICTURES --threads N [--batch N]
       usage_peer.py homography PHOTO POINTS OUTPUT --threads N
       usage_peer.py make-digits OUTPUT | make-page WIDTH HEIGHT PHOTO POINTS
"""

import argparse
import json
import pathlib
import time

# Modules are imported where they are used, as a program for this work alone would do.

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIGITS = 10_000
# dlkit writes JPEG with this quality, and colors in full resolution.
QUALITY = 95
# An output of the shipped colorizer, which sees whole pictures, stands for STRIDE pixels; its inputs are multiples
# of PERIOD.
STRIDE, PERIOD = 4, 16


def encoding(cv2):
    """As dlkit encodes JPEG."""
    full = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444
    return [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, full]


def opened(path, threads):
    """A session of onnxruntime, and what the file tells besides."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    about = session.get_modelmeta().custom_metadata_map
    return session, lambda key: json.loads(about[f"dlkit.{key}"])


def colorize(arguments):
    """Gives photos colors. Colors outside sRGB are clipped, where dlkit lowers their chroma and keeps their
    lightness; orientation, profiles and what else lies beside the pixels are not read."""
    import cv2
    import numpy as np
    import onnxruntime  # noqa: F401, its time is that of an import

    start = time.perf_counter()
    cv2.setNumThreads(arguments.threads)
    session, about = opened(arguments.model, arguments.threads)
    mean, deviation = about("input.mean"), about("input.deviation")
    centers = np.array(about("bin_centres"), np.float32)
    temperature, short_side = about("temperature"), about("short_side")
    favored = (1 - about("balance")) * np.log(np.array(about("weights"), np.float32))[:, None, None]
    arguments.output.mkdir()
    for path in sorted(arguments.photos.iterdir()):
        photo = cv2.imread(str(path)).astype(np.float32) / 255
        lightness = cv2.cvtColor(photo, cv2.COLOR_BGR2LAB)[..., 0]
        seen, factor = lightness, short_side / min(lightness.shape)
        if factor < 1:
            seen = cv2.resize(lightness, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        rows, columns = seen.shape
        borders = [0, -rows % PERIOD, 0, -columns % PERIOD]
        padded = cv2.copyMakeBorder(seen, *borders, cv2.BORDER_REFLECT_101)
        feed = {"input": ((padded - mean) / deviation)[None, None]}
        scores = session.run(None, feed)[0][0] - favored
        shares = np.exp((scores - scores.max(0)) / temperature)
        colors = np.tensordot(shares / shares.sum(0), centers, (0, 0))
        colors = cv2.resize(colors, None, fx=STRIDE, fy=STRIDE, interpolation=cv2.INTER_LINEAR)
        colors = colors[:rows, :columns]
        if factor < 1:
            colors = cv2.resize(colors, lightness.shape[::-1], interpolation=cv2.INTER_LINEAR)
        painted = cv2.cvtColor(np.dstack([lightness, colors]), cv2.COLOR_LAB2BGR)
        painted = np.rint(painted.clip(0, 1) * 255).astype(np.uint8)
        cv2.imwrite(str(arguments.output / path.name), painted, encoding(cv2))
    return start


def predict(arguments):
    """Classes of pictures. Pictures of another size or with colors would have to be converted."""
    from concurrent.futures import ThreadPoolExecutor

    import cv2
    import numpy as np
    import onnxruntime  # noqa: F401, its time is that of an import

    start = time.perf_counter()
    session, about = opened(arguments.model, arguments.threads)
    mean, deviation = np.float32(about("input.mean")), np.float32(about("input.deviation"))
    classes = about("classes")
    files = sorted(map(str, arguments.pictures.iterdir()))
    read = lambda file: cv2.imread(file, cv2.IMREAD_GRAYSCALE)
    with ThreadPoolExecutor(arguments.threads) as pool:
        pictures = np.stack(list(pool.map(read, files)))
    inputs = (pictures[:, None] / np.float32(255) - mean) / deviation
    scores = [
        session.run(None, {"input": inputs[first : first + arguments.batch]})[0]
        for first in range(0, len(files), arguments.batch)
    ]
    scores = np.concatenate(scores)
    shares = np.exp(scores - scores.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    best = shares.argmax(1)
    lines = [
        f"{file}  {classes[place]}  {share:.2%}"
        for file, place, share in zip(files, best, shares.max(1))
    ]
    print("\n".join(lines))
    return start


def homography(arguments):
    """A photo warped by the homography of some points onto a canvas of its size. Where it shrinks, dlkit
    smooths it (anti-aliasing), this does not."""
    import cv2
    import numpy as np

    start = time.perf_counter()
    cv2.setNumThreads(arguments.threads)
    pairs = np.loadtxt(arguments.points)
    matrix, _ = cv2.findHomography(pairs[:, :2], pairs[:, 2:])
    photo = cv2.imread(str(arguments.photo))
    warped = cv2.warpPerspective(photo, matrix, photo.shape[1::-1], flags=cv2.INTER_LINEAR)
    cv2.imwrite(str(arguments.output), warped, encoding(cv2))
    print(matrix)
    return start


def make_digits(arguments):
    """Writes the test digits as PNG files, again and again under other names."""
    import cv2
    import usage_training

    digits = usage_training.idx(ROOT / "datasets/mnist-small/t10k-images-idx3-ubyte.gz").numpy()
    arguments.output.mkdir()
    for place in range(DIGITS):
        cv2.imwrite(str(arguments.output / f"{place:05}.png"), digits[place % len(digits)])


def make_page(arguments):
    """Writes the photo of a page, enlarged, and its corners with places some percent beside."""
    import cv2
    import numpy as np

    size = arguments.width, arguments.height
    page = cv2.imread(str(ROOT / "datasets/page/page.jpg"))
    cv2.imwrite(str(arguments.photo), cv2.resize(page, size, interpolation=cv2.INTER_CUBIC))
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    moved = corners + [[0.05, 0.05], [-0.025, 0.02], [-0.075, -0.033], [0.025, -0.083]]
    np.savetxt(arguments.points, np.hstack([corners * size, moved * size]), fmt="%.3f")


def main():
    parser = argparse.ArgumentParser()
    works = parser.add_subparsers(required=True, metavar="WORK")
    for work, names, is_timed in [
        (colorize, ["model", "photos", "output"], True),
        (predict, ["model", "pictures"], True),
        (homography, ["photo", "points", "output"], True),
        (make_digits, ["output"], False),
        (make_page, ["width", "height", "photo", "points"], False),
    ]:
        added = works.add_parser(work.__name__.replace("_", "-"), help=work.__doc__)
        for name in names:
            added.add_argument(name, type=int if name in ["width", "height"] else pathlib.Path)
        if is_timed:
            added.add_argument("--threads", type=int, required=True)
        if work is predict:
            added.add_argument("--batch", type=int, default=DIGITS)
        added.set_defaults(work=work)
    arguments = parser.parse_args()
    start = arguments.work(arguments)
    if start is not None:
        print(json.dumps({"seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
