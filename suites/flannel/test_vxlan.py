"""What each node's end of the tunnel is made of (vxlan back end)."""

from labs.flannel.vxlan_lab import FlannelVxlanLab
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.flannel.entries import fdb_problems, neighbour_problems, stray_problems
from suites.flannel.faults.devices import (
    device_narrowed,
    device_of_other_port,
    device_of_other_vni,
    device_without_address,
    other_mac_leased,
    other_vni_leased,
)
from suites.flannel.faults.entries import (
    everything_to_a_peer,
    fdb_aside,
    fdb_elsewhere,
    fdb_lost,
    fdb_of_nobody,
    neighbour_lost,
    neighbour_of_nobody,
    neighbour_unfixed,
    neighbour_with_other_mac,
    route_not_onlink,
)
from suites.flannel.faults.routing import route_lost
from suites.flannel.vxlan import device_problems, lease_problems, onlink_problems


@requirement("f97e01c5-9f01-447e-a3fc-14e819b45191")
@proven_by(device_of_other_vni, kind="wrong-vni")
@proven_by(device_of_other_port, kind="wrong-port")
@proven_by(device_narrowed, kind="wrong-mtu")
@proven_by(device_without_address, kind="wrong-address")
def test_each_device_is_as_configured(flannel: FlannelVxlanLab) -> None:
    """VXLAN: every node's device has the VNI and port, sends from the node's address, and leaves room for the outer headers."""
    holds(device_problems(flannel.ends(), flannel.leases(), flannel.tunnel))


@requirement("3c261302-53c2-4309-a5e7-74431bf3d4dc")
@proven_by(other_mac_leased, kind="wrong-leased-mac")
@proven_by(other_vni_leased, kind="wrong-leased-vni")
def test_each_lease_tells_its_nodes_device(flannel: FlannelVxlanLab) -> None:
    """VXLAN: peers are told the VNI and the MAC address that the node's device has."""
    holds(lease_problems(flannel.ends(), flannel.leases(), flannel.tunnel))


@requirement("344ac762-44b8-409d-baa1-ec99c67c957a")
@proven_by(fdb_lost, kind="missing-fdb")
@proven_by(fdb_elsewhere, kind="wrong-fdb")
@proven_by(fdb_aside, kind="wrong-fdb")
def test_each_peer_has_its_forwarding_entry(flannel: FlannelVxlanLab) -> None:
    """VXLAN: frames for a peer's MAC address go to that peer, at the tunnel's port with its VNI, for good."""
    holds(fdb_problems(flannel.ends(), flannel.leases(), flannel.tunnel))


@requirement("175c932b-5953-4f5b-92ee-31cf8431789c")
@proven_by(neighbour_lost, kind="missing-neighbour")
@proven_by(neighbour_with_other_mac, kind="wrong-neighbour")
@proven_by(neighbour_unfixed, kind="passing-neighbour")
def test_each_peer_has_its_neighbour_entry(flannel: FlannelVxlanLab) -> None:
    """VXLAN: the first address of a peer's subnet is known by the MAC address of the peer's device, for good."""
    holds(neighbour_problems(flannel.ends(), flannel.leases(), flannel.tunnel))


@requirement("23f499ef-cfa6-44b2-b471-8b57874b3613")
@proven_by(route_lost, kind="missing-route")
@proven_by(route_not_onlink, kind="not-onlink")
def test_each_peer_is_routed_onlink(flannel: FlannelVxlanLab) -> None:
    """VXLAN: each peer's subnet is routed into the tunnel by its first address, which is in no subnet of the node's own."""
    holds(onlink_problems(flannel.routing(), flannel.leases()))


@requirement("5c14e48c-a84d-4cba-92cd-92128b87f787")
@proven_by(fdb_of_nobody, kind="stray-fdb")
@proven_by(everything_to_a_peer, kind="stray-fdb")
@proven_by(neighbour_of_nobody, kind="stray-neighbour")
def test_nothing_is_entered_for_nobody(flannel: FlannelVxlanLab) -> None:
    """VXLAN: the device has no lasting entry that leads to somebody without a lease."""
    holds(stray_problems(flannel.ends(), flannel.leases(), flannel.tunnel))
