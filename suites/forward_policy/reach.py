"""What is asked of the data path again and again: do pods reach each other, and if not, what drops the packets."""

from collections.abc import Sequence

from labs.flannel.lab import FlannelLab
from labs.flannel.observations import Delivery
from labs.flannel.probe import Pair
from labs.forward_policy.lab import ForwardPolicyLab
from labs.observe.drops import Loss
from labs.problem import Problem
from labs.wait import watch
from suites.flannel.datapath import reach_problems

SOON = 1.5
"""Seconds for flanneld's rules to follow its subnet.env, which it writes first; with the probe's own second."""


def reach(lab: FlannelLab, pairs: Sequence[Pair] | None = None, within: float = 0.0) -> list[Problem]:
    """Pairs (all pods', if none are told) between which nothing arrives in so many seconds, each with what dropped it."""
    asked = lab.pairs() if pairs is None else pairs
    deliveries = watch(lambda: lab.deliver(asked), arrived, within=within).last
    return reach_problems(deliveries, lab.causes(asked, deliveries))


def lost(lab: ForwardPolicyLab) -> dict[str, Loss]:
    """What became of the packets of pods that do not reach each other, by pair, of the first few."""
    pairs = lab.pairs()
    return lab.losses(pairs, lab.deliver(pairs))


def arrived(deliveries: Sequence[Delivery]) -> bool:
    return all(each.arrived for each in deliveries)
