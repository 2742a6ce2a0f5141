"""A policy that lets everybody do what is an administrator's, or forbids what has to be allowed."""

from collections.abc import Iterator

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from suites.interop.faults.settings import ANYONE, NOBODY, rules


@fault("process")
def anyone_lists_projects(lab: IdentityLab) -> Iterator[None]:
    """Whoever has a token is shown all projects."""
    with rules(lab, ANYONE, "list_projects"):
        yield


@fault("process")
def anyone_makes_projects(lab: IdentityLab) -> Iterator[None]:
    """Whoever has a token makes projects."""
    with rules(lab, ANYONE, "create_project"):
        yield


@fault("process")
def anyone_deletes_projects(lab: IdentityLab) -> Iterator[None]:
    """Whoever has a token deletes projects."""
    with rules(lab, ANYONE, "delete_project"):
        yield


@fault("process")
def nobody_sees_projects(lab: IdentityLab) -> Iterator[None]:
    """Projects are shown and listed to nobody."""
    with rules(lab, NOBODY, "get_project", "list_projects"):
        yield


@fault("process")
def nobody_sees_domains(lab: IdentityLab) -> Iterator[None]:
    """Domains are shown to nobody, not even to their own users."""
    with rules(lab, NOBODY, "get_domain"):
        yield


@fault("process")
def nobody_deletes_projects(lab: IdentityLab) -> Iterator[None]:
    """Projects are deleted by nobody."""
    with rules(lab, NOBODY, "delete_project"):
        yield


@fault("process")
def nobody_makes_users(lab: IdentityLab) -> Iterator[None]:
    """Users are made by nobody."""
    with rules(lab, NOBODY, "create_user"):
        yield


@fault("process")
def nobody_makes_trusts(lab: IdentityLab) -> Iterator[None]:
    """Trusts are made by nobody."""
    with rules(lab, NOBODY, "create_trust"):
        yield


@fault("process")
def nobody_changes_endpoints(lab: IdentityLab) -> Iterator[None]:
    """Endpoints are changed by nobody."""
    with rules(lab, NOBODY, "update_endpoint"):
        yield


@fault("process")
def nobody_changes_endpoint_groups(lab: IdentityLab) -> Iterator[None]:
    """Endpoint groups are changed by nobody."""
    with rules(lab, NOBODY, "update_endpoint_group"):
        yield


@fault("process")
def nobody_sees_default_configurations(lab: IdentityLab) -> Iterator[None]:
    """The default configuration of domains is shown to nobody."""
    with rules(lab, NOBODY, "get_domain_config_default"):
        yield


@fault("process")
def nobody_makes_application_credentials(lab: IdentityLab) -> Iterator[None]:
    """Application credentials are made by nobody, not even for oneself."""
    with rules(lab, NOBODY, "create_application_credential"):
        yield


@fault("process")
def nobody_deletes_access_rules(lab: IdentityLab) -> Iterator[None]:
    """Access rules are deleted by nobody, not even one's own that are not in use."""
    with rules(lab, NOBODY, "delete_access_rule"):
        yield


@fault("process")
def nobody_makes_ec2_credentials(lab: IdentityLab) -> Iterator[None]:
    """EC2 credentials are made by nobody, not even for oneself."""
    with rules(lab, NOBODY, "ec2_create_credential"):
        yield
