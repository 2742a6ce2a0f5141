"""The judge of policy rules: those that take traffic to pods away before the main table is asked."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network

from labs.flannel.observations import Routing
from labs.observe.routing import DEFAULT, Route, Rule
from labs.problem import Problem

Expected = Mapping[IPv4Network, tuple[IPv4Address | None, str]]
"""Gateway and device by leased subnet."""


def shadowing_rules(node: str, routing: Routing, expected: Expected) -> list[Problem]:
    """Rules in front of the main table's that route a leased subnet otherwise, or a main table that nothing looks up."""
    main = next((rule for rule in routing.rules if _is_main(rule)), None)
    if main is None:
        return [Problem("missing-rule", node, "from all lookup main", "no such rule")]
    before = [rule for rule in routing.rules if rule.priority < main.priority and rule.table not in ("main", "local")]
    found = ((rule, _takes(rule, main, routing, expected)) for rule in before)
    return [
        Problem("shadowing-rule", f"{node}: rule {rule.priority}", "lookup main", f"{rule}: {how}")
        for rule, how in found
        if how
    ]


def _is_main(rule: Rule) -> bool:
    return rule.table == "main" and not (rule.source or rule.destination or rule.selectors) and rule.suppress < 0


def _takes(rule: Rule, main: Rule, routing: Routing, expected: Expected) -> str:
    """What of the leased subnets a rule takes away, in words; empty when nothing."""
    reached = [subnet for subnet in expected if (rule.destination or DEFAULT).overlaps(subnet)]
    if not reached or not _from_here(rule, routing, expected):
        return ""
    if rule.action == "goto":
        return f"passes over the main table for {reached[0]}" if rule.target > main.priority else ""
    if rule.action != "lookup":
        return f"{rule.action} for {reached[0]}"
    rows = [route for route in routing.routes if route.table == rule.table and route.destination.prefixlen > rule.suppress]
    taken = (
        route
        for subnet in reached
        for route in _deciding(rows, max(subnet, rule.destination or DEFAULT, key=lambda network: network.prefixlen))
        if _differs(route, expected[subnet])
    )
    return str(next(taken, ""))


def _deciding(rows: Sequence[Route], part: IPv4Network) -> list[Route]:
    """What of a table packets to a part of the network take: the longest prefix that covers it, and all that lie inside."""
    first: dict[IPv4Network, Route] = {}
    for route in sorted(rows, key=lambda route: route.metric):
        if route.destination.overlaps(part):
            first.setdefault(route.destination, route)
    covering = sorted((network for network in first if part.subnet_of(network)), key=lambda network: network.prefixlen)
    return [route for network, route in first.items() if network in covering[-1:] or network not in covering]


def _differs(route: Route, way: tuple[IPv4Address | None, str]) -> bool:
    return route.kind != "throw" and (route.kind, route.gateway, route.device) != ("unicast", *way)


def _from_here(rule: Rule, routing: Routing, expected: Expected) -> bool:
    """Whether it concerns packets of pods or of the node."""
    source = rule.source or DEFAULT
    return routing.address in source or any(source.overlaps(subnet) for subnet in expected)
