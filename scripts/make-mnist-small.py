#!/usr/bin/env python3
"""Makes datasets/mnist-small and datasets/digits from the whole MNIST.

Draws 600 training and 100 test images of each digit from the official training
and test parts, shuffles them with a fixed seed and writes gzipped IDX files, a
SHA256SUMS file and, with --digits, the first test image of each digit as a PNG.

How to run it, from the repository root:

    scripts/fetch-mnist.sh
    python3 scripts/make-mnist-small.py datasets/mnist datasets/mnist-small \\
        --digits datasets/digits

Needs Python 3.8 or later and nothing else. The images drawn are the same on every
machine; the compressed bytes are the same wherever Python uses the standard zlib.
"""

import argparse
import gzip
import hashlib
import io
import random
import struct
import sys
import zlib
from pathlib import Path

SEED = 1998  # the year MNIST was published; any constant would do
CLASSES = 10
# File name prefix -> images drawn of each digit.
PARTS = {"train": 600, "t10k": 100}

IMAGES_MAGIC = 0x0803  # unsigned bytes, 3 dimensions
LABELS_MAGIC = 0x0801  # unsigned bytes, 1 dimension


def read_images(path):
    """Returns the images of an IDX file as a list of bytes, with their height and width."""
    data = path.read_bytes()
    magic, count, height, width = struct.unpack_from(">4I", data)
    if magic != IMAGES_MAGIC or len(data) != 16 + count * height * width:
        raise ValueError(f"{path} is not an IDX file of images")
    size = height * width
    return [data[start : start + size] for start in range(16, len(data), size)], height, width


def read_labels(path):
    """Returns the labels of an IDX file as bytes."""
    data = path.read_bytes()
    magic, count = struct.unpack_from(">2I", data)
    if magic != LABELS_MAGIC or len(data) != 8 + count:
        raise ValueError(f"{path} is not an IDX file of labels")
    return data[8:]


def draw_balanced(labels, per_class, generator):
    """Returns indices of `per_class` samples of each class, in shuffled order."""
    # Sorting by random() keys: Python promises the sequence of random() across versions,
    # but not those of sample() and shuffle().
    keys = [generator.random() for _ in labels]
    remaining = [per_class] * CLASSES
    drawn = []
    for index in sorted(range(len(labels)), key=keys.__getitem__):
        if remaining[labels[index]] > 0:
            remaining[labels[index]] -= 1
            drawn.append(index)
    if any(remaining):
        raise ValueError(f"fewer than {per_class} samples of some digit")
    return drawn


def gzipped(data):
    """Compresses with `gzip -9`, without name or time, so that equal input gives equal output."""
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def png(pixels, height, width):
    """Encodes 8-bit gray pixels, row by row, as a PNG file."""

    def chunk(kind, body):
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    # Bit depth 8, color type 0 (gray), default compression, default filters, not interlaced.
    header = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    # Each row starts with its filter type: 0, none.
    rows = b"".join(b"\0" + pixels[row * width : (row + 1) * width] for row in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def write_digits(directory, images, labels, height, width):
    """Writes the first image of each class, its label and index in its name."""
    directory.mkdir(parents=True, exist_ok=True)
    for label in range(CLASSES):
        index = labels.index(label)
        path = directory / f"digit-{label}-test-{index}.png"
        path.write_bytes(png(images[index], height, width))


def parse_arguments():
    parser = argparse.ArgumentParser(description="Makes a small class-balanced MNIST.")
    parser.add_argument("source", type=Path, help="directory with the four raw IDX files")
    parser.add_argument("output", type=Path, help="directory to write the small set into")
    parser.add_argument(
        "--digits", type=Path, help="also write the first test image of each digit here, as PNG"
    )
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    arguments.output.mkdir(parents=True, exist_ok=True)
    generator = random.Random(SEED)
    sums = []
    for part, per_class in PARTS.items():
        images_name, labels_name = f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"
        images, height, width = read_images(arguments.source / images_name)
        labels = read_labels(arguments.source / labels_name)
        if len(images) != len(labels):
            raise ValueError(f"{part}: {len(images)} images, but {len(labels)} labels")

        drawn = draw_balanced(labels, per_class, generator)
        images = [images[index] for index in drawn]
        labels = bytes(labels[index] for index in drawn)

        images_header = struct.pack(">4I", IMAGES_MAGIC, len(images), height, width)
        labels_header = struct.pack(">2I", LABELS_MAGIC, len(labels))
        contents = {
            images_name: images_header + b"".join(images),
            labels_name: labels_header + labels,
        }
        for name, content in contents.items():
            compressed = gzipped(content)
            (arguments.output / f"{name}.gz").write_bytes(compressed)
            sums.append(f"{hashlib.sha256(compressed).hexdigest()}  {name}.gz\n")
        if part == "t10k" and arguments.digits:
            write_digits(arguments.digits, images, labels, height, width)
    (arguments.output / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    try:
        main()
    except (OSError, ValueError, struct.error) as error:
        sys.exit(f"make-mnist-small: {error}")
