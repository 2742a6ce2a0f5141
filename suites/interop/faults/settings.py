"""A Keystone with rules and options other than the lab's own, while a fault is in force."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from labs.openstack.identity import IdentityLab

ANYONE, NOBODY = "", "!"
"""Rules of a policy: always and never."""


@contextmanager
def rules(lab: IdentityLab, rule: str, *names: str) -> Iterator[None]:
    """Some rules of the policy (`list_projects`) are replaced by this one."""
    with _configured(lab, policy={f"identity:{name}": rule for name in names}):
        yield


@contextmanager
def options(lab: IdentityLab, **sections: Mapping[str, str]) -> Iterator[None]:
    """Other values of options, by section and name: Keystone is started with them, and anew without them."""
    with _configured(lab, options=sections):
        yield


@contextmanager
def _configured(
    lab: IdentityLab, policy: Mapping[str, str] | None = None, options: Mapping[str, Mapping[str, str]] | None = None
) -> Iterator[None]:
    try:
        lab.configure(policy, options)
        yield
    finally:
        lab.configure()
