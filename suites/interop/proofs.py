"""Which seeded fault of a Keystone each test of Tempest was seen to find."""

from collections.abc import Mapping, Sequence

from proof.requirement import Seed
from suites.interop.faults import caching, catalog, credentials, discovery, domains, policy, projects, roles, tokens, users

MISMATCH, ASSERTION = "MismatchError", "AssertionError"
"""By which the assertions of testtools fail, and those of unittest."""
DENIED, UNKNOWN, GONE = "Forbidden", "Unauthorized", "NotFound"
"""By which a request fails that the test makes as one to be answered."""

Seeds = Mapping[str, Sequence[Seed]]

USER: Mapping[str, Seeds] = {
    "v3.test_access_rules.AccessRulesV3Test": {
        "test_delete_access_rule": [Seed(policy.nobody_deletes_access_rules, DENIED)],
        "test_list_access_rules": [Seed(credentials.access_rules_lost, MISMATCH)],
        "test_show_access_rule": [Seed(credentials.access_rules_lost, GONE)],
    },
    "v3.test_api_discovery.TestApiDiscovery": {
        "test_api_media_types": [Seed(discovery.old_versions, MISMATCH)],
        "test_api_version_resources": [Seed(discovery.bare_versions, MISMATCH)],
        "test_api_version_statuses": [Seed(discovery.old_versions, MISMATCH)],
        "test_identity_v3_existence": [Seed(discovery.old_versions, MISMATCH)],
        "test_list_api_versions": [Seed(discovery.bare_versions, MISMATCH)],
    },
    "v3.test_application_credentials.ApplicationCredentialsV3Test": {
        "test_create_application_credential": [Seed(tokens.application_credentials_not_accepted, UNKNOWN)],
        "test_create_application_credential_access_rules": [Seed(policy.nobody_makes_application_credentials, DENIED)],
        "test_create_application_credential_expires": [Seed(policy.nobody_makes_application_credentials, DENIED)],
        "test_list_application_credentials": [Seed(credentials.new_application_credentials_unseen, MISMATCH)],
        "test_query_application_credentials": [Seed(credentials.new_application_credentials_unseen, MISMATCH)],
    },
    "v3.test_catalog.IdentityCatalogTest": {
        "test_catalog_standardization": [
            Seed(catalog.identity_service_of_another_type, MISMATCH),
            Seed(catalog.services_disabled, MISMATCH),
        ],
    },
    "v3.test_domains.DefaultDomainTestJSON": {
        "test_default_domain_exists": [Seed(policy.nobody_sees_domains, DENIED)],
    },
    "v3.test_ec2_credentials.EC2CredentialsTest": {
        "test_create_ec2_credential": [Seed(policy.nobody_makes_ec2_credentials, DENIED)],
        "test_delete_ec2_credential": [Seed(caching.deletions_ignored_by_the_cache, MISMATCH)],
        "test_list_ec2_credentials": [Seed(credentials.new_credentials_unseen, ASSERTION)],
        "test_show_ec2_credential": [Seed(credentials.new_credentials_unseen, GONE)],
    },
    "v3.test_projects.IdentityV3ProjectsTest": {
        "test_list_projects_returns_only_authorized_projects": [Seed(roles.everybody_a_member_everywhere, MISMATCH)],
    },
    "v3.test_tokens.TokensV3Test": {
        "test_create_token": [Seed(tokens.tokens_expired_when_issued, ASSERTION)],
        "test_token_auth_creation_existence_deletion": [Seed(tokens.revocations_unseen, MISMATCH)],
        "test_validate_token": [Seed(tokens.revocations_unseen, MISMATCH)],
    },
    "v3.test_users.IdentityV3UsersTest": {
        "test_password_history_check_self_service_api": [Seed(tokens.no_password_history, MISMATCH)],
        "test_user_account_lockout": [Seed(tokens.wrong_passwords_not_counted, MISMATCH)],
        "test_user_update_own_password": [
            Seed(tokens.revocations_unseen, MISMATCH),
            Seed(tokens.new_passwords_not_kept, UNKNOWN),
        ],
    },
}

