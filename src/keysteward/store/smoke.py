"""What came from a key in this environment, and which smoke tests were kept?"""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from keysteward.rules.smoke import Seen, SeenCall, SmokeTest, Step, Traffic
from keysteward.rules.usage import USERINFO
from keysteward.store.tables import call_hours, calls, smoke_tests, token_uses

_MOST_LOOKED_THROUGH = 1_000


def load_traffic(tx: Connection, key: str) -> Traffic:
    """The newest of each thing that a smoke test asks for."""
    return Traffic(
        token=_find_use(tx, key, is_userinfo=False),
        userinfo=_find_use(tx, key, is_userinfo=True),
        call=_find_call(tx, key, succeeded=True),
        failed=_find_call(tx, key, succeeded=False),
    )


def save(tx: Connection, key: str, test: SmokeTest) -> None:
    """Keep a smoke test."""
    steps = [{"code": step.code, "seen_at": step.seen_at, "said": step.said} for step in test.steps]
    tx.execute(insert(smoke_tests).values(id=test.id, key=key, at=test.at, kept_by=test.kept_by, steps=steps))


def list_kept(tx: Connection, key: str, most: int) -> list[SmokeTest]:
    """The smoke tests of a key, newest first."""
    t = smoke_tests.c
    query = select(t.id, t.at, t.kept_by, t.steps).where(t.key == key).order_by(t.at.desc(), t.id).limit(most)
    return [SmokeTest(row.id, row.at, row.kept_by, tuple(map(_step, row.steps))) for row in tx.execute(query)]


def _step(kept: dict[str, str | None]) -> Step:
    seen_at = kept["seen_at"]
    return Step(kept["code"], datetime.fromisoformat(seen_at) if seen_at else None, kept["said"] or "")  # type: ignore[arg-type]


def _find_use(tx: Connection, key: str, *, is_userinfo: bool) -> Seen | None:
    uses = token_uses.c
    which = uses.grant == USERINFO if is_userinfo else uses.grant != USERINFO
    query = select(uses.last_at, uses.grant).where(uses.key == key, which).order_by(uses.last_at.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return None if row is None else Seen(row.last_at, row.grant)


def _find_call(tx: Connection, key: str, *, succeeded: bool) -> SeenCall | None:
    """Among the newest calls of the key; where none of them is one, among the sums by the hour."""
    c, h = calls.c, call_hours.c
    newest = select(c.at, c.operation, c.status).where(c.key == key).order_by(c.sequence.desc())
    looked = newest.limit(_MOST_LOOKED_THROUGH).subquery().c
    ended = looked.status.between(1, 399) if succeeded else looked.status >= 400
    row = tx.execute(select(looked.at, looked.operation, looked.status).where(ended).order_by(looked.at.desc())).first()
    if row is None:
        of_hours = h.status.between(1, 399) if succeeded else h.status >= 400
        query = select(h.last_at, h.operation, h.status).where(h.key == key, of_hours)
        row = tx.execute(query.order_by(h.last_at.desc()).limit(1)).first()
    return None if row is None else SeenCall(*row)
