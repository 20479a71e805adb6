"""Both versions of the Anthropic SDK in one process."""
import contextlib
import importlib
import pathlib
import sys

# The version of the API that an SDK speaks, and the folder below build/venv that holds it; None is the environment's.
ANTHROPIC = {"2023-06-01": "sdk/anthropic-2023", "2026-10-21": None}


def _loaded():
    return {name: module for name, module in sys.modules.items() if name.split(".")[0] == "anthropic"}


@contextlib.contextmanager
def anthropic(version):
    """The SDK for a version of the API. As long as the block lasts it is what `import anthropic` means, since the SDK
    imports parts of itself when they are first used."""
    before = _loaded()
    for name in before:
        del sys.modules[name]
    folder = ANTHROPIC[version] and str(pathlib.Path(sys.prefix) / ANTHROPIC[version])
    if folder:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module("anthropic")
        assert not folder or module.__file__.startswith(folder), f"{folder} is not there: ./dev setup makes it"
        yield module
    finally:
        if folder:
            sys.path.remove(folder)
        for name in _loaded():
            del sys.modules[name]
        sys.modules.update(before)
