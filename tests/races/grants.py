"""Who races over codes and tokens?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import authorize, callers, consents, housekeeping, keys, tokens
from keysteward.rules.refusals import Refusal
from tests.cast import ADA, SAM
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]


def is_alive(on: Ground, access_token: str) -> bool:
    """Whether a token is good now."""
    try:
        callers.recognize(on.demo, access_token)
    except Refusal:
        return False
    return True


# ── what is used once ───────────────────────────────────────────────────────────────────────────────────────────────
@race(tokens.exchange_code)
def a_code_is_redeemed_once(on: Ground) -> Story:
    """Of a hundred redemptions of one code one is answered; its tokens are dead, for the code came back."""
    code = on.town.code(on.demo, on.made, SAM)
    came = yield lambda _: tokens.exchange_code(on.demo, on.made.credentials, code, None, None)

    answer = came.once("code-not-good")
    assert not is_alive(on, answer.access_token)
    assert events_of(on.demo, "FamilyKilled") == 1


@race(tokens.refresh)
def a_refresh_token_is_used_once(on: Ground) -> Story:
    """Of a hundred who bring one refresh token one is answered; within the grace the family lives."""
    first = on.town.sign_in_with(on.demo, on.made, SAM)
    came = yield lambda _: tokens.refresh(on.demo, on.made.credentials, first.refresh_token or "", None)

    assert is_alive(on, came.once("refresh-not-good").access_token)


@race(tokens.refresh)
def a_stolen_refresh_token_kills_once(on: Ground) -> Story:
    """A refresh token that comes back a hundred times after the grace kills its family, once."""
    first = on.town.sign_in_with(on.demo, on.made, SAM)
    second = tokens.refresh(on.demo, on.made.credentials, first.refresh_token or "", None)
    on.town.clock.advance(seconds=11)
    came = yield lambda _: tokens.refresh(on.demo, on.made.credentials, first.refresh_token or "", None)

    assert came.refusals == Counter({"refresh-not-good": 100})
    assert (is_alive(on, second.access_token), events_of(on.demo, "FamilyKilled")) == (False, 1)


@race(tokens.grant_assertion)
def an_assertion_with_an_id_is_used_once(on: Ground) -> Story:
    """Of a hundred who bring one assertion with a jti one is answered."""
    on.town.consent(on.demo, on.made, SAM)
    assertion = on.town.assertion(on.demo, on.made, jti="one")
    came = yield lambda _: tokens.grant_assertion(on.demo, assertion)

    assert is_alive(on, came.once("assertion-reused").access_token)


# ── what ends while it is used ──────────────────────────────────────────────────────────────────────────────────────
@race(tokens.exchange_code, keys.revoke_tokens)
def a_revocation_reaches_every_code_of_before(on: Ground) -> Story:
    """Whoever redeems a code while the key's tokens are revoked holds nothing that works, access or refresh."""
    codes = [on.town.code(on.demo, on.made, SAM) for _ in range(100)]

    def deed(number: int) -> object:
        if number != 50:
            return tokens.exchange_code(on.demo, on.made.credentials, codes[number], None, None)
        keys.revoke_tokens(on.demo, on.ada, on.key)
        return None

    came = yield deed

    _demand_dead(on, came)
    assert set(came.refusals) <= {"code-not-good"}


@race(authorize.issue_code, tokens.exchange_code, tokens.refresh, consents.withdraw_consent)
def a_withdrawn_consent_leaves_nothing(on: Ground) -> Story:
    """Whoever gets a code, redeems it and refreshes while the user disconnects the app holds nothing that works.

    And when the user consents again, nothing of before comes back to life.
    """
    request = on.town.request(on.demo, on.made)
    sam = on.town.actor(SAM)
    consents.consent(on.demo, request, sam)

    def deed(number: int) -> object:
        if number == 50:
            consents.withdraw_consent(on.demo, sam, on.key)
            return None
        code = authorize.issue_code(on.demo, request, sam)
        first = tokens.exchange_code(on.demo, on.made.credentials, code, None, None)
        return tokens.refresh(on.demo, on.made.credentials, first.refresh_token or "", None) if number % 2 else first

    came = yield deed

    assert set(came.refusals) <= {"code-not-good", "refresh-not-good", "consent-required"}
    _demand_dead(on, came)
    consents.consent(on.demo, request, sam)
    _demand_dead(on, came)


@race(tokens.grant_assertion, keys.stop, consents.withdraw_consent)
def whoever_stops_a_key_stops_its_tokens(on: Ground) -> Story:
    """While a hundred assertions are granted the key stops and the user disconnects it: no token is good afterwards."""
    on.town.consent(on.demo, on.made, SAM)
    assertion = on.town.assertion(on.demo, on.made)

    def deed(number: int) -> object:
        if number == 40:
            return keys.stop(on.demo, on.ada, on.key)
        if number == 60:
            consents.withdraw_consent(on.demo, on.town.actor(SAM), on.key)
            return None
        return tokens.grant_assertion(on.demo, assertion)

    came = yield deed

    _demand_dead(on, came)
    keys.start(on.demo, on.ada, on.key)
    _demand_dead(on, came)
    assert set(came.refusals) <= {"issuer-not-found", "consent-required"}


@race(tokens.refresh, tokens.exchange_code, housekeeping.forget_what_expired)
def housekeeping_disturbs_nobody(on: Ground) -> Story:
    """While what expired is forgotten, again and again, codes are redeemed and tokens refreshed as if it were not."""
    for _ in range(30):
        old = on.town.sign_in_with(on.demo, on.made, SAM)
        on.town.code(on.demo, on.made, ADA)
    consents.withdraw_consent(on.demo, on.town.actor(SAM), on.key)
    on.town.clock.advance(days=32)
    codes = [on.town.code(on.demo, on.made, SAM) for _ in range(100)]
    living = [on.town.sign_in_with(on.demo, on.made, SAM).refresh_token or "" for _ in range(40)]
    came = yield taking_turns(
        lambda _: housekeeping.forget_what_expired(on.demo),
        lambda number: tokens.exchange_code(on.demo, on.made.credentials, codes[number], None, None),
        lambda number: tokens.refresh(on.demo, on.made.credentials, living[number // 3], None),
    )

    assert (len(came.answers), came.refusals) == (100, Counter())
    assert not is_alive(on, old.access_token)


def _demand_dead(on: Ground, came: Came) -> None:
    answers = [answer for answer in came.answers if isinstance(answer, tokens.Answer)]
    assert not any(is_alive(on, answer.access_token) for answer in answers)
    for answer in answers:
        if answer.refresh_token is not None:
            _demand_refused(on, answer.refresh_token)


def _demand_refused(on: Ground, refresh_token: str) -> None:
    try:
        tokens.refresh(on.demo, on.made.credentials, refresh_token, None)
    except Refusal as refusal:
        assert refusal.kind.code in {"refresh-not-good", "invalid-client"}  # noqa: PT017 — either will do
        return
    raise AssertionError("a refresh token outlived its end")
