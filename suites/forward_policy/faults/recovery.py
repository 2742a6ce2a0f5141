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
RESTART_LIMIT = 15.0

FILTER, NAT = "FLANNEL-FWD", "FLANNEL-POSTRTG"
JUMPS = f"-D FORWARD {JUMP}", f"-D POSTROUTING {MASQUERADE_JUMP}"
LOSSES = {
    "jumps": ([JUMPS[0]], [JUMPS[1]]),
    "rules": ([f"-D {FILTER} 1"], [f"-D {NAT} 2"]),
    "chains flushed": ([f"-F {FILTER}"], [f"-F {NAT}"]),
    "chains deleted": ([JUMPS[0], f"-F {FILTER}", f"-X {FILTER}"], [JUMPS[1], f"-F {NAT}", f"-X {NAT}"]),
}
"""What a node may lose, by name, in the filter table and in the nat table."""


def losing(loss: str) -> str:
    """The command for it. It fails where there is nothing to lose; a table is changed at once, lest flanneld come between."""
    filter_, nat = ("\n".join(lines) for lines in LOSSES[loss])
    return f"iptables-restore --noflush <<'END'\n*filter\n{filter_}\nCOMMIT\n*nat\n{nat}\nCOMMIT\nEND"


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
    told(node.host, f"iptables-save > {KEPT}\n{losing('chains flushed')}")
    node.start_flanneld()
    until(lambda: bool(node.host.run(WHOLE).rc == 0), within=RESTART_LIMIT, what=f"{node}: flanneld makes its rules")


@fault("network")
def rules_lost(lab: ForwardPolicyLab, loss: str) -> Iterator[None]:
    """On all nodes at once, in the filter and the nat table; put back on heal where flannel has not done that."""
    everywhere(lab.nodes, lambda node: told(node.host, f"iptables-save > {KEPT}\n{losing(loss)}"))
    yield
    everywhere(lab.nodes, lambda node: told(node.host, f"{WHOLE} || iptables-restore < {KEPT}"))
