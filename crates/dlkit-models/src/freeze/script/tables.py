"""Prints what the network predicts for each row of tables as CSV, as `dlkit predict` does: the class and the
probabilities of all classes, or numbers.

Needs numpy and onnxruntime. Usage: python FILE.py TABLE.csv...
"""
import csv
import datetime
import json
import math
import pathlib
import re
import sys

import numpy as np
import onnxruntime

MODEL = "model.onnx"  # relative to this file
SEPARATOR, DECIMAL, ENCODING = ",", ".", "utf-8-sig"  # how the tables are written

session = onnxruntime.InferenceSession(pathlib.Path(__file__).resolve().parent / MODEL)
about = session.get_modelmeta().custom_metadata_map
classes, threshold, last_layer, features, targets, missing, true, false = (
    json.loads(about.get(f"dlkit.{key}", "null"))
    for key in "classes threshold output features target input.missing input.true input.false".split()
)


def number(cell):
    """A number, whose thousands may be set apart."""
    grouped = re.fullmatch(rf"[-+]?\d{{1,3}}([,. '\u00a0\u202f])\d{{3}}(\1\d{{3}})*({re.escape(DECIMAL)}\d*)?", cell)
    if grouped and grouped[1] != DECIMAL:
        cell = cell.replace(grouped[1], "")
    value = float(cell.replace(DECIMAL, "."))
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


def days(cell):
    """Days since 1970-01-01 of 2024-05-17, 2024/05/17 or 17.05.2024, which a time may follow."""
    day, _, time = cell.replace("T", " ").partition(" ")
    year, month, day = (int(part) for part in (day.split(".")[::-1] if "." in day else re.split("[-/]", day)))
    time = datetime.time.fromisoformat(time.rstrip("Z") or "00:00")
    since = datetime.datetime.combine(datetime.date(year, month, day), time) - datetime.datetime(1970, 1, 1)
    return since / datetime.timedelta(days=1)


def inputs_of(cell, feature):
    """The inputs that a cell becomes."""
    kind, texts = feature.get("cells", "number"), []
    if isinstance(kind, dict):
        [(kind, texts)] = kind.items()
    fill, is_missing = feature.get("fill"), cell not in texts and cell in missing
    if is_missing and fill is None:
        raise ValueError("is missing")
    if is_missing:
        code = fill["code"]
    elif texts:
        code = texts.index(cell)
    elif kind == "boolean":
        code = [false, true].index(next(words for words in [false, true] if cell.lower() in words))
    else:
        code = days(cell) if kind == "date" else number(cell)
    if kind == "categories":
        inputs = [float(place == code) for place in range(len(texts))]
    else:
        inputs = [(code - feature["mean"]) / feature["deviation"]]
    return inputs + [float(is_missing)] * (fill is not None and fill["indicator"])


def network_input(row):
    """A row as the network takes it, [1, inputs]."""
    inputs = [inputs_of(row[feature["name"]].strip(), feature) for feature in features]
    return np.array([sum(inputs, [])]).astype(np.float32)


def prediction(row):
    """The class and the probability (or score) of each class; for a regression, its numbers."""
    outputs = session.run(None, {session.get_inputs()[0].name: network_input(row)})
    values = outputs[-1].reshape(-1).astype(float)
    if classes is None:
        columns = targets if isinstance(targets, list) else [targets]
        return [value * column["deviation"] + column["mean"] for value, column in zip(values, columns)]
    if len(outputs) == 1 and last_layer == "logits":
        values = np.exp(values - values.max())
        values /= values.sum()
    return [classes[values.argmax() if threshold is None else int(values[1] >= threshold)], *values]


def rows_of(path):
    """The rows of a table, by the names of its columns; empty ones are left out."""
    with open(path, newline="", encoding=ENCODING) as file:
        lines = csv.reader(file, delimiter=SEPARATOR)
        names = [name.strip() for name in next(lines)]
        yield from (dict(zip(names, line)) for line in lines if any(cell.strip() for cell in line))


if __name__ == "__main__":
    failed, table = False, csv.writer(sys.stdout)
    columns = targets if isinstance(targets, list) else [targets]
    table.writerow(["file", "row", *(["class", *classes] if classes else (column["name"] for column in columns))])
    for path in sys.argv[1:]:
        for place, row in enumerate(rows_of(path), start=1):
            try:
                table.writerow([path, place, *prediction(row)])
            except (KeyError, ValueError, StopIteration) as error:
                failed = True
                print(f"{path}: row {place}: {error!r}", file=sys.stderr)
    sys.exit(failed)
