"""Compares the Python programs of `dlkit freeze --python` with `dlkit predict`; called by check-onnx.sh.

Usage: check_python.py DLKIT

Trains small networks on what is shipped, freezes each with its program, and predicts from 400 odd pictures and
from tables with both: classes must be the same and probabilities within 1e-4 (numbers within 1e-5 of their
size). Pictures are drawn from a seed and from the shipped photos: every format, 1 to 16 bits, palettes,
opacity, Exif turns, color profiles, from one pixel to twelve million, long and narrow. Decoders of JPEG and of
lossy WebP and conversions of color profiles may differ by a level or two of 255; for these pictures
probabilities must be within 0.03, and classes the same where the likeliest two are farther apart than that.
"""

import csv
import importlib.util
import io
import json
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy as np
from PIL import Image, ImageCms

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURES = 400
EXACT, DECODED = 1e-4, 0.03
PROFILES = {
    name: Image.open(ROOT / "crates/dlkit-files/tests/pictures" / name).info["icc_profile"]
    for name in ["prophoto.png", "gray18.png"]
}
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
SIZES = [(1, 1), (2, 3), (7, 5), (28, 28), (40, 24), (61, 47), (90, 160), (300, 200), (5, 700), (641, 9), (480, 640)]

RECIPES = {
    # A gray network with the mean and deviation of MNIST.
    "gray": f"""task = "classification"
data = {{ kind = "mnist", path = "{ROOT / 'datasets/mnist-small'}", mean = 0.13, deviation = 0.31 }}
[network]
input = [1, 28, 28]
layers = [{{ type = "flatten" }}, {{ type = "dense", units = 40, activation = "relu" }}, {{ type = "dense", units = 10 }}]
[training]
epochs = 2
batch_size = 64
""",
    # A network of colors, of another height than width, which takes any size as ONNX.
    "colors": """task = "classification"
data = { kind = "image-folder", path = "crops", validation = 0, invert = true, mean = 0.4, deviation = 0.25 }
[network]
input = [3, 24, 40]
layers = [{ type = "conv2d", filters = 8, kernel = 3, activation = "relu" }, { type = "global-avg-pool" }, { type = "flatten" },
    { type = "dense", units = 3 }]
[training]
epochs = 20
batch_size = 8
learning_rate = 0.05
""",
    # Two classes, a threshold, and every kind of column.
    "threshold": """task = "classification"
data = { kind = "table", path = "people.csv", target = "buys", missing = "indicator", ordinal = { size = ["S", "M", "L"] } }
[network]
input = [INPUTS]
layers = [{ type = "dense", units = 6, activation = "tanh" }, { type = "dense", units = 2 }]
[training]
epochs = 20
batch_size = 16
threshold = 0.35
""",
    "amounts": """task = "regression"
data = { kind = "table", path = "people.csv", target = ["age", "income"], exclude = ["buys"], missing = "mean" }
[network]
input = [INPUTS]
layers = [{ type = "dense", units = 6, activation = "tanh" }, { type = "dense", units = 2 }]
[training]
loss = "mse"
epochs = 20
batch_size = 16
""",
    "iris": f"""task = "classification"
data = {{ kind = "table", path = "{ROOT / 'datasets/iris/iris.csv'}", target = "class" }}
[network]
input = [4]
layers = [{{ type = "dense", units = 3 }}]
[training]
epochs = 5
batch_size = 16
""",
}


def content(draw: np.random.Generator, photos: list, size: tuple, channels: int) -> np.ndarray:
    """A crop of a photo, a wave or noise, as values from 0 to 1, [height, width, channels]."""
    width, height = size
    kind = draw.integers(3)
    if kind == 0:
        photo = photos[draw.integers(len(photos))]
        values = np.asarray(photo.resize(size, Image.Resampling.NEAREST), float) / 255
        values = np.dstack([values, values[..., :1]])[..., :channels]
    elif kind == 1:
        rows, columns = np.mgrid[:height, :width]
        phase = draw.uniform(0, 6, (2, channels))
        values = np.stack([np.sin(rows / 9 + p) * np.cos(columns / 7 + q) for p, q in phase.T], -1) / 2 + 0.5
    else:
        values = draw.uniform(0, 1, (height, width, channels))
    return values


