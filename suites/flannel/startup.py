"""The judges of how flanneld starts when its network configuration is absent, invalid or unknown to it."""

import re
from ipaddress import IPv4Network

from labs.flannel.observations import Routing
from labs.problem import Problem


def route_problems(node: str, routing: Routing, network: IPv4Network) -> list[Problem]:
    """Routes of the network by way of other nodes, where there must be none."""
    inside = [route for route in routing.routes if route.destination.subnet_of(network) and route.device != routing.bridge]
    return [Problem("route-without-lease", f"{node}: {route.destination}", "no route", str(route)) for route in inside]


def reason_problems(node: str, log: str, reason: str) -> list[Problem]:
    """Whether flanneld has not said why it does not go on (`reason`: a regular expression for one line)."""
    last = (log.strip().splitlines() or ["nothing"])[-1]
    return [] if given_reason(log, reason) else [Problem("no-reason", node, f"a line like “{reason}”", last)]


def given_reason(log: str, reason: str) -> str:
    """The first line in which flanneld said why; empty when it did not."""
    return next((line.strip() for line in log.splitlines() if re.search(reason, line)), "")


def refusal_problems(node: str, running: bool) -> list[Problem]:
    """Whether flanneld still runs though it must refuse its configuration."""
    return [Problem("not-refused", node, "flanneld exits", "it runs")] if running else []
