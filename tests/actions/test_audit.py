"""Does the history get its seals, its signatures and its gaps as it should?"""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import Table, func, select, update

from keysteward.actions import audit, keys, leases, promotion, signin
from keysteward.actions.context import Context
from keysteward.actions.leases import Lease, LeaseLost
from keysteward.crypto.papers import read_checkpoint
from keysteward.crypto.signing import new_signing_key, public_pem
from keysteward.rules.access import READ_KEYS
from keysteward.rules.chain import Checkpoint
from keysteward.rules.events import Erasure
from keysteward.rules.refusals import CONFLICT, INVALID_FIELD
from keysteward.store import audit as audit_store
from keysteward.store import leases as leases_store
from keysteward.store.audit import SigningKeyRow
from keysteward.store.tables import checkpoints, events, seals
from keysteward.store.tables import leases as leases_table
from tests.cast import ADA, BO, PASSWORD, SAM, Made, Town, refused
from tests.forging import SEALER, complaints, let_go, seal_all, sealing_lease, verified
from tests.peers.databases import on_postgresql
from tests.racing import at_once


def number_of(ctx: Context, table: Table) -> int:
    """How many rows a table has."""
    with ctx.database.reading() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


def papers(ctx: Context) -> list[Checkpoint]:
    """Every checkpoint that was signed, verified."""
    with ctx.database.reading() as tx:
        rows = tx.execute(select(checkpoints.c.paper).order_by(checkpoints.c.number)).scalars().all()
    return [read_checkpoint(paper, {ctx.paper_key.kid: ctx.paper_key.public}) for paper in rows]


def test_every_event_gets_its_place(town: Town, demo: Context) -> None:
    """Positions are counted from 1 in the order of the events, and nothing is sealed twice."""
    there = number_of(demo, events)

    assert (seal_all(demo), seal_all(demo)) == (there, 0)
    with demo.database.reading() as tx:
        rows = tx.execute(select(seals.c.position, seals.c.event).order_by(seals.c.position)).all()
        sequences = tx.execute(select(events.c.sequence).order_by(events.c.sequence)).scalars().all()
    assert [tuple(row) for row in rows] == list(enumerate(sequences, 1))
    assert (verified(demo).events, complaints(demo)) == (there, [])


def test_what_comes_later_is_chained_to_it(town: Town, demo: Context, made: Made) -> None:
    """New events go to the end, and what was sealed stays as it was."""
    seal_all(demo)
    with demo.database.reading() as tx:
        before = tx.execute(select(seals).order_by(seals.c.position)).all()
    keys.stop(demo, town.actor(ADA), made.key)
    keys.start(demo, town.actor(ADA), made.key)

    assert seal_all(demo) == 2
    with demo.database.reading() as tx:
        assert tx.execute(select(seals).order_by(seals.c.position)).all()[:-2] == before
    assert complaints(demo) == []


@on_postgresql
def test_a_late_commit_gets_a_later_place(town: Town, demo: Context, made: Made) -> None:
    """An event that becomes visible after one of a higher number is sealed after it, and nothing is wrong with that."""
    seal_all(demo)
    inserted, sealed = threading.Event(), threading.Event()

    def linger() -> None:
        with demo.database.writing() as tx:
            audit_store.record(tx, demo.event("SignedIn", ADA.email))
            inserted.set()
            sealed.wait(10)

    slow = threading.Thread(target=linger)
    slow.start()
    assert inserted.wait(10)
    keys.stop(demo, town.actor(ADA), made.key)
    counts = [seal_all(demo)]
    sealed.set()
    slow.join(10)
    lease = sealing_lease(demo)
    counts.append(audit.seal_events(demo, lease, everything=False))

    assert counts == [1, 1]
    with demo.database.reading() as tx:
        last = tx.execute(select(seals.c.event).order_by(seals.c.position.desc()).limit(2)).scalars().all()
    assert last[0] < last[1]
    assert complaints(demo) == []


# ── who seals ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_sealer_that_lost_its_lease_writes_nothing(town: Town, demo: Context, made: Made) -> None:
    """When another took over, the first is told so by its next transaction, which leaves no seal and no paper."""
    first = sealing_lease(demo, "first")
    town.clock.advance(seconds=6)
    second = sealing_lease(demo, "second")
    with pytest.raises(LeaseLost):
        audit.seal_events(demo, first, everything=True)
    assert number_of(demo, seals) == 0
    audit.seal_events(demo, second, everything=True)
    with pytest.raises(LeaseLost):
        audit.sign_checkpoint(demo, first, at_once=True)

    assert (second.fence, number_of(demo, checkpoints), complaints(demo)) == (first.fence + 1, 0, [])


def test_many_sealers_at_once_make_one_chain(town: Town, demo: Context, made: Made) -> None:
    """While the lease is torn from hand to hand and all of them seal, every event has one place and the chain holds."""
    actor, lost = town.actor(ADA), []
    sealing_lease(demo)

    def deed(number: int) -> None:
        if number % 3:
            keys.view(demo, actor, made.key)
            signin.sign_in(demo, SAM.email, PASSWORD)
            return
        try:
            audit.seal_events(demo, torn_lease(demo, f"sealer {number}"), everything=False)
        except LeaseLost:
            lost.append(number)

    at_once(deed, 60)
    audit.seal_events(demo, torn_lease(demo, SEALER), everything=True)

    assert (number_of(demo, seals), complaints(demo)) == (number_of(demo, events), [])
    assert len(lost) < 20


