"""What the labs of a run ran, kept for whoever goes on with it."""

from pathlib import Path

import pytest

from labs.errors import LabError
from proof import software
from proof.plan import Instance

LEGACY = Instance("flannel-legacy.own", "flannel", "legacy", 3)


def test_it_is_known_by_subject_and_variant(tmp_path: Path) -> None:
    assert software.known(tmp_path / "labs") == {}
    folder = tmp_path / "labs" / LEGACY.name
    folder.mkdir(parents=True)
    for _ in range(2):
        software.note(folder, LEGACY, {"flanneld": "0.28.4", "etcd": "3.4.23"})
    assert software.known(tmp_path / "labs") == {("flannel", "legacy"): {"flanneld": "0.28.4", "etcd": "3.4.23"}}


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ({"flanneld": "0.28.5", "etcd": "3.4.23"}, "began with flanneld 0.28.4, and the lab now has flanneld 0.28.5"),
        ({"flanneld": "0.28.4"}, "began with etcd 3.4.23, and the lab now has etcd none"),
    ],
)
def test_a_lab_that_comes_up_with_others_is_none_of_the_run(tmp_path: Path, versions: dict[str, str], words: str) -> None:
    software.note(tmp_path, LEGACY, {"flanneld": "0.28.4", "etcd": "3.4.23"})
    with pytest.raises(LabError, match=words):
        software.note(tmp_path, LEGACY, versions)
