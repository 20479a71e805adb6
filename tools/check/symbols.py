#!/usr/bin/env python3
"""Holds libaigateway.so to what a stock Envoy can load, run on old systems, and unload.

usage: symbols.py [--update] MODULE [GOLDEN_DIRECTORY]

Checked: the defined dynamic symbols are exactly those of module_exports.txt, all hooks, and none
STB_GNU_UNIQUE (which would pin the module in memory); it needs libc and the loader alone, of glibc
2.35 at most; what it takes from Envoy are callbacks, the strong ones exactly those of
module_callbacks_strong.txt, and each of those is in the oldest Envoy that is supported (a strong
one that an Envoy lacks refuses the load); it is linked with -z now, without which a missing
callback kills Envoy at its first call.
--update writes the two lists from the module; everything else is still checked.
"""

import pathlib
import re
import subprocess
import sys

HOOK = "envoy_dynamic_module_on_"
CALLBACK = "envoy_dynamic_module_callback_"
OLDEST = "src/fronts/module/envoy_1_38_callbacks.txt"
LIBRARIES = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}
GLIBC_MAX = (2, 35)
# Weak references that gcc's start files put into every shared object; nobody needs to define them.
START_FILES = {"__cxa_finalize", "__gmon_start__", "_ITM_deregisterTMCloneTable",
               "_ITM_registerTMCloneTable"}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Module:
    def __init__(self, nm_text, dynamic_text):
        """nm_text: of "nm -D"; dynamic_text: of "readelf -dW"."""
        self.defined = {}    # name -> nm's type letter
        self.undefined = {}  # name -> (nm's type letter, version or "")
        for line in nm_text.splitlines():
            kind, symbol = line.split()[-2:]
            name, _, version = symbol.partition("@")
            if kind in ("U", "w", "v"):
                self.undefined[name] = (kind, version.lstrip("@"))
            elif kind != "A":  # a version's own name
                self.defined[name] = kind
        self.needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic_text))
        self.bind_now = bool(re.search(r"\(FLAGS\).* BIND_NOW|\(FLAGS_1\).* NOW", dynamic_text))

    def strong_callbacks(self):
        return sorted(n for n, (kind, _) in self.undefined.items()
                      if n.startswith(CALLBACK) and kind == "U")


def check_fixed(module):
    """What holds whatever the lists say."""
    for name, kind in sorted(module.defined.items()):
        if not name.startswith(HOOK):
            yield f"exports {name} (type {kind}), which is no hook of Envoy's"
        elif kind != "T":
            yield f"exports {name} as type {kind}, not as a function (T)"
    for name in sorted(module.needed - LIBRARIES):
        yield f"needs {name}: only {', '.join(sorted(LIBRARIES))} may be needed"
    if not module.bind_now:
        yield "is not linked with -z now"
    for name, (kind, version) in sorted(module.undefined.items()):
        if version.startswith("GLIBC_"):
            numbers = tuple(int(n) for n in re.findall(r"\d+", version))
            if numbers > GLIBC_MAX:
                yield f"needs {name} of {version}: the floor is glibc 2.35"
        elif not name.startswith(CALLBACK) and not (kind == "w" and name in START_FILES):
            yield f"leaves {name} undefined, which is neither glibc's nor a callback of Envoy's"


def check_list(path, what, found):
    if not path.exists():
        yield f"{path.name} is missing: write it with --update and read what it says"
        return
    listed = path.read_text(encoding="utf-8").split()
    for name in sorted(set(found) - set(listed)):
        yield f"{what} {name}, which is not in {path.name}"
    for name in sorted(set(listed) - set(found)):
        yield f"no longer {what} {name}, which {path.name} lists"


def check_oldest(module, oldest):
    """oldest: the names that the oldest supported Envoy exports, or None to leave this out."""
    for name in module.strong_callbacks() if oldest is not None else ():
        if name not in oldest:
            yield f"strongly needs {name}, which the oldest supported Envoy lacks: declare it weak"


def check(module, golden, update=False, oldest=None):
    exports, strong = golden / "module_exports.txt", golden / "module_callbacks_strong.txt"
    if update:
        golden.mkdir(parents=True, exist_ok=True)
        exports.write_text("".join(n + "\n" for n in sorted(module.defined)), encoding="utf-8")
        strong.write_text("".join(n + "\n" for n in module.strong_callbacks()), encoding="utf-8")
    problems = list(check_fixed(module))
    problems += check_oldest(module, oldest)
    problems += check_list(exports, "exports", module.defined)
    problems += check_list(strong, "strongly needs", module.strong_callbacks())
    return problems


def load(path):
    return Module(run("nm", "-D", path), run("readelf", "-dW", path))


def main(arguments):
    update = "--update" in arguments
    arguments = [a for a in arguments if a != "--update"]
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    root = pathlib.Path(__file__).resolve().parents[2]
    golden = pathlib.Path(arguments[1]) if len(arguments) == 2 else root / "tests" / "golden"
    oldest = set((root / OLDEST).read_text(encoding="utf-8").split())
    problems = check(load(arguments[0]), golden, update, oldest)
    for problem in problems:
        print(f"{arguments[0]}: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
