"""Reports know plain data only."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASKED = """
import importlib, pkgutil, sys
import reports
for module in pkgutil.walk_packages(reports.__path__, "reports."):
    if module.name != "reports.__main__":
        importlib.import_module(module.name)
print(*sorted({"labs", "proof", "pytest", "suites"} & set(sys.modules)))
"""


def test_reports_import_neither_labs_nor_proof_nor_pytest() -> None:
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'fixtures'}"}
    done = subprocess.run([sys.executable, "-c", ASKED], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