def wide_png(values: np.ndarray, color: int) -> bytes:
    """A PNG of 16 bits, which Pillow writes of gray only."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        body = kind + body
        return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values.reshape(height, -1))
    header = struct.pack(">IIBBBBB", width, height, 16, color, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def odd_pictures(place: pathlib.Path) -> dict[str, float]:
    """Writes pictures; their names, and how much probabilities may differ."""
    draw = np.random.default_rng(20)
    photos = [Image.open(path).convert("RGB") for path in sorted((ROOT / "datasets/photos").rglob("*.jpg"))[:5]]
    written: dict[str, float] = {}

    def image(mode: str, size: tuple) -> Image.Image:
        values = content(draw, photos, size, {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode])
        values = np.uint8(np.rint(values * 255))
        return Image.fromarray(values[..., 0] if mode == "L" else values, mode if mode == "CMYK" else None)

    def save(name: str, picture: Image.Image | bytes, tolerance: float = EXACT, **settings) -> None:
        name = f"{len(written):03}-{name}"
        if isinstance(picture, bytes):
            (place / name).write_bytes(picture)
        else:
            picture.save(place / name, **settings)
        written[name] = tolerance

    def wide(channels: int, color: int, size: tuple) -> bytes:
        return wide_png(np.uint16(np.rint(content(draw, photos, size, channels) * 65535)), color)

    kinds = [
        lambda size: save("gray.png", image("L", size)),
        lambda size: save("one-bit.png", image("L", size).convert("1")),
        lambda size: save("color.png", image("RGB", size)),
        lambda size: save("opacity.png", image("RGBA", size)),
        lambda size: save("gray-opacity.png", image("LA", size)),
        lambda size: save("palette.png", image("RGB", size).quantize(200)),
        lambda size: save("palette-16.png", image("RGB", size).quantize(16), bits=4),
        lambda size: save("palette-clear.png", image("RGB", size).quantize(50), transparency=bytes(range(0, 250, 5))),
        lambda size: save("color-key.png", image("RGB", size), transparency=(10, 20, 30)),
        lambda size: save("gray-key.png", image("L", size), transparency=100),
        lambda size: save("gray-16.png", wide(1, 0, size)),
        lambda size: save("gray-opacity-16.png", wide(2, 4, size)),
        lambda size: save("color-16.png", wide(3, 2, size)),
        lambda size: save("opacity-16.png", wide(4, 6, size)),
        lambda size: save("turned.png", image("RGB", size), exif=turned(1 + len(written) % 8)),
        lambda size: save("turned-gray-opacity.png", image("LA", size), exif=turned(1 + len(written) % 8)),
        lambda size: save("turned.tiff", image("RGB", size), exif=turned(1 + len(written) % 8)),
        lambda size: save("turned.webp", image("RGB", size), lossless=True, exif=turned(1 + len(written) % 8)),
        lambda size: save("opacity.webp", image("RGBA", size), lossless=True, exact=True),
        lambda size: save("packed.tiff", image("RGB", size), compression="tiff_lzw"),
        lambda size: save("gray-16.tiff", Image.fromarray(np.uint16(content(draw, photos, size, 1)[..., 0] * 65535))),
        lambda size: save("a.bmp", image("RGB", size)),
        lambda size: save("a.gif", image("RGB", size)),
        lambda size: save("clear.gif", image("RGB", size).quantize(60), transparency=7),
        lambda size: save("a.pgm", image("L", size)),
        lambda size: save("a.ppm", image("RGB", size)),
        lambda size: save("srgb.png", image("RGB", size), icc_profile=SRGB),
        lambda size: save("prophoto.png", image("RGB", size), DECODED, icc_profile=PROFILES["prophoto.png"]),
        lambda size: save("gray18.png", image("L", size), DECODED, icc_profile=PROFILES["gray18.png"]),
        lambda size: save("a.jpg", image("RGB", size), DECODED, quality=90, subsampling=len(written) % 3),
        lambda size: save("turned.jpg", image("RGB", size), DECODED, exif=turned(1 + len(written) % 8)),
        lambda size: save("gray.jpg", image("L", size), DECODED, quality=60, progressive=True),
        lambda size: save("cmyk.jpg", image("CMYK", size), DECODED, quality=95),
        lambda size: save("lossy.webp", image("RGB", size), DECODED, quality=80),
    ]
    for size in [(4000, 3000), (3000, 4000)]:
        save("large.png", image("RGB", size), compress_level=1)
    while len(written) < PICTURES:
        number = len(written) - 2
        kinds[number % len(kinds)](SIZES[number // len(kinds) % len(SIZES)])
    return written


def people(place: pathlib.Path) -> list[str]:
    """A table with every kind of column and missing cells; each row once more with a number in thousands."""
    choose = random.Random(8)
    rows = [["age", "income", "color", "size", "member", "since", "buys"]]
    for _ in range(300):
        age, income = choose.randint(18, 80), choose.randint(900, 90_000) / 10
        color, size = choose.choice(["red", "blue", "NA green"]), choose.choice("SML")
        member, since = choose.choice(["yes", "No"]), f"20{choose.randint(10, 24)}-0{choose.randint(1, 9)}-1{choose.randint(0, 9)}"
        buys = "yes" if age + income / 200 + choose.gauss(0, 8) > 70 else "no"
        row = [str(age), str(income), color, size, member, since, buys]
        rows.append(row)
        for column in range(2, 6):
            if choose.random() < 0.1:
                row[column] = choose.choice(["", "NA", "?"])
    text = "\n".join(",".join(row) for row in rows)
    (place / "people.csv").write_text(text + "\n")
    # As other programs write the same: dates with points, a time, numbers with thousands, and words in capitals.
    other = [rows[0]]
    for row in rows[1:60]:
        year, _, rest = row[5].partition("-")
        since = ".".join(reversed([year, *rest.split("-")])) if rest else row[5]
        other.append([f" {row[0]}.0", f'"{float(row[1]):,.2f}"', row[2], row[3], row[4].upper(), since, row[6]])
        other.append([row[0], row[1], row[2], row[3], row[4], f"{row[5]} 13:45" if rest else "", row[6]])
    (place / "other.csv").write_text("\n".join(",".join(row) for row in other) + "\n")
    return ["people.csv", "other.csv"]


class Check:
    def __init__(self, dlkit: str, place: pathlib.Path):
        self.dlkit, self.place, self.failed = str(pathlib.Path(dlkit).resolve()), place, 0

    def run(self, *arguments: str) -> str:
        done = subprocess.run([self.dlkit, *arguments], cwd=self.place, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"dlkit {' '.join(arguments[:8])}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def program(self, name: str, *options: str):
        """Trains and freezes a network; its program as a module."""
        recipe = RECIPES[name]
        if "INPUTS" in recipe:
            # The message of a wrong number names the right one.
            (self.place / "probe.toml").write_text(recipe.replace("INPUTS", "1"))
            probe = subprocess.run(
                [self.dlkit, "train", "probe.toml", "--output", "probe"], cwd=self.place, capture_output=True, text=True
            )
            recipe = recipe.replace("INPUTS", probe.stderr.split("set network.input = [")[1].split("]")[0])
        (self.place / f"{name}.toml").write_text(recipe)
        self.run("train", f"{name}.toml", "--output", name, "--quiet")
        (self.place / "programs").mkdir(exist_ok=True)
        program = f"programs/{name}{len(options)}.py"
        self.run("freeze", name, "--output", f"{name}{len(options)}.onnx", "--python", program, "--quiet", *options)
        spec = importlib.util.spec_from_file_location(name, self.place / program)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module, self.place / program

    def tell(self, name: str, problems: list[str]) -> None:
        self.failed += bool(problems)
        print(f"{'DIFFERS' if problems else 'ok'}  {name}", *problems[:20], sep="\n    " if problems else "  ", flush=True)

    def pictures(self, name: str, pictures: dict[str, float], *options: str) -> None:
        module, program = self.program(name, *options)
        paths = [f"odd/{picture}" for picture in pictures]
        answer = json.loads(self.run("predict", name, *paths, "--top", "100", "--json"))
        problems, largest = [], {EXACT: 0.0, DECODED: 0.0}
        for path, prediction, tolerance in zip(paths, answer["predictions"], pictures.values(), strict=True):
            assert prediction["file"] == path
            expected = dict(prediction["top"])
            expected = np.array([expected[name] for name in module.classes])
            found = module.probabilities(self.place / path)
            difference = float(abs(found - expected).max())
            largest[tolerance] = max(largest[tolerance], difference)
            second, first = np.sort(expected)[-2:]
            same = module.chosen(found) == prediction["class"] or (tolerance > EXACT and first - second < tolerance)
            if not (difference <= tolerance and same):
                problems.append(f"{path}: {difference:.1e}, {prediction['class']} and {module.chosen(found)}")
        figures = f"{largest[EXACT]:.1e}; JPEG, lossy WebP and profiles {largest[DECODED]:.1e}"
        self.tell(f"{len(paths)} pictures, {' '.join([name, *options])}: {figures}", problems)
        # The program itself, from elsewhere, with a file that is no picture among others.
        called = [str(self.place / paths[5]), str(program), str(self.place / paths[6])]
        done = subprocess.run([sys.executable, program, *called], cwd="/", capture_output=True, text=True)
        rows = list(csv.DictReader(io.StringIO(done.stdout)))
        classes = [answer["predictions"][place]["class"] for place in [5, 6]]
        right = done.returncode == 1 and called[1] in done.stderr and [row["class"] for row in rows] == classes
        self.tell(f"program of {name}", [] if right else [done.stdout, done.stderr])

    def tables(self, name: str, tables: list[str], *options: str) -> None:
        module, program = self.program(name, *options)
        problems, largest, count = [], 0.0, 0
        for table in tables:
            answer = json.loads(self.run("predict", name, table, *(["--top", "9"] * (module.classes is not None)), "--json"))
            rows = list(module.rows_of(self.place / table if not pathlib.Path(table).is_absolute() else table))
            for row, prediction in zip(rows, answer["predictions"], strict=True):
                found, count = module.prediction(row), count + 1
                if module.classes is None:
                    expected, chosen = np.array(prediction["values"]), None
                else:
                    shares = dict(prediction["top"])
                    expected, chosen = np.array([shares[name] for name in module.classes]), prediction["class"]
                    if found.pop(0) != chosen:
                        problems.append(f"{table}, row {prediction['row']}: another class than {chosen}")
                difference = float((abs(np.array(found) - expected) / np.maximum(1, abs(expected))).max())
                largest = max(largest, difference)
                if not difference <= 1e-5:
                    problems.append(f"{table}, row {prediction['row']}: {difference:.1e}")
        self.tell(f"{count} rows, {' '.join([name, *options])}: {largest:.1e}", problems)
        done = subprocess.run([sys.executable, program, *tables], cwd=self.place, capture_output=True, text=True)
        printed = len(list(csv.DictReader(io.StringIO(done.stdout))))
        self.tell(f"program of {name}", [] if (done.returncode, printed) == (0, count) else [done.stderr])


def main() -> None:
    [dlkit] = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        check = Check(dlkit, pathlib.Path(place))
        (check.place / "odd").mkdir()
        pictures = odd_pictures(check.place / "odd")
        for number, photo in enumerate(sorted((ROOT / "datasets/photos").rglob("*.jpg"))[:3]):
            folder = check.place / "crops" / f"photo {number}"
            folder.mkdir(parents=True)
            image = Image.open(photo).convert("RGB")
            for part in range(12):
                box = [part * 20, part * 15, part * 20 + 120, part * 15 + 90]
                image.crop(box).save(folder / f"{part}.png")
        tables = people(check.place)
        check.pictures("gray", pictures)
        check.pictures("colors", pictures, "--logits")
        check.tables("threshold", tables)
        check.tables("amounts", tables)
        check.tables("iris", [str(ROOT / "datasets/iris/iris.csv")], "--logits")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
