"""Tempest's own tests in a process of their own: `tempest_outcomes.py TEMPEST_CONF PREFIX MODULE…` prints outcomes as JSON."""

import importlib
import json
import os
import sys
import unittest
from pathlib import Path

from labs.openstack.inventory_names import mark_tempest


class Outcomes(unittest.TestResult):
    """What became of each test; a class that could not be set up stands for its tests."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, tuple[str, str]] = {}

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.found[test.id()] = ("passed", "")

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.found[test.id()] = ("skipped", reason)

    def addFailure(self, test: unittest.TestCase, err: object) -> None:
        super().addFailure(test, err)  # type: ignore[arg-type]
        self.found[test.id()] = ("failed", self.failures[-1][1])

    def addError(self, test: unittest.TestCase, err: object) -> None:
        super().addError(test, err)  # type: ignore[arg-type]
        self.found[test.id()] = ("failed", self.errors[-1][1])


def main(conf: Path, prefix: str, modules: list[str]) -> None:
    os.environ |= {"OS_DEFAULT__LOG_FILE": os.devnull, "TEMPEST_CONFIG_DIR": str(conf.parent), "TEMPEST_CONFIG": conf.name}
    mark_tempest(prefix)
    outcomes, suite = Outcomes(), unittest.TestSuite()
    for name in modules:
        module = importlib.import_module(f"tempest.api.identity.{name}")
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
    suite.run(outcomes)
    print(json.dumps(outcomes.found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
