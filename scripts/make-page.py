#!/usr/bin/env python3
"""Draws datasets/page/page.jpg: an A4 sheet on a table, seen by a pinhole camera at an angle.

Corners and proportions are known exactly, so that tests can compare results with them.
Needs: pip install opencv-python-headless numpy. Usage: scripts/make-page.py
"""
import json
import pathlib

import cv2
import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "datasets" / "page"
WIDTH, HEIGHT, FOCAL = 1000, 800, 1150.0
rng = np.random.default_rng(7)

# The sheet: 8 pixels a millimeter, so that it stays sharp when scaled down.
SCALE = 8
sheet = np.full((297 * SCALE, 210 * SCALE, 3), 250, np.uint8)


def text(words, x, y, size, thickness=1):
    cv2.putText(sheet, words, (x * SCALE, y * SCALE), cv2.FONT_HERSHEY_DUPLEX, size * SCALE / 30,
                (35, 30, 30), thickness * SCALE // 4, cv2.LINE_AA)


text("A page, seen at an angle", 18, 38, 8.6, 3)
cv2.line(sheet, (18 * SCALE, 46 * SCALE), (192 * SCALE, 46 * SCALE), (160, 90, 30), SCALE)
LINES = [
    "A homography takes one view of a plane to another.",
    "Four corners decide it: nine numbers, one of them",
    "spare. Each pixel of the upright page is looked up",
    "in the photo (inverse mapping), so none is empty.",
    "",
    "The squares below are squares, the circles are",
    "round, and the sheet is 210 mm by 297 mm.",
]
for index, line in enumerate(LINES):
    text(line, 18, 64 + 12 * index, 4.6, 2)
for row in range(8):
    for column in range(8):
        if (row + column) % 2:
            x, y = 22 + 10 * column, 160 + 10 * row
            cv2.rectangle(sheet, (x * SCALE, y * SCALE), ((x + 10) * SCALE, (y + 10) * SCALE),
                          (60, 50, 45), -1)
for radius, color in [(38, (40, 40, 200)), (27, (250, 250, 250)), (16, (190, 110, 30))]:
    cv2.circle(sheet, (150 * SCALE, 200 * SCALE), radius * SCALE, color, -1, cv2.LINE_AA)
text("210 x 297 mm", 18, 275, 3.4, 2)

# The camera: the sheet turned about three axes, 600 mm away.
ax, ay, az = np.radians([-38.0, 21.0, 9.0])
rx = np.array([[1, 0, 0], [0, np.cos(ax), -np.sin(ax)], [0, np.sin(ax), np.cos(ax)]])
ry = np.array([[np.cos(ay), 0, np.sin(ay)], [0, 1, 0], [-np.sin(ay), 0, np.cos(ay)]])
rz = np.array([[np.cos(az), -np.sin(az), 0], [np.sin(az), np.cos(az), 0], [0, 0, 1]])
turn = rx @ ry @ rz
camera = np.array([[FOCAL, 0, (WIDTH - 1) / 2], [0, FOCAL, (HEIGHT - 1) / 2], [0, 0, 1]])
# From pixels of the sheet to millimeters around its middle.
millimeters = np.array([[1 / SCALE, 0, -105], [0, 1 / SCALE, -148.5], [0, 0, 1]])
view = camera @ np.column_stack([turn[:, 0], turn[:, 1], [5.0, 12.0, 480.0]]) @ millimeters

grain = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), sigmaX=40, sigmaY=1.2)
table = np.array([70, 105, 150]) + (grain / grain.std() * 9)[..., None] * np.array([0.7, 0.9, 1.0])
big = 3
zoom = np.diag([big, big, 1.0])
large = cv2.resize(table, (WIDTH * big, HEIGHT * big), interpolation=cv2.INTER_CUBIC)
mask = cv2.warpPerspective(np.ones(sheet.shape[:2]), zoom @ view, (WIDTH * big, HEIGHT * big))
shadow = cv2.GaussianBlur(np.roll(mask, (12, 15), (0, 1)), (0, 0), 14)
large *= (1 - 0.45 * shadow)[..., None]
drawn = cv2.warpPerspective(sheet, zoom @ view, (WIDTH * big, HEIGHT * big), flags=cv2.INTER_AREA)
large = large * (1 - mask[..., None]) + drawn * mask[..., None]
photo = cv2.resize(large, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
photo *= (0.98 - 0.16 * (x + 0.3) ** 2 - 0.12 * y**2)[..., None]
photo += rng.normal(0, 2.0, photo.shape)
cv2.imwrite(str(FOLDER / "page.jpg"), np.clip(photo.round(), 0, 255).astype(np.uint8),
            [cv2.IMWRITE_JPEG_QUALITY, 85])

corners = np.array([[0, 0, 1], [210, 0, 1], [210, 297, 1], [0, 297, 1.0]]) * [SCALE, SCALE, 1]
seen = corners @ view.T
seen = seen[:, :2] / seen[:, 2:]
print(json.dumps(seen.round(2).tolist()))
