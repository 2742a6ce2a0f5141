"""The judges of how flanneld starts when its network configuration is absent, invalid or unknown to it."""

import re
from collections.abc import Mapping
from ipaddress import IPv4Network

from labs.flannel.observations import Routing
from labs.observe.routing import Route
from labs.problem import Problem


def route_problems(routing: Mapping[str, Routing], network: IPv4Network) -> list[Problem]:
    """Routes of the network by way of other nodes, where there must be none."""
    found = [(node, route) for node, own in routing.items() for route in own.routes if _foreign(route, own, network)]
    return [Problem("route-without-lease", f"{node}: {route.destination}", "no route", str(route)) for node, route in found]


def _foreign(route: Route, own: Routing, network: IPv4Network) -> bool:
    return route.destination.subnet_of(network) and route.device != own.bridge


def reason_problems(logs: Mapping[str, str], reason: str) -> list[Problem]:
    """Nodes whose flanneld has not said why it does not go on (`reason`: a regular expression for one line)."""
    silent = [node for node, log in logs.items() if not re.search(reason, log)]
    return [Problem("no-reason", node, f"a line like “{reason}”", _last_line(logs[node])) for node in silent]


def given_reasons(logs: Mapping[str, str], reason: str) -> str:
    """The line in which each node's flanneld said why."""
    lines = {node: next((line for line in log.splitlines() if re.search(reason, line)), "") for node, log in logs.items()}
    return "\n".join(f"{node}: {line.strip()}" for node, line in lines.items())


def refusal_problems(running: Mapping[str, bool]) -> list[Problem]:
    """Nodes whose flanneld still runs though it must refuse its configuration."""
    return [Problem("not-refused", node, "flanneld exits", "it runs") for node, runs in running.items() if runs]


def _last_line(log: str) -> str:
    return (log.strip().splitlines() or ["nothing"])[-1]
