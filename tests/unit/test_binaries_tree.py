"""Unpacked trees: what is kept, and where their links lead."""

from pathlib import Path

from labs.binaries.tree import keep, relink


def test_absolute_links_into_the_tree_become_relative(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ip").write_text("ip")
    (tmp_path / "usr" / "sbin").mkdir(parents=True)
    link = tmp_path / "usr" / "sbin" / "ip"
    link.symlink_to("/bin/ip")
    relink(tmp_path)
    assert str(link.readlink()) == "../../bin/ip"
    assert link.read_text() == "ip"


def test_links_that_mean_the_hosts_and_relative_ones_stay(tmp_path: Path) -> None:
    (tmp_path / "outside").symlink_to("/etc/os-release")
    (tmp_path / "beside").symlink_to("outside")
    relink(tmp_path)
    assert str((tmp_path / "outside").readlink()) == "/etc/os-release"
    assert str((tmp_path / "beside").readlink()) == "outside"


def test_links_to_folders_and_to_links_are_led_into_the_tree(tmp_path: Path) -> None:
    (tmp_path / "opt" / "real").mkdir(parents=True)
    (tmp_path / "opt" / "alias").symlink_to("/opt/real")
    (tmp_path / "first").symlink_to("/opt/alias")
    relink(tmp_path)
    assert (tmp_path / "first").resolve() == tmp_path / "opt" / "real"


def test_only_what_the_patterns_name_is_kept_in_its_place(tmp_path: Path) -> None:
    unpacked, folder = tmp_path / "unpacked", tmp_path / "entry"
    for name in ("usr/bin/tool", "usr/lib/any-linux-gnu/lib.so", "usr/share/doc/tool/README", "etc/tool.conf"):
        (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / name).write_text(name)
    keep(unpacked, ("usr/bin", "usr/lib/*-linux-gnu", "sbin"), folder)
    kept = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert kept == ["usr/bin/tool", "usr/lib/any-linux-gnu/lib.so"]
