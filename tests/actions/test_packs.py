"""Does a rule pack come into force as one version, by whom, and is every review judged by those of its start?"""

import pytest

from keysteward.actions import golive, packs, policy
from keysteward.actions.context import Context
from keysteward.rules.golive import Review, judge
from keysteward.rules.pack_text import read
from keysteward.rules.packs import MOST_PACKS
from keysteward.rules.refusals import (
    BAD_PACK,
    CHECK_NOT_INSTALLED,
    EXAMPLE_FAILS,
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    PACK_IN_FORCE,
    PACK_VERSION_TAKEN,
    TOO_MANY_PACKS,
)
from keysteward.store import audit as store_of_audit
from keysteward.store.database import current_epoch
from tests.cast import ADA, Made, Town, refused
from tests.packs import ENVELOPES, LISTING, a_document

FORBIDS = {"kind": "forbidden", "code": "no-lists", "operations": [LISTING]}
SAID = {"author": "Olga", "reason": "Our API."}


def codes(review: Review) -> list[str]:
    """The rules that a review found broken."""
    return [finding.rule for finding in review.findings]


def newest_event(ctx: Context) -> tuple[str, str, dict[str, str]]:
    """The newest event, by whom, and what it says."""
    with ctx.database.reading() as tx:
        event = list(store_of_audit.walk_events(tx, 0))[-1].event
    return event.name, event.actor, event.data


def test_a_pack_comes_into_force(demo: Context) -> None:
    """As a version of the policy, dated, with author and reason; every worker hears of it."""
    before = demo.directory.epoch
    made = packs.install(demo, a_document(), **SAID)
    (kept,) = packs.list_versions(demo)

    assert (made.policy.version, made.policy.packs, demo.policy) == (2, (read(a_document()),), made.policy)
    assert (kept.pack, kept.installed_at, kept.author, kept.reason) == (made.policy.packs[0], demo.now, *SAID.values())
    assert policy.load(demo, 2) == made
    assert policy.load(demo, 1).policy.packs == ()
    with demo.database.reading() as tx:
        assert current_epoch(tx) == before + 1


def test_a_new_version_takes_the_place_of_the_old(demo: Context) -> None:
    """The old one stays on record, and may come back."""
    packs.install(demo, a_document(), **SAID)
    packs.install(demo, a_document(FORBIDS, version=2), **SAID)
    assert [pack.headline for pack in demo.policy.packs] == ["envelopes 2"]
    packs.install(demo, a_document(), **SAID)

    assert [pack.headline for pack in demo.policy.packs] == ["envelopes 1"]
    assert [kept.pack.version for kept in packs.list_versions(demo)] == [2, 1]


def test_a_pack_goes_and_stays_on_record(demo: Context) -> None:
    """Removing one takes it out of force; numbers that change meanwhile keep the packs."""
    packs.install(demo, a_document(), **SAID)
    policy.apply(demo, {"keys_per_account": 5}, **SAID)
    assert [pack.headline for pack in demo.policy.packs] == ["envelopes 1"]
    made = packs.remove(demo, "envelopes", author="Olga", reason="Never mind.")

    assert (made.policy.version, demo.policy.packs, demo.policy.keys_per_account) == (4, (), 5)
    assert [kept.pack.headline for kept in packs.list_versions(demo)] == ["envelopes 1"]


def test_it_is_recorded_what_is_loosened(demo: Context) -> None:
    """Nobody else is asked, and the history names the rules that ask less."""
    packs.install(demo, a_document(FORBIDS), **SAID)
    assert newest_event(demo) == ("PackInstalled", "Olga", {"policy": "2", "pack": "envelopes 1", "reason": "Our API."})
    packs.install(demo, a_document(version=2), **SAID)
    assert newest_event(demo)[2]["loosened"] == "no-lists"
    packs.remove(demo, "envelopes", **SAID)

    assert newest_event(demo) == (
        "PackRemoved", "Olga", {"policy": "4", "pack": "envelopes 2", "reason": "Our API.", "loosened": "creates"},
    )  # fmt: skip


def test_a_version_never_changes(demo: Context) -> None:
    """Other content under the same number is refused, also once the pack is out of force."""
    packs.install(demo, a_document(), **SAID)
    packs.remove(demo, "envelopes", **SAID)
    with refused(PACK_VERSION_TAKEN):
        packs.install(demo, a_document(FORBIDS), **SAID)
    packs.install(demo, a_document(), **SAID)
    with refused(PACK_IN_FORCE):
        packs.install(demo, a_document(), **SAID)


