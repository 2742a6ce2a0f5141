"""What goes wrong with domains and their configurations."""

from collections.abc import Iterator

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from suites.interop.faults.database import changed, changes_lost, kept_otherwise, left_out, unseen

DOMAINS = "is_domain = 1 and id not in ('default', '<<keystone.domain.root>>')"
UNIQUE, ORDINARY = "ixu_project_name_domain_id", "names_of_projects"
"""Indices of names in each domain: Keystone's own, and one that only finds them."""
NOT_UNIQUE = f"alter table project add index {ORDINARY} (domain_id, name), drop index {UNIQUE}"
UNIQUE_AGAIN = (
    "delete later from project later join project first using (name, domain_id) where later.id > first.id;"
    f" alter table project add unique index if not exists {UNIQUE} (domain_id, name), drop index if exists {ORDINARY}"
)


@fault("process")
def other_domains_left_out(lab: IdentityLab) -> Iterator[None]:
    """Only the default domain is found."""
    with left_out(lab, "project", f"not ({DOMAINS})"):
        yield


@fault("process")
def domains_disabled_at_once(lab: IdentityLab) -> Iterator[None]:
    """Domains that are made enabled, and are not."""
    with kept_otherwise(lab, "project", "insert", "new.enabled = 0"):
        yield


@fault("process")
def domains_enabled_at_once(lab: IdentityLab) -> Iterator[None]:
    """Domains that are made disabled, and are not."""
    with kept_otherwise(lab, "project", "insert", "new.enabled = 1"):
        yield


@fault("process")
def changes_of_domains_and_projects_lost(lab: IdentityLab) -> Iterator[None]:
    """Changes of domains and projects are acknowledged and not kept."""
    with changes_lost(lab, "project", "name", "description", "enabled"):
        yield


@fault("process")
def names_not_unique(lab: IdentityLab) -> Iterator[None]:
    """A database without the index that has names of domains and projects unique."""
    with changed(lab, NOT_UNIQUE, UNIQUE_AGAIN):
        yield


@fault("process")
def new_configurations_unseen(lab: IdentityLab) -> Iterator[None]:
    """Configurations of domains that are made, and are found empty."""
    with unseen(lab, "whitelisted_config"):
        yield


@fault("process")
def configurations_kept_otherwise(lab: IdentityLab) -> Iterator[None]:
    """Options of domains that are kept with another value."""
    with kept_otherwise(lab, "whitelisted_config", "insert", "new.value = '\"ldap\"'"):
        yield
