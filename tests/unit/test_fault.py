"""Faults heal whatever happens, and say what they did."""

from collections.abc import Iterator

import pytest

from labs import timeline
from labs.errors import LabError, NotStarted
from labs.fault import Lapsed, fault

DONE: list[str] = []


@fault("process")
def broken(place: str) -> Iterator[None]:
    """Broken, then mended."""
    DONE.append(f"break {place}")
    yield
    DONE.append(f"mend {place}")


@fault("network")
def unhealable() -> Iterator[None]:
    yield
    raise OSError("no such interface")


@fault("network")
def lapsing() -> Iterator[None]:
    yield
    raise Lapsed("it stopped: KeyError")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    DONE.clear()


def test_it_is_in_force_inside_and_healed_after() -> None:
    with broken("n1"):
        assert DONE == ["break n1"]
    assert DONE == ["break n1", "mend n1"]


def test_it_heals_when_the_body_fails_and_the_failure_stays() -> None:
    with pytest.raises(ZeroDivisionError), broken("n1"):
        raise ZeroDivisionError
    assert DONE == ["break n1", "mend n1"]


def test_it_heals_on_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt), broken("n1"):
        raise KeyboardInterrupt
    assert DONE[-1] == "mend n1"


def test_a_heal_that_fails_is_the_labs_fault_and_names_the_fault() -> None:
    with pytest.raises(LabError, match=r"unhealable\(\) could not be healed: no such interface"), unhealable():
        pass


def test_a_daemon_that_does_not_start_again_says_so_itself() -> None:
    @fault("process")
    def deadly() -> Iterator[None]:
        yield
        raise NotStarted("kafka of n1", "exit code 1", "no space")

    with pytest.raises(NotStarted, match=r"^kafka of n1: it does not start"), timeline.recorded() as recorded, deadly():
        pass
    assert "deadly(): could not be healed" in str(recorded)
    with pytest.raises(NotStarted), unhealable(), deadly():
        pass
    with pytest.raises(LabError, match=r"deadly\(\) could not be healed: kafka of n1: it does not start"), deadly():
        raise LabError("the lab is gone")


def test_a_heal_that_fails_does_not_hide_what_the_system_did_wrong() -> None:
    with pytest.raises(AssertionError, match="route is gone"), timeline.recorded() as recorded, unhealable():
        raise AssertionError("route is gone")
    assert "could not be healed" in str(recorded)


def test_what_was_seen_after_a_fault_had_stopped_counts_for_nothing() -> None:
    with pytest.raises(LabError, match=r"lapsing\(\) could not be healed: it stopped: KeyError"), lapsing():
        raise AssertionError("route is gone")


def test_faults_nest_and_heal_inside_out() -> None:
    with broken("n1"), broken("n2"):
        pass
    assert DONE == ["break n1", "break n2", "mend n2", "mend n1"]


def test_the_timeline_counts_it_and_tells_when() -> None:
    with timeline.recorded() as recorded, broken("n1"):
        pass
    assert recorded.faults == 1
    assert [event for _, event in recorded.events] == [
        "fault broken(n1): begins",
        "fault broken(n1): in force",
        "fault broken(n1): healed",
    ]
    assert [at for at, _ in recorded.events] == sorted(at for at, _ in recorded.events)


def test_what_it_needs_allowed_is_checked_where_it_is_declared() -> None:
    assert broken.allow == ("process",)
    with pytest.raises(ValueError, match="allow is one or more of"):
        fault("disk")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="allow is one or more of"):
        fault()
