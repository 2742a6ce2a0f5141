"""The evidence of a Kafka lab, some of which cannot be had."""

import os
import subprocess
import sys

from labs.kafka.evidence import read
from labs.kafka.lab import resident


def test_a_section_that_cannot_be_read_says_why_and_takes_none_with_it() -> None:
    def gone() -> str:
        raise ProcessLookupError(3, "No such process")

    assert read(lambda: "as it is") == "as it is"
    assert read(gone) == "could not be read: ProcessLookupError: [Errno 3] No such process"


def test_the_memory_of_a_process_that_lives_is_dead_or_is_gone() -> None:
    assert (resident(os.getpid()) or 0) > 5
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert resident(process.pid) is None
    process.wait()
    assert resident(process.pid) is None
