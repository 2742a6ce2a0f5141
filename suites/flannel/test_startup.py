"""How flanneld starts when the network configuration is not there, or not one that it can work with."""

import json

import pytest

from labs.flannel.lab import FlannelLab
from labs.problem import Problem
from proof.evidence import attach
from proof.holds import eventually, holds
from proof.requirement import instance, proven_by, requirement
from suites.flannel.faults.routing import unleased_route
from suites.flannel.faults.startup import registry_elsewhere, started_with, subnet_file_blocked
from suites.flannel.leases import holder_problems
from suites.flannel.routes import audit
from suites.flannel.startup import given_reason, reason_problems, refusal_problems, route_problems
from suites.flannel.waiting import MARGIN, never

CASES = {
    "absent": (None, "Couldn't fetch network config: .*"),
    "not JSON": ("{", "Couldn't fetch network config: .*"),
    "no Network": (json.dumps({"Backend": {"Type": "host-gw"}}), "Couldn't fetch network config: .*"),
}


@requirement("5d9d89b6-fe44-4efc-a809-c16b12519bd7")
@proven_by(unleased_route, kind="route-without-lease")
@proven_by(registry_elsewhere, kind="no-reason")
@proven_by(subnet_file_blocked, kind="missing-subnet-env")
@pytest.mark.parametrize("case", CASES)
@instance("startup")
def test_without_a_valid_configuration_flannel_waits_for_one(flannel: FlannelLab, case: str) -> None:
    """Configuration: no route appears, the reason is logged, and flanneld goes on by itself once it is right."""
    config, reason = CASES[case]
    node = flannel.nodes[0]
    mark = node.flanneld.mark()
    with started_with(flannel, node, config):
        eventually(lambda: reason_problems(node.name, node.flanneld.log(mark), reason), within=flannel.config_retry + MARGIN)
        attach("flanneld's reason", given_reason(node.flanneld.log(mark), reason))
        holds(never(lambda: route_problems(node.name, node.routing(), flannel.network), during=2 * flannel.config_retry))
        flannel.registry.put("config", flannel.config)
        eventually(lambda: unready(flannel), within=flannel.config_retry + MARGIN)


@requirement("cae730fc-13c6-49a4-9dae-bc51a903b3dd")
@proven_by(registry_elsewhere, kind="not-refused")
@instance("startup")
def test_an_unknown_back_end_is_refused(flannel: FlannelLab) -> None:
    """Configuration: flanneld exits with a reason, and sets no route."""
    reason = "unknown backend type"
    node = flannel.nodes[0]
    mark = node.flanneld.mark()
    config = json.dumps(json.loads(flannel.config) | {"Backend": {"Type": "pigeons"}})
    with started_with(flannel, node, config):
        eventually(lambda: refusal_problems(node.name, node.flanneld.running), within=MARGIN)
        log = node.flanneld.log(mark)
        attach("flanneld's reason", given_reason(log, reason))
        holds(reason_problems(node.name, log, reason) + route_problems(node.name, node.routing(), flannel.network))


def unready(flannel: FlannelLab) -> list[Problem]:
    """What a start has not yet brought about: leases, subnet.env, routes to peers."""
    found = holder_problems(flannel.registered(), flannel.addresses, flannel.network, flannel.backend)
    found += [Problem("missing-subnet-env", str(n), "a subnet.env", "none") for n in flannel.nodes if n.subnet_env() is None]
    routes = audit(flannel.routing(), flannel.leases(), flannel.network)
    return found + [problem for problem in routes if problem.kind == "missing-route" and "via" in str(problem.expected)]
