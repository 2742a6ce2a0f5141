"""`bundle` writes where it is told, and over nothing else; what it cannot do is one line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.bundle import packing
from reports.commands import main

FILE = "results/refstack/r.json"
DOCUMENT = json.dumps({"cpid": "c", "duration_seconds": 1, "results": [{"name": "a"}]})
Bundle = Callable[..., tuple[int, str]]


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Bundle:
    """The command on results here; its code, and what it said."""
    (tmp_path / "results/refstack").mkdir(parents=True)
    (tmp_path / FILE).write_text(DOCUMENT)
    monkeypatch.chdir(tmp_path)

    def bundle(*more: str) -> tuple[int, str]:
        code = main(["bundle", FILE, *more])
        said = "".join(capsys.readouterr())
        assert len(said.splitlines()) == 1, said
        return code, said

    return bundle


def test_the_same_bundle_is_written_as_often_as_one_likes(bundle: Bundle) -> None:
    assert bundle("--bundle", "b.zip")[0] == 0
    whole = Path("b.zip").read_bytes()
    assert bundle("--bundle", "b.zip")[0] == 0
    assert Path("b.zip").read_bytes() == whole
    assert json.loads(packing.unpack(whole).files["results.json"])["cpid"] == "c"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (FILE, f"{FILE}: is there already and not this bundle; give another file with --bundle PATH"),
        ("letter", "letter: is there already and not this bundle"),
        ("results", "results: is a folder; give another file"),
        ("", ".: is a folder"),
        ("absent/b.zip", "absent/b.zip: the bundle cannot be written: No such file"),
        ("letter/b.zip", "letter/b.zip: the bundle cannot be written: Not a directory"),
    ],
)
def test_what_is_there_stays_and_a_path_that_cannot_be_written_is_told(bundle: Bundle, place: str, words: str) -> None:
    Path("letter").write_text("Dear friend")
    code, said = bundle("--bundle", place)
    assert (code, words in said) == (4, True), said
    assert (Path(FILE).read_text(), Path("letter").read_text()) == (DOCUMENT, "Dear friend")
    assert not list(Path().rglob("*.zip"))


def test_without_a_path_it_is_beside_the_results_or_nowhere(bundle: Bundle) -> None:
    code, said = bundle()
    path = Path(said.partition(":")[0])
    assert (code, path.parent) == (0, Path("results/refstack").parent)
    path.write_bytes(b"something else")
    code, said = bundle()
    assert (code, path.read_bytes()) == (4, b"something else")
    assert "give another file with --bundle PATH" in said
