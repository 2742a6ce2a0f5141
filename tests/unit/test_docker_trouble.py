"""What Docker says when it cannot, made one line that also says how to mend it."""

import pytest

from labs.docker.trouble import last_word, mended, said

LOG = """\
time="2026-11-21T11:16:28Z" level=info msg="Starting up"
time="2026-11-21T11:16:28Z" level=warning msg="Your kernel does not support cgroup blkio weight"
"""
FATAL = "failed to start daemon: Devices cgroup isn't mounted"


@pytest.mark.parametrize(
    ("log", "word"),
    [
        ("", "it logged nothing"),
        (LOG, "Your kernel does not support cgroup blkio weight"),
        (f"{LOG}{FATAL}\n", FATAL),
        (f"{FATAL}\n{LOG}", FATAL),
        (f"{LOG}Status: unknown flag: --x\nSee 'dockerd --help'., Code: 125\n", "Status: unknown flag: --x"),
        (f'time="x" level=error msg="cannot \\"do\\" it" error=oops\n{LOG}', 'cannot "do" it'),
    ],
)
def test_the_last_word_is_the_last_that_tells_of_trouble(log: str, word: str) -> None:
    assert last_word(log) == word


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        (FATAL, "cgroupfs-mount"),
        ("runc create failed: no cgroup mount found in mountinfo: unknown", "cgroupfs-mount"),
        ("unable to apply cgroup configuration: mkdir /sys/fs/cgroup/cpuset/labproof: read-only file system", "ordinary user"),
        ("iptables failed: iptables: No chain/target/match by that name.", "modprobe"),
        ("write /run/docker/data/x: no space left on device", "remove containers"),
    ],
)
def test_what_is_known_to_mend_it_is_told(text: str, mend: str) -> None:
    assert mended(text).startswith(f"{text} (")
    assert mend in mended(text)


def test_what_is_not_known_stays_as_it_is() -> None:
    assert mended("No such container: c1") == "No such container: c1"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"message":"No such container: c1"}', "No such container: c1"),
        ('{"message":"two\\nlines"}', "two lines"),
        ("404 page not found\n", "404 page not found"),
        ("[]", "[]"),
        ("", "no reason was given"),
    ],
)
def test_what_an_answer_says_is_one_line(answer: str, words: str) -> None:
    assert said(answer) == words
