#!/usr/bin/env python3
"""Makes datasets/faces: drawn faces of people, strangers, and patches that are not faces.

Each person is a set of proportions drawn once; each picture of it differs by expression, light,
pose and noise. Everything comes from one seed.
Needs: pip install pillow numpy. Made with Pillow 12, NumPy 2.4.
Usage: scripts/make-faces.py [DIR]
"""
import pathlib
import shutil
import sys

import numpy as np
from PIL import Image

WIDTH, HEIGHT, ZOOM = 46, 56, 4
rng = np.random.default_rng(1991)
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent / "datasets/faces")
y, x = np.mgrid[0:HEIGHT * ZOOM, 0:WIDTH * ZOOM] / ZOOM
x, y = x - WIDTH / 2 + 0.125, y - HEIGHT / 2 + 0.125


def smooth(distance, softness=0.5):
    """1 inside (negative distance), 0 outside."""
    return 1 / (1 + np.exp(np.clip(distance / softness * 3, -60, 60)))


def ellipse(cx, cy, rx, ry, angle=0.0):
    u, v = x - cx, y - cy
    u, v = u * np.cos(angle) + v * np.sin(angle), v * np.cos(angle) - u * np.sin(angle)
    return (np.hypot(u / rx, v / ry) - 1) * min(rx, ry)


def person():
    return {
        "width": rng.uniform(13.5, 17.5), "height": rng.uniform(18.5, 22.5), "skin": rng.uniform(0.45, 0.85),
        "hair": rng.uniform(0.05, 0.55), "hairline": rng.uniform(-15, -8.5), "hair_width": rng.uniform(1.02, 1.3),
        "long": rng.uniform() < 0.4, "eyes": rng.uniform(5.4, 7.6), "eye_y": rng.uniform(-4.5, -1.5),
        "eye_size": rng.uniform(2.0, 3.1), "brow": rng.uniform(0.6, 1.6), "brow_tilt": rng.uniform(-0.22, 0.22),
        "brow_y": rng.uniform(4.0, 5.6), "nose": rng.uniform(5.0, 9.0), "nose_width": rng.uniform(1.6, 3.2),
        "mouth_y": rng.uniform(9.8, 12.4), "mouth": rng.uniform(4.2, 7.0), "lips": rng.uniform(0.8, 1.9),
        "chin": rng.uniform(0.0, 0.25), "beard": rng.uniform(0.2, 0.6) if rng.uniform() < 0.25 else 0.0,
        "glasses": rng.uniform() < 0.3,
    }


