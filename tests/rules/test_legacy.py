"""Who is refused in which phase, what is an accepted call told, and which grant replaces the password?"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from keysteward.rules.accounts import User
from keysteward.rules.keys import GRANTS, App, Grant, Keypair, Secret, Settings
from keysteward.rules.legacy import (
    REPLACED,
    Attempt,
    Use,
    Waiver,
    brown_out_shown,
    is_closed,
    plan,
    replacement,
    steps,
    sunset,
    warnings,
    why_refused,
)
from keysteward.rules.phases import BrownOut, Step, Window
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import LEGACY_BROWN_OUT, LEGACY_NOT_KNOWN, LEGACY_RETIRED, Kind
from tests.rules.examples import NOW, an_app

TICK = timedelta(microseconds=1)
WARN, BROWN, NEW, END = (datetime(2027, month, 4, tzinfo=UTC) for month in (1, 2, 3, 4))
PLAN = (Step("measure"), Step("warn", WARN), Step("brown-out", BROWN), Step("block new", NEW), Step("block all", END))
WINDOWS = (BrownOut(("thu",), (time(0),), timedelta(hours=1)),)  # the fourth of February 2027 is a Thursday
POLICY = replace(DEFAULT, legacy_phases=PLAN, legacy_brown_outs=WINDOWS)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def a_waiver(until: datetime, revoked_at: datetime | None = None) -> Waiver:
    """A waiver until an instant."""
    return Waiver("id", "key", "ada@acme.example", "The till is replaced in May.", until, LONG_AGO, "Olga", revoked_at)


@pytest.mark.parametrize(
    ("now", "first_call", "kind"),
    [
        pytest.param(WARN - TICK, None, None, id="measure takes everybody"),
        pytest.param(WARN, None, None, id="so does warn"),
        pytest.param(BROWN, LONG_AGO, LEGACY_BROWN_OUT, id="the first instant of a brown-out"),
        pytest.param(BROWN + timedelta(hours=1) - TICK, LONG_AGO, LEGACY_BROWN_OUT, id="its last instant"),
        pytest.param(BROWN + timedelta(hours=1), LONG_AGO, None, id="its end"),
        pytest.param(BROWN + timedelta(hours=1), None, None, id="new keys between brown-outs"),
        pytest.param(NEW, NEW - TICK, None, id="a key that called just before new ones were blocked"),
        pytest.param(NEW, NEW, LEGACY_NOT_KNOWN, id="a key whose first call came at that instant"),
        pytest.param(NEW, None, LEGACY_NOT_KNOWN, id="a new key"),
        pytest.param(NEW + timedelta(minutes=1), LONG_AGO, None, id="no brown-out in another phase"),
        pytest.param(END - TICK, LONG_AGO, None, id="the last instant of all"),
        pytest.param(END, LONG_AGO, LEGACY_RETIRED, id="the end of all"),
    ],
)  # fmt: skip
def test_who_is_refused(now: datetime, first_call: datetime | None, kind: Kind | None) -> None:
    """Each phase from the instant of its date to the instant before the next."""
    assert why_refused(Attempt(now, POLICY, first_call)) is kind


@pytest.mark.parametrize("now", [BROWN, NEW, END])
def test_a_waiver_stands_against_every_reason(now: datetime) -> None:
    """Up to the instant before its end, unless it was revoked."""
    until = now + timedelta(days=1)

    assert why_refused(Attempt(now, POLICY, None, a_waiver(until))) is None
    assert why_refused(Attempt(now, POLICY, None, a_waiver(now + TICK))) is None
    assert why_refused(Attempt(now, POLICY, None, a_waiver(now))) is not None
    assert why_refused(Attempt(now, POLICY, None, a_waiver(until, LONG_AGO))) is not None


def test_as_it_comes_everybody_is_blocked() -> None:
    """Without a word of the operator there is no legacy authentication."""
    assert why_refused(Attempt(NOW, DEFAULT, LONG_AGO)) is LEGACY_RETIRED
    assert is_closed(DEFAULT, NOW)
    assert plan(DEFAULT, NOW) == ("block all", None, None)


@pytest.mark.parametrize(
    ("now", "closed"), [(WARN, False), (BROWN, False), (NEW, False), (END - TICK, False), (END, True)]
)
def test_when_only_a_waiver_helps(now: datetime, closed: bool) -> None:
    """From the end on nothing of a call needs to be read where nobody has a waiver."""
    assert is_closed(POLICY, now) == closed


def test_the_plan_is_told() -> None:
    """The phase, and when which one comes next."""
    assert plan(POLICY, WARN) == ("warn", BROWN, "brown-out")
    assert plan(POLICY, END) == ("block all", None, None)


def test_accepted_calls_are_warned() -> None:
    """From the phase warn on, with the dates as the RFCs write them, and where to read on."""
    said = warnings(Attempt(WARN, POLICY), "https://demo.test")

    assert warnings(Attempt(WARN - TICK, POLICY), "https://demo.test") == {}
    assert said == {
        "Deprecation": f"@{int(WARN.timestamp())}",
        "Sunset": "Sun, 04 Apr 2027 00:00:00 GMT",
        "Link": '<https://demo.test/help/legacy-authentication>; rel="deprecation"; type="text/html"',
    }


def test_without_an_end_there_is_no_sunset() -> None:
    """A plan that does not block all says when it was deprecated, and no end."""
    open_ended = replace(POLICY, legacy_phases=PLAN[:2])

    assert warnings(Attempt(WARN, open_ended), "https://demo.test").keys() == {"Deprecation", "Link"}


def test_the_sun_sets_later_for_a_waiver() -> None:
    """A waiver beyond the end moves the date of its key; one that ends before does not."""
    later = END + timedelta(days=30)

    assert sunset(Attempt(WARN, POLICY, None, a_waiver(later))) == later
    assert sunset(Attempt(WARN, POLICY, None, a_waiver(WARN + TICK))) == END


@pytest.mark.parametrize(
    ("policy", "now", "window"),
    [
        pytest.param(POLICY, WARN, None, id="not yet"),
        pytest.param(POLICY, BROWN, Window(BROWN, BROWN + timedelta(hours=1)), id="running"),
        pytest.param(POLICY, BROWN + timedelta(hours=1),
                     Window(BROWN + timedelta(days=7), BROWN + timedelta(days=7, hours=1)), id="the next"),
        pytest.param(POLICY, NEW - timedelta(hours=1), None, id="none before the phase ends"),
        pytest.param(replace(POLICY, legacy_brown_outs=()), BROWN, None, id="none declared"),
    ],
)  # fmt: skip
def test_which_brown_out_is_shown(policy: Policy, now: datetime, window: Window | None) -> None:
    """The one that runs, or the next of this phase."""
    assert brown_out_shown(policy, now) == window


# ── what replaces it ────────────────────────────────────────────────────────────────────────────────────────────────
def somebody(*, service: bool = False) -> User:
    """A user."""
    return User("user", "sam@acme.example", "Sam", "Sender", "active", NOW, service=service)


URIS = Settings(redirect_uris=("https://app.example.com/callback",))
CODE: frozenset[Grant] = frozenset({"confidential_code"})


def an_app_with(grants: frozenset[Grant]) -> App:
    """An app that registers some grants."""
    return replace(an_app(), grants=grants)


@pytest.mark.parametrize(
    ("use", "grant"),
    [
        pytest.param(Use(an_app_with(CODE), URIS, somebody(service=True), "Mozilla/5.0"), "jwt", id="a service admin"),
        pytest.param(Use(an_app_with(CODE), URIS, somebody(), "Mozilla/5.0 (X11)"), "public_code", id="in a browser"),
        pytest.param(Use(an_app_with(CODE), URIS, somebody(), "Java 4"), "confidential_code", id="a web app"),
        pytest.param(Use(an_app_with(CODE), Settings(), somebody(), "Java 4"), "jwt", id="nowhere to come back to"),
        pytest.param(Use(an_app_with(frozenset()), URIS, None, ""), "jwt", id="a program nobody knows"),
    ],
)
def test_which_grant_replaces_it(use: Use, grant: Grant) -> None:
    """The first line that fits: who calls, and with what."""
    assert replacement(use).grant == grant


def test_every_replacement_has_its_source() -> None:
    """Each line says why and where that is written, and the last fits whatever comes."""
    assert all(each.why.endswith(".") and each.source for each in REPLACED)
    assert REPLACED[-1].applies(Use(an_app_with(frozenset()), Settings(), None, ""))


def test_the_steps_are_what_is_left() -> None:
    """What an app has already is not asked of it again."""
    nothing, everything = an_app_with(frozenset()), an_app_with(frozenset(GRANTS))
    full = Settings(
        (Secret("id", "hint", NOW, "ada"),), (Keypair("id", "pem", "thumbprint", NOW, "ada"),), URIS.redirect_uris
    )

    assert [len(steps(grant, nothing, Settings())) for grant in ("jwt", "confidential_code", "public_code")] == [
        5,
        5,
        4,
    ]
    assert [len(steps(grant, everything, full)) for grant in ("jwt", "confidential_code", "public_code")] == [3, 2, 2]
    assert steps("jwt", nothing, Settings())[0] == "Register the grant with the app: JWT."
    assert steps("jwt", everything, full)[-1].startswith("Send the token as Authorization: Bearer")
