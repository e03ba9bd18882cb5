"""Is somebody erased however their name is written, and nobody else who bore their address before or since?"""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select

from keysteward.actions import accounts as opening
from keysteward.actions import audit, credentials, keys, personal_data
from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, NewUser, User
from keysteward.rules.events import Erasure
from keysteward.rules.keys import Wish
from keysteward.rules.refusals import CONFLICT, NO_SUCH_USER
from keysteward.store import accounts, personal, recovery
from keysteward.store import audit as history
from keysteward.store.tables import custody_findings, notices, sealed_credentials, secrets
from tests.actions.test_personal_data import held
from tests.cast import ACME, ADA, BO, PASSWORD, START, UNKNOWN, Made, Town, refused
from tests.forging import complaints, forging, let_go, seal_all

NEXT = "bo.leaver@elsewhere.example"
NAMES = (
    'Bo "the Boss" Leaver',
    "Bo \\ Leaver",
    "Bo O'Leaver",
    "Żółć Öğüt",
    "BÉATRICE ÉTÉ",
    "Ελένη Παππά",
    "Bo\tLeaver",
)


def user(ctx: Context, person: str) -> User:
    """Somebody as they stand there now."""
    with ctx.database.reading() as tx:
        found = accounts.find_user(tx, person)
    assert found is not None
    return found


# ── however it is written ───────────────────────────────────────────────────────────────────────────────────────────
def test_names_of_every_kind_are_found_in_json_and_in_text(town: Town) -> None:
    """With quotation marks, backslashes, letters of all scripts, on a line of their own, in any case; nothing else."""
    demo, person = town.demo, user(town.demo, BO.demo)
    for place, name in enumerate(NAMES):
        said = {"what": f"Signed,\n{name}", "also": [name.swapcase(), {f"{name}": 7}], "not": f"x{name}", "n": None}
        with forging(demo) as tx:
            _plant(tx, place, name, said)
    for name in NAMES:
        with forging(demo) as tx:
            personal.forget(tx, person, Erasure(BO.email, (name,)), START)
    with demo.database.reading() as tx:
        facts = tx.execute(select(notices.c.facts)).scalars().all()
        labels = tx.execute(select(sealed_credentials.c.recipients)).scalars().all()
        texts = tx.execute(select(custody_findings.c.sentence).order_by(custody_findings.c.id)).scalars().all()

    beside = {"what": "Signed,\nerased", "also": ["erased", {"erased": 7}], "n": None}
    assert sorted(facts, key=str) == sorted((beside | {"not": f"x{name}"} for name in NAMES), key=str)
    assert labels == [["erased", "Oslo"]] * len(NAMES)
    assert texts == ["Ask erased."] * len(NAMES)


def _plant(tx: Any, place: int, name: str, said: dict[str, Any]) -> None:  # noqa: ANN401 — a transaction
    number = str(place)
    whose = {"account": "", "organization": ""}
    told = {"id": number, "kind": "review", "key": "", "user": "", "at": START, "facts": said, **whose}
    tx.execute(insert(notices).values(**told))
    tx.execute(insert(sealed_credentials).values(
        credential=number, account="", key="", kind="keypair", hint="", recipients=[name, "Oslo"],
        ciphertext_sealed=b"", sealed_at=START, sealed_by="",
    ))  # fmt: skip
    tx.execute(insert(custody_findings).values(
        id=number, name=number, code="no-admin", severity="low", kind="key", subject="", keys=[], found_at=START,
        owner="", accepted_why="", accepted_by="", sentence=f"Ask {name.upper()}.", **whose,
    ))  # fmt: skip


# ── whose address it was ────────────────────────────────────────────────────────────────────────────────────────────
def readdress(ctx: Context, person: str, email: str) -> None:
    """Somebody goes to another address, as when they prove it."""
    with ctx.database.writing() as tx:
        found = accounts.find_user(tx, person)
        assert found is not None
        assert recovery.change_address(tx, person, email, ctx.now)
        history.record(tx, ctx.event("AddressChanged", found.email, user=person, email=email))


