#!/usr/bin/env python3
"""Holds the repository's text to its size limits and keeps banned words out.

The limits and the table of banned words below are the rule; each word comes with what to use
instead and why. Function length is counted by braces over C++ with its comments and strings
blanked: from the line of the opening brace's statement to the line of the closing brace. In Python
it is exact.
"""

import ast
import pathlib
import re
import sys

FILE_LINES = 700
FUNCTION_LINES = 70
COLUMNS = 120

CODE = {".h", ".cc", ".c", ".py", ".sh", ".cmake"}
CODE_NAMES = {"CMakeLists.txt", "dev", "run", "layers.txt", "packages.txt"}
TEXT = CODE | {".md", ".txt", ".json", ".yaml", ".yml", ".in", ".case"}
FOLDERS = (".ci", "bench", "cmake", "docs", "examples", "src", "tests", "tools")
# Payloads and generated lists: their bytes are what they must be.
FREE = ("tests/cases/", "tests/golden/", "tests/data/", "tools/setup/requirements-")
# Says the banned words because that is its subject.
SELF = ("tools/check/tidy.py", "tools/check/check_test.py")

EVERYWHERE, OURS = "", "src/"
# (pattern, where it is banned, prefixes where it is not, also in comments and strings?, instead)
BANNED = [
    (r"\b(TODO|FIXME|XXX)\b", EVERYWHERE, (), True,
     "do it, or describe the limit as it is: a leftover note is read by nobody"),
    (r"/work/|/root/", EVERYWHERE, (), True,
     "a path below the repository's root: this one exists on one machine only"),
    (r"\bthread_local\b", OURS, (), False,
     "pass the object down: a thread_local with a destructor keeps the module from unloading"),
    (r"\bstd::regex\b", OURS, ("src/cli/",), False,
     "a hand-written matcher: std::regex recurses over its input and throws"),
    (r"\bstd::cout\b", OURS, ("src/cli/", "src/mock/"), False,
     "return the text or log it: inside Envoy nobody owns standard output"),
    (r"\busing\s+namespace\s+std\s*;", EVERYWHERE, (), False,
     "std:: in full: it costs nothing and names its origin"),
]


def blank(text):
    """C++ text of the same shape, with comments, strings and preprocessor lines made spaces."""
    pattern = re.compile(
        r'R"(?P<d>[^()\\ ]*)\(.*?\)(?P=d)"'
        r"|//[^\n]*|/\*.*?\*/"
        r'|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])*'"
        r"|^[ \t]*#(?:\\\n|[^\n])*",
        re.DOTALL | re.MULTILINE)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


SCOPE = re.compile(r"\bnamespace\b|\bextern\s+$")  # extern "C": its string is blanked
TYPE = re.compile(r"\b(class|struct|union|enum)\b")


def cpp_functions(text):
    """(first line, last line) of the outermost function bodies; text is already blanked."""
    stack = []  # what each open brace is: "scope", "function" or "other"
    statement = ""  # the code since the last ; or block
    start = line = 1
    opened = 0
    for i, c in enumerate(text):
        if c == "\n":
            line += 1
        if c == "{":
            if SCOPE.search(statement) or ("(" not in statement and TYPE.search(statement)):
                kind = "scope"
            elif "(" in statement and "function" not in stack:
                kind, opened = "function", start
            else:
                kind = "other"
            stack.append(kind)
            statement = statement if kind == "other" else ""
        elif c == "}":
            kind = stack.pop() if stack else "other"
            # "x_{1}, y_{2} {": a brace-initialised member does not end the signature.
            goes_on = text[i + 1:i + 80].lstrip()[:1] in (",", "{")
            if kind == "function" and not goes_on:
                yield opened, line
            statement = statement + "()" if goes_on and kind == "function" else (
                statement if goes_on else "")
            if kind == "function" and goes_on:
                start = opened
        elif c == ";":
            statement = ""
        elif statement or not c.isspace():
            if not statement:
                start = line
            statement += c


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno


def check_functions(name, text):
    if name.endswith((".cc", ".h", ".c")):
        functions = cpp_functions(blank(text))
    elif name.endswith(".py"):
        functions = python_functions(text)
    else:
        return
    for first, last in functions:
        if last - first + 1 > FUNCTION_LINES:
            yield f"{name}:{first}: a function of {last - first + 1} lines (limit {FUNCTION_LINES})"


def check_banned(name, text):
    if name in SELF:
        return
    code = blank(text) if name.endswith((".cc", ".h", ".c")) else text
    for pattern, where, exempt, comments_too, instead in BANNED:
        if not name.startswith(where) or name.startswith(tuple(exempt)):
            continue
        subject = text if comments_too else code
        for match in re.finditer(pattern, subject):
            line = subject.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {match.group()}: {instead}"


def check_file(name, text):
    """All problems of one file; name is its path below the repository's root."""
    yield from check_banned(name, text)
    if name.startswith(FREE):
        return
    base = name.rsplit("/", 1)[-1]
    suffix = pathlib.PurePath(base).suffix
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield f"{name}:{number}: space at the end of the line"
        if len(line) > COLUMNS and (suffix in CODE or base in CODE_NAMES):
            yield f"{name}:{number}: {len(line)} columns (limit {COLUMNS})"
    if suffix in CODE and len(lines) - 1 > FILE_LINES:
        yield f"{name}: {len(lines) - 1} lines (limit {FILE_LINES})"
    yield from check_functions(name, text)


def files(root):
    for path in sorted(root.iterdir()):
        if path.is_file():
            yield path
    for folder in FOLDERS:
        yield from sorted(p for p in (root / folder).rglob("*")
                          if p.is_file() and "__pycache__" not in p.parts)


def check(root):
    problems = []
    for path in files(root):
        if path.suffix in TEXT or path.name in CODE_NAMES:
            name = path.relative_to(root).as_posix()
            problems += check_file(name, path.read_text(encoding="utf-8"))
    return problems


def main():
    problems = check(pathlib.Path(__file__).resolve().parents[2])
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
