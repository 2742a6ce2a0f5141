"""Every kind of problem that a suite's judges report stands in its document, in the table "When one fails".

A kind is what stands first in `Problem(…)`. Where that is no text, the kinds are the texts with a hyphen in the function that
makes it: the called one, or the one around it. What is given as `kind=`, say to a seeded fault, is one in any case.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITES = sorted(path.parent.name for path in ROOT.glob("suites/*/__init__.py"))
SECTION = re.compile(r"^## When one fails\n(.*?)(?=^## |\Z)", re.M | re.S)
KIND = re.compile(r"[a-z]+(-[a-z]+)+")
Function = ast.FunctionDef | ast.Module


def reported(tree: ast.Module) -> set[str]:
    """The kinds of problems in a module."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    found = {kind for function in (*functions, tree) for kind in _told(function, functions)}
    return found | {
        str(node.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "kind" and isinstance(node.value, ast.Constant)
    }


def _told(function: Function, functions: list[ast.FunctionDef]) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem" and node.args:
            yield from _kinds(node.args[0], function, functions)


def _kinds(kind: ast.expr, function: Function, functions: list[ast.FunctionDef]) -> Iterator[str]:
    if isinstance(kind, ast.Constant):
        yield str(kind.value)
        return
    called = kind.func.id if isinstance(kind, ast.Call) and isinstance(kind.func, ast.Name) else None
    makers = [each for each in functions if each.name == called] or [each for each in (function,) if each in functions]
    for node in (node for maker in makers for node in ast.walk(maker)):
        if isinstance(node, ast.Constant) and KIND.fullmatch(str(node.value)):
            yield str(node.value)


def documented(page: str) -> set[str]:
    """The first cells of the table, each with one kind or with several."""
    rows = [line for part in SECTION.findall(page) for line in part.splitlines() if line.startswith("| ")]
    return {kind for row in rows[1:] for kind in re.findall(r"[\w-]+", row.split("|")[1])}


def pages(suite: str) -> list[Path]:
    """docs/flannel.md and docs/flannel-vxlan.md of the suite flannel."""
    return [page for page in sorted(ROOT.glob("docs/*.md")) if f"{page.stem.replace('-', '_')}_".startswith(f"{suite}_")]


CODE = """
def judge(rows, kind="of-default"):
    yield Problem("plain-kind", "n1: not-this", 1, 2)
    yield Problem(_wrong(rows), "n1", 1, 2)
    for what, found in [("in-a-table", 1), ("bare", 2)]:
        yield Problem(what, "n1", 1, 2)

def _wrong(rows):
    return "one-way" if rows else "other-way"

def nothing():
    return "no-kind"

@proven_by(lost, kind="bare")
def test(): ...
"""


def test_kinds_are_found_in_code_and_in_a_page() -> None:
    found = {"plain-kind", "one-way", "other-way", "in-a-table", "of-default", "bare"}
    assert reported(ast.parse(CODE)) == found
    table = "| kind | look at |\n|---|---|\n| a-b, `c` | d-e |\n| f | g |\n"
    page = f"## Other\n| x-y | z |\n\n## When one fails\n\n{table}\n## More\n| h | i |\n"
    assert documented(page) == {"a-b", "c", "f"}


@pytest.mark.parametrize("suite", SUITES)
def test_every_kind_stands_in_a_document_of_its_suite(suite: str) -> None:
    trees = {path: ast.parse(path.read_text()) for path in sorted((ROOT / "suites" / suite).rglob("*.py"))}
    have = {kind for page in pages(suite) for kind in documented(page.read_text())}
    missing = [f"{path.relative_to(ROOT)}: {kind}" for path, tree in trees.items() for kind in sorted(reported(tree) - have)]
    where = " or ".join(page.name for page in pages(suite)) or f"docs/{suite.replace('_', '-')}.md"
    assert not missing, "\n".join([f'to be added to the table "When one fails" of {where}:', *missing])


@pytest.mark.parametrize("suite", SUITES)
def test_no_document_has_a_kind_that_nobody_reports(suite: str) -> None:
    texts = [path.read_text() for path in (ROOT / "suites" / suite).rglob("*.py")]
    have = {kind for page in pages(suite) for kind in documented(page.read_text())}
    assert [kind for kind in sorted(have) if not any(f'"{kind}"' in text for text in texts)] == []
