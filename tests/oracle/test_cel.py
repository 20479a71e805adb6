"""Our CEL against another implementation, cel-python, over generated expressions.

The expressions are well typed, since cel-python has no type checker: what a type checker refuses is
in program_test.cc. Compared are the type and the value, or that there is an error. What cel-python
does otherwise than CEL's specification is left out of what is generated, and stands in `AVOIDED`, each
with an example."""

import math
import os
import random
import subprocess

import celpy
import pytest
from celpy import celtypes
from celpy.evaluation import CELEvalError

SEED = int(os.environ.get("AIGW_CEL_SEED", "20260901"))
COUNT = int(os.environ.get("AIGW_CEL_COUNT", "2500"))

LEAST = "(-9223372036854775807 - 1)"
HETEROGENEOUS = "equality holds between values of all types: numbers compare by value, other types are unequal"
ABSORBED = "an error of one operand of || is absorbed by an other that is true, whatever made it"
READ_AS_GO = "the language leaves open what is read; as cel-go, digits alone, without the liberties of Python's int()"
WRITTEN_AS_GO = "the language leaves the format open but for what its conformance tests fix, which both meet; as cel-go"

# What the generator leaves out, since cel-python does otherwise: (expression, ours, why ours). The sources are CEL's
# language definition and its conformance tests, and where these say nothing cel-go, with which the peer evaluates.
AVOIDED = [
    ("dyn(1) == dyn('a')", "bool false", HETEROGENEOUS),
    ("dyn(1) != dyn('a')", "bool true", HETEROGENEOUS),
    ("dyn(1) == dyn(1.0)", "bool true", HETEROGENEOUS),
    ("dyn(1) == dyn(1u)", "bool true", HETEROGENEOUS),
    ("string(1.0)", "string 1", WRITTEN_AS_GO),
    ("string(1e6)", "string 1e+06", WRITTEN_AS_GO),
    (LEAST + " % -1", "error", "the quotient that belongs to it has no place in the type; as cel-go"),
    ("int(-9223372036854775808.0)", "error",
     "conformance, int/double_int_min_range: a double of -2^63 is out of range for int()"),
    (f"int(double({LEAST}))", "error", "the same"),
    ("int('1_000')", "error", READ_AS_GO),
    ("int(' 7')", "error", READ_AS_GO),
    ("uint('+7')", "error", READ_AS_GO),
    ("[1, 0].exists_one(x, 1 / x > 0) || true", "bool true", ABSORBED),
    ("{'a': 1 / 0, 'b': 2}['b']", "error", "a map is made of all of its values, and an error in one is the result"),
    ("(model + 'x').contains('ox')", "bool true", "a joined text is a text"),
    ("0.0 / 0.0 == 0.0 / 0.0", "bool false", "NaN is equal to nothing, by IEEE 754"),
    ("0.0 / 0.0 != 0.0 / 0.0", "bool true", "the same"),
]

NAMES = ["input_tokens", "cached_input_tokens", "cache_creation_input_tokens", "output_tokens",
         "total_tokens", "reasoning_tokens"]
TEXTS = ["model", "backend", "route_name"]
WORDS = ["", "gpt-4o", "o3", "claude-sonnet-4", "ns/route", "-", "4", "ünïcode", "a b"]
INTS = [0, 1, 2, 3, 7, 1000, 2**31, 2**62, 2**63 - 1, -1, -2, -7, -(2**63)]
UINTS = [0, 1, 2, 3, 10, 1000, 2**32, 2**63, 2**64 - 1]
DOUBLES = ["0.0", "0.5", "1.0", "1.5", "2.0", "1e3", "1e-3", "1e18", "1e300"]
PATTERNS = ["^gpt", "o$", "[0-9]+", "^[a-z]+(-[a-z0-9]+)*$", "^(o3|gpt-4o)$", ".", "^$", "a.b", "n{1,2}"]


