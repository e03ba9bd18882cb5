"""Does the copy of the checkpoints find what nothing in the database can tell any more?"""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from keysteward.actions import checkpoint_copies, keys, metrics, verification
from keysteward.actions.checkpoint_copies import Standing, copy_checkpoints, stand
from keysteward.actions.context import Context
from keysteward.actions.verification import Evidence
from keysteward.crypto.papers import unverified_checkpoint
from keysteward.crypto.signing import new_signing_key
from keysteward.store.tables import checkpoints, events, seals
from tests.cast import ADA, Made, Town
from tests.forging import chain_anew, complaints, forging, seal_all, verified


@pytest.fixture
def copied(town: Town, demo: Context, made: Made, tmp_path: Path) -> Context:
    """A history of three checkpoints that were copied, each when it was signed."""
    ctx = replace(demo, checkpoint_copy=tmp_path / "checkpoints.txt")
    for name in ("First", "Second", "Third"):
        keys.change(ctx, town.actor(ADA), made.key, keys.Change(name=name))
        seal_all(ctx)
        assert copy_checkpoints(ctx)
        town.clock.advance(minutes=2)
    return ctx


def lines(ctx: Context) -> list[str]:
    """What stands in the copy."""
    assert ctx.checkpoint_copy is not None
    return ctx.checkpoint_copy.read_text().splitlines()


def numbers(ctx: Context) -> list[int]:
    """The numbers of the checkpoints in the copy."""
    return [unverified_checkpoint(line)[1].number for line in lines(ctx)]


def against(ctx: Context) -> Evidence:
    """The copy, as an auditor brings it along."""
    return Evidence(copy=tuple(lines(ctx)))


def test_a_copy_holds_every_checkpoint_once(copied: Context) -> None:
    """In their order, as they were signed, readable by its owner alone; nothing is added twice."""
    assert copied.checkpoint_copy is not None
    assert copy_checkpoints(copied)
    with copied.database.reading() as tx:
        papers = tx.execute(checkpoints.select().order_by(checkpoints.c.number)).all()

    assert lines(copied) == [row.paper for row in papers]
    assert copied.checkpoint_copy.stat().st_mode & 0o777 == 0o600
    verdict = verified(copied, against(copied))
    assert (verdict.is_good, verdict.copied, verdict.copied_to) == (True, 3, 3)


def test_what_was_missed_is_caught_up(town: Town, copied: Context, made: Made) -> None:
    """Also by a host whose copy is new, and after a line that was cut off."""
    assert copied.checkpoint_copy is not None
    for name in ("Fourth", "Fifth"):
        keys.change(copied, town.actor(ADA), made.key, keys.Change(name=name))
        seal_all(copied)
    with copied.checkpoint_copy.open("a") as torn:
        torn.write(lines(copied)[0][:40])
    assert copy_checkpoints(copied)
    whole = [line for line in lines(copied) if len(line) > 40]
    elsewhere = replace(copied, checkpoint_copy=copied.checkpoint_copy.with_name("other.txt"))
    assert copy_checkpoints(elsewhere)

    assert [unverified_checkpoint(line)[1].number for line in whole] == [1, 2, 3, 4, 5]
    assert lines(elsewhere) == whole


def test_a_copy_that_cannot_be_written_is_a_warning(town: Town, demo: Context, made: Made, tmp_path: Path) -> None:
    """Deeds go on; how far it is behind and why is known, until it works again."""
    place = tmp_path / "share"
    ctx = replace(demo, checkpoint_copy=place / "checkpoints.txt")
    seal_all(ctx)
    assert not copy_checkpoints(ctx)
    keys.change(ctx, town.actor(ADA), made.key, keys.Change(name="Goes on"))
    assert stand(ctx) == Standing(1, "No such file or directory")
    page = metrics.page(ctx, stand(ctx))
    assert 'keysteward_checkpoint_copy_failing{environment="demo"' in page
    place.mkdir()

    assert copy_checkpoints(ctx)
    assert (stand(ctx), numbers(ctx)) == (Standing(0, ""), [1])
    assert stand(demo) is None


def test_a_truncated_history_is_found(copied: Context) -> None:
    """Somebody cut the end off, with its checkpoints; the database looks good, and the copy says no."""
    with forging(copied) as tx:
        position = tx.execute(checkpoints.select().where(checkpoints.c.number == 2)).one().position
        tx.execute(delete(checkpoints).where(checkpoints.c.number == 3))
        tx.execute(delete(seals).where(seals.c.position > position))
        tx.execute(delete(events).where(~events.c.sequence.in_(seals.select().with_only_columns(seals.c.event))))

    assert complaints(copied) == []
    (found,) = complaints(copied, against(copied))
    assert found.startswith("The checkpoint 3 of the copy has seen ")
    assert found.endswith("are left: the end was cut off.")


@pytest.mark.parametrize("with_our_key", [True, False])
def test_a_history_that_was_signed_anew_is_found(copied: Context, *, with_our_key: bool) -> None:
    """Who holds the database and the signing key writes all of it again; what was copied before still says no."""
    with forging(copied) as tx:
        tx.execute(update(events).where(events.c.name == "KeyCreated").values(name="KeyDeleted"))
    chain_anew(copied, copied.paper_key if with_our_key else new_signing_key("EdDSA"))

    assert complaints(copied) == []
    found = complaints(copied, against(copied))
    assert len(found) == 3
    expected = "has seen another history" if with_our_key else "is signed with a key that is not among the paper keys"
    assert all(expected in sentence for sentence in found)


def test_a_copy_of_another_history_is_never_written_over(copied: Context) -> None:
    """After a rewriting, or a backup that was restored, the copy stays as it was and says so until somebody looks."""
    before = lines(copied)
    with forging(copied) as tx:
        tx.execute(delete(checkpoints).where(checkpoints.c.number == 3))

    assert not copy_checkpoints(copied)
    standing = stand(copied)
    assert standing is not None
    assert standing.failure == "it has seen another history: its checkpoint 3 is not the database's"
    assert lines(copied) == before


@pytest.mark.parametrize(
    ("gone", "sentence"),
    [
        ([0, 2], "The copy lacks what comes between checkpoints 1 and 3."),
        ([0, 1, None, 2], "Line 3 of the copy is no checkpoint."),
    ],
    ids=["a line taken out", "a line that is none"],
)
def test_a_copy_that_was_tampered_with_is_told(copied: Context, gone: list[int | None], sentence: str) -> None:
    """Its lines are numbered without a gap, and are all ours."""
    kept = tuple("nonsense" if place is None else lines(copied)[place] for place in gone)

    assert complaints(copied, Evidence(copy=kept)) == [sentence]


def test_a_copy_of_the_other_environment_says_nothing(town: Town, copied: Context) -> None:
    """Neither good nor bad."""
    seal_all(town.production)
    paper = verification.newest_checkpoint(town.production.database)
    assert paper is not None
    verdict = verified(copied, Evidence(copy=(paper,)))

    assert (verdict.is_good, verdict.copied, verdict.copied_to) == (True, 0, 0)


def test_nothing_is_copied_where_nobody_asked(demo: Context) -> None:
    """Without the setting there is no copy, and nothing is remembered of one."""
    seal_all(demo)

    assert checkpoint_copies.copy_checkpoints(demo)
    with demo.database.reading() as tx:
        assert tx.exec_driver_sql("SELECT count(*) FROM checkpoint_copies").scalar_one() == 0
