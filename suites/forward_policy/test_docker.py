"""What flannel's repair must not take from Docker, and from the administrator of a host with Docker."""

from labs.forward_policy.lab import ForwardPolicyLab
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.forward_policy.faults.barriers import inserted
from suites.forward_policy.faults.traffic import (
    accepted_before_docker,
    blue_lost,
    containers_parted,
    isolation_off,
    nat_skipped,
    published_dropped,
)
from suites.forward_policy.guests import itself, of_network, published, publishing, two_networks
from suites.forward_policy.reach import reach
from suites.forward_policy.traffic import dropped_problems, proxied_problems


@requirement("58f8dbae-c118-409f-b439-8aa4d0e1eec7")
@proven_by(published_dropped, kind="undelivered")
@proven_by(nat_skipped, kind="by-proxy")
def test_published_ports_are_reached(forward_policy: ForwardPolicyLab) -> None:
    """Docker: a container's published port, by Docker's rules, from another node, from a pod there, and from the outside."""
    here, peer = forward_policy.nodes[:2]
    outside = forward_policy.outside
    with publishing(forward_policy, here):
        web = published(forward_policy, here)
        pairs = [(sender, web) for sender in (itself(peer), peer.pod, outside)]
        holds(reach(forward_policy, pairs))
        senders = {peer.name: peer.address, peer.pod.name: peer.address, outside.name: outside.address}
        holds(proxied_problems(forward_policy.deliver(pairs), senders))


@requirement("f48b63f1-2ff6-4755-871f-1926872f1127")
@proven_by(isolation_off, kind="not-isolated")
@proven_by(containers_parted, kind="undelivered")
@proven_by(blue_lost, kind="undelivered")
def test_docker_networks_stay_apart(forward_policy: ForwardPolicyLab) -> None:
    """Docker: containers of one network reach each other, those of two networks do not, unless a rule accepts it."""
    here = forward_policy.nodes[0]
    with two_networks(forward_policy, here):
        red, [blue] = (of_network(forward_policy, here, name) for name in ("red", "blue"))
        holds(reach(forward_policy, [(red[0], red[1]), (red[1], red[0])]))
        between = [(red[0], blue), (blue, red[1])]
        with inserted(here, "DOCKER-USER -j ACCEPT"):
            holds(reach(forward_policy, between))
        holds(dropped_problems(forward_policy.deliver(between), kind="not-isolated"))


@requirement("cd7ace30-68f4-4083-b9eb-cc884fd1f7d3")
@proven_by(accepted_before_docker, kind="let-through")
def test_a_drop_in_docker_user_wins(forward_policy: ForwardPolicyLab) -> None:
    """Docker: what the administrator drops in DOCKER-USER is dropped, pods' packets too."""
    here, network = forward_policy.nodes[0], forward_policy.network
    crossing = [pair for pair in forward_policy.pairs() if here.pod in pair]
    holds(reach(forward_policy, crossing))
    with inserted(here, f"DOCKER-USER -s {network} -d {network} -j DROP"):
        holds(dropped_problems(forward_policy.deliver(crossing)))
