"""A load balancer that answers in Keystone's place when it is asked for the versions of the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labs.fault import fault
from labs.openstack.haproxy import FOLDER
from labs.openstack.identity import IdentityLab

DOCUMENTS = Path(__file__).parent / "discovery_documents"
BEFORE = "    default_backend keystone\n"
RULES = """\
    http-request return status 300 content-type application/json file {folder}/versions.json if {{ path / }}
    http-request return status 200 content-type application/json file {folder}/v3.json if {{ path /v3 /v3/ }}
"""


@fault("process")
def old_versions(lab: IdentityLab) -> Iterator[None]:
    """Versions are told from a copy that was taken when the third was a beta."""
    with _answered(lab, "old"):
        yield


@fault("process")
def bare_versions(lab: IdentityLab) -> Iterator[None]:
    """Versions are told by name and place alone."""
    with _answered(lab, "bare"):
        yield


@contextmanager
def _answered(lab: IdentityLab, which: str) -> Iterator[None]:
    """By the documents `WHICH_versions.json` and `WHICH_v3.json`."""
    folder = lab.machine.root / FOLDER.lstrip("/")
    for name in ("versions.json", "v3.json"):
        (folder / name).write_text((DOCUMENTS / f"{which}_{name}").read_text().replace("$url", lab.url))
    configuration = folder / "haproxy.cfg"
    own = configuration.read_text()
    try:
        configuration.write_text(own.replace(BEFORE, RULES.format(folder=FOLDER) + BEFORE))
        lab.haproxy.daemon.restart()
        yield
    finally:
        configuration.write_text(own)
        lab.haproxy.daemon.restart()
