"""What becomes of packets between pods, and of those that leave for the outside."""

from itertools import permutations

from labs.flannel.lab import FlannelLab
from proof.evidence import attach
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.flannel.datapath import (
    Burst,
    forwarding_problems,
    full_size_problems,
    masquerade_problems,
    oversize_problems,
    path_problems,
    reach_problems,
    source_problems,
)
from suites.flannel.faults.forwarding import (
    detour,
    forward_dropped,
    forwarding_off,
    masquerade_skipped,
    masqueraded_inside,
    narrow_link,
    tunnelled,
    wide_pods,
)
from suites.flannel.faults.leasing import smaller_mtu_told
from suites.flannel.faults.routing import blackholed
from suites.flannel.mtu import told_mtu

COUNT, SIZE = 300, 1000
"""Packets of a burst, and bytes of each: what a tunnel would add is then far more than what else passes meanwhile."""


@requirement("4ff9b75c-bd52-4370-9730-cd6d87bcbbc9")
@proven_by(blackholed, kind="undelivered")
@proven_by(forward_dropped, kind="undelivered")
def test_every_pod_reaches_every_other(flannel: FlannelLab) -> None:
    """Data path: a datagram arrives over every ordered pair of pods."""
    pairs = flannel.pairs()
    deliveries = flannel.deliver(pairs)
    holds(reach_problems(deliveries, flannel.causes(pairs, deliveries)))


@requirement("123c9844-d31c-4834-b2d1-9a762be3fafb")
@proven_by(masqueraded_inside, kind="source-changed")
def test_pods_see_each_other_under_their_own_addresses(flannel: FlannelLab) -> None:
    """Data path: between pods the source address is kept."""
    holds(source_problems(flannel.deliver(flannel.pairs())))


@requirement("1eb611c4-c5ab-4ab9-b583-eb1acedca350")
@proven_by(masquerade_skipped, kind="not-masqueraded")
def test_the_outside_sees_the_node_instead_of_the_pod(flannel: FlannelLab) -> None:
    """Data path: what leaves the Network is masqueraded."""
    owners = {node.pod.name: node.address for node in flannel.nodes}
    holds(masquerade_problems(flannel.deliver([(node.pod, flannel.outside) for node in flannel.nodes]), owners))


@requirement("8ebb1956-6235-4689-87ef-c077bf53b208")
@proven_by(narrow_link, kind="full-mtu-lost")
def test_the_full_mtu_passes_unfragmented(flannel: FlannelLab) -> None:
    """Data path: a packet as large as the MTU that flanneld tells, with DF set."""
    holds(full_size_problems(flannel.deliver(flannel.pairs(), size=told_mtu(flannel), df=True)))


@requirement("403950c7-40ec-45b4-9358-b8b106a03a78")
@proven_by(smaller_mtu_told, kind="oversize-passed")
@proven_by(wide_pods, kind="oversize-lost")
def test_one_byte_more_than_the_mtu_is_refused(flannel: FlannelLab) -> None:
    """Data path: a larger packet with DF set is refused where it is sent, not lost on the way."""
    holds(oversize_problems(flannel.deliver(flannel.pairs(), size=told_mtu(flannel) + 1, df=True)))


@requirement("31b7194a-f990-432f-b18a-5fc169d716a0")
@proven_by(detour, kind="detour")
@proven_by(tunnelled, kind="encapsulated")
def test_packets_take_the_straight_way_bare(flannel: FlannelLab) -> None:
    """Data path: by the nodes' byte counters, nothing is added to packets and no third node carries them.

    Every ordered pair of the first four nodes: the counters of all nodes are read twice for each.
    """
    problems, seen = [], []
    for sender, receiver in permutations(flannel.nodes[:4], 2):
        flannel.deliver([(sender.pod, receiver.pod)])
        before = flannel.counters()
        arrived = flannel.burst(sender.pod, receiver.pod, COUNT, SIZE)
        carried = {name: counters - before[name] for name, counters in flannel.counters().items()}
        seen += [f"{sender} → {receiver}, {name}: {counters}" for name, counters in carried.items()]
        problems += path_problems(Burst(sender.name, receiver.name, COUNT, SIZE, arrived), carried)
    attach("what each node's device carried", "\n".join(seen))
    holds(problems)


@requirement("867fc364-c813-4083-bb34-e09374d68198")
@proven_by(forwarding_off, kind="forwarding-off")
def test_forwarding_is_enabled(flannel: FlannelLab) -> None:
    """Data path: on every node, and on both interfaces of the way."""
    holds(forwarding_problems(flannel.forwarding()))
