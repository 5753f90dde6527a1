#!/usr/bin/env python3
"""Renders sheets on photographs and measures how well `dlkit homography --page auto` finds them.

  pages.py render PHOTOS FOLDER [--count 100] [--seed 1]   writes pictures and truth.json
  pages.py measure FOLDER [--dlkit PATH]                   corner errors of the rendered pictures, and errors of
                                                           the proportions for the known focal length
  pages.py without PHOTOS... [--dlkit PATH]                false answers among photos without a sheet
  pages.py calibrate EXAMPLE FOLDER... --without PHOTOS... weights of the confidence, fitted by logistic
                                                           regression to what EXAMPLE (cargo build --release
                                                           -p dlkit-vision --example page_evidence) prints

A sheet is a page, a letter, a receipt, a card, a board or a print; it bears text, a table or a picture, is light
or dark, seen by a pinhole camera at up to 45 degrees from any side, with shadows, uneven light, things lying
about, blur, noise and JPEG. A corner error is the largest distance of a corner from the truth, as a share of
the diagonal of the picture. Needs numpy, opencv-python-headless and, to calibrate, scikit-learn.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import cv2
import numpy as np

ENDINGS = {".jpg", ".jpeg", ".png"}
WORDS = "the of paper total light 12.50 and sheet 2026 quick to page brown number item fox sum date over lazy".split()


def photos_of(paths):
    files = []
    for path in map(pathlib.Path, paths):
        files += sorted(path.rglob("*")) if path.is_dir() else [path]
    return [file for file in files if file.suffix.lower() in ENDINGS]


def text_on(sheet, rng, ink, left, top, right, bottom):
    """Ragged lines of words, now and then a heading."""
    height = int(rng.integers(max(10, sheet.shape[0] // 70), max(12, sheet.shape[0] // 28)))
    y = top + height
    while y < bottom:
        x, size = left, height / 32 * (1.6 if rng.random() < 0.06 else 1)
        end = right - int(rng.integers(0, max(1, (right - left) // 3))) * (rng.random() < 0.4)
        while True:
            word = str(rng.choice(WORDS))
            (wide, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, size, 1)
            if x + wide > end:
                break
            cv2.putText(sheet, word, (x, y), cv2.FONT_HERSHEY_DUPLEX, size, ink, 1 + int(size > 0.8), cv2.LINE_AA)
            x += wide + height // 2
        y += int(height * (1.6 if rng.random() < 0.85 else 3.2))


def picture_on(sheet, rng, photos, left, top, right, bottom):
    photo = cv2.imread(str(photos[rng.integers(len(photos))]))
    if right > left and bottom > top:
        sheet[top:bottom, left:right] = cv2.resize(photo, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)


def table_on(sheet, rng, ink, left, top, right, bottom):
    rows, columns = int(rng.integers(4, 14)), int(rng.integers(2, 6))
    for row in range(rows + 1):
        y = top + (bottom - top) * row // rows
        cv2.line(sheet, (left, y), (right, y), ink, 2)
    for column in range(columns + 1):
        x = left + (right - left) * column // columns
        cv2.line(sheet, (x, top), (x, bottom), ink, 2)
    for row in range(rows):
        for column in range(columns):
            place = (left + (right - left) * column // columns + 8, top + (bottom - top) * (row + 1) // rows - 8)
            cv2.putText(sheet, str(rng.choice(WORDS)), place, cv2.FONT_HERSHEY_DUPLEX, 0.7, ink, 1, cv2.LINE_AA)


def sheet_of(rng, photos):
    """A sheet from above, and its kind."""
    kind = str(rng.choice(["a4", "letter", "receipt", "card", "board", "print"], p=[0.34, 0.16, 0.14, 0.14, 0.12, 0.1]))
    ratio = {"a4": 210 / 297, "letter": 8.5 / 11, "receipt": rng.uniform(0.25, 0.5), "card": 85.6 / 54,
             "board": rng.uniform(1.3, 1.8), "print": rng.choice([1.5, 2 / 3, 4 / 3])}[kind]
    if kind in ("a4", "letter") and rng.random() < 0.25:
        ratio = 1 / ratio
    height = 1100 if ratio < 1 else 800
    width = int(height * ratio)
    dark = kind == "board" and rng.random() < 0.6 or kind in ("card", "a4") and rng.random() < 0.2
    paper = rng.uniform(20, 70, 3) if dark else rng.uniform(205, 252) + rng.uniform(-10, 3, 3)
    if kind == "card" and rng.random() < 0.5:
        paper = rng.uniform(40, 220, 3)
    ink = tuple(float(v) for v in (rng.uniform(190, 250, 3) if paper.mean() < 110 else rng.uniform(10, 80, 3)))
    sheet = np.full((height, width, 3), paper).astype(np.uint8)
    margin = int(min(width, height) * rng.uniform(0.05, 0.14))
    box = (margin, margin, width - margin, height - margin)
    content = rng.choice(["text", "picture", "table", "both", "little"], p=[0.4, 0.14, 0.16, 0.2, 0.1])
    if kind == "print":
        border = int(rng.integers(0, margin)) if rng.random() < 0.6 else 0
        picture_on(sheet, rng, photos, border, border, width - border, height - border)
    elif content == "text":
        text_on(sheet, rng, ink, *box)
    elif content == "picture":
        picture_on(sheet, rng, photos, *box)
    elif content == "table":
        table_on(sheet, rng, ink, *box)
    elif content == "both":
        middle = int(box[1] + (box[3] - box[1]) * rng.uniform(0.3, 0.6))
        picture_on(sheet, rng, photos, box[0], box[1], box[2], middle)
        text_on(sheet, rng, ink, box[0], middle, box[2], box[3])
    else:
        text_on(sheet, rng, ink, box[0], box[1], box[2], box[1] + (box[3] - box[1]) // 6)
    return sheet.astype(np.float32), kind


def rotation(rng, tilt):
    """Tilted about a random axis in the plane of the sheet, then turned in it."""
    axis = rng.uniform(0, 2 * np.pi)
    lean, _ = cv2.Rodrigues(np.array([np.cos(axis), np.sin(axis), 0]) * np.radians(tilt))
    turn = rng.uniform(-35, 35) if rng.random() < 0.7 else rng.uniform(-8, 8)
    roll, _ = cv2.Rodrigues(np.array([0, 0, np.radians(turn)]))
    return lean @ roll


def view_of(rng, sheet, width, height):
    """The homography from the sheet's pixels to the picture's, so that all corners are in the picture."""
    rows, columns = sheet.shape[:2]
    diagonal = np.hypot(width, height)
    while True:
        tilt, focal = rng.uniform(0, 45), diagonal * rng.uniform(0.6, 1.6)
        turn = rotation(rng, tilt)
        camera = np.array([[focal, 0, (width - 1) / 2], [0, focal, (height - 1) / 2], [0, 0, 1]])
        # The sheet's diagonal is 1.
        scale = 1 / np.hypot(rows, columns)
        plane = np.array([[scale, 0, -columns * scale / 2], [0, scale, -rows * scale / 2], [0, 0, 1]])
        depth = focal / diagonal / rng.uniform(0.4, 1.0)
        shift = np.array([rng.uniform(-0.25, 0.25), rng.uniform(-0.25, 0.25), depth])
        # Pixel (0, 0) of the sheet has its center half a pixel inside.
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
        view = camera @ np.column_stack([turn[:, 0], turn[:, 1], shift]) @ plane
        corners = np.array([[0, 0, 1], [columns, 0, 1], [columns, rows, 1], [0, rows, 1.0]]) @ view.T
        if (corners[:, 2] <= 0.05).any():
            continue
        corners = corners[:, :2] / corners[:, 2:]
        inside = (corners > 0.015 * diagonal).all() and (corners < np.array([width, height]) - 0.015 * diagonal).all()
        x, y = corners.T
        area = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2 / (width * height)
        if inside and 0.1 < area < 0.75:
            return view @ half, corners, tilt, focal


def clutter(picture, rng, corners):
    """Pens, coins and slips around the sheet; some reach a little over a side."""
    height, width = picture.shape[:2]
    size = np.hypot(width, height)
    for _ in range(int(rng.integers(0, 6))):
        color = tuple(float(v) for v in rng.uniform(0, 255, 3))
        side = int(rng.integers(4))
        a, b = corners[side], corners[(side + 1) % 4]
        middle = corners.mean(0)
        at = a + (b - a) * rng.uniform(0.1, 0.9)
        out = (at - middle) / np.linalg.norm(at - middle)
        kind = rng.integers(3)
        if kind == 0:
            start = at + out * size * rng.uniform(-0.02, 0.05)
            angle = rng.uniform(0, 2 * np.pi)
            step = np.array([np.cos(angle), np.sin(angle)])
            step *= np.sign(step @ out) or 1
            end = start + step * size * 0.2
            cv2.line(picture, tuple(map(int, start)), tuple(map(int, end)), color, max(2, int(size * 0.008)), cv2.LINE_AA)
        elif kind == 1:
            center = at + out * size * rng.uniform(0.03, 0.12)
            cv2.circle(picture, tuple(map(int, center)), int(size * rng.uniform(0.012, 0.03)), color, -1, cv2.LINE_AA)
        else:
            center = at + out * size * rng.uniform(0.08, 0.2)
            box = cv2.boxPoints(((float(center[0]), float(center[1])), (size * 0.07, size * 0.04), rng.uniform(0, 90)))
            cv2.fillPoly(picture, [box.astype(np.int32)], color, cv2.LINE_AA)


def shaded(picture, rng):
    """Uneven light, and the shadow of something large."""
    height, width = picture.shape[:2]
    size = np.hypot(width, height)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, 0.25) * (np.cos(angle) * x + np.sin(angle) * y)
    if rng.random() < 0.5:
        angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.6, 0.6)
        edge = (np.cos(angle) * x + np.sin(angle) * y - offset) * size / 2
        soft = rng.uniform(0.004, 0.06) * size
        light *= 1 - rng.uniform(0.15, 0.5) / (1 + np.exp(-np.clip(edge / soft, -60, 60)))
    return picture * light[..., None].astype(np.float32)


def rendered(rng, photos):
    longer = int(rng.choice([480, 640, 1000, 1280, 1600]))
    background = cv2.imread(str(photos[rng.integers(len(photos))])).astype(np.float32)
    factor = longer / max(background.shape[:2])
    background = cv2.resize(background, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    height, width = background.shape[:2]
    size = np.hypot(width, height)
    # What an enlarged photo lacks: fine grain.
    grain = cv2.GaussianBlur(rng.normal(0, 1, background.shape[:2]).astype(np.float32), (0, 0), rng.uniform(0.7, 2.5))
    background *= 1 + rng.uniform(0, 0.08) * (grain / grain.std())[..., None]
    background *= rng.uniform(0.5, 1.0)
    sheet, kind = sheet_of(rng, photos)
    view, corners, tilt, focal = view_of(rng, sheet, width, height)
    big = 2
    zoom = np.array([[big, 0, (big - 1) / 2], [0, big, (big - 1) / 2], [0, 0, 1.0]])
    full = (width * big, height * big)
    mask = cv2.warpPerspective(np.ones(sheet.shape[:2], np.float32), zoom @ view, full)
    shrink = np.sqrt(abs(np.linalg.det(view)))
    blurred = cv2.GaussianBlur(sheet, (0, 0), 0.5 / (shrink * big)) if shrink * big < 1 else sheet
    drawn = cv2.warpPerspective(blurred, zoom @ view, full, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.resize(mask, (width, height), interpolation=cv2.INTER_AREA)[..., None]
    drawn = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.7:
        away = rng.uniform(-0.012, 0.012, 2) * size
        moved = cv2.warpAffine(mask[..., 0], np.float32([[1, 0, away[0]], [0, 1, away[1]]]), (width, height))
        shadow = cv2.GaussianBlur(moved, (0, 0), rng.uniform(0.003, 0.015) * size)
        background *= (1 - rng.uniform(0.1, 0.5) * shadow)[..., None]
    picture = np.clip(background * (1 - mask) + drawn * mask, 0, 255).astype(np.uint8)
    clutter(picture, rng, corners)
    picture = shaded(picture.astype(np.float32), rng)
    blur = rng.uniform(0.3, 1.6) * longer / 1000
    picture = cv2.GaussianBlur(picture, (0, 0), max(0.3, blur))
    noise = rng.uniform(0.5, 8)
    picture += rng.normal(0, noise, picture.shape).astype(np.float32)
    truth = {"corners": corners.tolist(), "kind": kind, "tilt": tilt, "focal": focal, "width": width, "height": height,
             "ratio": sheet.shape[1] / sheet.shape[0]}
    return np.clip(picture.round(), 0, 255).astype(np.uint8), truth


def render(args):
    photos, folder = photos_of([args.photos]), pathlib.Path(args.folder)
    folder.mkdir(parents=True, exist_ok=True)
    truth = {}
    for index in range(args.count):
        rng = np.random.default_rng([args.seed, index])
        picture, facts = rendered(rng, photos)
        # A corner (x, y) is the place where two sides meet: the center of pixel (0, 0) is (0, 0).
        facts["corners"] = (np.array(facts["corners"])).tolist()
        name = f"{index:04}.jpg"
        cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])
        truth[name] = facts
    (folder / "truth.json").write_text(json.dumps(truth, indent=1))


def corner_error(found, facts):
    """The largest distance of a corner, whatever corner comes first, as a share of the picture's diagonal."""
    truth, found = np.array(facts["corners"]), np.array(found)
    orders = [np.roll(found, turn, 0) for turn in range(4)]
    largest = min(np.linalg.norm(order - truth, axis=1).max() for order in orders)
    return largest / np.hypot(facts["width"], facts["height"])


