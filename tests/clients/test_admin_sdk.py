"""Does Docusign's Python Admin SDK work, unmodified, with what stands in `dev.env`?"""

import json
from datetime import datetime
from pathlib import Path

import docusign_admin as da
import pytest
from docusign_admin.client.api_exception import ApiException

from keysteward.twin.cast import TOWNS
from tests.twin.running import Place

UNKNOWN = "00000000-0000-0000-0000-000000000000"
SCOPES = [
    "signature", "impersonation", "organization_read", "permission_read", "user_read", "account_read", "domain_read",
    "identity_provider_read", "group_read",
]  # fmt: skip


@pytest.fixture(params=["user", "application"])
def client(place: Place, request: pytest.FixtureRequest) -> da.ApiClient:
    """The Admin SDK with a token for the organization's admin, or for the application itself."""
    variables = place.variables
    client = da.ApiClient(host=variables["DS_ADMIN_BASE"], oauth_host_name=place.host)
    key, pem = variables["DS_INTEGRATION_KEY"], Path(variables["DS_PRIVATE_KEY_FILE"]).read_bytes()
    if request.param == "user":
        client.request_jwt_user_token(key, variables["DS_USER_ID"], place.host, pem, 3600, SCOPES)
    else:
        client.request_jwt_application_token(key, place.host, pem, 3600, SCOPES)
    return client


def test_organizations(client: da.ApiClient, place: Place) -> None:
    """The one organization, with its accounts."""
    (found,) = da.AccountsApi(client).get_organizations().organizations
    town = TOWNS[place.environment]

    assert (found.id, found.name) == (town.organization, town.organization_name)
    assert found.id == place.variables["DS_ORG_ID"]
    assert town.account in [each.id for each in found.accounts]


def test_reserved_domains(client: da.ApiClient, place: Place) -> None:
    """The claimed domain is active."""
    found = da.ReservedDomainsApi(client).get_reserved_domains(place.variables["DS_ORG_ID"]).reserved_domains

    assert [(each.host_name, each.status) for each in found] == [("northwind.example", "active")]


def test_users_of_an_account(client: da.ApiClient, place: Place) -> None:
    """Real dates and numbers, not strings."""
    organization, account = place.variables["DS_ORG_ID"], TOWNS[place.environment].account
    found = da.UsersApi(client).get_users(organization, account_id=account)

    assert (len(found.users), found.paging.total_set_size) == (4, 4)
    assert {each.user_status for each in found.users} == {"active"}
    assert {type(each.created_on) for each in found.users} == {datetime}


def test_the_profile_of_an_address(client: da.ApiClient, place: Place) -> None:
    """A user is found by address, with the membership of the account."""
    found = da.UsersApi(client).get_user_profiles(place.variables["DS_ORG_ID"], email=place.variables["DS_LOGIN_EMAIL"])

    assert found.users[0].id == place.variables["DS_USER_ID"]
    assert TOWNS[place.environment].account in [each.account_id for each in found.users[0].memberships]


def test_permission_profiles_groups_and_providers(client: da.ApiClient, place: Place) -> None:
    """The account's profiles and groups, and no identity provider."""
    organization, account = place.variables["DS_ORG_ID"], TOWNS[place.environment].account
    accounts = da.AccountsApi(client)

    assert [each.name for each in accounts.get_permissions(organization, account).permissions] == [
        "DS Admin", "DS Sender", "DS Viewer", "Developer",
    ]  # fmt: skip
    assert accounts.get_groups(organization, account).groups
    assert not da.IdentityProvidersApi(client).get_identity_providers(organization).identity_providers


def test_a_foreign_organization(client: da.ApiClient, place: Place) -> None:
    """The refusal has error and error_description."""
    with pytest.raises(ApiException) as raised:
        da.AccountsApi(client).get_permissions(UNKNOWN, TOWNS[place.environment].account)

    said = json.loads(raised.value.body)
    assert (raised.value.status, set(said), said["error"]) == (404, {"error", "error_description"}, "invalid_request")
