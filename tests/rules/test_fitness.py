"""Is it said in time what production will not like?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from keysteward.rules.fitness import FITNESS, Custody, Habits, LegacyCalls, about_custody, remarks
from keysteward.rules.keys import Keypair, Secret, Settings
from keysteward.rules.policy import DEFAULT
from tests.rules.examples import NOW, an_app

DAY = timedelta(days=1)
EVERY_GRANT = {"authorization_code_pkce": NOW, "jwt": NOW}


def secret(age: timedelta = DAY, ends: datetime | None = None) -> Secret:
    """A secret key."""
    return Secret("s", "abcd", NOW - age, "ada@acme.example", ends)


def keypair(age: timedelta = DAY) -> Keypair:
    """A keypair."""
    return Keypair("k", "", "", NOW - age, "ada@acme.example")


GOOD = Settings((secret(),), (keypair(),), ("https://app.acme.example/callback",))


def habits(settings: Settings = GOOD, **said: Any) -> Habits:  # noqa: ANN401 — as Habits and App have them
    """An app that is fit for production, but for what a test says."""
    names = {"used", "legacy", "policy"}
    facts: dict[str, Any] = {"used": EVERY_GRANT, "legacy": LegacyCalls(), "policy": DEFAULT}
    facts |= {name: value for name, value in said.items() if name in names}
    app = an_app(**({"pkce_required": True} | {name: value for name, value in said.items() if name not in names}))
    return Habits(app=app, settings=settings, now=NOW, **facts)


def test_a_fit_app_is_good_in_everything() -> None:
    """Each check that applies says so, and none asks for more than to make credentials anew."""
    found = remarks(habits())

    assert [(each.topic, each.verdict) for each in found] == [
        ("grants", "good"), ("legacy", "good"), ("pkce", "good"), ("secrets", "good"), ("keypairs", "good"),
        ("redirect_uris", "good"),
    ]  # fmt: skip


def test_every_remark_that_is_not_good_says_what_to_do() -> None:
    """A worry without a next step helps nobody."""
    found = [each for _, each_habits, _, _ in SAID for each in remarks(each_habits)]

    assert [each.topic for each in found if each.verdict != "good" and not each.next_step] == []
    assert len(FITNESS) == 7


IMPLICIT = frozenset({"implicit"})
ORIGIN = "https://app.acme.example"
LOCALHOST = "in production use 127.0.0.1 or [::1] for an app on the same machine"
SAID: list[tuple[str, Habits, str, str]] = [
    ("grants", habits(grants=frozenset()), "bad", "No grant is registered."),
    ("grants", habits(used={}), "look", "The key got no token yet."),
    ("grants", habits(used={"authorization_code": NOW}), "look",
     "Registered, but without a token in 90 days: Authorization Code Grant with PKCE, JWT Grant."),
    ("grants", habits(grants=IMPLICIT), "look",
     "Implicit Grant is registered, and production takes it only until a date that an admin sets."),
    ("grants", habits(grants=IMPLICIT, policy=replace(DEFAULT, implicit_in_production="refused")), "bad",
     "Implicit Grant is registered, and production refuses it."),
    ("grants", habits(grants=IMPLICIT, policy=replace(DEFAULT, implicit_in_production="allowed"),
                      used={"implicit": NOW}), "good", "In use: Implicit Grant."),
    ("legacy", habits(legacy=LegacyCalls(1, 5, NOW)), "bad", "1 call with a password in 30 days."),
    ("legacy", habits(legacy=LegacyCalls(0, 5, NOW)), "look", "5 calls with a password refused in 30 days."),
    ("pkce", habits(pkce_required=False, used={"authorization_code": NOW}), "look",
     "Codes were redeemed without PKCE."),
    ("pkce", habits(pkce_required=False), "look", "PKCE is not required, though every code used it."),
    ("pkce", habits(pkce_required=False, used={"jwt": NOW}), "look", "PKCE is not required."),
    ("pkce", habits(pkce_required=False, grants=frozenset({"public_code"})), "good", "PKCE is required."),
    ("secrets", habits(replace(GOOD, secrets=())), "bad", "No secret key works."),
    ("secrets", habits(replace(GOOD, secrets=(secret(ends=NOW),))), "bad", "No secret key works."),
    ("secrets", habits(replace(GOOD, secrets=(secret(ends=NOW + 3 * DAY),))), "look", "One secret key ends in 3 d."),
    ("secrets", habits(replace(GOOD, secrets=(secret(366 * DAY), secret()))), "look",
     "2 secret keys, the oldest 366 d old."),
    ("secrets", habits(replace(GOOD, secrets=(secret(31 * DAY),)), policy=replace(DEFAULT, longest_credential_days=30)),
     "look", "1 secret key, the oldest 31 d old."),
    ("keypairs", habits(replace(GOOD, keypairs=())), "bad", "No keypair works."),
    ("redirect_uris", habits(replace(GOOD, redirect_uris=())), "bad", "No redirect URI, so nobody can sign in."),
    ("redirect_uris", habits(replace(GOOD, redirect_uris=("http://localhost/a", "http://localhost/b"))), "bad",
     f"Production will not take http://localhost/a: {LOCALHOST}. And 1 more like it."),
    ("redirect_uris", habits(replace(GOOD, redirect_uris=("http://127.0.0.1/a",))), "look",
     "http://127.0.0.1/a leads to the user's own machine."),
    ("redirect_uris", habits(replace(GOOD, redirect_uris=("com.example.app:/a",))), "good",
     "Production takes 1 redirect URI."),
    ("origins", habits(replace(GOOD, origins=(ORIGIN,))), "good", "Pages of 1 origin may call the API."),
    ("origins", habits(replace(GOOD, origins=("http://localhost:3000",))), "look",
     "Pages of http://localhost:3000 may call the API: whatever runs on a user's machine."),
    ("origins", habits(replace(GOOD, origins=(ORIGIN,)), grants=frozenset({"jwt"})), "look",
     "Web pages may call the API, and no grant for apps in a browser is registered."),
    ("origins", habits(replace(GOOD, origins=tuple(f"https://{each}.acme.example" for each in range(11)))), "look",
     "Pages of 11 origins may call the API."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "of", "verdict", "sentence"), SAID, ids=[f"{number} {each[0]}" for number, each in enumerate(SAID)]
)
def test_what_production_will_not_like_is_said(topic: str, of: Habits, verdict: str, sentence: str) -> None:
    """Each with its verdict and a sentence that holds the app's own values."""
    (found,) = [each for each in remarks(of) if each.topic == topic]

    assert (found.verdict, found.sentence) == (verdict, sentence)


def test_what_does_not_apply_is_left_out() -> None:
    """An app that only impersonates needs no secret, no PKCE and no redirect URI."""
    found = remarks(habits(Settings(keypairs=(keypair(),)), grants=frozenset({"jwt"})))

    assert [each.topic for each in found] == ["grants", "legacy", "keypairs"]


@pytest.mark.parametrize(
    ("custody", "verdicts"),
    [(Custody(2, True, NOW), ["good", "good"]), (Custody(1, True, NOW), ["look", "good"]),
     (Custody(0, False, NOW), ["bad", "look"])],
    ids=["two", "one", "none"],
)  # fmt: skip
def test_custody_is_what_the_receipt_said(custody: Custody, verdicts: list[str]) -> None:
    """Two admins, one of them not tied to a person, are good; fewer are to be looked at."""
    assert [each.verdict for each in about_custody(custody)] == verdicts
