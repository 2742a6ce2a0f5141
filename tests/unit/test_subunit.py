"""Outcomes out of subunit streams, which real test runs make here, version 2 and version 1."""

import gzip
import io
import sys
import types
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import subunit
import testtools
from subunit.v2 import StreamResultToBytes
from testtools.testcase import WithAttributes, attr

from reports.outcomes import Found, Outcome
from reports.subunit.cases import version
from reports.subunit.stream import Stream, SubunitError, read, stream

ID = "6f8e4436-fc96-4282-8122-e41df57197a9"
MODULE = "lunar.test_moon"


class Moon(WithAttributes, testtools.TestCase):
    __test__ = False  # not pytest's

    @attr(f"id-{ID}", "smoke")
    def test_full(self) -> None:
        pass

    def test_new(self) -> None:
        raise ValueError("no moon\n  tonight: password=hunter2")

    def test_eclipse(self) -> None:
        self.skipTest("needs a sun")

    def test_known(self) -> None:
        self.expectFailure("as ever", self.assertEqual, 1, 2)

    @unittest.expectedFailure
    def test_surprise(self) -> None:
        pass


class Dark(testtools.TestCase):
    __test__ = False  # not pytest's

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        raise OSError("no credentials")

    def test_side(self) -> None:
        pass


class Far(testtools.TestCase):
    __test__ = False  # not pytest's

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        raise unittest.SkipTest("Far needs a rocket")

    def test_side(self) -> None:
        pass


class Untidy(testtools.TestCase):
    __test__ = False  # not pytest's

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        raise OSError("left behind")

    def test_crater(self) -> None:
        pass


