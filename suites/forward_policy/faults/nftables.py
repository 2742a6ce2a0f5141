"""Faults and work-arounds of flannel's nftables mode."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from labs.errors import LabError
from labs.fault import fault
from labs.faults import paused
from labs.forward_policy.arrangement import DOCKER_FIRST
from labs.forward_policy.lab import ForwardPolicyLab
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from suites.forward_policy.faults.barriers import inserted

WATCHER = "watcher"
WATCH = """
nft list table ip flannel-ipv4 > /run/flannel.nft
while sleep 0.5; do
    [ "$(nft list table ip flannel-ipv4)" = "$(cat /run/flannel.nft)" ] && continue
    { printf 'table ip flannel-ipv4\ndelete table ip flannel-ipv4\n'; cat /run/flannel.nft; } | nft -f -
done
"""


@fault("process", "node")
def nftables_mode(lab: ForwardPolicyLab) -> Iterator[None]:
    """The network configuration asks for nftables, and all nodes were booted since; nothing is done where that is so already.

    The lab comes back as it was when it settles.
    """
    config = json.dumps(json.loads(lab.config) | {"EnableNFTables": True})
    if lab.registered().config == config:
        yield
        return
    lab.registry.put("config", config)
    lab.arrange(DOCKER_FIRST)
    yield
    lab.registry.put("config", lab.config)


@fault("network")
def table_emptied(lab: ForwardPolicyLab) -> Iterator[None]:
    """flannel's table flushed on all nodes; put back on heal, twice the same rules where something else did."""
    kept = everywhere(lab.nodes, lambda node: told(node.host, "nft list table ip flannel-ipv4"))
    everywhere(lab.nodes, lambda node: told(node.host, "nft flush table ip flannel-ipv4"))
    yield
    command = "nft delete table ip flannel-ipv4; echo %s | nft -f -"
    everywhere(lab.nodes, lambda node: told(node.host, command, kept[node.name]))


@fault("process", "node", "network")
def dropped_in_front(lab: ForwardPolicyLab) -> Iterator[None]:
    """A rule in front of all others that drops what is from pods."""
    with nftables_mode(lab), inserted(lab.nodes[0], f"FORWARD -s {lab.network} -j DROP"):
        yield


@fault("process", "node", "network")
def nothing_restores(lab: ForwardPolicyLab) -> Iterator[None]:
    """Whoever could restore the table of a node does nothing any more: flanneld, and the watcher of the work-around."""
    with nftables_mode(lab), ExitStack() as stack:
        for daemon in lab.nodes[0].machine.daemons.values():
            if daemon.name in ("flanneld", WATCHER) and daemon.running:
                stack.enter_context(paused(daemon))
        yield


# --- work-arounds


@fault("process", "node", "network")
def accepted_in_docker_user(lab: ForwardPolicyLab) -> Iterator[None]:
    """The administrator accepts pods' packets in the chain that Docker leaves to him."""
    with nftables_mode(lab), ExitStack() as stack:
        for node in lab.nodes:
            for side in ("-s", "-d"):
                stack.enter_context(inserted(node, f"DOCKER-USER {side} {lab.network} -j ACCEPT"))
        yield


@fault("process", "node", "network")
def table_watched(lab: ForwardPolicyLab) -> Iterator[None]:
    """A watcher on each node that puts flannel's table back when it is not as it was."""
    with nftables_mode(lab):
        machines = [node.machine for node in lab.nodes]
        try:
            for machine in machines:
                machine.daemon(WATCHER, ["sh", "-c", WATCH]).start()
            yield
        finally:
            for machine in machines:
                with suppress(LabError):
                    machine.daemons[WATCHER].kill()
                machine.daemons.pop(WATCHER, None)
