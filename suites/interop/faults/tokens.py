"""What goes wrong with tokens, and with the passwords that they are had for."""

from collections.abc import Iterator

from labs.fault import fault
from labs.openstack.identity import IdentityLab
from suites.interop.faults.database import changes_lost, kept_otherwise, unseen
from suites.interop.faults.settings import options

FIRST = (
    "select kept.password_hash from password kept where kept.local_user_id = new.local_user_id"
    " order by kept.created_at_int limit 1"
)
"""The password that a user was made with."""


@fault("process")
def tokens_expired_when_issued(lab: IdentityLab) -> Iterator[None]:
    """Tokens that are valid for no time at all."""
    with options(lab, token={"expiration": "0"}):
        yield


@fault("process")
def revocations_unseen(lab: IdentityLab) -> Iterator[None]:
    """Revocations that are noted, and not found by whoever validates a token."""
    with unseen(lab, "revocation_event"):
        yield


@fault("process")
def tokens_not_accepted(lab: IdentityLab) -> Iterator[None]:
    """A token is no method of authentication, so that none is had for another scope."""
    with options(lab, auth={"methods": "password,application_credential"}):
        yield


@fault("process")
def application_credentials_not_accepted(lab: IdentityLab) -> Iterator[None]:
    """An application credential is no method of authentication."""
    with options(lab, auth={"methods": "password,token"}):
        yield


@fault("process")
def new_passwords_not_kept(lab: IdentityLab) -> Iterator[None]:
    """A new password is acknowledged, and the one that the user was made with is kept."""
    with kept_otherwise(lab, "password", "insert", f"new.password_hash = coalesce(({FIRST}), new.password_hash)"):
        yield


@fault("process")
def wrong_passwords_not_counted(lab: IdentityLab) -> Iterator[None]:
    """Nobody is locked out, for the count of wrong passwords stays what it is."""
    with changes_lost(lab, "local_user", "failed_auth_count"):
        yield


@fault("process")
def no_password_history(lab: IdentityLab) -> Iterator[None]:
    """Passwords that a user has had before are taken again."""
    with options(lab, security_compliance={"unique_last_password_count": "0"}):
        yield


@fault("process")
def passwords_to_be_changed_first(lab: IdentityLab) -> Iterator[None]:
    """Whoever was given a password by an administrator is let in only after changing it."""
    with options(lab, security_compliance={"change_password_upon_first_use": "true"}):
        yield
