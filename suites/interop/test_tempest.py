"""Tempest's own tests: those that a chosen guideline names, each an item of its own."""

from proof.foreign.items import ForeignTests
from suites.interop.proofs import PROOFS

LONG = (
    "tempest.api.identity.v3.test_users.IdentityV3UsersTest",
    "tempest.api.identity.admin.v3.test_trusts.TrustsV3TestJSON",
    "tempest.api.identity.admin.v3.test_roles.RolesV3TestJSON",
    "tempest.api.identity.admin.v3.test_tokens.TokensV3TestJSON",
    "tempest.api.identity.admin.v3.test_inherits.InheritsV3TestJSON",
    "tempest.api.identity.admin.v3.test_projects.ProjectsTestJSON",
    "tempest.api.identity.admin.v3.test_users.UsersV3TestJSON",
)
"""Classes that take longest, most of it in waiting for a lock or an end."""

tempest = ForeignTests(PROOFS, first=LONG)