@pytest.fixture
def successor(town: Town, made: Made) -> Actor:
    """Carl, who bears Bo's address since Bo went to another one; both did the same things while they bore it."""
    demo = town.demo
    do(demo, town.actor(BO), made)
    town.clock.advance(minutes=5)
    readdress(demo, BO.demo, NEXT)
    town.clock.advance(minutes=5)
    carl = opening.add_user(demo, ACME.demo, NewUser(BO.email, "Carl", "Newcomer", ADMIN, PASSWORD), ADA.email)
    actor = replace(town.actor(BO), user=carl.user.id)
    town.clock.advance(minutes=5)
    do(demo, actor, made)
    return actor


def do(ctx: Context, actor: Actor, made: Made) -> None:
    """Make a secret key, and stop and start the key."""
    credentials.add_secret(ctx, actor, made.key, Wish())
    keys.stop(ctx, actor, made.key)
    keys.start(ctx, actor, made.key)


def makers(ctx: Context) -> list[str]:
    """Who made the secret keys, the newest last, but for the first, which is Ada's."""
    with ctx.database.reading() as tx:
        return list(tx.execute(select(secrets.c.created_by).order_by(secrets.c.created_at)).scalars())[1:]


def stoppers(town: Town, made: Made) -> list[str]:
    """Who stopped the key, the newest last."""
    shown = keys.view(town.demo, town.actor(ADA), made.key).events
    return [each.actor for each in reversed(shown) if each.name == "KeyStopped"]


def test_who_came_after_stays(town: Town, made: Made, successor: Actor) -> None:
    """Erasing whoever bore an address first leaves what its next bearer did; then that one goes too."""
    demo = town.demo
    keys.change(demo, town.actor(ADA), made.key, keys.Change(contact=BO.email))
    let_go(demo, BO.demo)
    personal_data.erase(demo, "Olive", BO.demo)
    seal_all(demo)

    assert (makers(demo), stoppers(town, made)) == (["erased", BO.email], ["erased", BO.email])
    assert keys.view(demo, town.actor(ADA), made.key).app.contact == BO.email
    assert user(demo, successor.user).email == BO.email
    let_go(demo, successor.user)
    personal_data.erase(demo, "Olive", successor.user)
    seal_all(demo)
    assert (makers(demo), stoppers(town, made)) == (["erased", "erased"], ["erased", "erased"])
    assert keys.view(demo, town.actor(ADA), made.key).app.contact == "erased"
    assert complaints(demo) == []


def test_who_was_before_stays(town: Town, made: Made, successor: Actor) -> None:
    """Erasing the present bearer leaves what the one before did, who goes by another address now."""
    demo = town.demo
    let_go(demo, successor.user)
    personal_data.erase(demo, "Olive", successor.user)
    seal_all(demo)

    assert (makers(demo), stoppers(town, made)) == ([BO.email, "erased"], [BO.email, "erased"])
    assert user(demo, BO.demo).email == NEXT
    assert complaints(demo) == []


def test_nobody_is_told_what_another_bearer_did(town: Town, made: Made, successor: Actor) -> None:
    """The export of each has their own secret key and events, and none of the other's."""
    demo = town.demo
    for person in (BO.demo, successor.user):
        tables = held(demo, person)["tables"]
        assert [each["created_by"] for each in tables.get("secrets", [])] in ([BO.email], [])
        assert [each["name"] for each in tables["events"]].count("KeyStopped") == 1
    mine = {each["id"] for each in held(demo, successor.user)["tables"]["secrets"]}
    assert mine.isdisjoint(each["id"] for each in held(demo, BO.demo)["tables"].get("secrets", []))
    assert [personal_data.find(demo, "Olive", who).user.id for who in (BO.email, NEXT, BO.demo.upper())] == [
        successor.user, BO.demo, BO.demo,
    ]  # fmt: skip


def test_the_user_is_the_one_that_is_named(town: Town, successor: Actor) -> None:
    """By GUID, who bears the address still: whoever got another meanwhile, or is nobody, is not erased by it."""
    let_go(town.demo, successor.user)
    let_go(town.demo, BO.demo)
    with refused(CONFLICT):
        audit.erase_person(town.demo, Erasure(BO.email, user=BO.demo), "operator")
    with refused(NO_SUCH_USER):
        personal_data.find(town.demo, "Olive", UNKNOWN)