ADMIN: Mapping[str, Seeds] = {
    "test_application_credentials.ApplicationCredentialsV3AdminTest": {
        "test_create_application_credential_with_roles": [Seed(credentials.application_credentials_as_readers, MISMATCH)],
    },
    "test_credentials.CredentialsTestJSON": {
        "test_credentials_create_get_update_delete": [Seed(credentials.new_credentials_unseen, GONE)],
        "test_credentials_list_delete": [Seed(credentials.new_credentials_unseen, ASSERTION)],
    },
    "test_default_project_id.TestDefaultProjectId": {
        # that there is no project in the token is the test's own way to fail
        "test_default_project_id": [Seed(users.new_users_without_project, "KeyError")],
    },
    "test_domain_configuration.DomainConfigurationTestJSON": {
        "test_create_domain_config_and_show_config_groups_and_options": [Seed(domains.new_configurations_unseen, MISMATCH)],
        "test_create_update_and_delete_domain_config": [Seed(domains.configurations_kept_otherwise, MISMATCH)],
        "test_create_update_and_delete_domain_config_groups_and_opts": [Seed(domains.configurations_kept_otherwise, MISMATCH)],
        "test_show_default_group_config_and_options": [Seed(policy.nobody_sees_default_configurations, DENIED)],
    },
    "test_domains.DomainsTestJSON": {
        # seen by its clean-up, which has to be allowed to delete what is disabled
        "test_create_domain_with_disabled_status": [Seed(domains.domains_enabled_at_once, DENIED)],
        "test_create_domain_without_description": [Seed(projects.new_projects_unseen, GONE)],
        "test_create_update_delete_domain": [Seed(domains.changes_of_domains_and_projects_lost, MISMATCH)],
        "test_domain_delete_cascades_content": [Seed(caching.deletions_ignored_by_the_cache, MISMATCH)],
        "test_list_domains": [Seed(domains.other_domains_left_out, ASSERTION)],
        "test_list_domains_filter_by_enabled": [Seed(domains.other_domains_left_out, MISMATCH)],
        "test_list_domains_filter_by_name": [Seed(domains.other_domains_left_out, MISMATCH)],
    },
    "test_domains_negative.DomainsNegativeTestJSON": {
        "test_delete_active_domain": [Seed(domains.domains_disabled_at_once, MISMATCH)],
        "test_domain_create_duplicate": [Seed(domains.names_not_unique, MISMATCH)],
    },
    "test_endpoint_groups.EndPointGroupsTest": {
        "test_create_list_show_check_delete_endpoint_group": [
            Seed(catalog.new_endpoint_groups_unseen, ASSERTION),
            Seed(catalog.filters_of_endpoint_groups_lost, ASSERTION),
        ],
        "test_update_endpoint_group": [Seed(policy.nobody_changes_endpoint_groups, DENIED)],
    },
    "test_endpoints.EndPointsTestJSON": {
        "test_create_list_show_delete_endpoint": [
            Seed(catalog.new_endpoints_unseen, MISMATCH),
            Seed(catalog.new_endpoints_disabled, MISMATCH),
        ],
        "test_list_endpoints": [Seed(catalog.no_public_endpoints, MISMATCH)],
        "test_update_endpoint": [Seed(policy.nobody_changes_endpoints, DENIED)],
    },
    "test_groups.GroupsV3TestJSON": {
        "test_group_create_update_get": [Seed(users.changes_of_groups_lost, MISMATCH)],
        "test_group_users_add_list_delete": [Seed(users.new_members_of_groups_unseen, MISMATCH)],
        "test_list_groups": [Seed(users.new_groups_unseen, ASSERTION)],
        "test_list_user_groups": [Seed(users.new_members_of_groups_unseen, MISMATCH)],
    },
    "test_inherits.InheritsV3TestJSON": {
        "test_inherit_assign_check_revoke_roles_on_projects_group": [Seed(roles.roles_not_inherited, GONE)],
        "test_inherit_assign_check_revoke_roles_on_projects_user": [Seed(roles.roles_not_inherited, GONE)],
        "test_inherit_assign_list_check_revoke_roles_on_domains_group": [Seed(roles.roles_not_inherited, MISMATCH)],
        "test_inherit_assign_list_check_revoke_roles_on_domains_user": [Seed(roles.roles_not_inherited, MISMATCH)],
        "test_inherit_assign_list_revoke_user_roles_on_domain": [Seed(roles.roles_not_inherited, ASSERTION)],
        "test_inherit_assign_list_revoke_user_roles_on_project_tree": [Seed(roles.roles_not_inherited, ASSERTION)],
    },
    "test_list_projects.ListProjectsStaticTestJSON": {
        "test_list_projects": [Seed(projects.lists_of_projects_cut_short, MISMATCH)],
        "test_list_projects_with_domains": [Seed(policy.nobody_sees_projects, DENIED)],
        "test_list_projects_with_name": [Seed(projects.projects_in_upper_case, MISMATCH)],
    },
    "test_list_projects.ListProjectsTestJSON": {
        "test_list_projects_with_enabled": [Seed(projects.disabled_projects_left_out, MISMATCH)],
        "test_list_projects_with_parent": [Seed(projects.projects_without_members_left_out, ASSERTION)],
    },
    "test_list_users.UsersV3TestJSON": {
        "test_get_user": [Seed(users.users_with_others_attributes, MISMATCH)],
        "test_list_user_domains": [Seed(users.users_of_other_domains_left_out, MISMATCH)],
        "test_list_users": [Seed(users.lists_of_users_cut_short, ASSERTION)],
        "test_list_users_with_name": [Seed(users.users_in_upper_case, MISMATCH)],
        "test_list_users_with_not_enabled": [Seed(users.disabled_users_enabled, MISMATCH)],
    },
    "test_oauth_consumers.OAUTHConsumersV3Test": {
        "test_create_and_show_consumer": [Seed(credentials.new_consumers_without_description, MISMATCH)],
        "test_delete_consumer": [Seed(credentials.new_consumers_unseen, GONE)],
        "test_list_consumers": [Seed(credentials.new_consumers_unseen, MISMATCH)],
        "test_update_consumer": [Seed(credentials.changes_of_consumers_lost, MISMATCH)],
    },
    "test_policies.PoliciesTestJSON": {
        "test_create_update_delete_policy": [Seed(credentials.changes_of_policies_lost, MISMATCH)],
        "test_list_policies": [Seed(credentials.new_policies_unseen, ASSERTION)],
    },
    "test_project_tags.IdentityV3ProjectTagsTest": {
        "test_list_update_delete_project_tags": [Seed(projects.new_tags_unseen, GONE)],
    },
    "test_projects.ProjectsTestJSON": {
        "test_associate_user_to_project": [Seed(users.new_users_with_others_attributes, MISMATCH)],
        "test_create_is_domain_project": [Seed(projects.new_projects_unseen, MISMATCH)],
        "test_project_create_enabled": [Seed(policy.nobody_sees_projects, DENIED)],
        "test_project_create_not_enabled": [Seed(policy.nobody_sees_projects, DENIED)],
        "test_project_create_with_description": [Seed(policy.nobody_sees_projects, DENIED)],
        "test_project_create_with_domain": [Seed(policy.nobody_sees_projects, DENIED)],
        "test_project_create_with_parent": [Seed(projects.no_projects_in_projects, DENIED)],
        "test_project_get_equals_list": [Seed(projects.tags_kept_otherwise, ASSERTION)],
        "test_project_update_desc": [Seed(domains.changes_of_domains_and_projects_lost, ASSERTION)],
        "test_project_update_enable": [Seed(domains.changes_of_domains_and_projects_lost, ASSERTION)],
        "test_project_update_name": [Seed(domains.changes_of_domains_and_projects_lost, ASSERTION)],
    },
    "test_projects_negative.ProjectsNegativeStaticTestJSON": {
        "test_create_project_by_unauthorized_user": [Seed(policy.anyone_makes_projects, MISMATCH)],
        "test_delete_non_existent_project": [Seed(policy.nobody_deletes_projects, DENIED)],
        "test_list_projects_by_unauthorized_user": [Seed(policy.anyone_lists_projects, MISMATCH)],
        "test_project_create_duplicate": [Seed(domains.names_not_unique, MISMATCH)],
    },
    "test_projects_negative.ProjectsNegativeTestJSON": {
        "test_project_delete_by_unauthorized_user": [Seed(policy.anyone_deletes_projects, MISMATCH)],
    },
    "test_regions.RegionsTestJSON": {
        "test_create_region_with_specific_id": [Seed(catalog.new_regions_unseen, GONE)],
        "test_create_update_get_delete_region": [Seed(catalog.changes_of_regions_lost, MISMATCH)],
        "test_list_regions": [Seed(catalog.empty_regions_left_out, ASSERTION)],
        "test_list_regions_filter_by_parent_region_id": [Seed(catalog.new_regions_without_parent, MISMATCH)],
    },
    "test_roles.RolesV3TestJSON": {
        "test_assignments_for_domain_roles": [Seed(roles.roles_of_domains_global_at_once, ASSERTION)],
        "test_assignments_for_implied_roles_create_delete": [Seed(roles.new_implications_unseen, GONE)],
        "test_domain_roles_create_delete": [Seed(roles.roles_of_domains_global, MISMATCH)],
        "test_grant_list_revoke_role_to_group_on_domain": [Seed(roles.new_grants_unseen, MISMATCH)],
        "test_grant_list_revoke_role_to_group_on_project": [
            Seed(roles.new_grants_unseen, MISMATCH),
            Seed(users.new_members_of_groups_unseen, UNKNOWN),
        ],
        "test_grant_list_revoke_role_to_group_on_system": [Seed(roles.new_system_grants_unseen, MISMATCH)],
        "test_grant_list_revoke_role_to_user_on_domain": [Seed(roles.new_grants_unseen, MISMATCH)],
        "test_grant_list_revoke_role_to_user_on_project": [Seed(roles.new_grants_unseen, MISMATCH)],
        "test_grant_list_revoke_role_to_user_on_system": [Seed(roles.new_system_grants_unseen, MISMATCH)],
        "test_implied_domain_roles": [Seed(roles.roles_of_domains_global, MISMATCH)],
        "test_implied_roles_create_check_show_delete": [Seed(roles.new_implications_unseen, GONE)],
        "test_list_all_implied_roles": [Seed(roles.new_implications_unseen, GONE)],
        "test_list_roles": [Seed(roles.unused_roles_left_out, MISMATCH)],
        "test_role_create_update_show_list": [Seed(roles.changes_of_roles_lost, MISMATCH)],
        "test_roles_hierarchy": [Seed(roles.new_implications_unseen, GONE)],
    },
    "test_services.ServicesTestJSON": {
        "test_create_service_without_description": [Seed(catalog.new_services_unseen, GONE)],
        "test_create_update_get_service": [Seed(catalog.changes_of_services_lost, MISMATCH)],
        "test_list_services": [Seed(catalog.new_services_unseen, MISMATCH)],
    },
    "test_tokens.TokensV3TestJSON": {
        "test_get_available_domain_scopes": [Seed(users.new_members_of_groups_unseen, ASSERTION)],
        "test_get_available_project_scopes": [Seed(roles.new_grants_unseen, ASSERTION)],
        "test_rescope_token": [Seed(roles.new_grants_unseen, UNKNOWN), Seed(tokens.tokens_not_accepted, UNKNOWN)],
    },
    "test_trusts.TrustsV3TestJSON": {
        "test_get_trusts_all": [Seed(credentials.new_trusts_unseen, MISMATCH)],
        "test_get_trusts_query": [Seed(credentials.new_trusts_unseen, MISMATCH)],
        "test_trust_expire": [Seed(credentials.trusts_end_an_hour_late, MISMATCH)],
        "test_trust_expire_invalid": [Seed(policy.nobody_makes_trusts, DENIED)],
        "test_trust_impersonate": [Seed(credentials.no_trust_impersonates, MISMATCH)],
        "test_trust_noimpersonate": [Seed(credentials.every_trust_impersonates, MISMATCH)],
    },
    "test_users.UsersV3TestJSON": {
        "test_get_user": [Seed(users.new_users_unseen, GONE)],
        "test_list_user_projects": [Seed(roles.new_grants_unseen, ASSERTION)],
        "test_password_history_not_enforced_in_admin_reset": [
            Seed(tokens.new_passwords_not_kept, UNKNOWN),
            Seed(tokens.passwords_to_be_changed_first, UNKNOWN),
        ],
        "test_update_user_password": [Seed(tokens.new_passwords_not_kept, UNKNOWN)],
        "test_user_update": [Seed(users.changes_of_users_lost, MISMATCH)],
    },
    "test_users_negative.UsersNegativeTest": {
        "test_authentication_for_disabled_user": [Seed(users.changes_of_users_lost, MISMATCH)],
        "test_create_user_for_non_existent_domain": [Seed(policy.nobody_makes_users, DENIED)],
    },
}


def _by_test(package: str, groups: Mapping[str, Seeds]) -> Seeds:
    return {f"{package}.{group}.{test}": seeds for group, of in groups.items() for test, seeds in of.items()}


PROOFS: Seeds = _by_test("tempest.api.identity", USER) | _by_test("tempest.api.identity.admin.v3", ADMIN)
