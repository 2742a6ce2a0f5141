"""Guidelines of the schemas 1.2 to 1.6, put into the form of 2.0."""

from typing import Any

from reports.guideline_error import GuidelineError

PROGRAMS = {"compute": "OpenStack Powered Compute", "object": "OpenStack Powered Storage"}
FLAGGED = {"reason": "flagged in its capability"}
STATUSES = ("required", "advisory", "deprecated", "removed")


def modernised(raw: dict[str, Any]) -> dict[str, Any]:
    """The same guideline as schema 2.0 writes it; what has the wrong type is left for the model to name."""
    components = _object(raw, "components")
    return {
        "metadata": {key: raw[key] for key in ("id", "schema", "reference", "source") if key in raw},
        "platforms": _platforms(raw, components),
        "components": {name: _component(name, statuses) for name, statuses in components.items()},
        "capabilities": {name: _capability(name, rule, raw["schema"]) for name, rule in _object(raw, "capabilities").items()},
    }


def _object(raw: dict[str, Any], key: str) -> dict[str, Any]:
    value = raw.get(key)
    if not isinstance(value, dict):
        raise GuidelineError(f"{key}: an object is expected")
    return value


def _platforms(raw: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    needed = _object(raw, "platform").get("required")
    if not isinstance(needed, list):
        raise GuidelineError("platform.required: a list of components is expected")
    single = {PROGRAMS.get(name, name): {"components": [{"name": name}]} for name in components}
    return {"OpenStack Powered Platform": {"components": [{"name": name} for name in needed]}, **single}


def _component(name: str, statuses: Any) -> Any:  # noqa: ANN401 - likewise
    """All four have to be there: one that is left out, or misspelt, would ask for less than the guideline does."""
    missing = [status for status in STATUSES if isinstance(statuses, dict) and status not in statuses]
    if missing:
        raise GuidelineError(
            f"components.{name}.{missing[0]}: missing; a list of capabilities is expected, though an empty one"
        )
    return {"capabilities": statuses}


def _capability(name: str, rule: Any, version: str) -> Any:  # noqa: ANN401 - JSON, checked by the model afterwards
    if not isinstance(rule, dict):
        return rule
    tests = _listed(name, rule) if version == "1.2" else rule.get("tests")
    return {**rule, "tests": tests, "required_since": rule.get("required-since", "")}


def _listed(name: str, rule: dict[str, Any]) -> dict[str, Any]:
    """1.2 has the names of tests alone, and the flagged ones listed beside them."""
    for key in ("tests", "flagged"):
        names = rule.get(key, [])
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            raise GuidelineError(f"capabilities.{name}.{key}: a list of the names of tests is expected")
    return {test: {"flagged": FLAGGED} if test in rule.get("flagged", []) else {} for test in rule.get("tests", [])}
