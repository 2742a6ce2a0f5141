"""When an identity lab is as it came up."""

from typing import Any

import pytest

from labs.openstack.identity_settled import catalog_problems, role_problems

URL = "https://127.0.0.1:4567/v3"


def catalog(service: str = "id1", url: str = URL, interfaces: tuple[str, ...] = ("public", "internal", "admin")) -> list[Any]:
    endpoints = [{"interface": interface, "url": url} for interface in interfaces]
    return [{"type": "identity", "id": service, "endpoints": endpoints}]


def test_a_whole_catalog_is_no_problem() -> None:
    assert catalog_problems(catalog(), "id1", URL) == []
    assert catalog_problems([*catalog(), {"type": "image", "id": "id2", "endpoints": []}], "id1", URL) == []


@pytest.mark.parametrize(
    "found",
    [
        [],
        catalog(service="id2"),
        catalog(url="https://elsewhere"),
        catalog(interfaces=("public", "admin")),
        catalog() + catalog("id2"),
    ],
)
def test_what_the_catalog_lacks_or_has_too_much_is_told(found: list[Any]) -> None:
    [problem] = catalog_problems(found, "id1", URL)
    assert (problem.kind, problem.where) == ("catalog", "identity")


def test_roles_are_compared_as_sets() -> None:
    token = {"roles": [{"name": "reader"}, {"name": "member"}]}
    assert role_problems("member", token, {"member", "reader"}) == []
    [problem] = role_problems("member", token, {"reader"})
    assert (problem.kind, problem.where, problem.found) == ("roles", "member", ["member", "reader"])