def test_a_pack_that_is_not_good_changes_nothing(demo: Context) -> None:
    """Not read, not held by its examples, naming a check that is not there, or nobody says why."""
    check = {
        "kind": "check",
        "code": "c",
        "check": "sla",
        "distribution": "nobody-has-this",
        "distribution_version": "1",
    }
    with refused(BAD_PACK, "version"):
        packs.install(demo, a_document(version=0), **SAID)
    with refused(EXAMPLE_FAILS):
        packs.install(demo, a_document({"kind": "forbidden", "code": "f", "operations": [ENVELOPES]}), **SAID)
    with refused(CHECK_NOT_INSTALLED):
        packs.install(demo, a_document(check), **SAID)
    with refused(INVALID_FIELD, "reason"):
        packs.install(demo, a_document(), author="Olga", reason="")
    with refused(NO_SUCH_OBJECT):
        packs.remove(demo, "envelopes", **SAID)

    assert (demo.policy.version, packs.list_versions(demo)) == (1, [])


def test_packs_are_bounded(demo: Context) -> None:
    """So that no review is asked for ever."""
    for number in range(MOST_PACKS):
        packs.install(demo, a_document(name=f"pack-{number}"), **SAID)
    with refused(TOO_MANY_PACKS):
        packs.install(demo, a_document(name="one-more"), **SAID)
    packs.install(demo, a_document(name="pack-3", version=2), **SAID)


# ── reviews ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_review_is_judged_by_the_packs_of_its_start(town: Town, made: Made) -> None:
    """Whatever comes into force or goes meanwhile; and it names them."""
    town.call(made, 20, method="PUT", below="/envelopes/e/recipients", status=200)
    packs.install(town.demo, a_document(), **SAID)
    started = golive.start_review(town.demo, town.actor(ADA), made.key)
    packs.remove(town.demo, "envelopes", **SAID)
    town.clock.advance(seconds=1)
    golive.settle_due(town.demo)
    _, settled = golive.load_review(town.demo, town.actor(ADA), made.key, started.id)

    assert (settled.packs, settled.policy_version, codes(settled)) == (("envelopes 1",), 2, ["envelopes/creates"])
    assert (golive.readiness(town.demo, town.actor(ADA), made.key).findings, town.review(made).packs) == ((), ())


def test_a_pack_may_need_more_calls(town: Town, made: Made) -> None:
    """Its evidence is what it looks at; the page's twenty stay twenty."""
    packs.install(town.demo, a_document({"kind": "calls-needed", "code": "thirty", "calls": 30}), **SAID)
    town.call(made, 29)
    ready = golive.readiness(town.demo, town.actor(ADA), made.key)

    assert (ready.run, len(ready.evidence.calls), len(ready.evidence.older)) == (20, 20, 9)
    assert [finding.rule for finding in ready.findings] == ["envelopes/thirty"]
    town.call(made, 1)
    assert town.review(made).verdict == "passed"


def test_readings_judge_from_then_on(town: Town, made: Made) -> None:
    """What succeeds is read when judged; what counts and polls is written down with each call that is made."""
    readings = [
        {"operations": ["POST *envelopes"], "success": ["200-399", "404"], "source": "A test."},
        {"operations": ["GET *envelopes"], "countable": False, "source": "A test."},
        {"operations": ["GET *folders"], "polled": True, "source": "A test."},
    ]
    town.call(made, 10, status=404)
    town.call(made, 5, method="GET", status=200)
    packs.install(town.demo, a_document(readings=readings), **SAID)
    town.call(made, 5, method="GET", status=200)
    town.call(made, 2, method="GET", below="/folders", status=200)
    ready = golive.readiness(town.demo, town.actor(ADA), made.key)

    assert (len(ready.evidence.calls), [finding.rule for finding in ready.findings]) == (
        17, ["calls-in-a-row", "no-polling"],
    )  # fmt: skip
    assert {call.why_not for call in ready.newest_calls if not call.countable} == {
        "a rule pack does not count this operation"
    }


@pytest.mark.parametrize("calls", [None, 40])
def test_the_header_says_what_a_review_would_find(town: Town, made: Made, calls: int | None) -> None:
    """Rules of packs are in it, from the first call after they came into force."""
    recorder, caller = town.demo.recorder, town.caller(town.demo, made)
    town.call(made, 40, method="PUT", below="/envelopes/e/recipients", status=200)
    more = {} if calls is None else {"calls": calls}
    packs.install(
        town.demo, a_document({"kind": "required", "code": "creates", "operations": [ENVELOPES]} | more), **SAID
    )
    ready = golive.readiness(town.demo, town.actor(ADA), made.key)
    told = [recorder.record(call, town.demo.policy).result(10) for call in reversed(ready.newest_calls[:2])]

    assert caller.app.key == made.key
    assert told == [{made.key: "20/20; rule=envelopes/creates"}] * 2
    assert [finding.rule for finding in judge(ready.evidence, ready.policy)] == ["envelopes/creates"]
