"""Guidelines of the schemas 1.2 to 1.6, put into the form of 2.0."""

from typing import Any

from reports.guideline_error import GuidelineError

PROGRAMS = {"compute": "OpenStack Powered Compute", "object": "OpenStack Powered Storage"}
FLAGGED = {"reason": "flagged in its capability"}


def modernised(raw: dict[str, Any]) -> dict[str, Any]:
    """The same guideline as schema 2.0 writes it; what has the wrong type is left for the model to name."""
    components = _object(raw, "components")
    return {
        "metadata": {key: raw[key] for key in ("id", "schema", "reference", "source") if key in raw},
        "platforms": _platforms(raw, components),
        "components": {name: {"capabilities": statuses} for name, statuses in components.items()},
        "capabilities": {name: _capability(rule) for name, rule in _object(raw, "capabilities").items()},
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


def _capability(rule: Any) -> Any:  # noqa: ANN401 - JSON, checked by the model afterwards
    if not isinstance(rule, dict):
        return rule
    tests, flagged = rule.get("tests"), rule.get("flagged", [])
    if isinstance(tests, list):  # 1.2: names alone, the flagged ones listed beside them
        tests = {name: {"flagged": FLAGGED} if name in flagged else {} for name in map(str, tests)}
    return {**rule, "tests": tests, "required_since": rule.get("required-since", "")}
