"""How is each deed around consents and tokens played?"""

from keysteward.actions import authorize, tokens
from tests.cast import CY, ORGANIZATION, SAM, VERA
from tests.plays.stage import Play, Scene, Stage, Told


# ── grants ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def consent(on: Stage) -> Scene:
    """Vera allows what is asked."""
    request, vera = on.town.request(on.demo, on.made), on.town.actor(VERA)
    told = Told("ConsentGiven", VERA.email, on.made.key, "")
    return Scene(on.demo, lambda: authorize.consent(on.demo, request, vera), told)


def withdraw_consent(on: Stage) -> Scene:
    """Vera disconnects the app."""
    on.town.consent(on.demo, on.made, VERA)
    told = Told("ConsentRevoked", VERA.email, on.made.key, "")
    return Scene(on.demo, lambda: authorize.withdraw_consent(on.demo, on.town.actor(VERA), on.made.key), told)


def authorize_application(on: Stage) -> Scene:
    """An organization lets the app act for it."""
    told = Told("OrganizationAuthorizedApp", CY.email, on.made.key, "")
    organization, cy = ORGANIZATION["demo"], on.town.actor(CY)
    scopes = frozenset({"signature"})
    return Scene(on.demo, lambda: authorize.authorize_application(on.demo, cy, organization, on.made.key, scopes), told)


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


DEEDS: tuple[tuple[str, Play], ...] = (
    ("authorize.consent", consent),
    ("authorize.withdraw_consent", withdraw_consent),
    ("authorize.authorize_application", authorize_application),
    ("tokens.exchange_code", exchange_code_again),
    ("tokens.refresh", refresh_again),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("authorize.issue_code", "tokens come and go without an event each", issue_code),
    ("tokens.exchange_code", "tokens come and go without an event each", exchange_code),
    ("tokens.refresh", "tokens come and go without an event each", refresh),
    ("tokens._burn_assertion", "tokens come and go without an event each", grant_assertion),
)