def torn_lease(ctx: Context, holder: str) -> Lease:
    """The right to seal, whoever has it."""
    now = leases.machine_now(ctx)
    with ctx.database.writing() as tx:
        tx.execute(update(leases_table).values(holder=""))
        lease = leases_store.take(tx, "seal", holder, now, now + timedelta(seconds=5))
    assert lease is not None
    return lease


# ── checkpoints ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_checkpoint_is_signed_once_a_minute(town: Town, demo: Context, made: Made) -> None:
    """The first at once, the next a minute later, none while nothing is new; each says where the chain stood."""
    actor, signed = town.actor(ADA), []
    for _ in range(8):
        keys.change(demo, actor, made.key, keys.Change(name="Lease signer"))
        lease = sealing_lease(demo)
        audit.seal_events(demo, lease, everything=False)
        signed.append(audit.sign_checkpoint(demo, lease, at_once=False))
        town.clock.advance(seconds=20)
    town.clock.advance(hours=1)

    assert signed == [True, False, False, True, False, False, True, False]
    assert audit.sign_checkpoint(demo, sealing_lease(demo), at_once=False)
    assert not audit.sign_checkpoint(demo, sealing_lease(demo), at_once=True)
    found = papers(demo)
    first = found[0].position
    assert [(each.environment, each.number, each.position) for each in found] == [
        ("demo", 1, first), ("demo", 2, first + 3), ("demo", 3, first + 6), ("demo", 4, first + 7)
    ]  # fmt: skip
    assert complaints(demo) == []


def test_a_clock_that_was_set_back_does_not_stop_checkpoints(town: Town, demo: Context, made: Made) -> None:
    """A last checkpoint from the future is no reason to wait for the future."""
    seal_all(demo)
    town.clock.advance(hours=-1)
    keys.stop(demo, town.actor(ADA), made.key)
    lease = sealing_lease(demo)
    audit.seal_events(demo, lease, everything=False)

    assert audit.sign_checkpoint(demo, lease, at_once=False)
    assert complaints(demo) == []


def test_paper_keys_stay_published(demo: Context) -> None:
    """A key that retired still verifies what it signed."""
    retired = new_signing_key("EdDSA")
    row = SigningKeyRow(retired.kid, "paper", "EdDSA", b"", public_pem(retired.public), demo.now, demo.now)
    with demo.database.writing() as tx:
        audit_store.save_signing_key(tx, row)
    published = promotion.paper_keys(demo)

    assert {str(jwk["kid"]) for jwk in published} == {retired.kid, demo.paper_key.kid}
    assert all(jwk.keys() == {"kty", "crv", "x", "kid", "use", "alg"} for jwk in published)


# ── erasing somebody ────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_erased_person_is_nowhere_and_the_chain_holds(town: Town, demo: Context, made: Made) -> None:
    """Address and private words are gone with their salts, sealed or not; everybody else stays, and all is verified."""
    bo = town.actor(BO)
    keys.stop(demo, bo, made.key)
    signin.issue_personal_token(demo, bo, "Bo's laptop", frozenset({READ_KEYS}), 1)
    keys.change(demo, town.actor(ADA), made.key, keys.Change(contact=BO.email.upper()))
    seal_all(demo)
    keys.start(demo, bo, made.key)
    let_go(demo, BO.demo)
    erased = audit.erase_person(demo, Erasure(BO.email, ("Bo Leaver",)), "operator")
    seal_all(demo)

    assert erased == 5
    assert b"bo@acme.example" not in said_of(demo)
    assert b"laptop" not in said_of(demo)
    verdict = verified(demo)
    assert (verdict.breaks, verdict.erased_fields, verdict.told_fields) == ([], 5, 5)
    assert verdict.events == number_of(demo, events)
    shown = keys.view(demo, town.actor(ADA), made.key).events[:3]
    assert [(each.name, each.actor) for each in shown] == [
        ("KeyStarted", "erased"), ("KeySettingsChanged", ADA.email), ("KeyStopped", "erased")
    ]  # fmt: skip
    assert shown[1].data["contact"] == "erased"


def test_an_erasure_is_an_event_of_its_own(town: Town, demo: Context, made: Made) -> None:
    """It says who did it and how many fields went, never whose; erasing again finds nothing and says nothing."""
    keys.stop(demo, town.actor(BO), made.key)
    let_go(demo, BO.demo)

    assert [audit.erase_person(demo, Erasure(BO.email), "operator") for _ in range(2)] == [1, 0]
    with demo.database.reading() as tx:
        found = tx.execute(select(events.c.actor, events.c.data).where(events.c.name == "PersonErased")).all()
    assert [tuple(row) for row in found] == [("operator", {"fields": "1"})]


def test_nobody_erases_themselves(demo: Context) -> None:
    """The event of the erasure would name them again."""
    with refused(INVALID_FIELD, "by"):
        audit.erase_person(demo, Erasure(ADA.email), ADA.email.upper())


def test_whoever_came_back_meanwhile_is_not_erased(demo: Context) -> None:
    """What was asked of somebody who had left is looked at again once their user is locked."""
    with refused(CONFLICT):
        audit.erase_person(demo, Erasure(BO.email), "operator")


def said_of(ctx: Context) -> bytes:
    """All that the events say, and their salts."""
    with ctx.database.reading() as tx:
        return repr(tx.execute(select(events)).all()).casefold().encode()
