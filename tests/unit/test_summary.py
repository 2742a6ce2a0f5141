"""What people read: nothing that matters is left out, nothing in a reason breaks the page."""

import io
from typing import Any

import pytest
from rich.console import Console

from reports.guideline import Flag, Program, Requirement, Status
from reports.outcomes import Found, Outcome
from reports.rows import rows, sort
from reports.summary import markdown
from reports.terminal import show
from reports.verdict import judge, report

FLAG = Flag("D901 fails upstream", "wait", "2026-11-20", ("flanneld 0.28.4",))
LAB = {"name": "flannel", "kind": "embedded", "software": {"flanneld": "0.28.4", "etcd": "3.4.23"}}


def need(test: str, status: Status = "required", flag: Flag | None = None, capability: str = "routes") -> Requirement:
    return Requirement(test, None, (), capability, status, flag)


REQUIREMENTS = (
    need("s.good"),
    need("s.bad"),
    need("s.bad", capability="paths"),
    need("s.stuck"),
    need("s.gone"),
    need("s.skip"),
    need("s.known", flag=FLAG),
    need("s.broken", flag=FLAG),
    need("s.mended", flag=FLAG),
    need("s.unseen", flag=Flag("D902 fails too", "wait", "")),
    need("s.unasked"),
    need("s.unasked too", flag=FLAG),
    need("s.nice", "advisory", capability="extra"),
    need("s.heavy", "advisory", capability="extra"),
    need("s.heavy too", "advisory", FLAG, capability="extra"),
    need("s.old", "removed", capability="history"),
)
OUTCOMES = {
    "s.good": Found(Outcome.passed, None),
    "s.bad": Found(Outcome.failed, "1 problem\n  missing-route  n1 | password=hidden\n```\n# no heading"),
    "s.stuck": Found(Outcome.blocked, "this kernel has no vxlan"),
    "s.skip": Found(Outcome.skipped, "no IPv6"),
    "s.known": Found(Outcome.failed, "[red]as ever[/red]\n  missing-route  n1", ("missing-route",)),
    "s.broken": Found(Outcome.failed, "ValueError: no number\n  at n1"),
    "s.unseen": Found(Outcome.blocked, "no lab"),
    "s.unasked": Found(Outcome.missing, "deselected"),
    "s.unasked too": Found(Outcome.missing, "deselected"),
    "s.heavy": Found(Outcome.missing, "not selected: --full"),
    "s.heavy too": Found(Outcome.missing, "not selected: --full"),
    "s.mended": Found(Outcome.passed, None),
    "s.nice": Found(Outcome.failed, "slow"),
}


def document(*, good: bool = False, variant: str = "default") -> dict[str, Any]:
    requirements = REQUIREMENTS[:1] if good else REQUIREMENTS
    program = Program("flannel", "flannel", "", requirements)
    return report([judge(program, "labproof.2026.11", variant, OUTCOMES, LAB)], "2026-11-20T10:00:00+00:00", 93.1, "0.1.0")


def printed(*, terminal: bool, width: int = 200, **of: Any) -> str:
    out = io.StringIO()
    show(
        document(**of),
        Console(file=out, force_terminal=terminal, width=width, color_system=None),
        {"report": "results/summary.md"},
    )
    return out.getvalue()


def test_each_test_stands_where_it_matters_and_once() -> None:
    found = sort(list(rows(document())))
    assert [row.test for row in found.against] == ["s.bad", "s.stuck", "s.gone", "s.skip"]
    assert [row.test for row in found.flagged] == ["s.known"]
    assert [row.test for row in found.otherwise] == ["s.broken"]
    assert [row.test for row in found.mended] == ["s.mended"]
    assert [row.test for row in found.unseen] == ["s.unseen"]
    assert [row.test for row in found.optional] == ["s.nice"]
    assert [row.test for row in found.heavy] == ["s.heavy", "s.heavy too"]
    assert found.deselected == {"flannel": 2}


def test_what_is_required_is_missing_though_only_full_would_run_it() -> None:
    program = Program("flannel", "flannel", "", (need("s.heavy"),))
    made = report([judge(program, "labproof.2026.11", "default", OUTCOMES, LAB)], "2026-11-20T10:00:00+00:00", 1.0, "0.1.0")
    found = sort(list(rows(made)))
    assert ([row.test for row in found.against], found.heavy) == (["s.heavy"], [])


def test_the_page_says_all() -> None:
    page = markdown(document(), {"verdict": "verdict.json", "logs": "labs/flannel"})
    for text in (
        "# Compliant: NO",
        "Begun 2026-11-20T10:00:00+00:00, 93.1 s, Labproof 0.1.0",
        "This lab passes 16.7 % (2/12) of the tests in the labproof.2026.11 required capabilities of the flannel program.",
        "Lab: flannel (embedded), flanneld 0.28.4, etcd 3.4.23",
        "| routes | required | 2/11 | 🟩🟥🟧⬜🟦🟨🟨🟩🟨⬜⬜ |",
        "| extra | advisory | 0/3 | 🟥⬜⬜ |",
        "## Against the verdict (4)",
        "- 🟥 **failed** flannel: `s.bad`",
        "- ⬜ **missing** flannel: `s.gone`: the run has no result of it",
        "## Flagged, still failing (1)",
        "- 🟥 **failed** flannel: `s.known`: D901 fails upstream (flanneld 0.28.4, 2026-11-20)\n"
        "  - today: \\[red\\]as ever\\[/red\\]\n",
        "## Not asked for\n\n- flannel: 2 deselected\n",
        "## Flagged, failing by something else (1)\n\nThey change no verdict.\n\n- 🟥 **failed** flannel: `s.broken`\n\n"
        "  ```text\n  ValueError: no number\n    at n1\n  ```\n",
        "## Flagged, passes now (1)",
        "- 🟩 **passed** flannel: `s.mended`: D901 fails upstream (flanneld 0.28.4, 2026-11-20)\n\n",
        "## Flagged, no result (1)",
        "- 🟧 **blocked** flannel: `s.unseen`: D902 fails too\n  - today: no lab\n",
        "## Not required, not passing (1)",
        "## Not selected (2)\n\nHeavy tests, which `--full` runs; they change no verdict.\n\n"
        "- ⬜ **missing** flannel: `s.heavy`: not selected: --full\n",
        "- [verdict](verdict.json)",
        "- [logs](labs/flannel)",
    ):
        assert text in page
    assert "hidden" not in page
    assert "s.old" not in page


