#!/usr/bin/env python3
"""Unpacks files of compiled Qt resources (.rcc).

Usage: qt_resources.py OUTPUT NAMES FILE.rcc...

NAMES is a text file with one path inside the resources on each line; each one found is written
below OUTPUT. The format is that of Qt's rcc: a header, a tree of fixed-size nodes, UTF-16 names,
and data, each file plain, deflated or compressed with Zstandard.
"""

import pathlib
import struct
import sys
import zlib

COMPRESSED, DIRECTORY, ZSTANDARD = 1, 2, 4


def unpacked(data, flags):
    """The content of one file."""
    if flags & ZSTANDARD:
        try:
            import zstandard
        except ImportError:
            sys.exit("qt_resources: this file needs the Python package zstandard")
        return zstandard.ZstdDecompressor().decompress(data)
    # Four bytes with the size stand before the stream.
    return zlib.decompress(data[4:]) if flags & COMPRESSED else data


def files(path):
    """Path and content of each file, content is read on demand."""
    content = path.read_bytes()
    if content[:4] != b"qres":
        sys.exit(f"qt_resources: {path} is not a compiled Qt resource")
    version, tree, data, names = struct.unpack_from(">4I", content, 4)
    size = 22 if version >= 2 else 14

    def walk(index, parent):
        at = tree + index * size
        name, flags = struct.unpack_from(">IH", content, at)
        (length,) = struct.unpack_from(">H", content, names + name)
        text = content[names + name + 6 : names + name + 6 + 2 * length].decode("utf-16-be")
        place = f"{parent}/{text}" if index else ""
        if flags & DIRECTORY:
            children, first = struct.unpack_from(">2I", content, at + 6)
            for child in range(first, first + children):
                yield from walk(child, place)
        else:
            (offset,) = struct.unpack_from(">I", content, at + 10)
            (count,) = struct.unpack_from(">I", content, data + offset)
            start = data + offset + 4
            yield place.lstrip("/"), lambda: unpacked(content[start : start + count], flags)

    yield from walk(0, "")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    output = pathlib.Path(sys.argv[1])
    wanted = set(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8").split("\n")) - {""}
    for path in sys.argv[3:]:
        for name, content in files(pathlib.Path(path)):
            if name in wanted:
                target = output / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content())
                wanted.discard(name)
    if wanted:
        sys.exit("qt_resources: not found: " + ", ".join(sorted(wanted)))


if __name__ == "__main__":
    main()
