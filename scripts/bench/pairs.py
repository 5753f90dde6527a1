#!/usr/bin/env python3
"""Renders pairs of pictures with known homographies for features.py: PHOTOS FOLDER [--seed 1]

PHOTOS is datasets/photos. Each of five photos, enlarged to twice its size, is `img1.png`. `img2.png` is the same plane seen by
another camera: moderate perspective (a tilt of up to 40 degrees), turned by up to 60 degrees, 0.6 to 1.2 times as large,
in other light (gamma, brightness, a shadow across it), with noise of its own, and compressed as JPEG. `H1to2p` is the
homography from the first to the second; pixel centers are at whole numbers. The same seed renders the same pairs.
Needs numpy and opencv-python-headless."""
import argparse
import pathlib

import cv2
import numpy as np

PHOTOS = ["train/astronaut", "train/cathedral", "train/coffee", "train/european-honey-bee", "train/taj-mahal"]
FINER = 3  # samples per pixel of the second picture, each way


def view_of(rng, width, height):
    """The homography from the photo to another camera's picture, and the size of that picture."""
    diagonal = np.hypot(width, height)
    axis = rng.uniform(0, 2 * np.pi)
    lean, _ = cv2.Rodrigues(np.array([np.cos(axis), np.sin(axis), 0]) * np.radians(rng.uniform(15, 40)))
    turn, _ = cv2.Rodrigues(np.array([0, 0, np.radians(rng.uniform(-60, 60))]))
    rotation = lean @ turn
    focal, scale = diagonal * rng.uniform(0.9, 1.5), rng.uniform(0.6, 1.2)
    plane = np.array([[1, 0, -(width - 1) / 2], [0, 1, -(height - 1) / 2], [0, 0, 1]])
    view = np.diag([focal, focal, 1]) @ np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, focal / scale]]) @ plane
    corners = np.array([[0, 0, 1], [width - 1, 0, 1], [width - 1, height - 1, 1], [0, height - 1, 1.0]]) @ view.T
    corners = corners[:, :2] / corners[:, 2:]
    low, high = corners.min(0), corners.max(0)
    shift = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]])
    return shift @ view, tuple(int(side) + 1 for side in np.ceil(high - low))


def lit(picture, rng):
    """Another gamma and brightness, and a soft shadow across the picture."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = rng.uniform(0, 2 * np.pi)
    edge = np.cos(angle) * x + np.sin(angle) * y - rng.uniform(-0.4, 0.4)
    shadow = 1 - rng.uniform(0.15, 0.4) / (1 + np.exp(-edge / 0.08))
    bright = 255 * (picture / 255) ** rng.uniform(0.7, 1.4) * rng.uniform(0.7, 1.05)
    return bright * shadow[..., None]


def rendered(photo, rng):
    height, width = photo.shape[:2]
    view, size = view_of(rng, width, height)
    # Each pixel is the mean of finer ones around its center.
    half = (FINER - 1) / 2
    finer = np.array([[FINER, 0, half], [0, FINER, half], [0, 0, 1.0]])
    large = cv2.warpPerspective(photo, finer @ view, tuple(FINER * side for side in size), flags=cv2.INTER_CUBIC,
                                borderMode=cv2.BORDER_CONSTANT, borderValue=(90, 100, 95))
    picture = cv2.resize(large, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    picture = lit(picture, rng)
    picture += rng.normal(0, rng.uniform(1, 5), picture.shape)
    coded = cv2.imencode(".jpg", np.clip(picture.round(), 0, 255).astype(np.uint8),
                         [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 91))])[1]
    return view / view[2, 2], cv2.imdecode(coded, cv2.IMREAD_COLOR)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for index, name in enumerate(PHOTOS):
        rng = np.random.default_rng([args.seed, index])
        photo = cv2.imread(str(args.photos / f"{name}.jpg"))
        photo = cv2.resize(photo, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        view, picture = rendered(photo, rng)
        place = args.folder / pathlib.Path(name).name
        place.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place / "img1.png"), photo)
        cv2.imwrite(str(place / "img2.png"), picture)
        np.savetxt(place / "H1to2p", view)


if __name__ == "__main__":
    main()
