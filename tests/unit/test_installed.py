"""The tests of the installed Tempest, and what a requirement of a guideline means among them."""

import json
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from reports.guideline import Requirement
from reports.tempest import installed
from reports.tempest.installed import Installed, InstalledError
from reports.tempest.resolve import Resolution, resolve

TOKENS = "tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token"
PLUGIN = """
import pathlib
from tempest.test_discover import plugins

class Plugin(plugins.TempestPlugin):
    def load_tests(self):
        {load}
    def register_opts(self, conf): pass
    def get_opt_lists(self): return []
"""
LOAD = "return str(pathlib.Path(__file__).parent / 'tests'), str(pathlib.Path(__file__).parents[1])"
MODULE = """
import testtools
from tempest.lib import decorators

class Moon(testtools.testcase.WithAttributes, testtools.TestCase):
    @decorators.idempotent_id({id!r})
    def test_full(self): pass
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LABPROOF_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tempest-tests"


def plugin(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, load: str = LOAD, **modules: str) -> Path:
    """Install a plugin for Tempest with these modules of tests; its package."""
    package, about = folder / name, folder / f"{name}-1.2.dist-info"
    (package / "tests").mkdir(parents=True)
    for place in (package, package / "tests"):
        (place / "__init__.py").touch()
    (package / "plugin.py").write_text(PLUGIN.format(load=load))
    for module, text in modules.items():
        (package / "tests" / f"{module}.py").write_text(text)
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text(f"[{installed.PLUGINS}]\n{name} = {name}.plugin:Plugin\n")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return package


def test_tempests_own_tests_have_ids_and_are_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = installed.tests()
    assert found.software["tempest"] == found.version
    assert found.ids[TOKENS] == "6f8e4436-fc96-4282-8122-e41df57197a9"
    assert len(found.ids) > 1000
    assert TOKENS in found.by_id("6f8e4436-fc96-4282-8122-e41df57197a9")
    assert found.by_id("none") == ()
    assert found.broken == {}
    [kept] = cache.iterdir()
    monkeypatch.setattr(installed, "_listed", lambda: pytest.fail("listed again"))
    assert installed.tests() == found
    kept.write_text("torn")
    monkeypatch.setattr(installed, "_listed", lambda: {"tests": ["x.a"], "broken": {}})
    assert installed.tests().ids == {"x.a": None}
    assert json.loads(kept.read_text())["tests"] == ["x.a"]


def test_no_configuration_disturbs_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tempest.conf").write_text("[identity\nthis is none")
    monkeypatch.setenv("TEMPEST_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("TEMPEST_CONFIG", "tempest.conf")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tempest.py").write_text("raise SystemExit('not me')")
    assert TOKENS in installed.tests().ids


def test_a_module_and_a_plugin_that_cannot_be_imported_hide_no_other(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = str(uuid4())
    modules = {"test_moon": MODULE.format(id=id), "test_sun": "import no_such_thing"}
    plugin(tmp_path / "site", monkeypatch, "lunar", **modules)
    plugin(tmp_path / "other", monkeypatch, "solar", load="raise OSError('eclipse')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}:{tmp_path / 'other'}")
    found = installed.tests()
    assert found.ids["lunar.tests.test_moon.Moon.test_full"] == id
    assert TOKENS in found.ids
    assert (found.software["lunar"], found.software["solar"]) == ("1.2", "1.2")
    assert found.broken == {
        "lunar.tests.test_sun": "ModuleNotFoundError: No module named 'no_such_thing'",
        "solar": "OSError: eclipse",
    }
    assert not cache.exists()


def test_sources_that_can_be_edited_are_listed_each_time(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin(tmp_path, monkeypatch, "lunar", test_moon=MODULE.format(id=str(uuid4())))
    (tmp_path / "lunar-1.2.dist-info" / "direct_url.json").write_text('{"url": "file:///x", "dir_info": {"editable": true}}')
    monkeypatch.setattr(installed, "_listed", lambda: {"tests": ["x.a[id-1,smoke]"], "broken": {}})
    assert installed.tests().ids == {"x.a": "1"}
    assert not cache.exists()


def test_a_listing_that_fails_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "ROOT", tmp_path)
    package = tmp_path / "reports" / "tempest"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "listing.py").write_text("raise ValueError('no moon')")
    with pytest.raises(InstalledError, match=r"^Tempest's tests cannot be listed: ValueError: no moon$"):
        installed.tests()


def of(ids: Mapping[str, str | None]) -> Installed:
    return Installed("47.0.0", ids, {"tempest": "47.0.0"}, {})


def need(test: str, id: str | None = None, *aliases: str) -> Requirement:
    return Requirement(test, id, aliases, "c", "required", None)


def test_a_name_comes_first_then_an_alias_then_the_id() -> None:
    there = of({"m.C.a": "1", "m.C.b": "2", "m.C.c": None})
    assert resolve(need("m.C.a", "2", "m.C.b"), there) == Resolution("name", "m.C.a")
    assert resolve(need("m.C.old", "1", "m.C.older", "m.C.b", "m.C.c"), there) == Resolution("alias", "m.C.b")
    assert resolve(need("m.C.old", "1"), there) == Resolution("id", "m.C.a")
    assert resolve(need("m.C.old", "3"), there) == resolve(need("m.C.old"), there) == Resolution("gone", None)
    assert [resolve(need(name, id), there).counts for name, id in (("m.C.a", None), ("x", "1"), ("x", None))] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("old", "names", "chosen"),
    [
        ("p.m.C.test_x", ["p.m.A.test_y", "q.n.B.test_x"], "q.n.B.test_x"),
        ("p.m.C.test_x", ["a.b.D.test_x", "z.y.C.test_x"], "z.y.C.test_x"),
        ("p.q.C.test_x", ["a.q.D.test_x", "p.z.D.test_x"], "p.z.D.test_x"),
        ("p.q.C.test_x", ["p.q.B.test_x", "p.q.A.test_x"], "p.q.A.test_x"),
        ("p.q.C.test_x", ["p.q.C.test_z", "p.q.A.test_y"], "p.q.C.test_z"),
    ],
)
def test_of_several_with_the_id_the_most_like_one_is_taken_and_the_others_are_told(
    old: str, names: list[str], chosen: str
) -> None:
    found = resolve(need(old, "1"), of(dict.fromkeys(names, "1")))
    assert (found.how, found.name, found.others) == ("id", chosen, tuple(set(names) - {chosen}))
