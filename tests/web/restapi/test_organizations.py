"""What does the Admin API say of organizations, and to whom?"""

import pytest

from keysteward.actions import identity_providers, organization_consents
from keysteward.actions.identity_providers import Draft
from tests.cast import ACME, ADA, COUNCIL, CY, DEMO_ORIGIN, MALLORY, ORGANIZATION, SMALL, STRANGE, UNKNOWN
from tests.web.restapi.house import ADMIN_SCOPES, Client, House, refusal_of

ORGANIZATIONS = "/management/v2/organizations"
OURS = f"{ORGANIZATIONS}/{ORGANIZATION['demo']}"
CALLS = (
    (ORGANIZATIONS, "organization_read"),
    (f"{OURS}/users?account_id={ACME.demo}", "user_read"),
    (f"{OURS}/users/profile?email={ADA.email}", "user_read"),
    (f"/management/v2.1/organizations/{ORGANIZATION['demo']}/users/{ADA.demo}/dsprofile", "user_read"),
    (f"{OURS}/accounts/{ACME.demo}/permissions", "permission_read"),
    (f"{OURS}/accounts/{ACME.demo}/groups", "group_read"),
    (f"{OURS}/reserved_domains", "domain_read"),
    (f"{OURS}/identity_providers", "identity_provider_read"),
)
BELOW_ONE = tuple(path.replace(ORGANIZATION["demo"], "{}") for path, _ in CALLS[1:])


def test_the_id_stands_first(cy: Client) -> None:
    """Clients without a JSON parser cut the first id out of compact JSON."""
    text = cy.call("GET", "/Management/v2/organizations").text

    assert text.startswith('{"organizations":[{"id":"' + ORGANIZATION["demo"] + '",')


def test_organizations(cy: Client) -> None:
    """An organization comes with its accounts, admins and domains; numbers are numbers here."""
    (found,) = cy.get(ORGANIZATIONS, mode="org_admin")["organizations"]

    assert (found["name"], found["default_account_id"]) == ("Acme Group", ACME.demo)
    assert [(each["id"], type(each["external_account_id"])) for each in found["accounts"]] == [
        (ACME.demo, int), (COUNCIL.demo, int),
    ]  # fmt: skip
    assert found["users"] == [{"id": CY.demo}]
    assert [(each["host_name"], each["status"]) for each in found["reserved_domains"]] == [("acme.example", "active")]
    assert found["links"] == [{"rel": "self", "href": f"{DEMO_ORIGIN}{OURS}"}]


def test_whoever_administers_none_has_none(house: House) -> None:
    """An admin of an account is no admin of its organization."""
    assert house.caller(ADA, ADMIN_SCOPES).get(ORGANIZATIONS) == {"organizations": []}


def test_a_mode_that_is_not_answered(cy: Client) -> None:
    """Another choice of organizations is refused rather than answered with the wrong ones."""
    assert cy.refused(ORGANIZATIONS, mode="account_membership") == (400, "invalid_request")


@pytest.mark.parametrize(("path", "scope"), CALLS)
def test_each_call_has_its_scope(house: House, path: str, scope: str) -> None:
    """A call is answered with its own scope alone, and refused with all others, the missing one named."""
    others = " ".join(each for each in (*ADMIN_SCOPES.split(), "signature") if each != scope)

    assert house.caller(CY, scope).call("GET", path).status_code == 200
    answer = house.caller(CY, others).call("GET", path)
    assert refusal_of(answer) == (403, "access_denied")
    assert [call.status for call in house.recorded(answer)] == [403]


@pytest.mark.parametrize("path", BELOW_ONE)
def test_foreign_and_unknown_organizations_look_alike(house: House, cy: Client, path: str) -> None:
    """Whether an organization exists is nobody's business but its own."""
    foreign = house.caller(MALLORY, ADMIN_SCOPES).call("GET", path.format(ORGANIZATION["demo"]))
    unknown = cy.call("GET", path.format(UNKNOWN))

    assert refusal_of(foreign) == (404, "invalid_request")
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())


