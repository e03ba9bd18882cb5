"""Does an app stop acting for a user who disconnects it?"""

import pytest

from keysteward.actions import accounts, acting_apps, callers, consents, keys, organization_consents, tokens
from keysteward.actions.context import Context
from keysteward.rules.refusals import BAD_TOKEN, CODE_NOT_GOOD, CONSENT_REQUIRED, NO_SUCH_OBJECT, REFRESH_NOT_GOOD
from tests.cast import ACME, ADA, CY, MALLORY, ORGANIZATION, SAM, STRANGE, Made, Town, refused


def test_a_user_sees_their_connected_apps(town: Town, demo: Context, made: Made) -> None:
    """Each app with its name and what it may do, for that user only."""
    town.consent(demo, made, SAM, "signature extended")
    listed = [(each.key, each.app_name, each.scopes) for each in consents.list_connected(demo, town.actor(SAM)).own]

    assert listed == [(made.key, made.app.name, frozenset({"signature", "extended"}))]
    assert consents.list_connected(demo, town.actor(ADA)).own == []


def test_withdrawing_consent_kills_what_was_issued(town: Town, demo: Context, made: Made) -> None:
    """Access tokens, refresh tokens and codes of that user are dead; those of another user live."""
    of_sam, of_ada = town.sign_in_with(demo, made, SAM), town.sign_in_with(demo, made, ADA)
    waiting = town.code(demo, made, SAM)
    consents.withdraw_consent(demo, town.actor(SAM), made.key)

    with refused(BAD_TOKEN):
        callers.recognize(demo, of_sam.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, str(of_sam.refresh_token), None)
    with refused(CODE_NOT_GOOD):
        tokens.exchange_code(demo, made.credentials, waiting, None, None)
    assert callers.recognize(demo, of_ada.access_token).claims.user == ADA.demo


def test_an_organizations_admin_is_known_to_the_app_at_once(town: Town, demo: Context) -> None:
    """What the organization allows and that its admin is known to the app is one deed, whichever of them is new."""
    foreign, cy = town.create_app(by=MALLORY, firm=STRANGE), town.actor(CY)
    for scopes in ("signature", "signature openid", "signature"):
        request = town.request(demo, foreign, scope="openid", admin_consent_scope=scopes)
        before = demo.database.known_epoch
        organization_consents.consent_for_organization(demo, request, cy, ORGANIZATION["demo"])
        is_one_deed = demo.database.known_epoch == before + 1

        assert consents.consented(demo, foreign.key, CY.demo) == {"openid"}
        assert is_one_deed
        if scopes == "signature openid":
            consents.withdraw_consent(demo, cy, foreign.key)


def test_without_consent_no_assertion_is_good(town: Town, demo: Context, made: Made) -> None:
    """The JWT grant asks for consent again."""
    town.consent(demo, made, SAM)
    consents.withdraw_consent(demo, town.actor(SAM), made.key)

    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, made))


def test_consenting_again_revives_nothing(town: Town, demo: Context, made: Made) -> None:
    """New tokens are good; those of before the withdrawal stay dead."""
    before = town.sign_in_with(demo, made, SAM)
    consents.withdraw_consent(demo, town.actor(SAM), made.key)
    after = town.sign_in_with(demo, made, SAM)

    with refused(BAD_TOKEN):
        callers.recognize(demo, before.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, str(before.refresh_token), None)
    assert callers.recognize(demo, after.access_token).claims.user == SAM.demo


@pytest.mark.parametrize("key", ["", "no-guid", "00000000-0000-4000-8000-000000000000"])
def test_what_is_not_connected_cannot_be_disconnected(town: Town, demo: Context, made: Made, key: str) -> None:
    """An unknown key and one that was never allowed get one and the same refusal; so does disconnecting twice."""
    with refused(NO_SUCH_OBJECT):
        consents.withdraw_consent(demo, town.actor(SAM), key)
    town.consent(demo, made, SAM)
    consents.withdraw_consent(demo, town.actor(SAM), made.key)
    with refused(NO_SUCH_OBJECT):
        consents.withdraw_consent(demo, town.actor(SAM), made.key)


def test_closing_the_last_membership_kills_tokens_for_good(town: Town, demo: Context, made: Made) -> None:
    """Whoever comes back later signs in anew; what was issued before stays dead."""
    before = town.sign_in_with(demo, made, SAM)
    accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)

    with refused(BAD_TOKEN):
        callers.recognize(demo, before.access_token)
    assert accounts.load_user(demo, SAM.demo).least_epoch > 0


def test_the_history_of_an_app_names_nobody_of_other_accounts(town: Town, demo: Context) -> None:
    """Whoever disconnects or blocks an app elsewhere stays unknown to the admins who manage its key."""
    foreign = town.create_app(by=MALLORY, firm=STRANGE)
    town.consent(demo, foreign, SAM)
    acting_apps.block_app(demo, town.actor(ADA), ACME.demo, foreign.key)
    consents.withdraw_consent(demo, town.actor(SAM), foreign.key)
    hands = {event.actor for event in keys.view(demo, town.actor(MALLORY), foreign.key).events}

    assert hands == {MALLORY.email}
