#!/usr/bin/env python3
"""Checks the order of the code: no folder of dlkit-models imports one above it, and no files and no
folders import each other in a circle. Reads the `use` lines; tests may look anywhere.
Usage: scripts/check-floors.py"""
import re
import sys
from pathlib import Path

# Each floor of dlkit-models knows only those before it.
FLOORS = [
    {"randomness"},
    {"value", "graph", "device"},
    {"network"},
    {"data", "weights_file"},
    {"training"},
    {"facts"},
    {"recipe"},
    {"run", "freeze"},
    {"tasks"},
    {"comparison"},
    {"crossval"},
]
CRATES = Path(__file__).resolve().parent.parent / "crates"


def imports(text):
    """The paths of a file's `use` lines and of `crate::a::b::` in its code, tests and comments left out."""
    text = re.sub(r"//.*", "", text)
    text = text.split("#[cfg(test)]\nmod tests {")[0]
    for tree in re.findall(r"\buse\s+((?:crate|super)[^;]*);", text):
        yield from leaves(re.sub(r"\s+", "", tree))
    for path in re.findall(r"(?<!use )\bcrate((?:::\w+)+)", text):
        yield "crate" + path


def leaves(tree):
    """Every path of a tree such as `crate::a::{b, c::{d, e}}`."""
    head, brace, rest = tree.partition("{")
    if not brace:
        yield tree
        return
    depth, item = 0, ""
    for character in rest[: rest.rindex("}")] + ",":
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 0:
            if item:
                yield from leaves(head + item)
            item = ""
        else:
            item += character


class Crate:
    """The modules of a crate, each a tuple of names."""

    def __init__(self, source):
        self.files = {}
        for path in sorted(source.rglob("*.rs")):
            names = list(path.relative_to(source).with_suffix("").parts)
            if names[-1] in ("mod", "lib", "main"):
                names.pop()
            if not any(name == "tests" or name.endswith("_tests") for name in names):
                self.files[tuple(names)] = path.read_text()
        self.exports = {}
        for module, text in self.files.items():
            for path in imports("\n".join(re.findall(r"use[^;]*;", text))):
                self.exports[module, path.split("::")[-1]] = self.absolute(module, path)
            for tree in re.findall(r"\bpub(?:\([a-z]+\))? use ((?!crate|super|self)[a-z_]\w*::[^;]*);", text):
                for path in leaves(re.sub(r"\s+", "", tree)):
                    self.exports[module, path.split("::")[-1]] = module + tuple(path.split("::"))

    @staticmethod
    def absolute(module, path):
        names, place = path.split("::"), module
        if names[0] == "crate":
            return tuple(names[1:])
        while names and names[0] == "super":
            names, place = names[1:], place[:-1]
        return place + tuple(names)

    def resolve(self, path, depth=8):
        """The module that defines what a path names."""
        for length in range(len(path), -1, -1):
            module = path[:length]
            if module in self.files:
                name = path[length] if length < len(path) else None
                target = self.exports.get((module, name))
                if target and depth and target != path:
                    return self.resolve(target + path[length + 1 :], depth - 1)
                return module
        return ()

    def edges(self):
        for module, text in self.files.items():
            for path in imports(text):
                target = self.resolve(self.absolute(module, path))
                if target and target != module:
                    yield module, target


def circles(edges):
    """Sets of modules that can reach each other (Tarjan)."""
    graph = {}
    for start, end in edges:
        graph.setdefault(start, set()).add(end)
    number, low, stack, found = {}, {}, [], []

    def visit(node):
        number[node] = low[node] = len(number)
        stack.append(node)
        for following in sorted(graph.get(node, ())):
            if following not in number:
                visit(following)
                low[node] = min(low[node], low[following])
            elif following in stack:
                low[node] = min(low[node], number[following])
        if low[node] == number[node]:
            circle = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(circle) > 1:
                found.append(circle)

    sys.setrecursionlimit(10_000)
    for node in sorted(graph):
        if node not in number:
            visit(node)
    return found


def main():
    faults = []
    floor_of = {name: floor for floor, names in enumerate(FLOORS) for name in names}
    for source in sorted(CRATES.glob("*/src")):
        crate = Crate(source)
        # What a folder's mod.rs declares and re-exports is no import of its own.
        edges = [(a, b) for a, b in crate.edges() if b[: len(a)] != a]
        name = lambda module: "::".join(module)
        for circle in circles(edges):
            faults.append(f"{source.parent.name}: these import each other: {', '.join(map(name, circle))}")
        folders = {(start[:1], end[:1]) for start, end in edges if start and end and start[0] != end[0]}
        for circle in circles(folders):
            faults.append(f"{source.parent.name}: these folders import each other: {', '.join(map(name, circle))}")
        if source.parent.name != "dlkit-models":
            continue
        for module in crate.files:
            if module and module[0] not in floor_of:
                faults.append(f"dlkit-models: {module[0]} has no floor; give it one in {sys.argv[0]}")
        for start, end in sorted(set(edges)):
            if floor_of.get(start[0], 99) < floor_of.get(end[0], 0) or (
                start[0] != end[0] and floor_of.get(start[0]) == floor_of.get(end[0])
            ):
                faults.append(f"dlkit-models: {name(start)} imports {name(end)}, which lies above it")
    print("\n".join(sorted(set(faults))) or "no import climbs, nothing imports each other in a circle")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
