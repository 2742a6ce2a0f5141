"""Who leads an ensemble, by what each of its servers says."""

import pytest

from labs.kafka.ensemble import NOT_SERVING, Server
from suites.kafka.ensemble import led_by

SILENT = ""
"""In the place of a mode: it does not answer."""


@pytest.mark.parametrize(
    ("modes", "leader"),
    [
        (["follower", "leader", "follower"], 2),
        (["follower", "leader", SILENT], 2),
        (["follower", "leader", NOT_SERVING], 2),
        (["standalone"], 1),
        ([NOT_SERVING], None),
        ([SILENT], None),
        (["follower", NOT_SERVING, SILENT], None),
        (["leader", "leader", "follower"], None),
        (["leader", NOT_SERVING, SILENT], None),
        (["leader", SILENT, SILENT], None),
        (["standalone", SILENT, SILENT], None),
    ],
)
def test_whoever_has_no_majority_does_not_lead(modes: list[str], leader: int | None) -> None:
    told = {number: Server(mode, "3.5.7", 1, 1, None) if mode else "timed out" for number, mode in enumerate(modes, 1)}
    assert led_by(told) == leader
