"""Lists the tests of the installed Tempest and of its plugins: `python -m reports.tempest.listing FILE`.

FILE gets a JSON document: `tests`, the ids as Tempest lists them (`module.Class.test[id-…,smoke]`), and `broken`, what could
not be imported, by name, and why. Tempest wants a configuration when it is imported; the caller names an empty one.
"""

import json
import sys
import unittest
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

FOLDERS = ("api", "scenario", "serial_tests")
FAILED = "unittest.loader._FailedTest."


def main(file: Path) -> None:
    """Write the listing; an import error of one module, or of one plugin, hides no other."""
    tests: list[str] = []
    broken: dict[str, str] = {}
    for name, folder, top in _places(broken):
        loader = unittest.TestLoader()
        try:
            tests += _ids(loader.discover(folder, pattern="test*.py", top_level_dir=top))
        except Exception as error:
            broken[name] = _line(error)
        broken |= dict(_failure(str(told)) for told in loader.errors)
    file.write_text(json.dumps({"tests": [id for id in tests if not id.startswith(FAILED)], "broken": broken}))


def _places(broken: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Where tests are: whose they are, the folder, and the one from which their modules are named."""
    # By name, for Tempest has no types.
    tempest = Path(import_module("tempest").__file__ or "").parent
    yield from (("tempest", str(tempest / folder), str(tempest.parent)) for folder in FOLDERS)
    for plugin in import_module("tempest.test_discover.plugins").TempestTestPluginManager().ext_plugins:
        try:
            yield (plugin.name, *plugin.obj.load_tests())
        except Exception as error:
            broken[plugin.name] = _line(error)


def _ids(suite: unittest.TestSuite) -> Iterator[str]:
    for each in suite:
        yield from _ids(each) if isinstance(each, unittest.TestSuite) else [each.id()]


def _failure(told: str) -> tuple[str, str]:
    """The module and the last line of what a loader keeps: "Failed to import test module: NAME", and a traceback."""
    lines = [line for line in told.splitlines() if line.strip()] or ["?"]
    return lines[0].rpartition(": ")[2], lines[-1]


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
