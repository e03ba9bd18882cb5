"""What do the code and refresh grants demand?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.rules.grants import CODE, REFRESH, Code, CodeRequest, RefreshRequest
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import (
    CODE_NOT_GOOD,
    GRANT_NOT_REGISTERED,
    INVALID_SCOPE,
    PKCE_REQUIRED,
    REDIRECT_URI_DIFFERS,
    REFRESH_NOT_GOOD,
    SCOPE_WIDENED,
    VERIFIER_WRONG,
    Kind,
)
from keysteward.rules.tokens import Family, refresh_expiry
from tests.cast import CALLBACK, CHALLENGE, VERIFIER
from tests.rules.examples import KEY, NOW, OTHER_KEY, USER, a_user, an_app

MICROSECOND = timedelta(microseconds=1)
END = NOW + timedelta(minutes=2)

UNBOUND = Code(KEY, USER, ("signature",), CALLBACK, None, None, "family", NOW, END, 1)
BOUND = replace(UNBOUND, challenge=CHALLENGE)
ALLOWED = frozenset({"signature"})
SECRET = CodeRequest(UNBOUND, an_app(), a_user(), True, None, None, ALLOWED, 0, NOW)
PUBLIC = CodeRequest(BOUND, an_app(), a_user(), False, None, VERIFIER, ALLOWED, 0, NOW)
CONFIDENTIAL_ONLY = an_app(grants=frozenset({"confidential_code"}))
PUBLIC_ONLY = an_app(grants=frozenset({"public_code"}))

CODES: list[tuple[str, CodeRequest, Kind | None]] = [
    ("with a secret", SECRET, None),
    ("without a secret, bound", PUBLIC, None),
    ("with a secret, bound", replace(PUBLIC, is_authenticated=True), None),
    ("of another client", replace(SECRET, app=an_app(key=OTHER_KEY)), CODE_NOT_GOOD),
    ("issued in the epoch of a revocation", replace(SECRET, app=an_app(least_epoch=UNBOUND.epoch)), None),
    ("of a stopped key", replace(SECRET, app=an_app(stopped_at=NOW)), CODE_NOT_GOOD),
    ("in its last moment", replace(SECRET, now=END - MICROSECOND), None),
    ("after exactly two minutes", replace(SECRET, now=END), CODE_NOT_GOOD),
    ("with a secret, of a confidential app", replace(SECRET, app=CONFIDENTIAL_ONLY), None),
    ("with a secret, of a public app", replace(SECRET, app=PUBLIC_ONLY), GRANT_NOT_REGISTERED),
    ("without a secret, of a public app", replace(PUBLIC, app=PUBLIC_ONLY), None),
    ("without a secret, of a confidential app", replace(PUBLIC, app=CONFIDENTIAL_ONLY), GRANT_NOT_REGISTERED),
    ("with its redirect URI", replace(SECRET, redirect_uri=CALLBACK), None),
    ("with another redirect URI", replace(SECRET, redirect_uri=CALLBACK + "/"), REDIRECT_URI_DIFFERS),
    ("with an empty redirect URI", replace(SECRET, redirect_uri=""), REDIRECT_URI_DIFFERS),
    ("without a secret, unbound", replace(PUBLIC, code=UNBOUND, verifier=None), PKCE_REQUIRED),
    ("without a secret, unbound, with a verifier", replace(PUBLIC, code=UNBOUND), PKCE_REQUIRED),
    ("unbound where PKCE is required", replace(SECRET, app=an_app(pkce_required=True)), PKCE_REQUIRED),
    ("bound where PKCE is required", replace(PUBLIC, app=an_app(pkce_required=True)), None),
    ("bound, no verifier", replace(PUBLIC, verifier=None), VERIFIER_WRONG),
    ("bound, an empty verifier", replace(PUBLIC, verifier=""), VERIFIER_WRONG),
    ("bound, another verifier", replace(PUBLIC, verifier="x" * 43), VERIFIER_WRONG),
    ("bound, the challenge as verifier", replace(PUBLIC, verifier=CHALLENGE), VERIFIER_WRONG),
    ("unbound, with a verifier", replace(SECRET, verifier=VERIFIER), VERIFIER_WRONG),
    ("of what nobody allows any more", replace(SECRET, consented=frozenset()), CODE_NOT_GOOD),
    ("of a withdrawn consent", replace(SECRET, consent_epoch=UNBOUND.epoch + 1), CODE_NOT_GOOD),
    ("of a consent withdrawn before", replace(SECRET, consent_epoch=UNBOUND.epoch), None),
    ("of a user closed since", replace(SECRET, user=a_user(least_epoch=UNBOUND.epoch + 1)), CODE_NOT_GOOD),
    ("of a user closed and back before", replace(SECRET, user=a_user(least_epoch=UNBOUND.epoch)), None),
    ("of a closed user", replace(SECRET, user=a_user(state="closed")), CODE_NOT_GOOD),
    ("of nobody", replace(SECRET, user=None), CODE_NOT_GOOD),
    ("issued before the key's tokens were revoked", replace(SECRET, app=an_app(least_epoch=2)), CODE_NOT_GOOD),
]

LIVING = Family("family", KEY, USER, frozenset({"signature", "openid"}), False, NOW, NOW + timedelta(days=30), 1)
STARTED_PUBLIC = replace(LIVING, is_public=True)
AGAIN = RefreshRequest(
    LIVING, an_app(), a_user(), True, frozenset({"signature", "openid"}), 0, None, LIVING.expires_at, None, NOW
)

REFRESHES: list[tuple[str, RefreshRequest, Kind | None]] = [
    ("with a secret", AGAIN, None),
    ("of another client", replace(AGAIN, app=an_app(key=OTHER_KEY)), REFRESH_NOT_GOOD),
    ("begun in the epoch of a revocation", replace(AGAIN, app=an_app(least_epoch=LIVING.epoch)), None),
    ("begun before a revocation", replace(AGAIN, app=an_app(least_epoch=LIVING.epoch + 1)), REFRESH_NOT_GOOD),
    ("of a stopped key", replace(AGAIN, app=an_app(stopped_at=NOW)), REFRESH_NOT_GOOD),
    ("of a consent withdrawn since, and given again", replace(AGAIN, consent_epoch=2), REFRESH_NOT_GOOD),
    ("of a consent withdrawn before", replace(AGAIN, consent_epoch=LIVING.epoch), None),
    ("of a dead family", replace(AGAIN, family=replace(LIVING, died_at=NOW)), REFRESH_NOT_GOOD),
    ("in its last moment", replace(AGAIN, now=LIVING.expires_at - MICROSECOND), None),
    ("after exactly 30 days", replace(AGAIN, now=LIVING.expires_at), REFRESH_NOT_GOOD),
    ("without a secret", replace(AGAIN, is_authenticated=False), REFRESH_NOT_GOOD),
    ("public from the start", replace(AGAIN, is_authenticated=False, family=STARTED_PUBLIC), None),
    ("public, then with a secret", replace(AGAIN, family=STARTED_PUBLIC), None),
    ("public, the grant withdrawn", replace(
        AGAIN, is_authenticated=False, family=STARTED_PUBLIC, app=CONFIDENTIAL_ONLY), GRANT_NOT_REGISTERED),
    ("confidential, the grant withdrawn", replace(AGAIN, app=PUBLIC_ONLY), GRANT_NOT_REGISTERED),
    ("of a closed user", replace(AGAIN, user=a_user(state="closed")), REFRESH_NOT_GOOD),
    ("of nobody", replace(AGAIN, user=None), REFRESH_NOT_GOOD),
    ("consent withdrawn", replace(AGAIN, consented=frozenset()), REFRESH_NOT_GOOD),
    ("consent narrowed", replace(AGAIN, consented=frozenset({"signature"})), REFRESH_NOT_GOOD),
    ("the same scopes", replace(AGAIN, scope="openid signature"), None),
    ("fewer scopes", replace(AGAIN, scope="signature"), None),
    ("more scopes", replace(AGAIN, scope="signature openid extended"), SCOPE_WIDENED),
    ("other scopes", replace(AGAIN, scope="extended"), SCOPE_WIDENED),
    ("malformed scopes", replace(AGAIN, scope='"'), INVALID_SCOPE),
    ("empty scopes", replace(AGAIN, scope=""), INVALID_SCOPE),
]  # fmt: skip


@pytest.mark.parametrize(("how", "request_", "kind"), CODES, ids=[row[0] for row in CODES])
def test_a_code_is_judged(how: str, request_: CodeRequest, kind: Kind | None) -> None:
    """The first check that finds something wrong with a code is the answer."""
    assert next((found for check in CODE if (found := check(request_))), None) is kind


@pytest.mark.parametrize(("how", "request_", "kind"), REFRESHES, ids=[row[0] for row in REFRESHES])
def test_a_refresh_token_is_judged(how: str, request_: RefreshRequest, kind: Kind | None) -> None:
    """The first check that finds something wrong with a refresh token is the answer."""
    assert next((found for check in REFRESH if (found := check(request_))), None) is kind


def test_extended_restarts_the_thirty_days() -> None:
    """With `extended` each refresh is good for 30 more days; without it the first expiry stays."""
    later = NOW + timedelta(days=7)
    extended = replace(LIVING, scopes=frozenset({"signature", "extended"}))

    assert refresh_expiry(extended, later, DEFAULT) == later + timedelta(days=30)
    assert refresh_expiry(LIVING, later, DEFAULT) == NOW + timedelta(days=30)