def answer(dlkit, picture, *more):
    """The page of a picture: corners, confidence and proportions; none if dlkit finds none."""
    command = [dlkit, "homography", str(picture), "--page", "auto", "--json", *more]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode == 1:
        return None
    if result.returncode:
        sys.exit(f"{picture}: {result.stderr}")
    found = json.loads(result.stdout)
    corners = [[row["source"]["x"], row["source"]["y"]] for row in found["points"]]
    return corners, found["page"]["confidence"], found["page"]["ratio"]


def ratio_error(ratio, facts):
    """How far proportions are from the truth, as a share; a sheet may lie on its side."""
    return min(abs(ratio / truth - 1) for truth in (facts["ratio"], 1 / facts["ratio"]))


def measure(args):
    folder = pathlib.Path(args.folder)
    errors, ratios = {}, []
    for name, facts in json.loads((folder / "truth.json").read_text()).items():
        found = answer(args.dlkit, folder / name, "--focal", f"{facts['focal']:.1f}px")
        errors[name] = corner_error(found[0], facts) if found else np.inf
        if errors[name] <= 0.01:
            ratios.append(ratio_error(found[2], facts))
            if ratios[-1] > 0.03:
                print(f"{name}: {facts['kind']}, tilt {facts['tilt']:.0f}: proportions off by {100 * ratios[-1]:.1f} %")
        else:
            print(f"{name}: {facts['kind']}, tilt {facts['tilt']:.0f}: " +
                  (f"corners off by {100 * errors[name]:.2f} %, confidence {found[1]:.2f}" if found else "not found"))
    values = np.array(list(errors.values()))
    right = values[values <= 0.01]
    print(f"{len(right)} of {len(values)} within 1 % of the diagonal; median of these {100 * np.median(right):.3f} %; "
          f"{np.isinf(values).sum()} not found, {(np.isfinite(values) & (values > 0.01)).sum()} wrong")
    ratios = np.array(ratios)
    print(f"proportions of these, for the known focal length: {(ratios <= 0.03).sum()} of {len(ratios)} within 3 %, median "
          f"{100 * np.median(ratios):.2f} %, largest {100 * ratios.max():.1f} %")