CLASSES = (Moon, Dark, Far, Untidy)


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The classes stand in a module of their own, so that streams do not name this one."""
    monkeypatch.setitem(sys.modules, MODULE, types.ModuleType(MODULE))
    for each in CLASSES:
        monkeypatch.setattr(each, "__module__", MODULE)
    return


def ran(result: Any) -> None:
    unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(each) for each in CLASSES).run(result)


def version_2() -> bytes:
    written = io.BytesIO()
    result = testtools.ExtendedToStreamDecorator(StreamResultToBytes(written))
    result.startTestRun()
    ran(result)
    result.stopTestRun()
    return written.getvalue()


def version_1() -> bytes:
    written = io.BytesIO()
    ran(subunit.TestProtocolClient(written))
    return written.getvalue()


@pytest.mark.parametrize("made", [version_2, version_1])
def test_every_kind_of_outcome(made: Any) -> None:
    found = stream(made(), "s")
    outcomes = {name.removeprefix(f"{MODULE}."): each.outcome for name, each in found.outcomes.items()}
    assert outcomes == {
        "Moon.test_full": Outcome.passed,
        "Moon.test_new": Outcome.failed,
        "Moon.test_eclipse": Outcome.skipped,
        "Moon.test_known": Outcome.failed,
        "Moon.test_surprise": Outcome.failed,
        "Untidy.test_crater": Outcome.passed,
    }
    assert found.ids == {f"{MODULE}.Moon.test_full": ID}
    reasons = {name.rpartition(".")[2]: each.reason or "" for name, each in found.outcomes.items()}
    assert reasons["test_full"] == ""
    assert reasons["test_eclipse"] == "needs a sun"
    assert reasons["test_new"].startswith("ValueError: no moon\nTraceback (most recent call last)")
    assert "hunter2" not in reasons["test_new"]
    assert reasons["test_known"].startswith("failed, as it was expected to")
    assert reasons["test_surprise"] == "passed, though a failure was expected"


@pytest.mark.parametrize("made", [version_2, version_1])
def test_a_class_that_was_not_set_up_tells_of_its_tests(made: Any) -> None:
    told = stream(made(), "s")
    tests = [f"{MODULE}.{name}" for name in ("Dark.test_side", "Dark.test_gone", "Far.test_side", "Darker.test_side")]
    found = told.found([*tests, f"{MODULE}.Moon.test_full"])
    assert [each.outcome for each in found.values()] == [Outcome.failed, Outcome.failed, Outcome.skipped, Outcome.passed]
    assert (found[tests[0]].reason or "").startswith(f"setUpClass ({MODULE}.Dark): OSError: no credentials\nTraceback")
    assert found[tests[2]].reason == f"setUpClass ({MODULE}.Far): Far needs a rocket"
    assert sorted(told.notes) == [
        f"setUpClass ({MODULE}.Dark): failed: OSError: no credentials",
        f"setUpClass ({MODULE}.Far): skipped: Far needs a rocket",
        f"tearDownClass ({MODULE}.Untidy): failed: OSError: left behind",
    ]


def events(*statuses: tuple[str, str | None], **more: Any) -> bytes:
    written = io.BytesIO()
    result = StreamResultToBytes(written)
    for test, status in statuses:
        result.status(test_id=test, test_status=status, **more)
    return written.getvalue()


def told(*statuses: tuple[str, str | None]) -> Stream:
    return stream(events(*statuses), "s")


def test_a_module_that_cannot_be_imported_tells_of_its_tests() -> None:
    found = told(
        ("unittest.loader._FailedTest.x.test_m", "fail"), ("setUpModule (y.test_n)", "fail"), ("y.test_o.C.a", "success")
    )
    assert set(found.found(["x.test_m.C.a", "y.test_n.C.a", "x.test_mm.C.a"])) == {"x.test_m.C.a", "y.test_n.C.a"}
    assert found.outcomes == {"y.test_o.C.a": Found(Outcome.passed)}


def test_of_several_results_the_worst_counts_and_it_is_told() -> None:
    found = told(("x.a[id-1]", "success"), ("x.a[id-1,slow]", "fail"), ("x.b", "success"))
    assert (found.outcomes["x.a"].outcome, found.ids) == (Outcome.failed, {"x.a": "1"})
    assert found.notes == ("1 tests have several results, of which the worst counts: x.a",)


def test_a_test_without_an_end_is_blocked_and_it_is_told() -> None:
    for found in (told(("x.a", "inprogress"), ("x.b", "success")), stream(b"test: x.b\nsuccess: x.b\ntest: x.a\n", "s")):
        assert found.outcomes["x.a"].outcome is Outcome.blocked
        assert (found.outcomes["x.a"].reason or "").startswith("it began, and the stream has no end of it")
        assert found.notes == ("the stream has no end of 1 tests that began: its run was cut short",)
        assert found.outcomes["x.b"] == Found(Outcome.passed)


def test_output_of_programs_may_stand_between() -> None:
    packets = [events(("x.a", "success")), events(("x.b", "skip"))]
    for text in (b"hello \xc2\xb3 \xe2\x82\xac\n", b"test: x\n"[:3]):
        assert set(stream(text + packets[0] + text + packets[1] + text, "s").outcomes) == {"x.a", "x.b"}
    first = "test: x.a\nhello ³ world\nsuccess: x.a\n".encode()
    assert (version(first), stream(first, "s").outcomes) == (1, {"x.a": Found(Outcome.passed)})


@pytest.mark.parametrize("made", [version_2, version_1])
def test_packed_streams_are_read(made: Any, tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain", tmp_path / "packed.gz"
    plain.write_bytes(made())
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(plain).outcomes.keys() == read(packed).outcomes.keys()


def test_the_time_is_that_of_the_stream() -> None:
    found = stream(b"time: 2026-11-20 10:00:00Z\ntest: x.a\ntime: 2026-11-20 10:01:30Z\nsuccess: x.a\n", "s")
    assert found.started is not None
    assert (found.started.isoformat(), found.seconds) == ("2026-11-20T10:00:00+00:00", 90.0)
    assert told(("x.a", "success")).started is None


DAMAGED = {
    "empty": b"",
    "text": b"hello\nworld\n",
    "binary": bytes(range(256)) * 4,
    "json": b'{"a": 1}',
    "only a list": events(("x.a", "exists")),
    "cut": events(("x.a", "success"), ("x.b", "success"))[:-3],
    "a byte changed": events(("x.a", "success")).replace(b"x.a", b"x.c"),
    "an end that says nothing": events(("x.a", "success")) + b"\xb3",
    "v1, cut in a report": b"test: x.a\nfailure: x.a [\nTrace",
    "v1, a time that is none": b"time: soon\ntest: x.a\n",
    "v1, parts that are none": b"test: x.a\nfailure: x.a [ multipart\nrubbish\n]\n",
}


@pytest.mark.parametrize("what", DAMAGED)
def test_what_is_no_stream_or_a_damaged_one_is_one_line(what: str, tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_bytes(DAMAGED[what])
    with pytest.raises(SubunitError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


def test_every_cut_of_a_stream_is_an_error_or_passes_no_more_than_the_whole() -> None:
    for whole in (version_2(), version_1()):
        full = {name for name, each in stream(whole, "s").outcomes.items() if each.outcome is Outcome.passed}
        for end in range(0, len(whole), 37):
            try:
                part = stream(whole[:end], "s").outcomes
            except SubunitError:
                continue
            assert {name for name, each in part.items() if each.outcome is Outcome.passed} <= full


def test_files_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "s.gz").write_bytes(gzip.compress(version_2())[:-20])
    for path, why in {
        tmp_path: "Is a directory",
        tmp_path / "none": "No such file",
        tmp_path / "s.gz": "cannot be read",
    }.items():
        with pytest.raises(SubunitError, match=why):
            read(path)
