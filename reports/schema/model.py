"""The interop schema 2.0 as a model; older files are put into its form first."""

import difflib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from reports.guideline_error import GuidelineError
from reports.schema import legacy

READ = ("1.2", "1.3", "1.4", "1.5", "1.6", "2.0")
OURS = "labproof."


class Rule(BaseModel):
    """Official files carry keys that no schema knows, so those are ignored there, and refused in our own."""

    model_config = ConfigDict(strict=True, populate_by_name=False)


class Flagged(Rule):
    reason: str
    action: str = ""
    date: str = ""
    versions: list[str] = []


class Test(Rule):
    idempotent_id: str = ""
    aliases: list[str] = []
    # The schema says `flag`, the official files `flagged`.
    flagged: Flagged | None = Field(None, validation_alias=AliasChoices("flagged", "flag"))


class Capability(Rule):
    description: str = ""
    project: str = ""
    # The official file of 2018.02 has it in the spelling of 1.x too.
    required_since: str = Field("", validation_alias=AliasChoices("required_since", "required-since"))
    achievements: list[str] = []
    admin: bool = False
    tests: dict[str, Test]


class Component(Rule):
    capabilities: dict[Literal["required", "advisory", "deprecated", "removed"], list[str]]
    designated_sections: dict[str, Any] = {}


class Reference(Rule):
    name: str
    source: str = ""


class Programme(Rule):
    """Our additions: `lab`, on which it is judged, and `variants`, those of it that are judged where none is asked for.

    Where `applies_to` names variants it is judged on no others. With `on_request` it is not run by default.
    """

    description: str = ""
    lab: str = ""
    variants: list[str] = []
    applies_to: list[str] = []
    on_request: bool = False
    components: list[Reference]
    required_platform_components: list[Reference] = []
    optional_platform_components: list[Reference] = []


class Approval(Rule):
    target_approval: str = ""
    replaces: str = ""
    releases: list[str] = []
    status: str = ""


class Metadata(Rule):
    """`software` is our addition: the versions with which the flags were seen."""

    id: str = Field(min_length=1)
    schema_: str = Field(alias="schema")
    reference: str = ""
    source: str = ""
    scoring: dict[str, Any] = {}
    os_trademark_approval: Approval = Approval()
    software: dict[str, str] = {}


class Repository(Rule):
    repository: str = ""
    reference: str = ""
    description: str = ""


class Document(Rule):
    metadata: Metadata
    platforms: dict[str, Programme] = {}
    add_ons: dict[str, Programme] = Field({}, alias="add-ons")
    components: dict[str, Component]
    capabilities: dict[str, Capability]
    designated_sections: dict[str, Any] = {}
    test_repositories: dict[str, Repository] = {}

    def programs(self) -> Mapping[str, Programme]:
        return {**self.platforms, **self.add_ons}


def validated(raw: object) -> Document:
    """Check parsed JSON against the schema that it names; GuidelineError tells the first thing wrong."""
    if not isinstance(raw, dict):
        raise GuidelineError(f"not a guideline: a JSON object is expected, found {_kind(raw)}")
    version = _version(raw)
    modern = raw if version == "2.0" else legacy.modernised(raw)
    try:
        document = Document.model_validate(modern, extra="forbid" if _ours(modern) else "ignore")
    except ValidationError as error:
        raise GuidelineError(_told(error)) from None
    if not document.programs():
        raise GuidelineError('no program: neither "platforms" nor "add-ons" names one')
    return document


def _version(raw: dict[str, Any]) -> str:
    metadata = raw.get("metadata")
    version = metadata.get("schema") if isinstance(metadata, dict) else raw.get("schema")
    if version is None:
        raise GuidelineError('not an interop guideline: no "metadata.schema" (2.0) and no "schema" (1.x)')
    if not isinstance(version, str):
        raise GuidelineError(f'schema: a string is expected, such as "2.0", found {_kind(version)}')
    if version not in READ:
        raise GuidelineError(f"schema {version[:40]!r} is not known; these are: {', '.join(READ)}")
    if (version == "2.0") != isinstance(metadata, dict):
        raise GuidelineError(f'schema {version} stands in the wrong place: 2.0 is named in "metadata", 1.x at the top')
    return version


def _ours(raw: dict[str, Any]) -> bool:
    return str(raw.get("metadata", {}).get("id", "")).startswith(OURS)


def _kind(raw: object) -> str:
    return {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}.get(
        type(raw), "a number"
    )


def _told(error: ValidationError) -> str:
    first, *more = error.errors(include_url=False, include_context=False, include_input=False)
    where = ".".join(str(part) for part in first["loc"])
    what = first["msg"]
    if first["type"] == "extra_forbidden":
        what = "unknown key" + _near(str(first["loc"][-1]))
    return f"{where}: {what}" + (f" (and {len(more)} more)" if more else "")


def _near(key: str) -> str:
    known = {
        field.alias or name: model.__name__ for model in Rule.__subclasses__() for name, field in model.model_fields.items()
    }
    if key in known:
        return f" here; it is one of {known[key].lower()}"
    near = difflib.get_close_matches(key, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else ""
