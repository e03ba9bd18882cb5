"""Which names may be claimed, what proves them, and when does a claim hold?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.accounts import Domain, DomainState, Outcome
from keysteward.rules.consent import lies_in
from keysteward.rules.domains import (
    Proving,
    Seen,
    after,
    ascii_name,
    checked_host_name,
    is_confirmed,
    is_right,
    judged,
    records_of,
    shown_name,
    taken,
    with_parents,
)
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import INVALID_FIELD
from tests.cast import refused

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OURS, THEIRS = "ours", "theirs"
PROVING = Proving("keysteward", "domain-proof.keys.example")
CLAIM = Domain("d", OURS, "acme.example", "token-1", "pending", NOW)
TXT, CNAME = records_of(CLAIM, PROVING)


@pytest.mark.parametrize(
    ("typed", "name", "shown"),
    [
        (" ACME.Example. ", "acme.example", "acme.example"),
        ("Bücher.Example", "xn--bcher-kva.example", "bücher.example"),
        ("straße.example", "xn--strae-oqa.example", "straße.example"),
        ("例え.example", "xn--r8jz45g.example", "例え.example"),
    ],
    ids=["capitals", "umlaut", "sharp s", "japanese"],
)
def test_a_name_is_kept_as_dns_has_it(typed: str, name: str, shown: str) -> None:
    """In small letters, other alphabets in Punycode as IDNA 2008 has it; people see their own letters too."""
    assert (checked_host_name(typed), shown_name(name)) == (name, shown)
    assert lies_in(f"ada@{typed.strip()}", [name])


@pytest.mark.parametrize(
    "typed",
    ["", "localhost", "-acme.example", "acme-.example", "acme..example", "1.2.3.4", "a b.example", "xn--a.example",
     "acme.example/x", "ada@acme.example", "*.acme.example", "x" * 64 + ".example", ".".join(["x" * 50] * 5),
     "a\u200bcme.example", "a_b.example"],
    ids=range(15),
)  # fmt: skip
def test_what_is_no_name(typed: str) -> None:
    """What DNS could not hold, and what is no host name, is refused at its field."""
    with refused(INVALID_FIELD, "host_name"):
        checked_host_name(typed)


@given(st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?(\.[a-z0-9]{1,8}){0,3}\.[a-z]{2,6}", fullmatch=True))
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    """Checking twice changes nothing, and only exactly this name covers an address."""
    kept = checked_host_name(name.upper())

    assert (kept, checked_host_name(kept), ascii_name(kept)) == (name, name, name)
    assert lies_in(f"ada@{name}", [kept])
    assert not lies_in(f"ada@sub.{name}", [kept])


def test_a_name_and_those_above_it() -> None:
    """The nearest first, without the last label alone."""
    assert with_parents("a.b.acme.example") == ("a.b.acme.example", "b.acme.example", "acme.example")
    assert with_parents("acme.example") == ("acme.example",)


@pytest.mark.parametrize(
    ("active", "held"),
    [
        ({}, ""),
        ({"docs.acme.example": OURS}, ""),
        ({"docs.acme.example": THEIRS}, "docs.acme.example"),
        ({"acme.example": THEIRS}, "acme.example"),
        ({"acme.example": OURS}, ""),
        ({"acme.example": THEIRS, "docs.acme.example": OURS}, ""),
        ({"other.example": THEIRS}, ""),
    ],
    ids=["free", "own", "another's", "below another's", "below own", "own below another's", "elsewhere"],
)
def test_whose_name_it_is(active: dict[str, str], held: str) -> None:
    """The nearest active domain at or above a name says who may hold it."""
    assert taken("docs.acme.example", OURS, active) == held


@pytest.mark.parametrize(
    ("txt", "cname", "outcome"),
    [
        ((TXT.value,), (), "right"),
        (("v=spf1 -all", TXT.value.upper()), (), "right"),
        ((f'"{TXT.value}"',), (), "right"),
        ((), (CNAME.value,), "right"),
        ("silent", (CNAME.value + ".",), "right"),
        ((TXT.value,), "silent", "right"),
        ((), (), "none"),
        (("v=spf1 -all",), (), "none"),
        ((TXT.value + "x",), (), "wrong"),
        ((f"x{TXT.value}",), (), "none"),
        ((), ("elsewhere.example",), "wrong"),
        ("silent", (), "unanswered"),
        ((), "silent", "unanswered"),
        (("keysteward=other",), "silent", "unanswered"),
    ],
    ids=range(14),
)
def test_what_answers_mean(txt: tuple[str, ...] | str, cname: tuple[str, ...] | str, outcome: Outcome) -> None:
    """One good record is enough; without one, no answer at all is told from a wrong one and from nothing."""
    seen = judged({TXT: txt, CNAME: cname}, PROVING, NOW)

    assert seen.outcome == outcome
    assert "TXT at acme.example: " in seen.said


def test_a_proof_is_the_whole_value() -> None:
    """What only begins or ends like it is another one."""
    assert [is_right(TXT, [value]) for value in (TXT.value, TXT.value[:-1], TXT.value + "0", "")] == [
        True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "outcome", "confirmed_ago", "result"),
    [
        ("pending", "right", None, "active"),
        ("pending", "none", None, "pending"),
        ("pending", "wrong", None, "pending"),
        ("pending", "unanswered", None, "pending"),
        ("active", "right", timedelta(days=1), "active"),
        ("active", "none", timedelta(0), "lapsed"),
        ("active", "wrong", timedelta(0), "lapsed"),
        ("active", "unanswered", timedelta(days=2, hours=23), "active"),
        ("active", "unanswered", timedelta(days=3), "lapsed"),
        ("lapsed", "right", timedelta(days=9), "active"),
        ("lapsed", "none", timedelta(days=9), "lapsed"),
        ("lapsed", "unanswered", timedelta(0), "lapsed"),
    ],
)
def test_a_claim_after_a_look(
    state: DomainState, outcome: Outcome, confirmed_ago: timedelta | None, result: DomainState
) -> None:
    """Only a proof makes a claim active; only a resolver's silence is borne, for three days."""
    confirmed_at = None if confirmed_ago is None else NOW - confirmed_ago
    found = after(replace(CLAIM, state=state, confirmed_at=confirmed_at), Seen(outcome, "", NOW), DEFAULT)

    assert (found.state, found.outcome, found.checked_at) == (result, outcome, NOW)


