"""Is what was called counted right, for whoever may see it and nobody else?"""

from datetime import timedelta
from typing import Any

import pytest

from keysteward.actions import call_usage, evidence
from keysteward.rules.access import READ_KEYS
from keysteward.rules.call_usage import Asked, Scope, Tally, Window, window_of
from keysteward.rules.refusals import (
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    TOKEN_LACKS_PERMISSION,
    Kind,
)
from tests.cast import ACME, ADA, BO, MALLORY, SAM, STRANGE, VERA, Made, Person, Town, refused
from tests.peers.databases import rows


def asked(town: Town, made: Made | None = None, **narrowed: Any) -> Asked:  # noqa: ANN401 — any field of it
    """The last week of a key, or of Acme."""
    scope = Scope(key=made.key) if made else Scope(account=ACME.demo)
    return Asked(scope, window_of("7d", town.clock.now))._replace(**narrowed)


def sum_all(town: Town) -> int:
    """Sum everything recorded so far, as the job does within minutes."""
    evidence.sum_calls(town.demo)
    town.clock.advance(minutes=15)
    return evidence.sum_calls(town.demo)


def play(town: Town, made: Made) -> None:
    """Three good calls by Sam, two failures by Ada an hour later, and one resource read three times in a minute."""
    town.call(made, 3)
    town.clock.advance(hours=1)
    town.call(made, 2, by=ADA, method="GET", below="/users", status=404)
    town.call(made, 3, method="GET", below="/envelopes/1?a=b", status=200, every=timedelta(seconds=30))


@pytest.mark.parametrize("summed", ["not summed", "summed"])
def test_everything_is_counted_once(town: Town, made: Made, summed: str) -> None:
    """By hour, operation, user and client, the same whether calls were summed, not yet, or partly."""
    play(town, made)
    if summed == "summed":
        sum_all(town)
        town.clock.advance(minutes=-15)
    town.call(made, 1)
    found = call_usage.show(town.demo, town.actor(ADA), asked(town, made))

    assert found.total == Tally(9, 2)
    assert [hour.tally for hour in found.hours] == [Tally(3, 0), Tally(6, 2)]
    assert found.busiest == found.hours[1]
    assert [(group.name.rpartition("/")[2], group.tally) for group in found.operations] == [
        ("envelopes", Tally(4, 0)), ("{id}", Tally(3, 0)), ("users", Tally(2, 2)),
    ]  # fmt: skip
    assert [(group.name, group.tally) for group in found.users] == [(SAM.demo, Tally(7, 0)), (ADA.demo, Tally(2, 2))]
    assert [(each.status, each.error_code, each.calls) for each in found.failures] == [
        (404, "INVALID_REQUEST_PARAMETER", 2)
    ]
    assert [(group.name, group.tally) for group in found.sdks] == [("Python", Tally(9, 2))]
    assert [(group.name, group.tally) for group in found.accounts] == [(ACME.demo, Tally(9, 2))]
    assert found.names.users[SAM.demo] == "Sam Sender (sam@acme.example)"


def test_who_polls(town: Town, made: Made) -> None:
    """Which resource, without what was asked of it, how often and how soon; a pause that is long enough is none."""
    play(town, made)
    town.clock.advance(seconds=870)  # exactly 900 after the last read
    town.call(made, 1, method="GET", below="/envelopes/1?a=b", status=200)
    (offender,) = call_usage.show(town.demo, town.actor(ADA), asked(town, made)).offenders

    assert (offender.method, offender.times, offender.shortest_pause) == ("GET", 2, timedelta(seconds=30))
    assert offender.url.endswith("/envelopes/1?a=…")
    assert offender.last_at == town.clock.now - timedelta(seconds=900)


@pytest.mark.parametrize(
    ("narrowed", "tally"),
    [
        ({"user": ADA.demo}, Tally(2, 2)), ({"ended": "failed"}, Tally(2, 2)), ({"ended": "succeeded"}, Tally(6, 0)),
        ({"status": 404}, Tally(2, 2)), ({"status": 500}, Tally(0, 0)),
        ({"operation": "POST /restapi/v2.1/accounts/{id}/envelopes"}, Tally(3, 0)),
    ],
)  # fmt: skip
def test_what_is_narrowed(town: Town, made: Made, narrowed: dict[str, object], tally: Tally) -> None:
    """A filter narrows sums, what is not summed yet, and the list of single calls alike."""
    play(town, made)
    sum_all(town)
    town.call(made, 1, below="/unknown", status=503)
    question = asked(town, made, **narrowed)
    extra = narrowed == {"ended": "failed"}
    expected = tally.plus(Tally(1, 1)) if extra else tally
    page = call_usage.list_calls(town.demo, town.actor(ADA), question, None, 50)

    assert call_usage.show(town.demo, town.actor(ADA), question).total == expected
    assert (len(page.calls), page.before) == (expected.calls, None)


def test_an_account_sees_every_app_in_it(town: Town, made: Made) -> None:
    """The admins of an account see who called there, whoever manages the key, and which of their keys nobody uses."""
    foreign = town.create_app(by=MALLORY, firm=STRANGE, name="From outside")
    unused = town.create_app(name="Forgotten")
    town.call(made, 3)
    town.call(foreign, 1)
    found = call_usage.show(town.demo, town.actor(ADA), asked(town))

    assert [(group.name, group.tally.calls) for group in found.apps] == [(made.key, 3), (foreign.key, 1)]
    assert found.names.apps == {made.key: "Lease signer", foreign.key: "From outside"}
    assert {each.app.key for each in found.unused} == {unused.key}


