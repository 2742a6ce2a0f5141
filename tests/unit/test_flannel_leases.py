"""The judges of leases and settings, on hand-written data."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from labs.flannel.observations import Lease, Registry, Settings, SubnetEnv
from suites.flannel.leases import holder_problems, overlap_problems, owner_problems, setting_problems

NETWORK = IPv4Network("10.244.0.0/16")
NODES = {f"n{n}": IPv4Address(f"192.168.0.{100 + n}") for n in (1, 2, 3)}
LEASES = tuple(Lease(IPv4Network(f"10.244.{n}.0/24"), NODES[f"n{n}"]) for n in (1, 2, 3))


SETTINGS = {n: Settings(a, None, (IPv4Interface(f"{a}/24"),), 1500, (), 1500, 1500) for n, a in NODES.items()}


def kinds(*leases: Lease) -> list[str]:
    found = (
        holder_problems(Registry("{}", leases), NODES, NETWORK) + overlap_problems(leases) + owner_problems(leases, SETTINGS)
    )
    return sorted(problem.kind for problem in found)


def lease(subnet: str, address: str, backend: str = "host-gw") -> Lease:
    return Lease(IPv4Network(subnet), IPv4Address(address), backend)


def test_a_lease_a_node_is_right() -> None:
    assert kinds(*LEASES) == []


@pytest.mark.parametrize(
    ("leases", "expected"),
    [
        (LEASES[:2], ["missing-lease"]),
        ((*LEASES, lease("10.244.9.0/24", "192.168.0.101")), ["several-leases"]),
        ((*LEASES, lease("10.244.9.0/24", "192.168.0.77")), ["unknown-owner"]),
        ((*LEASES[:2], lease("10.244.3.0/24", "192.168.0.101")), ["missing-lease", "several-leases"]),
        ((*LEASES[:2], lease("10.245.3.0/24", "192.168.0.103")), ["lease-outside-network"]),
        ((*LEASES[:2], lease("10.0.0.0/8", "192.168.0.103")), ["lease-outside-network", "overlapping-leases"]),
        ((*LEASES[:2], lease("10.244.2.128/25", "192.168.0.103")), ["overlapping-leases"]),
        ((*LEASES[:2], lease("10.244.2.0/24", "192.168.0.103")), ["overlapping-leases"]),
        ((*LEASES[:2], lease("10.244.3.0/24", "192.168.0.103", "vxlan")), ["wrong-backend"]),
    ],
)
def test_what_is_wrong_with_leases(leases: tuple[Lease, ...], expected: list[str]) -> None:
    assert kinds(*leases) == expected


def test_what_is_no_lease_is_a_problem() -> None:
    (problem,) = holder_problems(Registry("{}", LEASES, {"foo": "bar"}), NODES, NETWORK)
    assert (problem.kind, problem.where, problem.found) == ("unreadable-lease", "foo", "bar")


GATEWAY = IPv4Interface("10.244.1.1/24")
RIGHT = Settings(
    public_ip=NODES["n1"],
    subnet_env=SubnetEnv(NETWORK, GATEWAY, 1500, True),
    device_addresses=(IPv4Interface("192.168.0.101/24"),),
    device_mtu=1500,
    bridge_addresses=(GATEWAY,),
    bridge_mtu=1500,
    pod_mtu=1500,
)


def env(**changes: object) -> Settings:
    assert RIGHT.subnet_env is not None
    return replace(RIGHT, subnet_env=replace(RIGHT.subnet_env, **changes))  # type: ignore[arg-type]


def test_settings_that_agree() -> None:
    assert setting_problems({"n1": RIGHT}, LEASES, NETWORK) == []


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (replace(RIGHT, subnet_env=None), "missing-subnet-env"),
        (replace(RIGHT, public_ip=IPv4Address("192.168.0.77")), "missing-lease"),
        (env(network=IPv4Network("10.245.0.0/16")), "wrong-network"),
        (env(address=IPv4Interface("10.244.2.1/24")), "wrong-subnet"),
        (env(address=IPv4Interface("10.244.1.1/25")), "wrong-subnet"),
        (env(mtu=1450), "wrong-mtu"),
        (env(masquerade=False), "wrong-masquerade"),
        (replace(RIGHT, bridge_addresses=()), "wrong-bridge-address"),
        (replace(RIGHT, bridge_mtu=1450), "wrong-bridge-mtu"),
        (replace(RIGHT, bridge_mtu=None), "wrong-bridge-mtu"),
        (replace(RIGHT, pod_mtu=1450), "wrong-pod-mtu"),
    ],
)
def test_settings_that_disagree(found: Settings, kind: str) -> None:
    assert [problem.kind for problem in setting_problems({"n1": found}, LEASES, NETWORK)] == [kind]


def test_an_address_that_the_device_has_not() -> None:
    elsewhere = SETTINGS | {"n1": replace(SETTINGS["n1"], device_addresses=(IPv4Interface("192.168.0.77/24"),))}
    assert [problem.kind for problem in owner_problems(LEASES, elsewhere)] == ["unknown-owner", "foreign-public-ip"]


VXLAN = tuple(replace(each, backend="vxlan", vni=1, vtep=f"02:00:00:00:00:0{n}") for n, each in enumerate(LEASES, 1))


def test_the_back_end_has_to_be_the_labs() -> None:
    assert holder_problems(Registry("{}", VXLAN), NODES, NETWORK, "vxlan") == []
    assert {p.kind for p in holder_problems(Registry("{}", LEASES), NODES, NETWORK, "vxlan")} == {"wrong-backend"}


def test_a_tunnel_takes_fifty_bytes_of_the_mtu() -> None:
    inner = replace(env(mtu=1450), bridge_mtu=1450, pod_mtu=1450)
    assert setting_problems({"n1": inner}, VXLAN, NETWORK) == []
    assert {p.kind for p in setting_problems({"n1": RIGHT}, VXLAN, NETWORK)} == {
        "wrong-mtu",
        "wrong-bridge-mtu",
        "wrong-pod-mtu",
    }
    assert [p.kind for p in setting_problems({"n1": replace(inner, pod_mtu=1451)}, VXLAN, NETWORK)] == ["wrong-pod-mtu"]


def test_an_mtu_that_is_configured_stands_for_the_devices() -> None:
    inner = replace(env(mtu=1350), bridge_mtu=1350, pod_mtu=1350)
    assert setting_problems({"n1": inner}, VXLAN, NETWORK, 1400) == []
    assert len(setting_problems({"n1": inner}, VXLAN, NETWORK)) == 3