@pytest.mark.parametrize("call", ["permissions", "groups"])
@pytest.mark.parametrize("account", [STRANGE.demo, SMALL.demo, UNKNOWN, "nonsense"])
def test_foreign_and_unknown_accounts_look_alike(cy: Client, account: str, call: str) -> None:
    """An account outside the organization is as good as none, even where the caller's users have it."""
    answer = cy.call("GET", f"{OURS}/accounts/{account}/{call}")

    assert refusal_of(answer) == (404, "not_found")
    assert answer.json()["error_description"] == "There is no such account here."


def test_permissions(cy: Client) -> None:
    """The profiles of an account, with ids that are numbers."""
    assert cy.get(f"{OURS}/accounts/{ACME.demo}/permissions") == {
        "permissions": [
            {"id": 10001, "name": "DS Admin"},
            {"id": 10002, "name": "DS Sender"},
            {"id": 10003, "name": "DS Viewer"},
            {"id": 10004, "name": "Developer"},
        ]
    }


def test_groups(cy: Client) -> None:
    """The groups of an account, part by part."""
    listed = cy.get(f"{OURS}/accounts/{ACME.demo}/groups", take=1)

    assert [(group["name"], group["type"]) for group in listed["groups"]] == [("Administrators", "admin_group")]
    assert listed["paging"]["next"] == f"{DEMO_ORIGIN}{OURS}/accounts/{ACME.demo}/groups?start=1&take=1"


def test_reserved_domains(cy: Client) -> None:
    """A claimed domain comes with the token that proves it."""
    (domain,) = cy.get(f"{OURS}/reserved_domains")["reserved_domains"]

    assert (domain["host_name"], domain["status"]) == ("acme.example", "active")
    assert len(domain["txt_token"]) == 36


def test_identity_providers(cy: Client) -> None:
    """There are none, which is an empty list and not null."""
    assert cy.get(f"{OURS}/identity_providers") == {"identity_providers": []}


def test_the_provider_of_an_organization(fresh: House) -> None:
    """The one that its admins set up, and that its active domain names; nothing of how we prove ourselves there."""
    ctx, cy = fresh.town.demo, fresh.caller(CY, ADMIN_SCOPES)
    draft = Draft("Acme ID", "https://id.acme.example", "ours", "of the provider")
    identity_providers.keep(ctx, fresh.town.actor(CY), ORGANIZATION["demo"], draft)
    (found,) = cy.get(f"{OURS}/identity_providers")["identity_providers"]
    (domain,) = cy.get(f"{OURS}/reserved_domains")["reserved_domains"]
    (organization,) = cy.get(ORGANIZATIONS)["organizations"]

    assert found == {
        "id": found["id"], "friendly_name": "Acme ID", "auto_provision_users": False, "type": "openid_connect",
        "links": [],
    }  # fmt: skip
    assert (len(found["id"]), domain["identity_provider_id"]) == (36, found["id"])
    assert organization["identity_providers"] == [found]


@pytest.mark.parametrize(("path", "scope"), CALLS)
def test_an_application_token(house: House, path: str, scope: str) -> None:
    """An app that the organization authorized is answered as its admin is."""
    assert house.application(scope).get(path) == house.caller(CY, scope).get(path)


def test_an_authorization_that_was_narrowed(fresh: House) -> None:
    """An application token is good only as long as an authorization covers it; a narrower one gets its own tokens."""
    app = fresh.application()
    narrowed = frozenset({"organization_read"})
    organization_consents.authorize_application(
        fresh.town.demo, fresh.town.actor(CY), ORGANIZATION["demo"], fresh.made.key, narrowed
    )

    assert app.refused(ORGANIZATIONS) == (401, "invalid_token")
    assert app.refused(f"{OURS}/reserved_domains") == (401, "invalid_token")