def test_a_reason_cannot_break_out_of_its_block() -> None:
    page = markdown(document(), {})
    assert "  ````text\n  1 problem\n    missing-route  n1 | password=******\n  ```\n  # no heading\n  ````\n" in page


def test_a_long_reason_is_cut() -> None:
    made = document()
    made["verdicts"][0]["capabilities"][0]["requirements"][1]["reason"] = "\n".join(f"line {n}" for n in range(50))
    page = markdown(made, {})
    assert "line 19" in page
    assert "line 20" not in page
    assert "… and 30 more lines" in page


def test_a_lab_that_complies() -> None:
    page = markdown(document(good=True, variant="legacy"), {})
    assert page.startswith("# Compliant: YES\n")
    assert "## ✅ flannel@legacy" in page
    assert "Against" not in page


def test_a_labs_settings_are_told() -> None:
    made = document(good=True)
    made["verdicts"][0]["lab"] = LAB | {"settings": "defaults"}
    assert "Lab: flannel (embedded, settings: defaults), flanneld 0.28.4" in markdown(made, {})


def test_several_programs_are_counted() -> None:
    both = document()
    both["verdicts"] += document(good=True)["verdicts"]
    assert markdown(both, {}).startswith("# 1 of 2 programs comply\n")
    assert markdown({**both, "verdicts": []}, {}).startswith("# 0 of 0 programs comply\n")


def test_names_are_no_markup() -> None:
    made = document(good=True)
    made["verdicts"][0]["program"] = "a|b*c<d>"
    assert "## ✅ a\\|b\\*c\\<d\\>" in markdown(made, {})


def test_without_a_terminal_there_are_plain_lines() -> None:
    lines = printed(terminal=False).splitlines()
    assert lines[0].startswith("This lab passes 16.7 % (2/12)")
    assert lines[0].endswith("Compliance with labproof.2026.11: NO")
    assert "  failed  flannel  s.bad: 1 problem" in lines
    assert "  blocked flannel  s.stuck: this kernel has no vxlan" in lines
    assert lines[-1] == "report: results/summary.md"
    assert not any(line.startswith(("┃", "│")) for line in lines)


def test_what_is_flagged_stands_apart_with_the_reason() -> None:
    lines = printed(terminal=False).splitlines()
    at = lines.index("Flagged, still failing (these change no verdict):")
    assert lines[at - 2 : at] == ["  missing flannel  2 deselected", "  missing flannel  2 not selected: --full"]
    assert lines[at + 1 : at + 11] == [
        "  failed  flannel  s.known: D901 fails upstream (flanneld 0.28.4, 2026-11-20); today: [red]as ever[/red]",
        "Flagged, failing by something else (these change no verdict):",
        "  failed  flannel  s.broken: ValueError: no number",
        "Flagged, passes now (the flags can go):",
        "  passed  flannel  s.mended: D901 fails upstream (flanneld 0.28.4, 2026-11-20)",
        "Flagged, no result:",
        "  blocked flannel  s.unseen: D902 fails too; today: no lab",
        "Not required, not passing (these change no verdict):",
        "  failed  flannel  s.nice: slow",
        "report: results/summary.md",
    ]
    assert lines[1:at] == [line for line in lines[1:at] if "s.known" not in line]
    assert not [line for line in printed(terminal=False, good=True).splitlines() if "lagged, " in line or "deselected" in line]


def test_no_list_is_longer_than_a_screen() -> None:
    made = document()
    [required, *_] = made["verdicts"][0]["capabilities"]
    required["requirements"] += [{**required["requirements"][5], "test": f"s.known_{number}"} for number in range(50)]
    out = io.StringIO()
    show(made, Console(file=out, width=200), {})
    assert sum("s.known" in line for line in out.getvalue().splitlines()) == 20
    assert "  … and 31 more" in out.getvalue()


def test_a_narrow_pipe_does_not_fold_lines() -> None:
    lines = printed(terminal=False, width=40).splitlines()
    assert lines[0].endswith("Compliance with labproof.2026.11: NO")
    assert any("s.stuck: this kernel has no vxlan" in line for line in lines)


def test_on_a_terminal_there_is_a_table() -> None:
    text = printed(terminal=True)
    row = next(line for line in text.splitlines() if "2 blocked" in line)
    for cell in ("flannel", "labproof.2026.11", "16.7 % (2/12)", "4 failed, 2 blocked, 3 missing, 1 skipped", "NO"):
        assert cell in row
    assert "YES" in printed(terminal=True, good=True)


@pytest.mark.parametrize("terminal", [True, False])
def test_markup_in_reasons_is_shown_and_not_obeyed(terminal: bool) -> None:
    made = document()
    made["verdicts"][0]["capabilities"][0]["requirements"][1]["reason"] = "[/red] [bold]x"
    out = io.StringIO()
    show(made, Console(file=out, force_terminal=terminal, width=200, color_system=None), {})
    assert "[/red] [bold]x" in out.getvalue()
