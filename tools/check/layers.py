#!/usr/bin/env python3
"""Holds the includes of src/, tests/ and bench/ to the table in layers.txt.

Checked: every #include "room/..." of src/ goes to a room that the table lets its own room see;
every quoted include is rooted at src/; neither the table nor what the files really include has a
cycle; the headers that the table reserves ("only") are included by those it names.
"""

import pathlib
import re
import sys

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
SOURCES = ("*.h", "*.cc", "*.c")


class Table:
    def __init__(self, text, folders):
        """folders: the directories below src/ as "a" or "a/b", against which x/* is resolved."""
        self.sees = {}  # room -> the set of rooms it may include
        self.only = []  # (prefix of an included path, the places that may include it)
        rows = []
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            name, _, rest = line.partition(":")
            if name.startswith("only "):
                self.only.append((name[len("only "):].strip(), rest.split()))
            else:
                rows.append((name.strip(), rest.split()))

        def expand(name):
            if not name.endswith("/*"):
                return [name]
            parent = name[:-1]
            depth = parent.count("/")
            return [f for f in folders if f.startswith(parent) and f.count("/") == depth]

        for name, seen in rows:
            for room in expand(name):
                self.sees.setdefault(room, set()).update(r for s in seen for r in expand(s))

    def room_of(self, path):
        """The room of a path below src/, the longest that fits; None when the table has none."""
        fitting = [r for r in self.sees if path.startswith(r + "/")]
        return max(fitting, key=len, default=None)


def find_cycle(graph):
    """A list of nodes that leads back to its first, or None."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        path.append(node)
        for after in sorted(graph.get(node, ())):
            cycle = visit(after)
            if cycle:
                return cycle
        path.pop()
        done.add(node)
        return None

    for node in sorted(graph):
        cycle = visit(node)
        if cycle:
            return cycle
    return None


def includes(path):
    """(line number, quote character, included path) of every include of a file."""
    text = path.read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)


def sources(folder):
    return sorted(p for pattern in SOURCES for p in folder.rglob(pattern))


def check_only(table, place, where, included):
    places = [place] + (["tests"] if place.endswith(("_test.cc", "_fuzz.cc")) else [])
    for prefix, allowed in table.only:
        if included.startswith(prefix) and not any(
                p == a or p.startswith(a + "/") for p in places for a in allowed):
            yield f"{where}: {included} is only for {', '.join(allowed)}"


def check_src(table, root, graph):
    src = root / "src"
    for path in sources(src):
        place = path.relative_to(src).as_posix()
        room = table.room_of(place)
        if room is None:
            yield f"src/{place}: its folder is in no row of layers.txt"
            continue
        for line, quote, included in includes(path):
            where = f"src/{place}:{line}"
            yield from check_only(table, place, where, included)
            if quote != '"':
                continue
            other = table.room_of(included)
            if other is None and included == "fuzz/fuzz.h" and place.endswith("_fuzz.cc"):
                continue  # what all harnesses share stands in tests/fuzz
            if other is None:
                yield (f'{where}: "{included}" names no room: includes are rooted at src/, '
                       "and what is not ours goes in <>")
            elif other != room:
                graph.setdefault(room, set()).add(other)
                if other not in table.sees[room]:
                    yield f"{where}: {room} may not include {other} ({included})"


def check(root, text):
    """All violations in the tree at root against the table text, as lines to print."""
    src = root / "src"
    folders = [p.relative_to(src).as_posix() for p in sorted(src.rglob("*")) if p.is_dir()]
    table = Table(text, folders)
    problems = []
    cycle = find_cycle(table.sees)
    if cycle:
        problems.append("layers.txt has a cycle: " + " -> ".join(cycle))
    graph = {}
    problems += check_src(table, root, graph)
    cycle = find_cycle(graph)
    if cycle:
        problems.append("the rooms include each other: " + " -> ".join(cycle))
    for folder in ("tests", "bench"):
        for path in sources(root / folder):
            place = path.relative_to(root).as_posix()
            for line, _, included in includes(path):
                problems += check_only(table, place, f"{place}:{line}", included)
    return problems


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    table = pathlib.Path(__file__).with_name("layers.txt").read_text(encoding="utf-8")
    problems = check(root, table)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