def test_a_proof_takes_nothing_from_its_holder() -> None:
    """A good proof of what another organization holds leaves the claim pending, and says why."""
    found = after(CLAIM, Seen("right", "TXT", NOW), DEFAULT, "acme.example")

    assert (found.state, found.said) == ("pending", "TXT; another organization holds acme.example")


@pytest.mark.parametrize(
    ("state", "outcome", "age", "pause"),
    [
        ("pending", "none", timedelta(0), timedelta(hours=1)),
        ("pending", "none", timedelta(days=3), timedelta(hours=24)),
        ("active", "right", timedelta(days=9), timedelta(hours=24)),
        ("active", "none", timedelta(days=9), timedelta(hours=24)),
        ("active", "unanswered", timedelta(days=9), timedelta(minutes=15)),
    ],
    ids=range(5),
)
def test_when_dns_is_asked_again(state: DomainState, outcome: Outcome, age: timedelta, pause: timedelta) -> None:
    """Daily; hourly while a claim is new; soon where there was no answer."""
    claim = replace(CLAIM, state=state, created_at=NOW - age, confirmed_at=NOW)

    assert after(claim, Seen(outcome, "", NOW), DEFAULT).due_at == NOW + pause


@pytest.mark.parametrize(
    ("outcome", "seconds", "is_good"),
    [("right", 0, True), ("right", 60, True), ("right", 61, False), ("right", -1, False), ("unanswered", 0, False)],
)
def test_a_confirmation_is_fresh_for_a_minute(outcome: Outcome, seconds: int, is_good: bool) -> None:
    """Only a proof that was seen within the last minute confirms."""
    assert is_confirmed(Seen(outcome, "", NOW), NOW + timedelta(seconds=seconds), DEFAULT) == is_good


def test_what_dns_said_is_cut_and_plain() -> None:
    """Whatever somebody publishes, the sentence about it stays short and holds no control character."""
    seen = judged({TXT: ("\x1b[31m" + "x" * 500, *map(str, range(9)))}, PROVING, NOW)

    assert seen.said.isprintable()
    assert len(seen.said) < 400
    assert seen.said.endswith("and 5 more")


def test_the_policy_says_how_often_and_how_long() -> None:
    """Each interval is a number of the policy, and each does what it says."""
    policy = replace(
        DEFAULT,
        domain_checked_every=timedelta(hours=2),
        domain_new_for=timedelta(minutes=5),
        new_domain_checked_every=timedelta(minutes=1),
        silent_domain_checked_every=timedelta(minutes=2),
        domain_silence_borne=timedelta(minutes=3),
        domain_proof_fresh=timedelta(seconds=1),
    )
    active = replace(CLAIM, state="active", confirmed_at=NOW)
    silent = Seen("unanswered", "", NOW + timedelta(minutes=3))

    assert after(active, Seen("right", "", NOW), policy).due_at == NOW + timedelta(hours=2)
    assert after(CLAIM, Seen("none", "", NOW), policy).due_at == NOW + timedelta(minutes=1)
    assert after(replace(CLAIM, created_at=NOW - timedelta(minutes=5)), Seen("none", "", NOW), policy).due_at == (
        NOW + timedelta(hours=2)
    )
    assert (after(active, silent, policy).state, after(active, silent, policy).due_at) == (
        "lapsed",
        silent.at + timedelta(minutes=2),
    )
    assert not is_confirmed(Seen("right", "", NOW), NOW + timedelta(seconds=2), policy)
