"""Control groups of a lab: found in every hierarchy, of both versions, by the lab's folder alone."""

from pathlib import Path

import pytest

from labs.embedded import cgroups

MOUNTS = """\
29 23 0:26 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
30 29 0:27 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu
31 29 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
32 23 0:29 / /mnt/cgroup rw,relatime - ext4 /dev/cgroup rw
"""


def test_hierarchies_are_found_by_their_kind() -> None:
    assert list(cgroups.hierarchies(MOUNTS)) == ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/unified"]


def test_each_lab_has_a_group_of_its_own() -> None:
    one, two = cgroups.parent(Path("/state/labs/one")), cgroups.parent(Path("/state/labs/two"))
    assert one != two
    assert one.startswith("/labproof/")
    assert one == cgroups.parent(Path("/state/labs/one"))


def test_groups_of_one_lab_are_removed_and_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = Path("/state/labs/one"), Path("/state/labs/two")
    for lab in (mine, other):
        (tmp_path / cgroups.parent(lab).lstrip("/") / "container" / "init").mkdir(parents=True)
    monkeypatch.setattr(cgroups, "hierarchies", lambda _: [str(tmp_path)])
    assert cgroups.remove(mine)
    assert [group.name for group in (tmp_path / cgroups.TOP).iterdir()] == [Path(cgroups.parent(other)).name]
    assert cgroups.remove(other)
    assert list(tmp_path.iterdir()) == []
    assert cgroups.remove(other)
