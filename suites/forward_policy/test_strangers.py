"""What flannel's repair must not open: the node's forwarding for anybody else."""

from labs.forward_policy.lab import ForwardPolicyLab
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.forward_policy.faults.barriers import inserted
from suites.forward_policy.faults.traffic import everything_accepted, policy_accepted, strangers_lost
from suites.forward_policy.guests import STRANGERS, itself, stranger, visited
from suites.forward_policy.reach import reach
from suites.forward_policy.traffic import dropped_problems


@requirement("8b3c8fe2-a768-456c-adbb-c6cddb934acc")
@proven_by(policy_accepted, kind="let-through")
@proven_by(everything_accepted, kind="let-through")
@proven_by(strangers_lost, kind="undelivered")
def test_what_is_neither_pods_nor_dockers_is_dropped(forward_policy: ForwardPolicyLab) -> None:
    """Strangers: between the outside, or another node, and a host behind a node nothing passes, unless a rule accepts it."""
    here, peer = forward_policy.nodes[:2]
    others = (forward_policy.outside, itself(peer))
    guest = stranger(here)
    with visited(here, known_to=others):
        pairs = [pair for other in others for pair in ((other, guest), (guest, other))]
        with inserted(here, f"FORWARD -s {STRANGERS} -j ACCEPT"), inserted(here, f"FORWARD -d {STRANGERS} -j ACCEPT"):
            holds(reach(forward_policy, pairs))
        holds(dropped_problems(forward_policy.deliver(pairs)))
