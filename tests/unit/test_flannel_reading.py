"""What `ip -j`, the registry and subnet.env say, as plain data."""

import json
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from labs.flannel.observations import Lease, SubnetEnv, read_lease, read_subnet_env
from labs.observe.links import Counters, read_links
from labs.observe.routing import Route, Rule, read_routes, read_rules

ROUTES = [
    {"type": "prohibit", "dst": "default", "table": "77", "flags": []},
    {
        "type": "unicast",
        "dst": "10.244.2.0/24",
        "gateway": "192.168.0.102",
        "dev": "eth0",
        "table": "main",
        "flags": ["onlink"],
    },
    {"type": "blackhole", "dst": "10.244.9.0/24", "table": "main", "metric": 7, "flags": []},
    {"type": "unicast", "dst": "10.244.3.0/24", "table": "main", "flags": [], "nexthops": [{"gateway": "192.168.0.103"}]},
    {"type": "local", "dst": "10.244.1.1", "dev": "cni0", "table": "local", "flags": []},
]


def test_routes_as_ip_lists_them() -> None:
    assert read_routes(json.dumps(ROUTES)) == (
        Route(IPv4Network("0.0.0.0/0"), None, "", "77", "prohibit"),
        Route(IPv4Network("10.244.2.0/24"), IPv4Address("192.168.0.102"), "eth0", flags=("onlink",)),
        Route(IPv4Network("10.244.9.0/24"), None, "", kind="blackhole", metric=7),
        Route(IPv4Network("10.244.3.0/24"), None, "", kind="multipath"),
        Route(IPv4Network("10.244.1.1/32"), None, "cni0", "local", "local"),
    )


def test_no_routes_at_all() -> None:
    assert read_routes("") == () == read_routes("[]")


RULES = [
    {"priority": 32766, "src": "all", "table": "main"},
    {"priority": 0, "src": "all", "table": "local"},
    {"priority": 100, "src": "all", "dst": "10.244.2.0", "dstlen": 24, "table": "77"},
    {"priority": 101, "src": "10.244.2.7", "action": "blackhole"},
    {"priority": 102, "src": "all", "fwmark": "0x1", "iif": "eth0", "table": "78", "suppress_prefixlen": 0},
    {"priority": 103, "src": "all", "goto": 32766},
    {"priority": 104, "not": None, "src": "10.0.0.0", "srclen": 8, "table": "79"},
]


def test_rules_in_the_order_in_which_they_apply() -> None:
    assert read_rules(json.dumps(RULES)) == (
        Rule(0, table="local"),
        Rule(100, table="77", destination=IPv4Network("10.244.2.0/24")),
        Rule(101, action="blackhole", source=IPv4Network("10.244.2.7/32")),
        Rule(102, table="78", suppress=0, selectors=("fwmark 0x1", "iif eth0")),
        Rule(103, action="goto", target=32766),
        Rule(104, table="79", selectors=("not",)),
        Rule(32766, table="main"),
    )


def test_links_with_addresses_and_counters() -> None:
    row = {
        "ifname": "eth0",
        "mtu": 1500,
        "flags": ["UP", "LOWER_UP"],
        "addr_info": [{"family": "inet", "local": "192.168.0.101", "prefixlen": 24}, {"family": "inet6", "local": "fe80::1"}],
        "stats64": {"rx": {"bytes": 10, "packets": 1}, "tx": {"bytes": 30, "packets": 2}},
    }
    link = read_links(json.dumps([row, {}]))["eth0"]
    assert (link.mtu, link.up, link.addresses) == (1500, True, (IPv4Interface("192.168.0.101/24"),))
    assert link.counters - Counters(20, 1, 5, 0) == Counters(10, 1, 5, 1)


def test_a_lease_of_the_registry() -> None:
    value = '{"PublicIP":"192.168.0.101","PublicIPv6":null,"BackendType":"host-gw"}'
    assert read_lease("10.244.3.0-24", value, 7) == Lease(
        IPv4Network("10.244.3.0/24"), IPv4Address("192.168.0.101"), "host-gw", 7
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("foo", "{}"),
        ("10.244.3.0-24", "not json"),
        ("10.244.3.0-24", "[]"),
        ("10.244.3.1-24", '{"PublicIP":"1.2.3.4","BackendType":"x"}'),
    ],
)
def test_what_is_no_lease_is_told(key: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{key}: no lease"):
        read_lease(key, value)


ENV = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=1500\nFLANNEL_IPMASQ=true\n"


def test_subnet_env() -> None:
    assert read_subnet_env(ENV) == SubnetEnv(IPv4Network("10.244.0.0/16"), IPv4Interface("10.244.3.1/24"), 1500, True)


@pytest.mark.parametrize(
    "text", ["", ENV.replace("1500", "large"), ENV.replace("FLANNEL_MTU=1500\n", ""), ENV.replace("/16", "/99")]
)
def test_a_subnet_env_that_cannot_be_read(text: str) -> None:
    assert read_subnet_env(text) is None
