"""What goes wrong with services, their endpoints, and regions."""

from collections.abc import Iterator

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from suites.interop.faults.database import altered, changes_lost, kept_otherwise, left_out, unseen


@fault("process")
def identity_service_of_another_type(lab: IdentityLab) -> Iterator[None]:
    """The catalog has the identity service under its name, "keystone", in the place of its type."""
    with altered(lab, "service", "type", "'keystone'", "type = 'identity'"):
        yield


@fault("process")
def services_disabled(lab: IdentityLab) -> Iterator[None]:
    """Services that somebody has disabled, so that no catalog has them."""
    with altered(lab, "service", "enabled", "0"):
        yield


@fault("process")
def new_services_unseen(lab: IdentityLab) -> Iterator[None]:
    """Services that are made, and found by nobody."""
    with unseen(lab, "service"):
        yield


@fault("process")
def changes_of_services_lost(lab: IdentityLab) -> Iterator[None]:
    """Changes of a service's name and description are acknowledged and not kept."""
    with changes_lost(lab, "service", "extra"):
        yield


@fault("process")
def new_endpoints_unseen(lab: IdentityLab) -> Iterator[None]:
    """Endpoints that are made, and do not stand in the list."""
    with unseen(lab, "endpoint"):
        yield


@fault("process")
def new_endpoints_disabled(lab: IdentityLab) -> Iterator[None]:
    """Endpoints that are made enabled, and are not."""
    with kept_otherwise(lab, "endpoint", "insert", "new.enabled = 0"):
        yield


@fault("process")
def no_public_endpoints(lab: IdentityLab) -> Iterator[None]:
    """Public endpoints that somebody has made internal ones."""
    with altered(lab, "endpoint", "interface", "'internal'", "interface = 'public'"):
        yield


@fault("process")
def new_regions_unseen(lab: IdentityLab) -> Iterator[None]:
    """Regions that are made, and found by nobody."""
    with unseen(lab, "region"):
        yield


@fault("process")
def empty_regions_left_out(lab: IdentityLab) -> Iterator[None]:
    """Only regions with endpoints are found."""
    with left_out(lab, "region", "id in (select region_id from endpoint)"):
        yield


@fault("process")
def new_regions_without_parent(lab: IdentityLab) -> Iterator[None]:
    """Regions that are made as parts of another, and are not."""
    with kept_otherwise(lab, "region", "insert", "new.parent_region_id = null"):
        yield


@fault("process")
def changes_of_regions_lost(lab: IdentityLab) -> Iterator[None]:
    """Changes of a region are acknowledged and not kept."""
    with changes_lost(lab, "region", "description", "parent_region_id"):
        yield


@fault("process")
def new_endpoint_groups_unseen(lab: IdentityLab) -> Iterator[None]:
    """Endpoint groups that are made, and do not stand in the list."""
    with unseen(lab, "endpoint_group"):
        yield


@fault("process")
def filters_of_endpoint_groups_lost(lab: IdentityLab) -> Iterator[None]:
    """Endpoint groups that are made with filters, and have none."""
    with kept_otherwise(lab, "endpoint_group", "insert", "new.filters = '{}'"):
        yield
