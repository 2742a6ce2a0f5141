"""What each node has leased, and what it makes of it."""

from labs.flannel.lab import FlannelLab
from proof.holds import holds
from proof.requirement import proven_by, requirement
from suites.flannel.faults.leasing import (
    foreign_public_ip,
    lease_lost,
    other_subnet_told,
    overlapping_lease,
    smaller_mtu_told,
    subnet_env_torn,
)
from suites.flannel.leases import holder_problems, overlap_problems, owner_problems, setting_problems


@requirement("27c09544-c476-4db8-b102-3854904b2d3d")
@proven_by(lease_lost, kind="missing-lease")
def test_every_node_holds_one_lease_inside_the_network(flannel: FlannelLab) -> None:
    """Configuration: one subnet a node, out of the configured Network, of the configured back end."""
    holds(holder_problems(flannel.registered(), flannel.addresses, flannel.network, flannel.backend))


@requirement("2fc256b2-c119-4461-9065-81c719c4b4c8")
@proven_by(overlapping_lease, kind="overlapping-leases")
def test_leased_subnets_do_not_overlap(flannel: FlannelLab) -> None:
    """Configuration: no address belongs to two nodes."""
    holds(overlap_problems(flannel.leases()))


@requirement("e7186c88-8e70-4f39-8b19-71b3b841b333")
@proven_by(foreign_public_ip, kind="unknown-owner")
def test_the_public_ip_of_a_lease_is_the_nodes_own(flannel: FlannelLab) -> None:
    """Configuration: peers are told an address by which the node is really reached."""
    holds(owner_problems(flannel.leases(), flannel.settings()))


@requirement("e83e033f-e39f-4336-ad8a-203191714e00")
@proven_by(smaller_mtu_told, kind="wrong-mtu")
@proven_by(other_subnet_told, kind="wrong-subnet")
@proven_by(subnet_env_torn, kind="missing-subnet-env")
def test_subnet_env_agrees_with_lease_mtu_and_interfaces(flannel: FlannelLab) -> None:
    """Configuration: what flanneld tells its node is what was leased and what the links are."""
    holds(setting_problems(flannel.settings(), flannel.leases(), flannel.network, flannel.mtu))
