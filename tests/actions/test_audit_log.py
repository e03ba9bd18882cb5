"""Does everybody find in the audit log what they may see, and is it noted that they looked?"""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from keysteward.actions import account_links, accounts, audit_log, keys, leavers, operators
from keysteward.actions.context import TRACE, Context
from keysteward.rules.access import READ_AUDIT, READ_KEYS
from keysteward.rules.accounts import SENDER
from keysteward.rules.audit_log import Question, Scope
from keysteward.rules.events import Event
from keysteward.rules.refusals import (
    NO_SUCH_ACCOUNT,
    NO_SUCH_ORGANIZATION,
    NOT_AN_ADMIN,
    NOT_AN_OPERATOR,
    TOKEN_LACKS_PERMISSION,
)
from keysteward.store import audit as audit_store
from keysteward.store import audit_log as searched
from keysteward.store.tables import events
from tests.approving import OLIVE, employ
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, SAM, STRANGE, UNKNOWN, Made, Person, Town, refused
from tests.peers.databases import rows

HERE = Scope(ACME.demo)
TRACED = "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11"


def found(town: Town, question: Question, by: Person = ADA, most: int = 50) -> list[Event]:
    """What somebody finds on the first page."""
    page = audit_log.read(town.demo, town.actor(by), question, None, most)
    return [entry.event for entry in page.entries]


def names(town: Town, question: Question) -> list[str]:
    """The kinds of events that Ada finds, but for her own reading."""
    return [event.name for event in found(town, question) if event.name != "AuditRead"]


@pytest.fixture
def traced(town: Town, made: Made) -> Made:
    """An app that Bo stopped in a request of a known trace, and that Ada renamed an hour later."""
    before = TRACE.set(TRACED)
    keys.stop(town.demo, town.actor(BO), made.key)
    TRACE.reset(before)
    town.clock.advance(hours=1)
    keys.change(town.demo, town.actor(ADA), made.key, keys.Change(name="Leases"))
    return made


# ── what is found ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_every_filter_narrows(town: Town, traced: Made) -> None:
    """By time, actor in any letter case, kind, key, user, trace token and words; all of them hold together."""
    hour = town.clock.now - timedelta(minutes=30)

    assert names(town, Question(HERE, since=hour)) == ["KeySettingsChanged"]
    assert names(town, Question(HERE, until=hour))[0] == "KeyStopped"
    assert names(town, Question(HERE, actors=(BO.email.upper(),))) == ["KeyStopped"]
    assert names(town, Question(HERE, kind="KeyCreated")) == ["KeyCreated"]
    assert set(names(town, Question(HERE, key=traced.key))) >= {"KeyCreated", "KeyStopped", "SecretAdded"}
    assert names(town, Question(HERE, user=SAM.demo)) == names(town, Question(HERE, user=SAM.email)) == ["UserAdded"]
    assert names(town, Question(HERE, trace=TRACED)) == ["KeyStopped"]
    assert names(town, Question(HERE, words="app.example.COM/callback")) == ["RedirectUriAdded"]
    assert names(town, Question(HERE, actors=(BO.email,), kind="KeyCreated")) == []
    assert names(town, Question(HERE, since=town.clock.now + timedelta(days=1))) == []


@pytest.mark.parametrize("words", ["team@acme", "Lease signer", "%", "KeyCreate_", "\\", "日本"])
def test_words_are_looked_for_where_nothing_is_personal(town: Town, made: Made, words: str) -> None:
    """Names and addresses are in no answer, and no character means another."""
    assert names(town, Question(HERE, words=words)) == []


def test_words_beyond_ascii_are_found(town: Town, made: Made) -> None:
    """Where a database cannot compare them we do."""
    with town.demo.database.writing() as tx:
        event = Event("MemberProfileChanged", town.clock.now, ADA.email, "", ACME.demo, {"profile": "Prüfer für Öl"})
        audit_store.record(tx, event)

    for words in ("PRÜFER FÜR", "öl", "Prüfer"):
        assert names(town, Question(HERE, words=words)) == ["MemberProfileChanged"]


