"""A lab that does not come up: it is gone, and what it had written is kept beside its logs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labs.embedded.site import Site
from labs.errors import LabError

Make = Callable[..., Site]


def fails(site: Site, error: BaseException) -> None:
    with site.whole():
        (site.folder / "server.properties").write_text("broker.id=1\n")
        daemon = site.nodes["n1"].daemon("broker", ["sh", "-c", "echo its last word; exec sleep 60"])
        daemon.start()
        site.nodes["n1"].host.run_expect([0], "until [ -s %s ]; do :; done", str(daemon.log_file))
        raise error


def test_its_state_and_its_logs_are_kept_and_the_error_says_where(make: Make) -> None:
    for name in ("failed", "failed.2"):
        site = make("lab", nodes=1)
        with pytest.raises(LabError) as raised:
            fails(site, LabError("broker1: no answer"))
        assert str(raised.value) == f"broker1: no answer; logs are kept in {site.logs}, its state in {name}/ there"
        assert (site.logs / name / "server.properties").read_text() == "broker.id=1\n"
        assert (site.logs / "n1/broker.log").read_text().endswith("its last word\n")
        assert not site.folder.exists()
        assert not site.alive


def test_what_is_no_word_of_the_labs_stays_as_it_is_with_a_note(make: Make) -> None:
    site = make("lab", nodes=1)
    with pytest.raises(KeyError) as raised:
        fails(site, KeyError("x"))
    assert raised.value.args == ("x",)
    assert raised.value.__notes__ == [f"logs are kept in {site.logs}, its state in failed/ there"]
    assert (site.logs / "failed/server.properties").exists()


def test_of_one_that_was_interrupted_only_the_logs_are_kept(make: Make) -> None:
    site = make("lab", nodes=1)
    with pytest.raises(KeyboardInterrupt):
        fails(site, KeyboardInterrupt())
    assert [path.name for path in site.logs.iterdir()] == ["n1"]
    assert not site.folder.exists()


def test_it_is_gone_though_its_state_cannot_be_kept(make: Make) -> None:
    site = make("lab", nodes=1)
    site.logs.mkdir(parents=True)
    Path(site.logs, "failed").symlink_to("/proc/nowhere/at/all")
    with pytest.raises(LabError, match=r"^broker1: no answer; logs are kept in [^,]*$"):
        fails(site, LabError("broker1: no answer"))
    assert not site.folder.exists()
