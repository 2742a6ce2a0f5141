"""The MTU that flanneld tells its nodes."""

from labs.flannel.lab import FlannelLab
from labs.problem import Problem
from proof.holds import holds


def told_mtu(flannel: FlannelLab) -> int:
    """The smallest MTU in bytes that the nodes' subnet.env tell their pods."""
    told = {node.name: node.subnet_env() for node in flannel.nodes}
    holds([Problem("missing-subnet-env", name, "a whole subnet.env", "none") for name, env in told.items() if env is None])
    return min(env.mtu for env in told.values() if env is not None)
