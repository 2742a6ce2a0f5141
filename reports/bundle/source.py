"""What is sent, and what goes with it into a bundle: out of a results document, a run's results folder, or a bundle."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports import refstack
from reports.bundle import packing
from reports.bundle.packing import Bundle, BundleError, Changed
from reports.guideline import parse
from reports.guideline_error import GuidelineError
from reports.masking import masked_json, shown
from reports.refstack import Results, ResultsError

FOLDER, PLAN = "refstack", "plan.json"
EVIDENCE = OUTCOMES, VERDICT, GUIDELINES, SOFTWARE = "outcomes.jsonl", "verdict.json", "guidelines/", "software.json"


class SourceError(Exception):
    """Nothing that could be sent: one line."""


@dataclass(frozen=True)
class Source:
    """Results and the bytes that are sent for them.

    `evidence` are the other files of a bundle by name, `lacking` those that are not to be had, `folder` is where a bundle of it
    belongs; `kept` is the bundle that it came out of.
    """

    path: Path
    results: Results
    body: bytes
    folder: Path
    evidence: Mapping[str, bytes] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()
    kept: Bundle | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """All that a bundle of it holds."""
        return {packing.RESULTS: self.body, **self.evidence}

    @property
    def without(self) -> str:
        """What a bundle of it lacks, in words; empty where it lacks nothing."""
        return f"without {', '.join(self.lacking)}, which are not beside the results" if self.lacking else ""


def source(given: str) -> Source:
    """Read what a person named; SourceError where it cannot be used, also where the server would refuse or break on it."""
    try:
        path = Path(given).expanduser()
        found = _bundled(path) if _is_bundle(path) else _of_run(_document(path))
    except (ResultsError, BundleError) as error:
        raise SourceError(str(error)) from None
    except Changed as error:
        raise SourceError(f"{shown(given)}: {error}") from None
    except (OSError, ValueError, RuntimeError) as error:
        raise SourceError(f"{shown(given)}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    wrong = refstack.problems(found.results)
    if wrong:
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise SourceError(f"{shown(given)}: not sent: {wrong[0]}{more}")
    return found


def _is_bundle(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _document(path: Path) -> Path:
    """The results document; of a folder the only one in it."""
    if not path.is_dir():
        return path
    found = sorted((path / FOLDER).glob("*.json"))
    if not found:
        raise ResultsError(f"{shown(str(path))}: no {FOLDER}/*.json is in it; the results of a run on a cloud are expected")
    if len(found) > 1:
        raise ResultsError(f"{shown(str(path))}: several clouds have results in it; name one: {', '.join(map(str, found))}")
    return found[0]


def _bundled(path: Path) -> Source:
    held = packing.read(path)
    body = held.files[packing.RESULTS]
    return Source(path, refstack.parse(body, str(path)), body, path.parent, kept=held)


def _of_run(path: Path) -> Source:
    """With the evidence around it, where it stands in a run's results folder."""
    results = refstack.read(path)
    body = (json.dumps(results.to_json(), indent=1) + "\n").encode()
    folder = path.absolute().parent
    if folder.name != FOLDER:
        return Source(path, results, body, folder, lacking=EVIDENCE)
    evidence = _evidence(folder.parent)
    lacking = tuple(name for name in EVIDENCE if not any(held.startswith(name) for held in evidence))
    return Source(path, results, body, folder.parent, evidence, lacking)


def _evidence(folder: Path) -> dict[str, bytes]:
    """What a run left in its folder. It goes into other hands, so secrets are masked once more."""
    there = {name: folder / name for name in (OUTCOMES, VERDICT) if (folder / name).is_file()}
    read = {name: file.read_bytes().decode(errors="replace") for name, file in there.items()}
    lines = {name: text.split("\n") if name == OUTCOMES else [text] for name, text in read.items()}
    texts = {name: "\n".join(map(masked_json, of)).encode() for name, of in lines.items()}
    return texts | _planned(folder / PLAN, texts.get(VERDICT))


def _planned(path: Path, verdict: bytes | None) -> dict[str, bytes]:
    """The guidelines that judged the run, as they were read, and the versions of what ran; nothing where there is no plan."""
    try:
        plan, judged = json.loads(path.read_bytes()), json.loads(verdict or b"{}")
        guidelines = dict(_guideline(source, text) for source, text in plan["guidelines"].items())
        return {**guidelines, SOFTWARE: (json.dumps(_software(plan, judged), indent=1) + "\n").encode()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, GuidelineError):
        return {}


def _guideline(source: str, text: str) -> tuple[str, bytes]:
    data = text.encode()
    name = refstack.UNFIT.sub("_", parse(data, source).id.removesuffix(".json"))
    return f"{GUIDELINES}{name}.json", data


def _software(plan: Mapping[str, Any], judged: Mapping[str, Any]) -> dict[str, Any]:
    labs = {f"{of['program']}@{of['variant']}": (of["lab"] or {}).get("software", {}) for of in judged.get("verdicts", [])}
    return {"harness": judged.get("harness", plan.get("harness")), "labs": labs, "planned": plan.get("software", {})}
