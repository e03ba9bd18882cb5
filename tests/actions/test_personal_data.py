"""Is somebody told all that is held on them, and is nothing left of whoever is erased?"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, ForeignKey, LargeBinary, String, Table, insert, select, update

from keysteward.actions import keys, leavers, personal_data, request_logs, signin
from keysteward.actions.context import Context
from keysteward.rules.access import HANDLE_PEOPLE
from keysteward.rules.accounts import User
from keysteward.rules.events import Erasure, forgotten
from keysteward.rules.log_bodies import Captured
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    NO_SUCH_USER,
    NOT_AN_OPERATOR,
    SESSION_NEEDED,
    TOKEN_LACKS_PERMISSION,
    TOO_MANY_EXPORTS,
)
from keysteward.rules.request_logs import Exchange
from keysteward.store import accounts, personal
from keysteward.store import policy as policies
from keysteward.store.tables import Instant, Json, apps, metadata, users
from tests.approving import OLIVE, employ
from tests.cast import ACME, ADA, BO, PASSWORD, SAM, START, UNKNOWN, Made, Town, refused
from tests.forging import complaints, forging, seal_all

NAMED = "Ask Bo Leaver (Bo@Acme.example), not bo@acme.example.org, about it."
FORGOTTEN = "Ask erased (erased), not bo@acme.example.org, about it."


def held(ctx: Context, person: str, *, is_own: bool = True) -> dict[str, Any]:
    """What is held on somebody, as they read it, or an operator."""
    known = personal_data.start_export(ctx, "Olive", person)
    found: dict[str, Any] = json.loads(b"".join(personal_data.gather(ctx, person, known, is_own=is_own)))
    return found


def user(ctx: Context, person: str) -> User:
    """Somebody as they stand there now."""
    with ctx.database.reading() as tx:
        found = accounts.find_user(tx, person)
    assert found is not None
    return found


def logged() -> Exchange:
    """A call that whispers something."""
    said, none = Captured(b'{"said":"whispered"}', 20, "1" * 64), Captured(b"", 0, "0" * 64)
    json_type = ((b"content-type", b"application/json"),)
    return Exchange(
        "POST", "https://demo.test:8443", f"/restapi/v2.1/accounts/{ACME.demo}/envelopes", "", "1.1", json_type, said,
        200, (), none, UNKNOWN, START, START, timedelta(0), "whole",
    )  # fmt: skip


def gone(town: Town) -> None:
    """Let Bo leave."""
    leavers.report(town.demo, leavers.Operating("Olive"), BO.demo, "Bo Leaver left in June.")


# ── every column there is ───────────────────────────────────────────────────────────────────────────────────────────
def name_of(column: Column[Any]) -> str:
    """A column as the lists name it."""
    return f"{column.table.name}.{column.name}"


def columns() -> list[Column[Any]]:
    """Every column of every table."""
    return [column for table in metadata.sorted_tables for column in table.columns]


def test_the_lists_speak_of_what_is_there() -> None:
    """Whatever is listed is a table or a column, once."""
    there = {name_of(each) for each in columns()}
    left = set(personal.LEFT_AS_IT_IS)
    words = personal.WORDS_OF_THE_HOUSE

    assert there >= personal.ROWS_THAT_GO
    assert there >= personal.IDS_THAT_STAY
    assert words <= there
    assert left <= there | set(metadata.tables)
    assert not (personal.ROWS_THAT_GO & personal.IDS_THAT_STAY)
    assert not (words & (left | personal.ROWS_THAT_GO | personal.IDS_THAT_STAY))


def test_every_column_that_names_a_user_is_listed() -> None:
    """Whoever adds a table that hangs on a user says what becomes of its rows when that user is erased."""
    of_users = {name_of(each) for each in columns() if any(_leads_to_users(key) for key in each.foreign_keys)}

    assert of_users - personal.ROWS_THAT_GO - personal.IDS_THAT_STAY == set(), (
        "say in store/personal.py whether the row goes (ROWS_THAT_GO) or the id stays (IDS_THAT_STAY)"
    )


def _leads_to_users(key: ForeignKey) -> bool:
    return key.column.table is users


def test_every_column_is_searched_or_listed(demo: Context) -> None:
    """A name and an address in every column of every table are gone after an erasure, but for what is listed.

    A new table is searched by itself; what is sealed, signed or part of a key is listed with its reason.
    """
    person = user(demo, BO.demo)
    with forging(demo) as tx:
        for table in metadata.sorted_tables:
            if table is not users:
                tx.execute(insert(table).values(_planted(table)))
    with forging(demo) as tx:
        personal.forget(tx, person, Erasure(BO.email, ("Bo Leaver",)), START)
    with demo.database.reading() as tx:
        left = {name_of(column) for column in columns() if _is_left(tx.execute(select(column)).scalars().all())}

    listed = personal.LEFT_AS_IT_IS.keys() | personal.WORDS_OF_THE_HOUSE
    overlooked = {name for name in left if name not in listed and name.partition(".")[0] not in listed}
    assert overlooked == set(), (
        "name each in store/personal.py: ROWS_THAT_GO, or LEFT_AS_IT_IS with its reason, or a word of the house"
    )


def _planted(table: Table) -> dict[str, Any]:
    return {column.name: _value(column) for column in table.columns}


def _value(column: Column[Any]) -> object:
    if name_of(column) in personal.ROWS_THAT_GO:
        return BO.email.casefold()
    if isinstance(column.type, Json):
        return {"said": [NAMED]}
    if isinstance(column.type, LargeBinary):
        return NAMED.encode()
    if isinstance(column.type, Instant):
        return START
    if not isinstance(getattr(column.type, "impl", column.type), String):
        return False if isinstance(column.type, Boolean) else -7
    return f"planted-{column.name}" if column.primary_key or column.foreign_keys else NAMED


def _is_left(values: Sequence[Any]) -> bool:
    return any(word in str(value) for value in values for word in ("Bo Leaver", "Bo@Acme.example (", "(Bo@Acme"))


# ── erasing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_whoever_left_is_erased_everywhere(town: Town, made: Made) -> None:
    """Also from findings, transfers and letters; ids stay, everybody else stays, and the history verifies."""
    demo = town.demo
    keys.change(demo, town.actor(ADA), made.key, keys.Change(contact=BO.email))
    signin.sign_in(demo, BO.email, PASSWORD)
    seal_all(demo)
    gone(town)
    employ(town)
    fields = personal_data.erase(demo, town.actor(OLIVE), BO.demo)
    seal_all(demo)

    assert fields > 0
    assert complaints(demo) == []
    with demo.database.reading() as tx:
        everything = [str(tx.execute(select(table)).all()) for table in metadata.sorted_tables]
    assert [each for each in everything if BO.email in each.casefold() or "Bo Leaver" in each] == []
    nobody = user(demo, BO.demo)
    assert (nobody.state, nobody.name) == ("closed", "Erased")
    assert nobody.email == f"erased-{BO.demo}@erased.invalid"
    assert keys.view(demo, town.actor(ADA), made.key).app.contact == "erased"
    assert signin.visit(demo, signin.sign_in(demo, ADA.email, PASSWORD)).user.email == ADA.email


def test_texts_keep_what_says_nothing_of_them(town: Town, made: Made) -> None:
    """What was written beside a name stays, and so does a longer address."""
    gone(town)
    with town.demo.database.writing() as tx:
        person = user(town.demo, BO.demo)
        personal.forget(tx, person, Erasure(BO.email, ("Bo Leaver",)), START)
    with town.demo.database.reading() as tx:
        said = tx.exec_driver_sql("SELECT reason FROM departures").scalar_one()

    assert said == "erased left in June."
    assert forgotten(NAMED, Erasure(BO.email, ("Bo Leaver",))) == FORGOTTEN


def test_nobody_brings_an_erased_user_back(town: Town, made: Made) -> None:
    """Neither who said that they left, nor who says it again."""
    gone(town)
    personal_data.erase(town.demo, "Olive", BO.demo)
    for deed in (leavers.bring_back, partial(leavers.report, reason="Left again.")):
        with refused(NO_SUCH_USER):
            deed(town.demo, leavers.Operating("Olive"), BO.demo)

    assert leavers.list_left(town.demo, leavers.Operating("Olive")) == []
    assert user(town.demo, BO.demo).state == "closed"


def everything_else(ctx: Context) -> dict[str, list[Any]]:
    """What every table says, but for users, their memberships and departures, and what is done there."""
    but = {"users", "memberships", "departures", "sessions", "events", "epoch"}
    with ctx.database.reading() as tx:
        tables = [each for each in metadata.sorted_tables if each.name not in but]
        return {str(table.name): list(tx.execute(select(table)).all()) for table in tables}


@pytest.mark.parametrize("name", ["Public integration", "secret key", "IDENTITY Provider"])
def test_words_of_the_house_are_not_searched(town: Town, made: Made, name: str) -> None:
    """Whatever is looked for, neither the policy nor an app nor the name of a company changes."""
    demo = town.demo
    with demo.database.writing() as tx:
        policies.save(tx, policies.Version(replace(demo.policy, version=9), START, "Olive", "", "For the test."))
        tx.execute(update(apps).values(name=name))
        tx.execute(update(metadata.tables["accounts"]).values(name=name))
    gone(town)
    before = everything_else(demo)
    with demo.database.writing() as tx:
        personal.forget(tx, user(demo, BO.demo), Erasure("nobody@acme.example", (name,)), START)

    assert everything_else(demo) == before
    assert user(demo, BO.demo).name == "Erased"


@pytest.mark.parametrize("name", ["Public integration", "secret key"])
def test_a_name_that_is_a_word_of_ours_is_not_looked_for(town: Town, made: Made, name: str) -> None:
    """What people wrote stays as it is; the policy loads, the app keeps its type, and the history verifies."""
    demo, (first, last) = town.demo, name.split()
    reason = f"The {name} is checked by Bo."
    with demo.database.writing() as tx:
        accounts.change_user(tx, BO.demo, first_name=first, last_name=last)
        policies.save(tx, policies.Version(replace(demo.policy, version=9), START, "Olive", "", reason))
    leavers.report(demo, leavers.Operating("Olive"), BO.demo, reason)
    app = keys.view(demo, town.actor(ADA), made.key).app
    personal_data.erase(demo, "Olive", BO.demo)
    seal_all(demo)

    with demo.database.reading() as tx:
        assert tx.exec_driver_sql("SELECT reason FROM departures").scalar_one() == reason
        newest = policies.find_newest(tx)
    assert newest is not None
    assert newest.policy == replace(demo.policy, version=9)
    assert keys.view(demo, town.actor(ADA), made.key).app == app
    assert complaints(demo) == []


def test_the_domain_of_a_requester_stays(town: Town, made: Made) -> None:
    """Recovery of a key rests on it, and it names nobody."""
    with forging(town.demo) as tx:
        tx.execute(update(apps).values(requester=BO.email))
    gone(town)
    personal_data.erase(town.demo, "Olive", BO.demo)

    assert keys.view(town.demo, town.actor(ADA), made.key).app.requester == "erased@acme.example"


def test_who_is_erased_by_whom(town: Town) -> None:
    """An operator who just proved who they are erases who left; nobody who may still sign in, nobody unknown."""
    employ(town)
    with refused(INVALID_FIELD, "user"):
        personal_data.erase(town.demo, town.actor(OLIVE), BO.demo)
    with refused(NO_SUCH_USER):
        personal_data.erase(town.demo, town.actor(OLIVE), UNKNOWN)
    gone(town)
    with refused(NOT_AN_OPERATOR):
        personal_data.erase(town.demo, town.actor(ADA), BO.demo)
    with refused(TOKEN_LACKS_PERMISSION):
        personal_data.erase(town.demo, town.actor(OLIVE, permissions=frozenset()), BO.demo)
    olive = town.actor(OLIVE)
    town.clock.advance(hours=1)
    with refused(FRESH_SIGN_IN_NEEDED):
        personal_data.erase(town.demo, olive, BO.demo)


# ── what is held ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_all_that_is_held_is_told(town: Town, made: Made) -> None:
    """User, membership, consent, session, events, calls and the request log; no hash, no secret, nobody else."""
    demo = town.demo
    request_logs.turn_on(demo, user(demo, SAM.demo))
    town.call(made, 1)
    session = signin.sign_in(demo, SAM.email, PASSWORD)
    found = held(demo, SAM.demo)

    assert (found["user"], found["address"], found["environment"]) == (SAM.demo, SAM.email, "demo")
    assert {"users", "memberships", "consents", "sessions", "events", "calls", "request_logging"} <= found[
        "tables"
    ].keys()
    (row,) = found["tables"]["users"]
    assert (row["email"], row["first_name"], "password" in row) == (SAM.email, SAM.first_name, False)
    said = json.dumps(found)
    assert session not in said
    assert not [word for word in (ADA.email, BO.email, "digest", "salts", "sealed") if f'"{word}"' in said]
    assert {event["name"] for event in found["tables"]["events"]} >= {"UserAdded", "SignedIn", "PersonExported"}


def test_a_request_log_is_its_users_alone(town: Town, made: Made) -> None:
    """It is in one's own export; an operator's has neither what it says nor which requests there were."""
    demo, caller = town.demo, town.caller(town.demo, made, SAM)
    request_logs.turn_on(demo, user(demo, SAM.demo))
    request_logs.keep(demo, caller, logged())
    own, theirs = held(demo, SAM.demo), held(demo, SAM.demo, is_own=False)

    assert ("whispered" in own["request_log"][0]["text"], len(own["tables"]["request_log_entries"])) == (True, 1)
    assert ("request_log" in theirs, "request_log_entries" in theirs["tables"]) == (False, False)
    assert "whispered" not in json.dumps(theirs)


def test_one_takes_ones_own_along_five_times_an_hour(town: Town) -> None:
    """More is refused until an hour is over; operators are not counted."""
    for _ in range(5):
        personal_data.start_own_export(town.demo, town.actor(SAM))
    with refused(TOO_MANY_EXPORTS):
        personal_data.start_own_export(town.demo, town.actor(SAM))
    personal_data.start_export(town.demo, "Olive", SAM.demo)
    town.clock.advance(hours=1)

    assert personal_data.start_own_export(town.demo, town.actor(SAM)).address == SAM.email


def test_a_slow_reader_holds_no_transaction(town: Town) -> None:
    """What is held is set aside before the first piece is read: whatever happens meanwhile is not in it."""
    known = personal_data.start_export(town.demo, "Olive", BO.demo)
    pieces = personal_data.gather(town.demo, BO.demo, known, is_own=False)
    gone(town)
    personal_data.erase(town.demo, "Olive", BO.demo)

    assert json.loads(b"".join(pieces))["tables"]["users"][0]["email"] == BO.email


def test_who_may_take_it_along(town: Town) -> None:
    """The person in the console, freshly, or an operator; no program of theirs, and nobody else."""
    sam = town.actor(SAM)
    assert personal_data.start_own_export(town.demo, sam).address == SAM.email
    with refused(SESSION_NEEDED):
        personal_data.start_own_export(town.demo, town.actor(SAM, permissions=frozenset({HANDLE_PEOPLE})))
    for person in (ADA, SAM):
        with refused(NOT_AN_OPERATOR):
            personal_data.start_export(town.demo, town.actor(person), SAM.demo)
    employ(town)
    program = town.actor(OLIVE, permissions=frozenset({HANDLE_PEOPLE}))
    assert personal_data.start_export(town.demo, program, SAM.demo).address == SAM.email
    assert personal_data.find(town.demo, program, SAM.email.upper()).user.id == SAM.demo
    olive = town.actor(OLIVE)
    town.clock.advance(hours=1)
    with refused(FRESH_SIGN_IN_NEEDED):
        personal_data.start_own_export(town.demo, sam)
    with refused(FRESH_SIGN_IN_NEEDED):
        personal_data.start_export(town.demo, olive, SAM.demo)


@pytest.mark.parametrize("email", ["nobody@acme.example", ""])
def test_nobody_is_found_by_another_address(town: Town, email: str) -> None:
    """And whoever is no operator learns nothing of it."""
    employ(town)
    with refused(NO_SUCH_USER):
        personal_data.find(town.demo, town.actor(OLIVE), email)
    with refused(NOT_AN_OPERATOR):
        personal_data.find(town.demo, town.actor(ADA), email)
