"""Do the unmodified Python SDKs of Docusign understand our slice of the API?"""

import json
from datetime import UTC, datetime

import docusign_admin as da
import docusign_esign as ds
import pytest
from docusign_admin.client.api_exception import ApiException as AdminException
from docusign_esign.client.api_exception import ApiException

from tests.cast import ACME, ADA, ORGANIZATION, SAM, UNKNOWN
from tests.web.restapi.house import Client, House

OURS = ORGANIZATION["demo"]


@pytest.fixture
def esign(house: House, ada: Client) -> ds.ApiClient:
    """The eSignature SDK with Ada's token."""
    return ds.ApiClient(
        host=f"{house.address}/restapi",
        header_name="Authorization",
        header_value=ada.session.headers["Authorization"],
    )


@pytest.fixture
def admin(house: House, cy: Client) -> da.ApiClient:
    """The Admin SDK with Cy's token, at the address as its default spells it."""
    return da.ApiClient(
        host=f"{house.address}/Management",
        header_name="Authorization",
        header_value=cy.session.headers["Authorization"],
    )


def test_logging_in(esign: ds.ApiClient) -> None:
    """The SDK finds the accounts, and its own test can cut the base address in two."""
    api = ds.AuthenticationApi(esign)

    (first, *_) = api.login(api_password="true", include_account_id_guid="true").login_accounts

    assert (first.account_id_guid, first.user_id, first.is_default) == (ACME.demo, ADA.demo, "true")
    assert len(first.base_url.split("/v2")) == 2


def test_the_service(esign: ds.ApiClient) -> None:
    """Versions and resources fill the SDK's models."""
    api = ds.DiagnosticsApi(esign)

    assert [each.version for each in api.get_service().service_versions] == ["v2", "v2.1"]
    assert "accounts" in [each.name for each in api.get_resources().resources]


def test_an_account(esign: ds.ApiClient) -> None:
    """Account, settings, profiles, groups and plan fill the SDK's models."""
    api = ds.AccountsApi(esign)

    account = api.get_account_information(ACME.demo, include_account_settings="true")
    profiles = api.list_permissions(ACME.demo).permission_profiles
    plan = ds.BillingApi(esign).get_plan(ACME.demo).billing_plan

    assert (account.account_id_guid, account.account_settings.account_name) == (ACME.demo, "Acme")
    assert api.list_settings(ACME.demo).account_name == "Acme"
    assert api.get_permission_profile(ACME.demo, profiles[0].permission_profile_id).user_count == "3"
    assert ds.GroupsApi(esign).list_groups(ACME.demo).groups[1].group_name == "Everyone"
    assert (plan.plan_id, plan.plan_name) == (account.current_plan_id, account.plan_name)


def test_billing_plans(esign: ds.ApiClient) -> None:
    """Plans fill the SDK's models."""
    api = ds.BillingApi(esign)

    plans = api.list_billing_plans().billing_plans

    assert api.get_billing_plan(plans[0].plan_id).billing_plan.plan_name == plans[0].plan_name


def test_users(esign: ds.ApiClient) -> None:
    """Users fill the SDK's models, with text where it wants text."""
    api = ds.UsersApi(esign)

    listed = api.list(ACME.demo, count="2", additional_info="true")
    sam = api.get_information(ACME.demo, SAM.demo)

    assert (listed.result_set_size, listed.total_set_size, len(listed.users)) == ("2", "5", 2)
    assert (sam.user_id, sam.user_settings.can_manage_account) == (SAM.demo, "false")
    assert [group.group_name for group in sam.group_list] == ["Everyone"]


def test_a_refusal(esign: ds.ApiClient) -> None:
    """A refusal raises the SDK's exception with status, code, message and trace token."""
    with pytest.raises(ApiException) as raised:
        ds.UsersApi(esign).get_information(ACME.demo, UNKNOWN)

    assert raised.value.status == 404
    assert json.loads(raised.value.body)["errorCode"] == "USER_NOT_FOUND"
    assert raised.value.trace_token


def test_the_old_token_methods(esign: ds.ApiClient) -> None:
    """The SDK methods that cannot work raise, in the words they are known to get."""
    for method in (ds.AuthenticationApi(esign).get_o_auth_token, ds.AuthenticationApi(esign).revoke_o_auth_token):
        with pytest.raises(ApiException) as raised:
            method()
        assert (raised.value.status, json.loads(raised.value.body)["error"]) == (400, "invalid_token")


def test_an_organization(admin: da.ApiClient) -> None:
    """Organizations, permissions, groups and domains fill the Admin SDK's models."""
    api = da.AccountsApi(admin)

    (organization,) = api.get_organizations().organizations

    assert (organization.id, organization.created_on) == (OURS, datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    assert {each.id: each.name for each in api.get_permissions(OURS, ACME.demo).permissions}[10001] == "DS Admin"
    assert api.get_groups(OURS, ACME.demo).groups[0].name == "Administrators"
    assert da.ReservedDomainsApi(admin).get_reserved_domains(OURS).reserved_domains[0].host_name == "acme.example"
    assert da.IdentityProvidersApi(admin).get_identity_providers(OURS).identity_providers == []


def test_an_organizations_users(admin: da.ApiClient) -> None:
    """Users and profiles fill the Admin SDK's models, with real numbers, booleans and dates."""
    api = da.UsersApi(admin)

    listed = api.get_users(OURS, account_id=ACME.demo, take=3, last_modified_since="2020-01-01")
    (ada,) = api.get_user_profiles(OURS, email=ADA.email).users

    assert (len(listed.users), listed.paging.total_set_size) == (3, 5)
    assert listed.users[0].membership_created_on == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert (ada.memberships[0].account_id, ada.memberships[0].is_admin) == (ACME.demo, True)
    assert api.get_user_ds_profiles_by_email(OURS, email=ADA.email).users[0].id == ADA.demo
    assert api.get_user_ds_profile(OURS, ADA.demo).users[0].site_id == 1


def test_an_admin_refusal(admin: da.ApiClient) -> None:
    """A refusal raises the Admin SDK's exception with its two words."""
    with pytest.raises(AdminException) as raised:
        da.AccountsApi(admin).get_permissions(UNKNOWN, ACME.demo)

    assert raised.value.status == 404
    assert set(json.loads(raised.value.body)) == {"error", "error_description"}
