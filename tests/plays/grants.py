"""How is each deed around codes and tokens played?"""

from datetime import timedelta

from keysteward.actions import authorize, revocation, signing_keys, tokens
from tests.cast import SAM
from tests.plays.stage import Play, Scene, Stage, Told


# ── grants ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def issue_code(on: Stage) -> Scene:
    """A code for Sam."""
    on.town.consent(on.demo, on.made, SAM)
    request = on.town.request(on.demo, on.made)
    return Scene(on.demo, lambda: authorize.issue_code(on.demo, request, on.town.actor(SAM)), None)


def exchange_code(on: Stage) -> Scene:
    """A code becomes tokens."""
    code = on.town.code(on.demo, on.made, SAM)
    return Scene(on.demo, lambda: tokens.exchange_code(on.demo, on.made.credentials, code, None, None), None)


def exchange_code_again(on: Stage) -> Scene:
    """A code comes back."""
    code = on.town.code(on.demo, on.made, SAM)
    tokens.exchange_code(on.demo, on.made.credentials, code, None, None)
    told = on.of_key("FamilyKilled", "system")
    return Scene(on.demo, lambda: tokens.exchange_code(on.demo, on.made.credentials, code, None, None), told)


def refresh(on: Stage) -> Scene:
    """A refresh token is rotated."""
    token = on.town.sign_in_with(on.demo, on.made, SAM).refresh_token or ""
    return Scene(on.demo, lambda: tokens.refresh(on.demo, on.made.credentials, token, None), None)


def refresh_again(on: Stage) -> Scene:
    """A refresh token comes back late."""
    token = on.town.sign_in_with(on.demo, on.made, SAM).refresh_token or ""
    tokens.refresh(on.demo, on.made.credentials, token, None)
    on.town.clock.advance(minutes=1)
    told = on.of_key("FamilyKilled", "system")
    return Scene(on.demo, lambda: tokens.refresh(on.demo, on.made.credentials, token, None), told)


def grant_assertion(on: Stage) -> Scene:
    """An assertion that carries an id."""
    on.town.consent(on.demo, on.made, SAM)
    assertion = on.town.assertion(on.demo, on.made, SAM, jti="once")
    return Scene(on.demo, lambda: tokens.grant_assertion(on.demo, assertion), None)


def revoke_refresh_token(on: Stage) -> Scene:
    """The app gives a refresh token back."""
    token = on.town.sign_in_with(on.demo, on.made, SAM).refresh_token or ""
    told = on.of_key("FamilyKilled", "system")
    return Scene(on.demo, lambda: revocation.revoke(on.demo, on.made.credentials, token), told)


def revoke_access_token(on: Stage) -> Scene:
    """The app gives an access token back."""
    token = on.town.sign_in_with(on.demo, on.made, SAM).access_token
    told = on.of_key("TokenRevoked", "system")
    return Scene(on.demo, lambda: revocation.revoke(on.demo, on.made.credentials, token), told)


def rotate_signing_keys(on: Stage) -> Scene:
    """An operator lets a new key take over."""
    told = Told("SigningKeyMade", "operator", "", "")
    return Scene(on.demo, lambda: signing_keys.rotate(on.demo, timedelta(minutes=1)), told)


def distrust_signing_key(on: Stage) -> Scene:
    """An operator distrusts a key that waits for its time."""
    kid = signing_keys.rotate(on.demo, timedelta(minutes=1)).kid
    told = Told("SigningKeyDistrusted", "Olga", "", "")
    return Scene(on.demo, lambda: signing_keys.distrust(on.demo, kid, "Olga", "A laptop was lost."), told)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("revocation._revoke_refresh_token", revoke_refresh_token),
    ("revocation._revoke_access_token", revoke_access_token),
    ("signing_keys.rotate", rotate_signing_keys),
    ("signing_keys.distrust", distrust_signing_key),
    ("tokens.exchange_code", exchange_code_again),
    ("tokens.refresh", refresh_again),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("authorize.issue_code", "tokens come and go without an event each", issue_code),
    ("tokens.exchange_code", "tokens come and go without an event each", exchange_code),
    ("tokens.refresh", "tokens come and go without an event each", refresh),
    ("clients.burn_assertion", "tokens come and go without an event each", grant_assertion),
)