def without(args):
    files, wrong = photos_of(args.photos), 0
    for file in files:
        found = answer(args.dlkit, file)
        if found:
            wrong += 1
            print(f"{file}: {np.round(found[0], 1).tolist()}, confidence {found[1]:.2f}")
    print(f"{wrong} false answers among {len(files)} photos")


def candidates(example, files):
    """What EXAMPLE prints: file, eight coordinates, then the evidence."""
    rows = subprocess.run([example, *map(str, files)], capture_output=True, text=True, check=True).stdout.splitlines()
    for row in rows:
        file, *numbers = row.split("\t")
        numbers = np.array(numbers, float)
        yield pathlib.Path(file), numbers[:8].reshape(4, 2), numbers[8:]


def calibrate(args):
    """The right candidate of each picture against its two likeliest wrong ones, which change with the weights. The bias
    leaves the likeliest candidate of a photo without a sheet below one half by a margin."""
    from sklearn.linear_model import LogisticRegression

    rounds, rivals, of_photos, margin = 5, 2, 4, 0.3
    evidence, errors, pictures = [], [], []
    for folder in map(pathlib.Path, args.folders):
        truth = json.loads((folder / "truth.json").read_text())
        for file, corners, values in candidates(args.example, [folder / name for name in truth]):
            evidence.append(values)
            errors.append(corner_error(corners, truth[file.name]))
            pictures.append(str(file))
    sheets = set(pictures)
    for file, _, values in candidates(args.example, photos_of(args.without)):
        evidence.append(values)
        errors.append(np.inf)
        pictures.append(str(file))
    evidence, errors, pictures = np.array(evidence), np.array(errors), np.array(pictures)
    rows = {name: np.flatnonzero(pictures == name) for name in sorted(set(pictures))}
    # What is almost right says little.
    clear = (errors < 0.008) | (errors > 0.02)
    mean, deviation = evidence[clear].mean(0), evidence[clear].std(0) + 1e-9
    scaled = (evidence - mean) / deviation
    model = LogisticRegression(C=10, max_iter=5000).fit(scaled[clear], errors[clear] < 0.008)
    for _ in range(rounds):
        scores, chosen, counts = scaled @ model.coef_[0], [], []
        for name, own in rows.items():
            right, wrong = own[errors[own] < 0.01], own[errors[own] > 0.015]
            best = right[np.argsort(errors[right])[:1]]
            worst = wrong[np.argsort(-scores[wrong])[:rivals]]
            chosen += [*best, *worst]
            counts += [1] * len(best) + [1 if name in sheets else of_photos] * len(worst)
        model = LogisticRegression(C=10, max_iter=5000).fit(scaled[chosen], errors[chosen] < 0.01, sample_weight=counts)
    scores = scaled @ model.coef_[0]
    least = max(scores[own].max() for name, own in rows.items() if name not in sheets) + margin
    best = [own[np.argmax(scores[own])] for name, own in rows.items() if name in sheets]
    found = scores[best] >= least
    print(f"of {len(best)} sheets with candidates {(found & (errors[best] < 0.01)).sum()} right, "
          f"{(found & (errors[best] >= 0.01)).sum()} wrong answers")
    weights = model.coef_[0] / deviation
    print("weights", weights.round(3).tolist(), "bias", round(float(-least - mean @ weights), 3))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("render")
    command.add_argument("photos")
    command.add_argument("folder")
    command.add_argument("--count", type=int, default=100)
    command.add_argument("--seed", type=int, default=1)
    command.set_defaults(run=render)
    command = commands.add_parser("measure")
    command.add_argument("folder")
    command.set_defaults(run=measure)
    command = commands.add_parser("without")
    command.add_argument("photos", nargs="+")
    command.set_defaults(run=without)
    command = commands.add_parser("calibrate")
    command.add_argument("example")
    command.add_argument("folders", nargs="+")
    command.add_argument("--without", nargs="+", required=True)
    command.set_defaults(run=calibrate)
    for command in commands.choices.values():
        command.add_argument("--dlkit", default="target/release/dlkit")
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
