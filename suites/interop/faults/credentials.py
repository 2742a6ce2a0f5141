"""What goes wrong with what users are let in by besides passwords: trusts, application and other credentials."""

from collections.abc import Iterator

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from suites.interop.faults.database import changes_lost, kept_otherwise, left_out, unseen

READER = "select id from role where name = 'reader' and domain_id = '<<null>>'"
HOUR = 3600 * 10**6  # microseconds


@fault("process")
def new_trusts_unseen(lab: IdentityLab) -> Iterator[None]:
    """Trusts that are made, and do not stand in the list."""
    with unseen(lab, "trust"):
        yield


@fault("process")
def trusts_end_an_hour_late(lab: IdentityLab) -> Iterator[None]:
    """Trusts that are valid for an hour longer than was asked for."""
    with kept_otherwise(lab, "trust", "insert", f"new.expires_at_int = new.expires_at_int + {HOUR}"):
        yield


@fault("process")
def every_trust_impersonates(lab: IdentityLab) -> Iterator[None]:
    """Trusts by which the trustee acts as the trustor, whatever was asked for."""
    with kept_otherwise(lab, "trust", "insert", "new.impersonation = 1"):
        yield


@fault("process")
def no_trust_impersonates(lab: IdentityLab) -> Iterator[None]:
    """Trusts by which the trustee never acts as the trustor, whatever was asked for."""
    with kept_otherwise(lab, "trust", "insert", "new.impersonation = 0"):
        yield


@fault("process")
def new_application_credentials_unseen(lab: IdentityLab) -> Iterator[None]:
    """Application credentials that are made, and found by nobody."""
    with unseen(lab, "application_credential"):
        yield


@fault("process")
def application_credentials_as_readers(lab: IdentityLab) -> Iterator[None]:
    """Application credentials that are made with any role, and have that of a reader."""
    with kept_otherwise(lab, "application_credential_role", "insert", f"new.role_id = ({READER})"):
        yield


@fault("process")
def access_rules_lost(lab: IdentityLab) -> Iterator[None]:
    """Access rules that are found by nobody."""
    with left_out(lab, "access_rule", "false"):
        yield


@fault("process")
def new_credentials_unseen(lab: IdentityLab) -> Iterator[None]:
    """Credentials that are made, and found by nobody."""
    with unseen(lab, "credential"):
        yield


@fault("process")
def new_consumers_unseen(lab: IdentityLab) -> Iterator[None]:
    """Consumers of OAuth that are made, and found by nobody."""
    with unseen(lab, "consumer"):
        yield


@fault("process")
def new_consumers_without_description(lab: IdentityLab) -> Iterator[None]:
    """Consumers of OAuth that are made with a description, and have none."""
    with kept_otherwise(lab, "consumer", "insert", "new.description = ''"):
        yield


@fault("process")
def changes_of_consumers_lost(lab: IdentityLab) -> Iterator[None]:
    """Changes of a consumer of OAuth are acknowledged and not kept."""
    with changes_lost(lab, "consumer", "description", "extra"):
        yield


@fault("process")
def new_policies_unseen(lab: IdentityLab) -> Iterator[None]:
    """Policies that are kept for other services, and found by nobody."""
    with unseen(lab, "policy"):
        yield


@fault("process")
def changes_of_policies_lost(lab: IdentityLab) -> Iterator[None]:
    """Changes of a policy that is kept for other services are acknowledged and not kept."""
    with changes_lost(lab, "policy", "type", "blob"):
        yield
