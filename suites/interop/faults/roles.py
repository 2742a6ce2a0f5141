"""What goes wrong with roles, what they imply, and to whom they are granted."""

from collections.abc import Iterator

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from suites.interop.faults.database import changed, changes_lost, kept_otherwise, left_out, unseen
from suites.interop.faults.settings import options

GLOBAL = "'<<null>>'"
"""The domain of roles that are of none."""
EVERYBODY = (
    "insert ignore into assignment select 'UserDomain', user.id, 'default', role.id, 1 from user"
    f" join role on role.name = 'member' and role.domain_id = {GLOBAL}"
)
NOBODY = "delete from assignment where type = 'UserDomain' and target_id = 'default' and inherited = 1"

HAD, IMPLIED = "select role_id from assignment", "select implied_role_id from implied_role"


@fault("process")
def everybody_a_member_everywhere(lab: IdentityLab) -> Iterator[None]:
    """Every user is a member of every project, by a role that the default domain's projects inherit."""
    with changed(lab, EVERYBODY, NOBODY):
        yield


@fault("process")
def new_grants_unseen(lab: IdentityLab) -> Iterator[None]:
    """Roles that are granted on projects and domains, and are of no effect."""
    with unseen(lab, "assignment"):
        yield


@fault("process")
def new_system_grants_unseen(lab: IdentityLab) -> Iterator[None]:
    """Roles that are granted on the system, and are of no effect."""
    with unseen(lab, "system_assignment"):
        yield


@fault("process")
def roles_not_inherited(lab: IdentityLab) -> Iterator[None]:
    """Roles that are granted to be inherited, and are not."""
    with kept_otherwise(lab, "assignment", "insert", "new.inherited = 0"):
        yield


@fault("process")
def new_implications_unseen(lab: IdentityLab) -> Iterator[None]:
    """Roles that are made to imply others, and do not."""
    with unseen(lab, "implied_role"):
        yield


@fault("process")
def roles_of_domains_global(lab: IdentityLab) -> Iterator[None]:
    """Roles that are made for a domain, and are for all."""
    with kept_otherwise(lab, "role", "insert", f"new.domain_id = {GLOBAL}"):
        yield


@fault("process")
def roles_of_domains_global_at_once(lab: IdentityLab) -> Iterator[None]:
    """Roles that are made for a domain, and are for all, where no role is cached."""
    with options(lab, role={"caching": "false"}), roles_of_domains_global(lab):
        yield


@fault("process")
def unused_roles_left_out(lab: IdentityLab) -> Iterator[None]:
    """Only roles that somebody has, or that another role implies, are found."""
    with left_out(lab, "role", f"id in ({HAD}) or id in ({IMPLIED})"):
        yield


@fault("process")
def changes_of_roles_lost(lab: IdentityLab) -> Iterator[None]:
    """Changes of a role are acknowledged and not kept."""
    with changes_lost(lab, "role", "name"):
        yield