@pytest.mark.parametrize(("who", "kind"), [(MALLORY, NO_SUCH_KEY), (VERA, NOT_AN_ADMIN)], ids=["stranger", "member"])
def test_a_key_is_seen_by_its_managers_only(town: Town, made: Made, who: Person, kind: Kind) -> None:
    """Strangers are told that there is no such key, members that its usage is for admins."""
    town.call(made, 1)
    sequence = call_usage.list_calls(town.demo, town.actor(BO), asked(town, made), None, 1).calls[0].sequence

    with refused(kind):
        call_usage.show(town.demo, town.actor(who), asked(town, made))
    with refused(kind):
        call_usage.list_calls(town.demo, town.actor(who), asked(town, made), None, 1)
    with refused(kind):
        call_usage.load_call(town.demo, town.actor(who), Scope(key=made.key), sequence)
    with refused(kind):
        call_usage.demand_reader(town.demo, town.actor(who), Scope(key=made.key))


def test_an_account_is_seen_by_its_admins_only(town: Town, made: Made) -> None:
    """Strangers are told that there is no such account, and a program needs the permission."""
    with refused(NO_SUCH_ACCOUNT):
        call_usage.show(town.demo, town.actor(MALLORY), asked(town))
    with refused(NOT_AN_ADMIN):
        call_usage.show(town.demo, town.actor(VERA), asked(town))
    with refused(TOKEN_LACKS_PERMISSION):
        call_usage.show(town.demo, town.actor(ADA, permissions=frozenset({READ_KEYS})), asked(town))
    with refused(TOKEN_LACKS_PERMISSION):
        call_usage.show(town.demo, town.actor(ADA, permissions=frozenset()), asked(town, made))


def test_one_call_can_be_made_again(town: Town, made: Made) -> None:
    """A call comes with the line that makes it again; one of another key looks absent."""
    play(town, made)
    other = town.create_app(name="Another")
    town.call(other, 1)
    ada, scope = town.actor(ADA), Scope(key=made.key.upper())
    read = call_usage.list_calls(town.demo, ada, asked(town, made), None, 1).calls[0]
    foreign = call_usage.list_calls(town.demo, ada, asked(town, other), None, 1).calls[0]
    single = call_usage.load_call(town.demo, ada, scope, read.sequence)

    assert single.call == read
    assert single.curl == (
        "curl --globoff --path-as-is --request GET --header 'Authorization: Bearer <ACCESS_TOKEN>' --header 'Accept:"
        f" application/json' --url '{town.demo.origin}/restapi/v2.1/accounts/{ACME.demo}/envelopes/1?a=<VALUE>'"
    )
    with refused(NO_SUCH_OBJECT):
        call_usage.load_call(town.demo, ada, scope, foreign.sequence)


def test_calls_come_in_pages(town: Town, made: Made) -> None:
    """Every call comes once, newest first, however small the pages are."""
    play(town, made)
    found, before = [], None
    for _ in range(9):
        page = call_usage.list_calls(town.demo, town.actor(ADA), asked(town, made), before, 3)
        found += [call.sequence for call in page.calls]
        before = page.before
        if before is None:
            break

    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 8


def test_a_download_holds_what_is_counted(town: Town, made: Made) -> None:
    """Hour by hour, summed or not, and its calls are those of the page."""
    play(town, made)
    sum_all(town)
    town.call(made, 1, below="/new")
    scope = call_usage.demand_reader(town.demo, town.actor(ADA), Scope(key=made.key))
    parts = list(call_usage.list_parts(town.demo, asked(town, made, scope=scope)))

    assert sum(part.calls for part in parts) == 9
    assert [part.hour for part in parts] == sorted(part.hour for part in parts)


def test_sums_wait_until_every_number_has_committed(town: Town, made: Made) -> None:
    """A call that was recorded a moment ago is not summed: one that drew an earlier number may still be on its way."""
    town.call(made, 2)
    assert evidence.sum_calls(town.demo) == 0
    town.clock.advance(minutes=14)
    town.call(made, 1)
    assert evidence.sum_calls(town.demo) == 0
    town.clock.advance(minutes=1)
    assert evidence.sum_calls(town.demo) == 2
    assert rows(town.demo.database, "SELECT sum(calls) FROM call_hours") == [(2,)]


def test_old_calls_are_forgotten_and_stay_counted(town: Town, made: Made) -> None:
    """After the policy's days a call is known only as part of a sum, and usage says since when it knows more."""
    town.call(made, 5)
    sum_all(town)
    town.clock.advance(days=181)
    town.call(made, 1)
    assert evidence.forget_old_calls(town.demo) == 5
    asking = asked(town, made, window=last_days(asked(town, made), 200))
    found = call_usage.show(town.demo, town.actor(ADA), asking)

    assert found.total.calls == 6
    assert found.calls_kept_since == town.clock.now - timedelta(days=180)
    assert len(call_usage.list_calls(town.demo, town.actor(ADA), asking, None, 50).calls) == 1
    town.clock.advance(days=230)
    evidence.forget_old_hours(town.demo)
    assert rows(town.demo.database, "SELECT count(*) FROM call_hours") == [(0,)]


def last_days(question: Asked, days: int) -> Window:
    """The same window, begun earlier."""
    return question.window._replace(since=question.window.until - timedelta(days=days))


def test_what_a_verdict_rests_on_is_kept(town: Town, made: Made) -> None:
    """However old: the calls of a review that passed, and a read before one of them; failed reviews keep nothing."""
    town.call(made, 30)
    town.review(made)
    other = town.create_app(name="Failing")
    town.call(other, 3)
    town.review(other)
    sum_all(town)
    town.clock.advance(days=200)

    assert evidence.forget_old_calls(town.demo) == 10 + 3
    assert rows(town.demo.database, "SELECT count(*) FROM calls") == [(20,)]
    assert evidence.forget_old_calls(town.demo) == 0