def test_pages_hold_everything_once(town: Town, traced: Made) -> None:
    """Newest first, each page going on where the one before it ended; what comes meanwhile moves nothing."""
    whole = [each.sequence for each in audit_log.read(town.demo, town.actor(ADA), Question(HERE), None, 200).entries]
    turned: list[int] = []
    before: int | None = None
    while True:
        page = audit_log.read(town.demo, town.actor(ADA), Question(HERE), before, 3)
        turned += [each.sequence for each in page.entries]
        keys.change(town.demo, town.actor(ADA), traced.key, keys.Change(name=f"Name {len(turned)}"))
        before = page.before
        if before is None:
            break

    assert turned == whole == sorted(whole, reverse=True)


def test_sifting_is_bounded_for_each_page(town: Town, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no index answers, a page looks at so many events and says where the next one goes on."""
    monkeypatch.setattr(searched, "SIFTED", 4)
    question, before, turns = Question(HERE, words="KeyCreated"), None, 0
    collected: list[str] = []
    while turns == 0 or before is not None:
        page = audit_log.read(town.demo, town.actor(ADA), question, before, 50)
        collected += [each.event.name for each in page.entries]
        before, turns = page.before, turns + 1

    assert collected == ["KeyCreated"]
    assert turns > 2


# ── who may look ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_who_sees_an_account(town: Town, made: Made) -> None:
    """Its admins, and operators; a token needs the permission; to strangers it is as absent as an unknown one."""
    employ(town)
    reading = audit_log.read
    question = Question(HERE)

    assert found(town, question, OLIVE)
    assert reading(town.demo, town.actor(ADA, permissions=frozenset({READ_AUDIT})), question, None, 5).entries
    with refused(TOKEN_LACKS_PERMISSION):
        reading(town.demo, town.actor(ADA, permissions=frozenset({READ_KEYS})), question, None, 5)
    with refused(NOT_AN_ADMIN):
        reading(town.demo, town.actor(SAM), question, None, 5)
    for account in (ACME.demo, UNKNOWN):
        with refused(NO_SUCH_ACCOUNT):
            audit_log.start_download(town.demo, town.actor(MALLORY), Question(Scope(account)))
    with refused(NO_SUCH_ACCOUNT):
        reading(town.demo, town.actor(OLIVE), Question(Scope(UNKNOWN)), None, 5)


def test_the_whole_environment_is_for_operators(town: Town, made: Made) -> None:
    """They see every account, and sign-ins; nobody else does."""
    employ(town)
    seen = found(town, Question(Scope()), OLIVE, 200)

    assert {event.account for event in seen} >= {ACME.demo, STRANGE.demo, ""}
    with refused(NOT_AN_OPERATOR):
        audit_log.read(town.demo, town.actor(ADA), Question(Scope()), None, 5)
    operators.remove(town.demo, OLIVE.email, "the tests")
    with refused(NOT_AN_OPERATOR):
        audit_log.read(town.demo, town.actor(OLIVE), Question(Scope()), None, 5)


def test_an_organization_sees_its_accounts_since_they_were_linked(town: Town, made: Made) -> None:
    """Its own events and those of linked accounts; not what was done before, and not what strangers do."""
    ours = Question(Scope(organization=ORGANIZATION["demo"].upper()))
    keys.stop(town.demo, town.actor(ADA), made.key)
    town.clock.advance(hours=1)
    town_link(town)
    town.clock.advance(hours=1)
    accounts.add_user(town.demo, STRANGE.demo, OLIVE.joining(SENDER, "demo"), "the tests")
    seen = found(town, ours, CY, 200)

    assert {"OrganizationCreated", "KeyStopped", "AccountLinked", "UserAdded"} <= {event.name for event in seen}
    of_strange = [event.name for event in seen if event.account == STRANGE.demo]
    assert of_strange == ["UserAdded", "AccountLinked", "AccountLinkAsked"]
    narrowed = Question(Scope(STRANGE.demo, ORGANIZATION["demo"]))
    assert {event.account for event in found(town, narrowed, CY)} == {STRANGE.demo}
    for person in (ADA, MALLORY):
        with refused(NO_SUCH_ORGANIZATION):
            audit_log.read(town.demo, town.actor(person), ours, None, 5)


# ── what is noted ───────────────────────────────────────────────────────────────────────────────────────────────────
def readings(ctx: Context) -> list[tuple[str, str]]:
    """Who read which account, in the order of their deeds."""
    return [tuple(row) for row in rows(ctx.database, "SELECT actor, account FROM events WHERE name = 'AuditRead'")]


def test_reading_is_noted_once_for_each_question(town: Town, made: Made) -> None:
    """Turning pages and looking again within the hour is one deed, another question another; later it is new."""
    ada, question = town.actor(ADA), Question(HERE)
    for before in (None, 10_000, 5, None):
        audit_log.read(town.demo, ada, question, before, 2)
    assert readings(town.demo) == [(ADA.email, ACME.demo)]
    audit_log.read(town.demo, ada, question._replace(kind="KeyCreated"), None, 2)
    town.clock.advance(hours=1)
    audit_log.read(town.demo, ada, question._replace(kind="KeyCreated"), 7, 2)

    assert readings(town.demo) == [(ADA.email, ACME.demo)] * 3


def test_a_page_in_the_middle_is_noted_too(town: Town, made: Made) -> None:
    """Nobody reads unnoticed by beginning with the second page."""
    audit_log.read(town.demo, town.actor(ADA), Question(HERE), 10_000, 2)

    assert readings(town.demo) == [(ADA.email, ACME.demo)]


def test_admins_see_who_read_their_log(town: Town, made: Made) -> None:
    """An operator's reading of an account is an event of that account; what they looked for can be erased."""
    employ(town)
    audit_log.read(town.demo, town.actor(OLIVE), Question(HERE, actors=(BO.email,)), None, 50)
    audit_log.start_download(town.demo, town.actor(OLIVE), Question(HERE))
    (taken, read) = [event for event in found(town, Question(HERE)) if event.actor == OLIVE.email]

    assert (taken.name, taken.data) == ("AuditExported", {})
    assert (read.name, read.data) == ("AuditRead", {"filters": f"actor={BO.email}"})


def test_a_download_holds_everything_and_is_noted_each_time(town: Town, made: Made) -> None:
    """In parts, newest first, what happened after it began left out."""
    ada = town.actor(ADA)
    taken = [audit_log.start_download(town.demo, ada, Question(HERE)) for _ in range(2)]
    entries = [entry for part in audit_log.list_parts(town.demo, taken[0]) for entry in part]
    with town.demo.database.reading() as tx:
        there = tx.execute(select(events.c.sequence).where(events.c.account == ACME.demo)).scalars().all()

    assert [entry.sequence for entry in entries] == sorted(there, reverse=True)
    assert [entry.event.name for entry in entries].count("AuditExported") == 2


def test_an_address_of_before_is_found_by_the_user(town: Town, made: Made) -> None:
    """Who is looked for by address is found by what was done about them."""
    leavers.report(town.demo, leavers.Operating("Olive"), SAM.demo, "Left in June.")
    employ(town)
    question = Question(Scope(), user=SAM.email.upper())

    assert [event.name for event in found(town, question, OLIVE)] == ["LeaverReported", "UserAdded"]


def town_link(town: Town) -> None:
    """Let the organization and Mallory's account agree."""
    organization = ORGANIZATION["demo"]
    account_links.ask_to_link(town.demo, town.actor(CY), organization, STRANGE.demo)
    account_links.agree(town.demo, town.actor(MALLORY), (organization, STRANGE.demo, "link"), "account")


def test_each_event_says_what_it_is_found_by(town: Town) -> None:
    """About whom it is, and in which request it was done, where it says so."""
    before = TRACE.set(TRACED)
    event = town.demo.event("UserClosed", ADA.email, account=ACME.demo, user=SAM.demo)
    TRACE.reset(before)
    with town.demo.database.writing() as tx:
        audit_store.record(tx, event)
        tx.execute(insert(events).values(at=event.at, name="SignedIn", actor="", key="", account="", data={},
                                         salts={}, erased={}))  # fmt: skip

    assert rows(town.demo.database, "SELECT about, trace FROM events ORDER BY sequence DESC LIMIT 2") == [
        (None, None), (SAM.demo, TRACED),
    ]  # fmt: skip
