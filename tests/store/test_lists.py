"""Do both databases narrow, sort and page the long lists alike?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import insert

from keysteward.rules.accounts import Account
from keysteward.rules.golive import Review, Ruling, status
from keysteward.rules.keys import App
from keysteward.rules.listing import Wanted
from keysteward.rules.policy import Policy
from keysteward.rules.words import new_guid
from keysteward.store import accounts, approvals, golive, keys, lists, notices, webhook_deliveries
from keysteward.store.database import Database
from keysteward.store.notices import Scope
from keysteward.store.tables import notice_receipts, users, webhooks
from keysteward.store.tables import notices as notices_table
from keysteward.store.tables import webhook_deliveries as deliveries_table

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
OWN, FOREIGN = "acc00000-0000-4000-8000-000000000001", "acc00000-0000-4000-8000-000000000002"
USER = "11100000-0000-4000-8000-000000000001"
POLICY = Policy()
EXPIRED = NOW - POLICY.review_life


@pytest.fixture
def town(database: Database) -> Database:
    """Two accounts."""
    with database.writing() as tx:
        for number, account in enumerate((OWN, FOREIGN), start=1):
            accounts.save_account(tx, Account(account, number, f"Firm {number}", "Business Pro", "open", NOW))
    return database


def app(number: int, name: str, account: str = OWN) -> App:
    """An app that nothing was done with yet; two at a time were made in one moment."""
    made_at = NOW - timedelta(minutes=number // 2)
    key, grants = f"00000000-0000-4000-8000-{number:012}", frozenset({"confidential_code"})
    return App(key, account, name, "team@firm.example", "Public integration", grants, False, "", "", "", made_at, "x")  # type: ignore[arg-type]


def save(database: Database, *apps: App) -> None:
    """Remember some apps."""
    with database.writing() as tx:
        for each in apps:
            keys.save(tx, each)


def names(database: Database, wanted: Wanted) -> list[str]:
    """The names of the apps on a page."""
    with database.reading() as tx:
        return [each.name for each in lists.list_apps(tx, OWN, wanted, EXPIRED).rows]


def test_names_are_sorted_alike(town: Database) -> None:
    """Without letter case, by code points, whatever the locale of a database is; the same backwards."""
    typed = ["zebra", "Éclair", "apple", "Banana", "_under", "APPLE", "éclair", "10", "9"]
    save(town, *(app(number, name) for number, name in enumerate(typed)))

    forwards = names(town, Wanted(sort="name"))
    assert forwards == ["10", "9", "_under", "apple", "APPLE", "Banana", "zebra", "Éclair", "éclair"]
    assert names(town, Wanted(sort="name", is_descending=True)) == forwards[::-1]


@pytest.mark.parametrize("sort", ["", "name", "created_at", "key"])
@pytest.mark.parametrize("is_descending", [False, True])
def test_pages_hold_every_app_once(town: Database, sort: str, is_descending: bool) -> None:
    """Also where many are alike; those of other accounts, and deleted ones, stand on none."""
    gone = replace(app(200, "gone"), deleted_at=NOW)
    save(town, *(app(number, "the same") for number in range(23)), app(100, "the same", FOREIGN), gone)
    found = []
    for page in (1, 2, 3):
        with town.reading() as tx:
            wanted = Wanted("the", (), sort, is_descending, page, 10)
            part = lists.list_apps(tx, OWN, wanted, EXPIRED)
        assert (part.total, part.page) == (23, page)
        found += part.rows

    assert sorted(each.key for each in found) == [app(number, "").key for number in range(23)]
    if sort == "created_at":
        steps = [(one.created_at, one.key) for one in found]
        assert all((before > after) == is_descending for before, after in pairwise(steps))
    with town.reading() as tx:
        assert lists.list_apps(tx, OWN, Wanted(page=99, size=10), EXPIRED).page == 3


def test_words_are_looked_for_as_they_are(town: Database) -> None:
    """In name, contact and key, whatever their letter case; no letter stands for others."""
    save(town, app(1, "100% Parcel_tracker"), app(2, "100 parcels"))

    assert names(town, Wanted("0% PARCEL_")) == ["100% Parcel_tracker"]
    assert names(town, Wanted(app(2, "").key.upper())) == ["100 parcels"]
    assert len(names(town, Wanted("TEAM@"))) == 2
    assert names(town, Wanted("\\")) == []


def test_states_are_told_apart(town: Database) -> None:
    """Working, stopped and deleted; deleted ones are seen only by whoever asks for them."""
    save(
        town,
        app(1, "working"),
        replace(app(2, "stopped"), stopped_at=NOW),
        replace(app(3, "deleted"), deleted_at=NOW, stopped_at=NOW),
    )

    assert names(town, Wanted()) == ["working", "stopped"]
    for state in ("working", "stopped", "deleted"):
        assert names(town, Wanted(chosen=(("state", state),))) == [state]


def reviewed(key: str) -> list[tuple[Review, Ruling | None]]:
    """Reviews of every end, in the order of their numbers."""
    begun = Review(new_guid(), key, LONG_AGO, USER, "ada@firm.example", 0, 1)
    passed = replace(begun, verdict="passed", settled_at=NOW)
    pending = replace(passed, pending_since=NOW)
    approved = Ruling("approved", "", USER, "olive@firm.example", NOW)
    return [
        (begun, None),
        (replace(begun, verdict="failed", settled_at=NOW), None),
        (passed, None),
        (replace(passed, settled_at=EXPIRED), None),
        (replace(passed, settled_at=EXPIRED + timedelta(seconds=1)), None),
        (pending, None),
        (replace(pending, pending_since=EXPIRED, settled_at=EXPIRED), None),
        (pending, approved),
        (replace(pending, pending_since=LONG_AGO, settled_at=LONG_AGO), approved),
        (pending, replace(approved, at=EXPIRED)),
        (pending, replace(approved, choice="declined")),
        (replace(pending, pending_since=LONG_AGO), replace(approved, choice="declined", at=LONG_AGO)),
    ]


def test_the_database_knows_where_each_review_stands(town: Database) -> None:
    """It says of every app what the rule says of its newest review."""
    expected: dict[str, set[str]] = {}
    ends = len(reviewed(""))
    for number in range(ends + 2):
        made = app(number, "an app")
        made = replace(made, live_at=NOW, live_account=OWN) if number == ends + 1 else made
        save(town, made)
        seen = reviewed(made.key)[: number + 1][-2:] if number < ends else []
        history = [(replace(review, id=new_guid()), ruling) for review, ruling in seen]
        with town.writing() as tx:
            for place, (review, ruling) in enumerate(history, start=1):
                golive.save_review(tx, review, place)
                golive.settle_review(tx, review) if review.verdict else None
                if ruling:
                    approvals.save_ruling(tx, review.id, ruling)
        newest = replace(history[-1][0], ruling=history[-1][1]) if history else None
        said = status(made, newest, 0, NOW, POLICY).lower().replace(" ", "_")
        expected.setdefault({"not_ready": "unreviewed"}.get(said, said), set()).add(made.key)

    with town.reading() as tx:
        for stage, which in expected.items():
            part = lists.list_apps(tx, OWN, Wanted(chosen=(("stage", stage),)), EXPIRED)
            assert (stage, {each.key for each in part.rows}, part.total) == (stage, which, len(which))
    assert len(expected) == 8


def test_reviews_wait_or_are_decided(town: Database) -> None:
    """The longest wait first, the newest decision first; what expired, or whose key is gone, waits no more."""
    save(town, *(app(number, f"app {number}") for number in range(len(reviewed("")))))
    with town.writing() as tx:
        for number, (_, ruling) in enumerate(reviewed("")):
            review = reviewed(app(number, "").key)[number][0]
            golive.save_review(tx, review, 1)
            golive.settle_review(tx, review) if review.verdict else None
            if ruling:
                approvals.save_ruling(tx, review.id, ruling)

    def found(**chosen: str) -> list[str]:
        with town.reading() as tx:
            part = lists.list_reviews(tx, Wanted(chosen=tuple(chosen.items())), EXPIRED)
        return [each.key[-2:] for each in part.rows]

    assert found() == ["05"]
    assert found(type="Public integration") == ["05"]
    assert found(type="Private custom integration") == []
    assert set(found(state="decided")) == {"07", "08", "09", "10", "11"}
    assert set(found(state="declined")) == {"10", "11"}
    assert found(state="approved")[-1] == "09"


def test_accounts_are_found(town: Database) -> None:
    """By name, state and plan; in the order of their numbers, backwards unless they are sorted."""
    with town.reading() as tx:
        assert [each.number for each in lists.list_accounts(tx, Wanted(), None).rows] == [2, 1]
        assert [each.number for each in lists.list_accounts(tx, Wanted(sort="name"), None).rows] == [1, 2]
        assert [each.number for each in lists.list_accounts(tx, Wanted("firm 2"), None).rows] == [2]
        for chosen, total in (("open", 2), ("closed", 0)):
            assert lists.list_accounts(tx, Wanted(chosen=(("state", chosen),)), None).total == total


def inbox(database: Database, user: str, count: int) -> None:
    """Tell somebody something, every other time of another kind; the odd ones were read."""
    person = {"email": f"{user}@firm.example", "email_folded": f"{user}@firm.example", "first_name": "A"}
    person |= {"last_name": "B", "state": "active"}
    with database.writing() as tx:
        tx.execute(insert(users).values(id=user, **person, service=False, created_at=NOW, least_epoch=0))
        for number in range(count):
            kind = "new-admin" if number % 2 else "new-redirect-uri"
            told = {"id": f"{user}-{number:03}", "kind": kind, "at": NOW + timedelta(seconds=number // 3)}
            told |= {"account": "", "organization": "", "key": "", "user": user, "facts": {"subject": f"No. {number}."}}
            tx.execute(insert(notices_table).values(told))
            read_at = NOW if number % 2 else None
            receipt = {"user": user, "notice": told["id"], "account": "", "organization": "", "at": told["at"]}
            tx.execute(insert(notice_receipts).values(receipt | {"read_at": read_at}))


def test_an_inbox_is_paged_and_narrowed(town: Database) -> None:
    """Unread ones first, every notice once; nobody else's is there."""
    inbox(town, USER, 25)
    inbox(town, "somebody-else", 3)

    def page(wanted: Wanted) -> list[str]:
        with town.reading() as tx:
            return [each.notice.id.removeprefix(f"{USER}-") for each in notices.list_part(tx, Scope(USER), wanted).rows]

    pages = [page(Wanted(page=number, size=10)) for number in (1, 2, 3)]
    walked = [number for each in pages for number in each]
    assert sorted(walked) == [f"{number:03}" for number in range(25)]
    assert all(int(number) % 2 == 0 for number in walked[:13])
    assert page(Wanted(sort="at", is_descending=True, size=3)) == ["024", "023", "022"]
    assert page(Wanted(words="no. 17.")) == ["017"]
    assert len(page(Wanted(chosen=(("unread", "yes"), ("kind", "new-redirect-uri"))))) == 13
    assert page(Wanted(chosen=(("unread", "yes"), ("kind", "new-admin")))) == []


