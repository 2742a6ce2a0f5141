"""Faults of how nodes and daemons are configured, in force from their next boot on; a lab that settles boots them anew."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from labs.fault import fault
from labs.forward_policy.arrangement import DOCKER_FIRST, OrderFailed, Place
from labs.forward_policy.lab import ForwardPolicyLab
from labs.problem import Problem
from proof.holds import holds


@fault("process", "node")
def started(lab: ForwardPolicyLab, order: Sequence[str]) -> Iterator[None]:
    """All nodes booted, and their daemons started in this order; the lab comes back as it was when it settles.

    The lab has come up with these daemons before: one that does not start now is the order's fault, not the lab's.
    """
    try:
        lab.arrange(order)
    except OrderFailed as error:
        if not (lab.alive and lab.registry.answers()):
            raise
        holds([Problem("daemon-not-started", ", ".join(order), "every daemon starts", str(error))])
    yield


@contextmanager
def undeclared(lab: ForwardPolicyLab) -> Iterator[None]:
    """What was declared for the nodes' next boot is taken back in the end."""
    try:
        yield
    finally:
        lab.declare()


@fault("process")
def forward_rules_off(lab: ForwardPolicyLab) -> Iterator[None]:
    """flannel as before its repair of 2017: it leaves the FORWARD chain alone, which Docker has set to DROP."""
    for node in lab.nodes:
        node.options = ("--iptables-forward-rules=false",)
        node.configure()
    with undeclared(lab):
        yield


@fault("process", "node")
def forward_rules_never_made(lab: ForwardPolicyLab) -> Iterator[None]:
    """The same, on nodes that have booted since."""
    with forward_rules_off(lab):
        lab.arrange(DOCKER_FIRST)
        yield


@fault("process")
def docker_without_iptables(lab: ForwardPolicyLab) -> Iterator[None]:
    """dockerd that may not touch iptables, and so sets no policy."""
    for engine in lab.docker.values():
        engine.configure(iptables=False)
    with undeclared(lab):
        yield


@fault("node")
def dropped_before(lab: ForwardPolicyLab) -> Iterator[None]:
    """A host that has the policy DROP from its boot on, whatever Docker does."""
    _every_place(lab, lambda place: replace(place, at_boot="iptables -P FORWARD DROP"))
    with undeclared(lab):
        yield


@fault("node")
def administrator_accepts(lab: ForwardPolicyLab) -> Iterator[None]:
    """An administrator who has not chosen DROP."""
    _every_place(lab, lambda place: replace(place, administrator="iptables -P FORWARD ACCEPT"))
    with undeclared(lab):
        yield


def _every_place(lab: ForwardPolicyLab, change: Callable[[Place], Place]) -> None:
    lab.places = {name: change(place) for name, place in lab.places.items()}
