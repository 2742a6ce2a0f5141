"""What a run leaves in a cloud: told from what was there, and from what is others'."""

import os
import time
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from labs.openstack import inventory
from labs.openstack.inventory import Ask, Inventory, left_behind, observe, observe_named, observe_own, remains, stale
from labs.openstack.inventory_names import PREFIX, age, mark_tempest, run_prefix
from labs.openstack.inventory_removal import ORDER, remove
from labs.problem import Problem

NOW = 1_795_000_000.0
MINE = run_prefix(NOW)
OLD = run_prefix(NOW - 90_000)
DAY = timedelta(days=1)


def answers(pages: Mapping[str, Any]) -> Ask:
    """A cloud that lists these kinds, and forbids all others."""
    return lambda path: (200, pages[path]) if path in pages else (403, {"error": {}})


# --- names


def test_a_name_tells_when_its_run_began() -> None:
    assert PREFIX.match(f"{MINE}-TokensV3Test-1")
    assert age(f"{OLD}-x", NOW) == timedelta(seconds=90_000)
    assert len({run_prefix(NOW) for _ in range(200)}) > 150
    since = age(f"{run_prefix()}-x", time.time())
    assert since is not None
    assert since < timedelta(seconds=5)


@pytest.mark.parametrize(
    "name",
    ["tempest-x", "labproof-", "labproof-mine", "labproof-tp70dm-zzz-x", f"my-{MINE}-x", MINE, ""],
    ids=["tempest's", "no time", "no number", "no hex", "inside", "no name", "empty"],
)
def test_other_names_are_no_run_s(name: str) -> None:
    assert age(name, NOW) is None


def test_names_fit_into_a_project_s() -> None:
    """Of Tempest's longest class of identity, with what it puts around it, in 64 characters."""
    assert len(f"{MINE}-ApplicationCredentialsV3AdminTest-2147483647") <= 64


def test_tempest_is_told_once_however_often(monkeypatch: pytest.MonkeyPatch) -> None:
    factory = import_module("tempest.common.credentials_factory")

    def asked(version: str) -> dict[str, str]:
        return {"version": version, "resource_prefix": "tempest"}

    monkeypatch.setattr(factory, "get_dynamic_provider_params", asked)
    monkeypatch.setenv("OS_DEFAULT__RESOURCE_NAME_PREFIX", "tempest")
    for prefix in (OLD, MINE):
        mark_tempest(prefix)
    assert factory.get_dynamic_provider_params("v3") == {"version": "v3", "resource_prefix": MINE}
    assert factory.get_dynamic_provider_params.__wrapped__ is asked
    assert os.environ["OS_DEFAULT__RESOURCE_NAME_PREFIX"] == MINE


# --- looking


def test_all_there_is_by_kind() -> None:
    pages = {
        "/users": {"users": [{"id": "1", "name": "ada"}], "links": {"next": "http://x/v3/users?marker=1"}},
        "http://x/v3/users?marker=1": {"users": [{"id": "2", "name": "eve"}], "links": {"next": None}},
        "/regions": {"regions": [{"id": "North", "description": ""}, {"id": "7", "description": "somewhere"}]},
        "/role_assignments": {"role_assignments": [{"role": {"id": "r"}, "user": {"id": "1"}, "scope": {}, "links": {}}]},
        "/groups": "garbage",
        "/projects": {"something": []},
    }
    found = observe(answers(pages))
    assert found == {
        "users": {"1": "ada", "2": "eve"},
        "regions": {"North": "North", "7": "somewhere"},
        "role_assignments": {"role:r scope:{} user:1": "role:r scope:{} user:1"},
    }
    assert inventory.count(found) == {"users": 2, "regions": 2, "role_assignments": 1}


def test_only_what_is_called_so() -> None:
    """A cloud may not know the filter: what it gives is filtered here too."""
    users = {"users": [{"id": "1", "name": f"{MINE}-u"}, {"id": "2", "name": "ada"}]}
    pages = {f"/users?name__startswith={MINE}": users, "/services": {"services": [{"id": "3", "name": f"{OLD}-s"}]}}
    assert observe_named(answers(pages), MINE) == {"users": {"1": f"{MINE}-u"}}


def test_what_a_user_has_made_for_itself() -> None:
    pages = {
        "/users/u1/application_credentials": {"application_credentials": [{"id": "a", "name": "mine"}]},
        "/users/u1/access_rules": {"access_rules": [{"id": "r", "path": "/v2.1/servers", "method": "GET"}]},
        "/users/u1/credentials/OS-EC2": {"credentials": [{"access": "k", "secret": "s"}]},
    }
    own = {"application_credentials": {"a": "mine"}, "access_rules": {"r": "/v2.1/servers"}, "ec2_credentials": {"k": "k"}}
    assert observe_own(answers(pages), "u1") == own


# --- judging


def test_what_came_and_what_went() -> None:
    before = {"users": {"1": "ada"}, "roles": {"r": "reader"}, "trusts": {}}
    after = {"users": {"1": "ada", "2": f"{MINE}-u"}, "roles": {}, "regions": {"North": "North"}}
    assert left_behind(before, after) == [
        Problem("left-behind", f"users: {MINE}-u", "gone", "2"),
        Problem("lost", "roles: reader", "r", "gone"),
        Problem("unreadable", "trusts", "it can be listed", "it cannot any more"),
    ]
    assert left_behind(before, before) == []
    assert inventory.new(before, after) == {"users": {"2": f"{MINE}-u"}, "regions": {"North": "North"}}


def test_what_a_run_has_made_should_be_gone() -> None:
    assert remains({}) == []
    assert remains({"users": {"2": "x"}}) == [Problem("left-behind", "users: x", "gone", "2")]


def test_only_runs_of_long_ago_are_stale() -> None:
    users = {"1": "ada", "2": "tempest-u", "3": f"{MINE}-u", "4": f"{OLD}-u", "5": "labproof-tp-u"}
    assert stale({"users": users, "roles": {"6": "admin"}}, NOW, DAY) == {"users": {"4": f"{OLD}-u"}}
    assert stale({"users": users}, NOW, timedelta(days=2)) == {}


# --- removing


class Cloud:
    """One whose things go when nothing stands in them; it keeps what was asked."""

    def __init__(self, within: Mapping[str, str], refused: tuple[str, ...] = ()) -> None:
        self.within = dict(within)
        self.refused = refused
        self.gone: list[str] = []

    def delete(self, _kind: str, id: str) -> bool:
        if id in self.refused or any(outer == id for inner, outer in self.within.items() if inner not in self.gone):
            return False
        self.gone.append(id)
        return True


def test_what_stands_in_others_goes_first() -> None:
    cloud = Cloud(within={"p2": "p1", "p3": "p2", "p1": "d"})
    things = {"domains": {"d": f"{OLD}-d"}, "projects": {"p1": f"{OLD}-1", "p2": f"{OLD}-2", "p3": f"{OLD}-3"}}
    assert remove(cloud.delete, things) == {}
    assert cloud.gone == ["p3", "p2", "p1", "d"]


def test_what_will_not_go_is_told() -> None:
    cloud = Cloud(within={}, refused=("u",))
    assert remove(cloud.delete, {"users": {"u": f"{OLD}-u", "v": f"{OLD}-v"}}) == {"users": {"u": f"{OLD}-u"}}


def test_nothing_of_anybody_else_s_is_ever_removed() -> None:
    cloud = Cloud(within={})
    others: Inventory = {kind: {"1": "ada", "2": "tempest-u", "3": "", "4": "labproof"} for kind in ORDER}
    assert remove(cloud.delete, others) == {}
    assert cloud.gone == []
