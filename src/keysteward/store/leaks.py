"""What is remembered of secret keys and keypairs that leaked, and of what died with them?"""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from keysteward.rules.leaks import Leak
from keysteward.store.tables import leaks


def save(tx: Connection, leak: Leak) -> None:
    """Remember a leak; of each thing there is one."""
    tx.execute(
        insert(leaks).values(
            id=leak.id,
            key=leak.key,
            kind=leak.kind,
            hint=leak.hint,
            dies_at=leak.dies_at,
            reported_at=leak.reported_at,
            reported_by=leak.reported_by,
            reason=leak.reason,
            found_at=leak.found_at,
        )
    )


def find(tx: Connection, leaked: str) -> Leak | None:
    """The leak of a credential or family, by its id."""
    row = tx.execute(select(leaks).where(leaks.c.id == leaked)).one_or_none()
    return None if row is None else Leak(**row._mapping)  # noqa: SLF001 — SQLAlchemy's documented accessor


def list_of_key(tx: Connection, key: str) -> list[Leak]:
    """The leaks of a key, the newest first."""
    query = select(leaks).where(leaks.c.key == key).order_by(leaks.c.reported_at.desc(), leaks.c.id)
    return [Leak(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001 — likewise


def list_deaths(tx: Connection) -> dict[str, datetime]:
    """When the tokens of each leaked credential die: few credentials leak, so all are read together."""
    return {row.id: row.dies_at for row in tx.execute(select(leaks.c.id, leaks.c.dies_at))}


def hasten(tx: Connection, leaked: str, dies_at: datetime) -> bool:
    """Let what leaked die earlier; False where it would not."""
    where = (leaks.c.id == leaked) & (leaks.c.dies_at > dies_at)
    return tx.execute(update(leaks).where(where).values(dies_at=dies_at)).rowcount == 1
