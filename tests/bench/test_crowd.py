"""Does it cost the same what one person touches, however many accounts there are?"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from bench.crowd import USERS, gathered, user_id
from bench.place import acting
from keysteward.actions import audit, custody, foresight, leases, leavers
from keysteward.actions.context import Context
from keysteward.rules.custody.what_if import Change

FEW, MANY = 3, 30


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that this thread asks meanwhile."""
    asked: list[str] = []
    ours = threading.get_ident()

    def listen(*said: object) -> None:
        if threading.get_ident() == ours:
            asked.append(str(said[2]))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


def leave(ctx: Context) -> Callable[[], object]:
    """An admin left; what follows is judged."""
    leavers.report(ctx, leavers.Operating("test"), user_id(USERS), "It is counted.")
    audit.seal_events(ctx, leases.keep(ctx, "test", ["seal"])["seal"], everything=True)
    return lambda: custody.judge_changed(ctx)


def ask(ctx: Context) -> Callable[[], object]:
    """It is asked what if they left."""
    return lambda: foresight.what_if_everywhere(ctx, [Change("leaves", user_id(USERS))])


@pytest.mark.parametrize("deed", [leave, ask])
def test_a_leaver_costs_the_same_among_more(tmp_path: Path, deed: Callable[[Context], Callable[[], object]]) -> None:
    """Judging what one leaver touches asks no more questions among ten times as many accounts."""
    found: list[int] = []
    for size in (FEW, MANY):
        with acting(gathered(tmp_path / str(size), size).settings) as ctx:
            custody.judge_changed(ctx)
            for _ in custody.judge_all(ctx):
                pass
            ready = deed(ctx)
            with counted() as asked:
                ready()
            found.append(len(asked))

    assert found[0] >= found[1] > 0


def test_everything_is_judged_in_parts(tmp_path: Path) -> None:
    """Each part says how many of how many are done, up to all of them: the accounts, and their organization."""
    with acting(gathered(tmp_path / "few", FEW).settings) as ctx:
        said = list(custody.judge_all(ctx))

    assert said[-1] == (FEW + 1, FEW + 1)
