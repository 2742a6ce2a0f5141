"""What Allure shows beside the results: the environment, the categories of failures, who ran it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.masking import masked
from reports.outcomes import NOT_SELECTED


@dataclass(frozen=True)
class Category:
    """Results of these statuses whose message has the pattern; the first that fits is the one."""

    name: str
    description: str
    statuses: tuple[str, ...]
    message: str | None = None


FLAGGED = r"^flagged: "
PASSES_NOW = r"^flagged, passes now: "
# How allure-pytest begins the message of a LabError, and how an added result may.
LAB = r"^(?:[\w.]*LabError|blocked)\b"
CATEGORIES = (
    Category("Flagged failures", "The guideline knows of them; they change no verdict.", ("failed",), FLAGGED),
    Category("Flagged, passes now", "The flags can go.", ("passed",), PASSES_NOW),
    Category("Blocked", "The lab could not be had or kept: nothing is known of the product.", ("broken",), LAB),
    Category("Product failures", "The product does not do what is required of it.", ("failed",)),
    Category("Errors of the test", "The test itself broke.", ("broken",)),
    Category("Not selected", "Heavy tests, which only --full runs.", ("unknown",), rf"^{NOT_SELECTED}"),
    Category("Missing", "The guideline names the test and the run has no result of it.", ("unknown",)),
    Category("Skipped", "A skipped test is no pass.", ("skipped",)),
)


def write_environment(folder: Path, facts: Mapping[str, str]) -> None:
    """environment.properties: versions of every daemon, the kernel and what else the outcome depends on."""
    lines = [f"{_escaped(name, ' =:#!')}={_escaped(masked(str(value)))}" for name, value in facts.items()]
    (folder / "environment.properties").write_text("\n".join(lines) + "\n", encoding="ascii")


def _escaped(text: str, more: str = "") -> str:
    """As Java's Properties read it."""
    special = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", **{sign: "\\" + sign for sign in more}}
    plain = "".join(special.get(sign, sign) for sign in text)
    units = plain.encode("utf-16-be", "surrogatepass")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if 32 <= code < 127 else f"\\u{code:04x}" for code in codes)


def write_categories(folder: Path) -> None:
    """categories.json, for viewers that go by Allure 2's form."""
    (folder / "categories.json").write_text(json.dumps([_allure2(category) for category in CATEGORIES], indent=1))


def _allure2(category: Category) -> dict[str, Any]:
    """Allure 2 matches the whole message ([\\s\\S] is a dot that takes line ends), and knows no "first that fits"."""
    form = {"name": category.name, "description": category.description, "matchedStatuses": list(category.statuses)}
    if category.message:
        return {**form, "messageRegex": f"(?:{category.message})[\\s\\S]*"}
    earlier = [
        c.message for c in CATEGORIES[: CATEGORIES.index(category)] if c.message and set(c.statuses) & set(category.statuses)
    ]
    return {**form, "messageRegex": f"{''.join(f'(?!{message})' for message in earlier)}[\\s\\S]*"} if earlier else form


def configuration(name: str) -> dict[str, Any]:
    """Allure 3's configuration of a report: its name, and the same categories."""
    rules = [
        {"name": c.name, "matchers": {"statuses": list(c.statuses), **({"message": c.message} if c.message else {})}}
        for c in CATEGORIES
    ]
    return {"name": name, "categories": {"rules": rules}}


def write_executor(folder: Path, environment: Mapping[str, str]) -> bool:
    """executor.json, where the environment variables are those of a CI that is known; whether it was written."""
    found = _executor(environment)
    if found:
        (folder / "executor.json").write_text(json.dumps({key: value for key, value in found.items() if value}, indent=1))
    return bool(found)


def _executor(environment: Mapping[str, str]) -> dict[str, str]:
    def of(name: str) -> str:
        return environment.get(name, "")

    if of("GITHUB_RUN_ID"):
        url = f"{of('GITHUB_SERVER_URL')}/{of('GITHUB_REPOSITORY')}/actions/runs/{of('GITHUB_RUN_ID')}"
        return {"type": "github", "name": "GitHub Actions", "buildName": f"#{of('GITHUB_RUN_NUMBER')}", "buildUrl": url}
    if of("GITLAB_CI"):
        return {"type": "gitlab", "name": "GitLab CI", "buildName": of("CI_JOB_NAME"), "buildUrl": of("CI_JOB_URL")}
    if of("JENKINS_URL"):
        return {"type": "jenkins", "name": "Jenkins", "buildName": of("BUILD_TAG"), "buildUrl": of("BUILD_URL")}
    return {}
