#!/usr/bin/env python3
"""Holds src/base/limits.h to tests/limits.txt: every limit has tests that run into it.

A line of tests/limits.txt names a limit, and then the tests that hit it exactly and one byte, one level, one value past
it; a line that begins with a space goes on with them. A test must be there, and must name the limit in its own text, so
that a test that was renamed or is about something else is found.
"""

import ast
import pathlib
import re
import sys

LIMIT = re.compile(r"^inline constexpr \w+ (\w+)[ (]", re.MULTILINE)


def body_in_cpp(text, test):
    """The text of TEST(Suite, Name), given as Suite.Name, or of TEST_F; nothing where there is none."""
    suite, _, name = test.partition(".")
    begin = re.search(rf"^TEST(?:_F)?\({re.escape(suite)}, {re.escape(name)}\)", text, re.MULTILINE)
    if not begin:
        return None
    end = re.compile(r"^}", re.MULTILINE).search(text, begin.end())
    return text[begin.start():end.end() if end else len(text)]


def body_in_python(text, test):
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name == test:
            return ast.get_source_segment(text, node)
    return None


def check_test(root, limit, test):
    """What is wrong with an entry, or nothing: "path:Suite.Name", "path:function", or the path of a case."""
    name, _, part = test.partition(":")
    path = root / name
    if not path.is_file():
        return f"{test}: there is no such file"
    text = path.read_text(encoding="utf-8")
    if name.endswith("_test.cc"):
        body = body_in_cpp(text, part)
    elif name.endswith(".py"):
        body = body_in_python(text, part)
    else:
        body = text
    if body is None:
        return f"{test}: there is no such test"
    if not re.search(rf"\b{limit}\b", body):
        return f"{test}: does not name {limit}"
    return None


def entries(text):
    """(number of the line, limit, tests)"""
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.partition("#")[0].split()
        if words and line[0].isspace() and found:
            found[-1][2].extend(words)
        elif words:
            found.append((number, words[0], words[1:]))
    return found


def check(root):
    limits = LIMIT.findall((root / "src/base/limits.h").read_text(encoding="utf-8"))
    table = "tests/limits.txt"
    problems = [] if limits else ["src/base/limits.h: no limit is found"]
    seen = set()
    for number, limit, tests in entries((root / table).read_text(encoding="utf-8")):
        where = f"{table}:{number}"
        if limit not in limits:
            problems.append(f"{where}: {limit} is no limit of src/base/limits.h")
            continue
        if limit in seen:
            problems.append(f"{where}: {limit} has a line already")
        seen.add(limit)
        if not tests:
            problems.append(f"{where}: {limit} has no test")
        problems += [f"{where}: {wrong}" for test in tests if (wrong := check_test(root, limit, test))]
    problems += [f"src/base/limits.h: {limit} has no line in {table}" for limit in limits if limit not in seen]
    return problems


def main():
    problems = check(pathlib.Path(__file__).resolve().parents[2])
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