def deliver(database: Database, webhook: str, stages: list[dict[str, object]]) -> None:
    """A webhook with deliveries that got so far."""
    made = {"id": webhook, "account": OWN, "organization": "", "url": "https://x.example", "kinds": [], "made_at": NOW}
    made |= {"made_by": "x", "secret_sealed": b"", "off_why": "", "busy_until": NOW, "fence": 0, "repeats": 0}
    with database.writing() as tx:
        tx.execute(insert(webhooks).values(made))
        for number, so_far in enumerate(stages, start=1):
            sent = {"id": new_guid(), "number": number, "webhook": webhook, "message": f"m-{number}", "kind": "test"}
            sent |= {"body": "{}", "made_at": NOW, "due_at": NOW, "tries": 0, "step": 0, "outcome": ""}
            tx.execute(insert(deliveries_table).values(sent | so_far))


def test_deliveries_are_told_apart(town: Database) -> None:
    """Every stage that a delivery says it is in is found by that name; those of other webhooks are not."""
    stages = [{}, {"step": 2}, {"ended_at": NOW, "outcome": "delivered"}, {"ended_at": NOW, "outcome": "given up"}]
    deliver(town, "hook", [*stages, *stages])  # type: ignore[list-item]
    deliver(town, "another", stages)  # type: ignore[arg-type]

    def page(wanted: Wanted) -> list[tuple[int, str]]:
        with town.reading() as tx:
            return [(each.number, each.stage) for each in webhook_deliveries.list_part(tx, "hook", wanted).rows]

    assert [number for number, _ in page(Wanted())] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert [number for number, _ in page(Wanted(page=2, size=3))] == [5, 4, 3]
    for number, stage in enumerate(("waiting", "trying again", "delivered", "given up"), start=1):
        assert page(Wanted(chosen=(("stage", stage),))) == [(number + 4, stage), (number, stage)]
    assert page(Wanted("M-7")) == [(7, "delivered")]
    assert page(Wanted(sort="made_at"))[:2] == [(1, "waiting"), (2, "trying again")]
