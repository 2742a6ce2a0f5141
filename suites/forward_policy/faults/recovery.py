"""Faults of recovery, and the losses from which the suite asks flannel to recover."""

from collections.abc import Iterator

from labs.fault import fault
from labs.faults import paused
from labs.flannel.node import FlannelNode
from labs.forward_policy.lab import ForwardPolicyLab
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from labs.wait import until
from suites.forward_policy.faults.rules import JUMP, KEPT, MASQUERADE_JUMP

WHOLE = f'[ "$(iptables-save | grep -c FLANNEL)" = "$(grep -c FLANNEL {KEPT})" ]'
"""Whether there are as many chains and rules of flannel's as were kept."""
RESTART_LIMIT = 5.0

LOSSES = {
    "jumps": f"iptables -D FORWARD {JUMP}; iptables -t nat -D POSTROUTING {MASQUERADE_JUMP}",
    "rules": "iptables -D FLANNEL-FWD 1; iptables -t nat -D FLANNEL-POSTRTG 2",
    "chains flushed": "iptables -F FLANNEL-FWD; iptables -t nat -F FLANNEL-POSTRTG",
    "chains deleted": (
        f"iptables -D FORWARD {JUMP}; iptables -F FLANNEL-FWD; iptables -X FLANNEL-FWD; "
        f"iptables -t nat -D POSTROUTING {MASQUERADE_JUMP}; "
        "iptables -t nat -F FLANNEL-POSTRTG; iptables -t nat -X FLANNEL-POSTRTG"
    ),
}
"""What a node may lose, by name: each in the filter table and in the nat table."""


@fault("process")
def flanneld_paused(lab: ForwardPolicyLab) -> Iterator[None]:
    """A flanneld that does nothing any more, though it is still there."""
    with paused(lab.nodes[0].flanneld):
        yield


@fault("process")
def rarely_resynced(lab: ForwardPolicyLab) -> Iterator[None]:
    """A flanneld that looks at its rules once a minute only."""
    node = lab.nodes[0]
    try:
        _restarted(node, "--iptables-resync=60")
        yield
    finally:
        _restarted(node)


def _restarted(node: FlannelNode, *options: str) -> None:
    """With these options; it makes its rules anew a moment after its start."""
    node.flanneld.kill()
    node.options = options
    node.configure()
    told(node.host, f"iptables-save > {KEPT}; {LOSSES['chains flushed']}")
    node.start_flanneld()
    until(lambda: bool(node.host.run(WHOLE).rc == 0), within=RESTART_LIMIT, what=f"{node}: flanneld makes its rules")


@fault("network")
def rules_lost(lab: ForwardPolicyLab, loss: str) -> Iterator[None]:
    """On all nodes at once, in the filter and the nat table; put back on heal where flannel has not done that."""
    everywhere(lab.nodes, lambda node: told(node.host, f"set -e; iptables-save > {KEPT}; {LOSSES[loss]}"))
    yield
    everywhere(lab.nodes, lambda node: told(node.host, f"{WHOLE} || iptables-restore < {KEPT}"))
