"""What goes wrong with projects."""

from collections.abc import Iterator

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from suites.interop.faults.database import altered, kept_otherwise, left_out, unseen
from suites.interop.faults.settings import options


@fault("process")
def new_projects_unseen(lab: IdentityLab) -> Iterator[None]:
    """Domains and projects that are made, and do not stand in the list."""
    with unseen(lab, "project"):
        yield


@fault("process")
def lists_of_projects_cut_short(lab: IdentityLab) -> Iterator[None]:
    """Lists of domains and projects that end after their first entry."""
    with options(lab, resource={"list_limit": "1"}):
        yield


@fault("process")
def projects_without_members_left_out(lab: IdentityLab) -> Iterator[None]:
    """Only projects that somebody has a role on are found."""
    with left_out(lab, "project", "is_domain = 1 or id in (select target_id from assignment)"):
        yield


@fault("process")
def disabled_projects_left_out(lab: IdentityLab) -> Iterator[None]:
    """Only enabled projects are found."""
    with left_out(lab, "project", "enabled = 1"):
        yield


@fault("process")
def projects_in_upper_case(lab: IdentityLab) -> Iterator[None]:
    """Projects whose names somebody has put in upper case."""
    with altered(lab, "project", "name", "upper(name)", "is_domain = 0"):
        yield


@fault("process")
def no_projects_in_projects(lab: IdentityLab) -> Iterator[None]:
    """A hierarchy of projects that is limited to one level."""
    with options(lab, DEFAULT={"max_project_tree_depth": "1"}):
        yield


@fault("process")
def tags_kept_otherwise(lab: IdentityLab) -> Iterator[None]:
    """Tags of projects that are kept with something behind them."""
    with kept_otherwise(lab, "project_tag", "insert", "new.name = concat(new.name, '_')"):
        yield


@fault("process")
def new_tags_unseen(lab: IdentityLab) -> Iterator[None]:
    """Tags that projects are given, and do not have."""
    with unseen(lab, "project_tag"):
        yield
