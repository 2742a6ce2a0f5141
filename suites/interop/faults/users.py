"""What goes wrong with users and groups."""

from collections.abc import Iterator

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from suites.interop.faults.database import altered, changes_lost, kept_otherwise, left_out, unseen
from suites.interop.faults.settings import options

SOMEBODY = """'{"email": "somebody@example.org", "description": "somebody"}'"""


@fault("process")
def lists_of_users_cut_short(lab: IdentityLab) -> Iterator[None]:
    """Lists of users and groups that end after their first entry."""
    with options(lab, identity={"list_limit": "1"}):
        yield


@fault("process")
def new_users_unseen(lab: IdentityLab) -> Iterator[None]:
    """Users that are made, and found by nobody."""
    with unseen(lab, "user"):
        yield


@fault("process")
def users_of_other_domains_left_out(lab: IdentityLab) -> Iterator[None]:
    """Only users of the default domain are found."""
    with left_out(lab, "user", "domain_id = 'default'"):
        yield


@fault("process")
def disabled_users_enabled(lab: IdentityLab) -> Iterator[None]:
    """Users that were disabled, and that somebody has enabled."""
    with altered(lab, "user", "enabled", "1"):
        yield


@fault("process")
def users_in_upper_case(lab: IdentityLab) -> Iterator[None]:
    """Users whose names somebody has put in upper case."""
    with altered(lab, "local_user", "name", "upper(name)"):
        yield


@fault("process")
def users_with_others_attributes(lab: IdentityLab) -> Iterator[None]:
    """Users with the address and description of somebody else."""
    with altered(lab, "user", "extra", SOMEBODY):
        yield


@fault("process")
def new_users_with_others_attributes(lab: IdentityLab) -> Iterator[None]:
    """Users that are made, and have the address and description of somebody else."""
    with kept_otherwise(lab, "user", "insert", f"new.extra = {SOMEBODY}"):
        yield


@fault("process")
def new_users_without_project(lab: IdentityLab) -> Iterator[None]:
    """Users that are made with a default project, and have none."""
    with kept_otherwise(lab, "user", "insert", "new.default_project_id = null"):
        yield


@fault("process")
def changes_of_users_lost(lab: IdentityLab) -> Iterator[None]:
    """Changes of a user, as whether the user is enabled, are acknowledged and not kept."""
    with changes_lost(lab, "user", "enabled", "extra"):
        yield


@fault("process")
def new_groups_unseen(lab: IdentityLab) -> Iterator[None]:
    """Groups that are made, and do not stand in the list."""
    with unseen(lab, "group"):
        yield


@fault("process")
def changes_of_groups_lost(lab: IdentityLab) -> Iterator[None]:
    """Changes of a group are acknowledged and not kept."""
    with changes_lost(lab, "group", "name", "description"):
        yield


@fault("process")
def new_members_of_groups_unseen(lab: IdentityLab) -> Iterator[None]:
    """Users that are put into groups, and are not in them."""
    with unseen(lab, "user_group_membership"):
        yield