class Generator:
    """Expressions by the type of what they are."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def quoted(self, word):
        return self.random.choice(['"%s"', "'%s'", '"""%s"""', "r'%s'"]) % word

    def pick(self, depth, leaves, *inner):
        return self.random.choice(inner if depth > 0 and self.random.random() < 0.85 else leaves)()

    def uint(self, depth):
        r = self.random
        return self.pick(
            depth,
            [lambda: r.choice(NAMES), lambda: f"{r.choice(UINTS)}u"],
            lambda: f"{self.uint(depth - 1)} {r.choice('+-*/%')} {self.uint(depth - 1)}",
            lambda: f"({self.uint(depth - 1)} {r.choice('+-*/%')} {self.uint(depth - 1)})",
            lambda: f"({self.bool(depth - 1)} ? {self.uint(depth - 1)} : {self.uint(depth - 1)})",
            lambda: f"uint({self.number(depth - 1)})",
            lambda: f"[{self.uint(depth - 1)}, {self.uint(depth - 1)}][{r.choice('0012')}]",
            lambda: "{'gpt-4o': %s, 'o3': %s}[%s]" % (self.uint(0), self.uint(0), self.text(0)),
        )

    def int(self, depth):
        r = self.random
        return self.pick(
            depth,
            [lambda: str(r.choice(INTS))],
            lambda: f"({self.int(depth - 1)} {r.choice('+-*/')} {self.int(depth - 1)})",
            lambda: f"({self.int(depth - 1)} % {r.choice([0, 1, 3, 7, 1000])})",
            lambda: f"-({self.int(depth - 1)})",
            lambda: f"({self.bool(depth - 1)} ? {self.int(depth - 1)} : {self.int(depth - 1)})",
            lambda: f"int({self.number(depth - 1)})",
            lambda: f"size({self.text(depth - 1)})",
            lambda: f"[{self.int(depth - 1)}, 5].map(x, x + 1)[0]",
            lambda: f"[1, {self.int(depth - 1)}].filter(x, x > 0).size()",
        )

    def double(self, depth):
        r = self.random
        return self.pick(
            depth,
            [lambda: r.choice(DOUBLES)],
            lambda: f"({self.double(depth - 1)} {r.choice('+*')} {self.double(depth - 1)})",
            lambda: f"({self.double(depth - 1)} / {r.choice(['2.0', '0.25', '1e3'])})",
            lambda: f"double({self.uint(depth - 1)})",
            lambda: f"({self.bool(depth - 1)} ? {self.double(depth - 1)} : {self.double(depth - 1)})",
        )

    def whole(self, depth):
        return self.random.choice([self.uint, self.int])(depth)

    def number(self, depth):
        return self.random.choice([self.uint, self.int, self.double])(depth)

    def text(self, depth):
        r = self.random
        return self.pick(
            depth,
            [lambda: r.choice(TEXTS), lambda: self.quoted(r.choice(WORDS))],
            lambda: f"({self.text(depth - 1)} + {self.text(depth - 1)})",
            lambda: f"string({self.whole(depth - 1)})",
            lambda: f"({self.bool(depth - 1)} ? {self.text(depth - 1)} : {self.text(depth - 1)})",
        )

    def bool(self, depth):
        r = self.random
        relation = r.choice(["<", "<=", ">", ">=", "==", "!="])
        kind = r.choice([self.uint, self.int, self.double, self.text])
        return self.pick(
            depth,
            [lambda: r.choice(["true", "false"])],
            lambda: f"({kind(depth - 1)} {relation} {kind(depth - 1)})",
            lambda: f"({self.bool(depth - 1)} {r.choice(['&&', '||'])} {self.bool(depth - 1)})",
            lambda: f"({self.bool(depth - 1)} {r.choice(['&&', '||'])} {self.bool(depth - 1)})",
            lambda: f"!{self.bool(depth - 1)}",
            lambda: f"({self.text(depth - 1)} in [{self.text(0)}, {self.text(depth - 1)}])",
            lambda: f"({self.uint(depth - 1)} in [{self.uint(0)}, 1u])",
            lambda: "(%s in {'o3': 1, 'gpt-4o': 2})" % self.text(depth - 1),
            lambda: f"{self.text(0)}.{r.choice(['startsWith', 'endsWith', 'contains'])}({self.text(0)})",
            lambda: f"{self.text(0)}.matches({self.quoted(r.choice(PATTERNS))})",
            lambda: f"[{self.int(depth - 1)}, 1, 0].{r.choice(['all', 'exists'])}(x, 6 / x > {self.int(0)})",
            lambda: f"[{self.int(0)}, 1, 3].exists_one(x, x > {self.int(0)})",
            lambda: "has({'a': %s}.%s)" % (self.int(0), r.choice("ab")),
        )

    def any(self):
        return self.random.choice([self.uint, self.uint, self.int, self.double, self.text, self.bool])(
            self.random.randint(1, 5))

    def variables(self):
        r = self.random
        values = {name: r.choice(WORDS) for name in TEXTS}
        values.update({name: r.choice([0, 1, 5, 1000, 2**32 - 1]) for name in NAMES})
        return values


def hexed(text):
    return text.encode().hex()


def ours(rows):
    lines = "".join("\t".join([hexed(expression)] + [hexed(str(values[n])) for n in TEXTS + NAMES]) + "\n"
                    for expression, values in rows)
    done = subprocess.run([os.environ["AIGW_CEL_TOOL"]], input=lines, text=True, stdout=subprocess.PIPE,
                          timeout=900, check=True)
    answers = done.stdout.splitlines()
    assert len(answers) == len(rows)
    return [answer.split(" ", 1) for answer in answers]


KINDS = {celtypes.UintType: "uint", celtypes.IntType: "int", celtypes.DoubleType: "double", float: "double",
         celtypes.StringType: "string", str: "string", celtypes.BoolType: "bool", bool: "bool"}


def theirs(environment, expression, values):
    bound = {n: celtypes.StringType(values[n]) for n in TEXTS}
    bound.update({n: celtypes.UintType(values[n]) for n in NAMES})
    try:
        result = environment.program(environment.compile(expression)).evaluate(bound)
    except (CELEvalError, OverflowError) as error:  # the second: an infinite double as an integer
        return ["error", str(error)]
    kind = KINDS[type(result)]
    if kind == "string":
        return [kind, hexed(str(result))]
    return [kind, str(bool(result)).lower() if kind == "bool" else result]


def agree(mine, other):
    if mine[0] == "double" and other[0] == "double":
        a, b = float(mine[1]), float(other[1])
        return a == b or (math.isnan(a) and math.isnan(b))
    if mine[0] == "error" or other[0] == "error":
        return mine[0] == other[0]
    return mine[0] == other[0] and mine[1] == str(other[1])


def test_generated_expressions():
    generator = Generator(SEED)
    environment = celpy.Environment()
    rows = [(generator.any(), generator.variables()) for _ in range(COUNT)]
    differ, errors = [], 0
    for (expression, values), mine in zip(rows, ours(rows)):
        if mine[0] == "refused" and "too" in mine[1]:
            continue
        other = theirs(environment, expression, values)
        errors += other[0] == "error"
        if not agree(mine, other):
            differ.append(f"{expression}\n  with {values}\n  ours: {mine}, theirs: {other}")
    assert not differ, f"seed {SEED}: {len(differ)} differ\n" + "\n".join(differ[:10])
    # A generator that makes only errors, or none, shows little.
    assert COUNT * 0.05 < errors < COUNT * 0.6, errors


@pytest.mark.parametrize("expression, shown", [
    ("input_tokens * 2u + output_tokens", "uint 205"),
    ("model.startsWith('gpt') ? total_tokens : 0u", "uint 105"),
    ("uint(double(input_tokens) * 0.1) + output_tokens", "uint 15"),
    ("input_tokens - cached_input_tokens", "error"),
])
def test_what_people_write(expression, shown):
    values = dict(model="gpt-4o", backend="b", route_name="r", input_tokens=100, cached_input_tokens=101,
                  cache_creation_input_tokens=0, output_tokens=5, total_tokens=105, reasoning_tokens=0)
    mine = ours([(expression, values)])[0]
    assert (mine[0] if shown == "error" else " ".join(mine)) == shown
    assert agree(mine, theirs(celpy.Environment(), expression, values))


@pytest.mark.parametrize("expression, shown, why", AVOIDED)
def test_where_the_other_differs(expression, shown, why):
    """Ours is what the specification says. One in which both agree belongs into the generator."""
    values = {**dict.fromkeys(NAMES, 1), "model": "gpt-4o", "backend": "b", "route_name": "r"}
    mine = ours([(expression, values)])[0]
    kind, _, value = shown.partition(" ")
    assert mine[0] == kind and (kind == "error" or mine[1] == (hexed(value) if kind == "string" else value)), why
    assert not agree(mine, theirs(celpy.Environment(), expression, values)), "no difference any more"
