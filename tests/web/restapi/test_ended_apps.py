"""Is an app refused from the moment that an account blocks it, or that an organization ends its word?"""

from keysteward.actions import accounts, acting_apps, organization_consents
from keysteward.rules.accounts import SENDER
from tests.cast import ACME, ADA, CY, MALLORY, ORGANIZATION, SAM, STRANGE
from tests.web.restapi.house import ADMIN_SCOPES, House

OURS = f"/management/v2/organizations/{ORGANIZATION['demo']}"


def test_a_blocked_app_is_refused_in_that_account(fresh: House) -> None:
    """Its calls there are refused and recorded as failures; elsewhere, and where no account is named, they pass."""
    town = fresh.town
    accounts.add_user(town.demo, STRANGE.demo, SAM.joining(SENDER, "demo"), MALLORY.email)
    sam = fresh.caller(SAM)
    assert sam.get(f"/restapi/v2.1/accounts/{ACME.demo}")["accountName"] == "Acme"
    acting_apps.block_app(town.demo, town.actor(ADA), ACME.demo, fresh.made.key)

    for path in ("", "/users", "/settings", "/groups"):
        assert sam.refused(f"/restapi/v2.1/accounts/{ACME.demo}{path}") == (403, "USER_LACKS_PERMISSIONS")
    answer = sam.call("GET", f"/restapi/v2.1/accounts/{ACME.demo}")
    (recorded,) = fresh.recorded(answer)
    assert answer.json()["message"] == "An admin of this account blocked the app."
    assert (recorded.status, recorded.error_code) == (403, "USER_LACKS_PERMISSIONS")
    assert sam.get(f"/restapi/v2.1/accounts/{STRANGE.demo}")["accountName"] == "Strange"
    assert len(sam.get("/restapi/v2.1/login_information")["loginAccounts"]) == 2
    acting_apps.unblock_app(town.demo, town.actor(ADA), ACME.demo, fresh.made.key)
    assert sam.get(f"/restapi/v2.1/accounts/{ACME.demo}")["accountName"] == "Acme"


def test_an_application_token_dies_with_its_authorization(fresh: House) -> None:
    """What it opened a moment before it opens no more, whatever it asks; authorizing again revives nothing."""
    app, town = fresh.application(), fresh.town
    paths = ["/management/v2/organizations", f"{OURS}/reserved_domains", f"{OURS}/users?account_id={ACME.demo}"]
    assert [app.call("GET", path).status_code for path in paths] == [200] * 3
    cy, key = town.actor(CY), fresh.made.key
    organization_consents.withdraw_authorization(town.demo, cy, ORGANIZATION["demo"], key)

    assert [app.refused(path) for path in paths] == [(401, "invalid_token")] * 3
    fresh.application()
    assert [app.refused(path) for path in paths] == [(401, "invalid_token")] * 3


def test_admin_consent_opens_no_organization_to_users(fresh: House) -> None:
    """A user's token has the Admin API's scopes only where that user allowed them themselves."""
    town, key = fresh.town, fresh.made.key
    allowed = frozenset({"signature", "impersonation", *ADMIN_SCOPES.split()})
    organization_consents.authorize_application(town.demo, town.actor(CY), ORGANIZATION["demo"], key, allowed)
    own = fresh.caller(CY, "signature impersonation")

    assert own.refused("/management/v2/organizations") == (403, "access_denied")
