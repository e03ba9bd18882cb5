"""Which proxies may ask and say how calls ended?"""

from sqlalchemy import Connection, delete, insert, select

from keysteward.rules.decisions import Gateway
from keysteward.store.tables import gateways

_SHOWN = (gateways.c.id, gateways.c.name, gateways.c.created_at, gateways.c.created_by)


def save(tx: Connection, gateway: Gateway, digest: str) -> None:
    """Add a gateway with the keyed hash of its credential."""
    named = {"id": gateway.id, "name": gateway.name, "digest": digest}
    tx.execute(insert(gateways).values(**named, created_at=gateway.created_at, created_by=gateway.created_by))


def find(tx: Connection, digests: tuple[str, ...]) -> Gateway | None:
    """The gateway whose credential has one of these keyed hashes."""
    row = tx.execute(select(*_SHOWN).where(gateways.c.digest.in_(digests))).one_or_none()
    return None if row is None else Gateway(*row)


def find_by_name(tx: Connection, name: str) -> Gateway | None:
    """The gateway of this name."""
    row = tx.execute(select(*_SHOWN).where(gateways.c.name == name)).one_or_none()
    return None if row is None else Gateway(*row)


def list_all(tx: Connection) -> list[Gateway]:
    """Every gateway, by name."""
    return [Gateway(*row) for row in tx.execute(select(*_SHOWN).order_by(gateways.c.name))]


def remove(tx: Connection, gateway: str) -> None:
    """Forget a gateway; the calls that it carried keep its id."""
    tx.execute(delete(gateways).where(gateways.c.id == gateway))
