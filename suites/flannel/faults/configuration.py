"""Another tunnel by configuration, and what prevents that it works."""

import json
from collections.abc import Iterator

from labs.fault import fault
from labs.flannel.bringup import run_flannelds
from labs.flannel.vxlan import Tunnel
from labs.flannel.vxlan_lab import FlannelVxlanLab
from labs.observe.everywhere import everywhere
from labs.observe.reading import told
from suites.flannel.faults.places import commanded

OTHER = Tunnel(vni=42, port=4789)
"""The port is IANA's own for VXLAN."""


@fault("process", "network")
def configured(flannel: FlannelVxlanLab, tunnel: Tunnel) -> Iterator[None]:
    """Another VNI and port in the registry, and every flanneld started with them, as on machines that had no other."""
    config = json.loads(flannel.config)
    config["Backend"] |= {"VNI": tunnel.vni, "Port": tunnel.port}
    try:
        _start_anew(flannel, json.dumps(config), flannel.tunnel)
        yield
    finally:
        _start_anew(flannel, flannel.config, tunnel)


def _start_anew(flannel: FlannelVxlanLab, config: str, old: Tunnel) -> None:
    """flannel leaves the device of an old configuration where it is, and the routes into it."""
    everywhere(flannel.nodes, lambda node: node.flanneld.kill())
    everywhere(
        flannel.nodes, lambda node: told(node.host, f"! test -e /sys/class/net/{old.device} || ip link del {old.device}")
    )
    flannel.registry.put("config", config)
    run_flannelds(flannel.nodes, within=10 + len(flannel.nodes))


@fault("network")
def vni_taken(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node where another device has the VNI and port that are to be configured."""
    link = f"taken type vxlan id {OTHER.vni} dstport {OTHER.port} dev eth0 local {flannel.nodes[0].address}"
    with commanded(flannel.nodes[0], f"ip link add {link} && ip link set taken up", "ip link del taken"):
        yield


@fault("network")
def other_port_dropped(flannel: FlannelVxlanLab) -> Iterator[None]:
    """A node whose firewall lets flannel's usual port pass, and not the one that is to be configured."""
    rule = f"INPUT -p udp --dport {OTHER.port} -j DROP"
    with commanded(flannel.nodes[0], f"iptables -I {rule}", f"iptables -D {rule}"):
        yield