def draw(p):
    """One picture of a person: 8-bit gray."""
    turn, tilt = rng.normal(0, 0.9), rng.normal(0, 0.03)
    dx, dy, scale = rng.normal(0, 0.5), rng.normal(0, 0.5), rng.normal(1, 0.015)
    smile, lids, raised = rng.normal(0.25, 0.5), rng.uniform(0.65, 1.0), rng.normal(0, 0.4)
    light, strength = rng.normal(0, 0.45), rng.uniform(0.1, 0.28)
    global x, y
    keep = x, y
    u, v = (x - dx) / scale, (y - dy) / scale
    x, y = u * np.cos(tilt) + v * np.sin(tilt), v * np.cos(tilt) - u * np.sin(tilt)
    skin = p["skin"]
    picture = np.full(x.shape, 0.62 + 0.05 * rng.normal()) + 0.06 * rng.normal() * x / WIDTH * 2
    head = np.hypot(x / (p["width"] * (1 - p["chin"] * np.clip(y / p["height"], 0, 1) ** 2)), y / p["height"])
    face = smooth((head - 1) * p["width"])
    shade = np.sqrt(np.clip(1.05 - head**2, 0.02, 1))
    lit = skin * (0.62 + 0.4 * shade + strength * (np.sin(light) * x / p["width"] - 0.25 * y / p["height"]))
    hair_back = smooth(ellipse(0, -3, p["width"] * p["hair_width"], p["height"] * 1.08))
    if p["long"]:
        hair_back = np.maximum(hair_back, smooth(np.maximum(np.abs(x) - p["width"] * p["hair_width"], -3 - y)))
    texture = p["hair"] * (1 + 0.12 * np.sin(1.7 * x + 0.4 * y))
    shoulders = smooth(ellipse(0, 34, 24, 13))
    neck = smooth(np.maximum(np.abs(x) - 6.5, 10 - y))
    picture = picture * (1 - shoulders) + shoulders * 0.3
    picture = picture * (1 - hair_back) + hair_back * texture
    picture = picture * (1 - neck) + neck * skin * 0.62
    picture = picture * (1 - face) + face * lit
    hair_front = face * smooth(y - p["hairline"] - 0.02 * (x - turn) ** 2, 0.8)
    picture = picture * (1 - hair_front) + hair_front * texture
    for side in (-1, 1):
        cx, cy, size = side * p["eyes"] + turn, p["eye_y"], p["eye_size"]
        socket = np.exp(-((x - cx) ** 2 / 14 + (y - cy + 0.5) ** 2 / 9))
        picture -= 0.1 * skin * socket * face
        eye = smooth(ellipse(cx, cy, size, size * 0.55 * lids))
        picture = picture * (1 - eye) + eye * 0.88
        iris = eye * smooth(ellipse(cx + 0.5 * turn, cy, size * 0.48, size * 0.5))
        picture = picture * (1 - iris) + iris * 0.12
        brow_x = x - cx
        brow = smooth(np.maximum(np.abs(brow_x) - size * 1.35,
                                 np.abs(y - (cy - p["brow_y"] - raised + side * p["brow_tilt"] * brow_x + 0.06 * brow_x**2)) - p["brow"] / 2), 0.4)
        picture = picture * (1 - 0.85 * brow) + 0.85 * brow * p["hair"] * 0.8
        if p["glasses"]:
            rim = smooth(np.abs(ellipse(cx, cy, size * 1.75, size * 1.35)) - 0.35, 0.3)
            picture = picture * (1 - 0.8 * rim) + 0.8 * rim * 0.1
    tip = p["eye_y"] + p["nose"]
    side = np.exp(-((x - turn * 1.4 - p["nose_width"] * 0.8 * np.sign(light)) ** 2 / 1.8)) * smooth(np.maximum(p["eye_y"] - y, y - tip), 1.5)
    picture -= 0.11 * skin * side
    for s in (-1, 1):
        picture -= 0.3 * skin * np.exp(-((x - turn * 1.4 - s * p["nose_width"]) ** 2 + (y - tip) ** 2 * 1.8) / 1.0)
    mx, my = x - turn, y - p["mouth_y"] + smile * 0.05 * (x - turn) ** 2
    mouth = smooth(np.maximum(np.abs(mx) - p["mouth"], np.abs(my) - p["lips"] * np.sqrt(np.clip(1 - (mx / p["mouth"]) ** 2, 0, 1))), 0.4)
    picture = picture * (1 - mouth) + mouth * skin * 0.5
    line = smooth(np.maximum(np.abs(mx) - p["mouth"], np.abs(my) - 0.3), 0.3)
    picture = picture * (1 - 0.8 * line) + 0.8 * line * 0.1
    if p["beard"]:
        beard = face * smooth(tip + 1.2 - y + 0.03 * x**2 * 0, 1.5) * (1 - mouth)
        picture = picture * (1 - p["beard"] * beard) + p["beard"] * beard * p["hair"]
    x, y = keep
    picture = picture * rng.normal(1, 0.06) + rng.normal(0, 0.02)
    small = picture.reshape(HEIGHT, ZOOM, WIDTH, ZOOM).mean((1, 3)) + rng.normal(0, 0.012, (HEIGHT, WIDTH))
    return np.clip(small * 255, 0, 255).round().astype(np.uint8)


def texture():
    """A patch that is not a face: waves, blobs, edges, or cloud-like noise of random scale."""
    kind = rng.integers(4)
    u, v = x[::ZOOM, ::ZOOM], y[::ZOOM, ::ZOOM]
    if kind == 0:
        angle, length = rng.uniform(0, np.pi), rng.uniform(4, 30)
        picture = np.sin((u * np.cos(angle) + v * np.sin(angle)) * 2 * np.pi / length + rng.uniform(0, 6))
    elif kind == 1:
        picture = sum(rng.normal() * np.exp(-((u - rng.uniform(-20, 20)) ** 2 + (v - rng.uniform(-25, 25)) ** 2) / rng.uniform(20, 200)) for _ in range(6))
    elif kind == 2:
        picture = sum(rng.normal() * np.sign(u * np.cos(a) + v * np.sin(a) - rng.uniform(-15, 15)) for a in rng.uniform(0, 2 * np.pi, 4))
    else:
        fu, fv = np.meshgrid(np.fft.fftfreq(WIDTH), np.fft.fftfreq(HEIGHT))
        spectrum = np.fft.fft2(rng.normal(size=(HEIGHT, WIDTH))) / np.maximum(np.hypot(fu, fv), 0.02) ** rng.uniform(0.8, 1.6)
        picture = np.fft.ifft2(spectrum).real
    picture = (picture - picture.mean()) / picture.std() * rng.uniform(0.12, 0.22) + rng.uniform(0.4, 0.6)
    picture += rng.normal(0, 0.012, picture.shape)
    return np.clip(picture * 255, 0, 255).round().astype(np.uint8)


NAMES = ["ada", "bruno", "carla", "david", "elena", "farid", "greta", "hugo", "ines", "jonas", "kira", "liam"]
shutil.rmtree(folder, ignore_errors=True)


def save(picture, *names):
    path = folder.joinpath(*names)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, optimize=True)


for name in NAMES:
    proportions = person()
    for number in range(1, 9):
        save(draw(proportions), "known" if number <= 6 else "new", name, f"{number}.png")
for number in range(1, 9):
    proportions = person()
    for picture in range(1, 3):
        save(draw(proportions), "strangers", f"{number}-{picture}.png")
for number in range(1, 25):
    save(texture(), "others", f"{number:02}.png")
