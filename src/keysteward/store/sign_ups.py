"""What is remembered of those who asked for an account and have yet to prove their address?"""

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from keysteward.rules.sign_ups import SignUp
from keysteward.store.tables import link_requests, sign_ups

LINK = "sign-up"


def save(tx: Connection, wish: SignUp) -> None:
    """Remember what somebody asked for, in the place of what the same address asked for before."""
    folded = wish.email.casefold()
    tx.execute(delete(sign_ups).where(sign_ups.c.email_folded == folded))
    tx.execute(
        insert(sign_ups).values(
            email_folded=folded,
            email=wish.email,
            account=wish.account,
            digest=wish.digest,
            asked_at=wish.asked_at,
            expires_at=wish.expires_at,
        )
    )


def find(tx: Connection, digests: tuple[str, ...]) -> SignUp | None:
    """What was asked for, by one of these keyed hashes of its link."""
    columns = sign_ups.c
    query = select(columns.email, columns.account, columns.digest, columns.asked_at, columns.expires_at)
    row = tx.execute(query.where(columns.digest.in_(digests))).one_or_none()
    return None if row is None else SignUp(*row)


def burn(tx: Connection, digest: str) -> bool:
    """Use a link up; once it is True."""
    return tx.execute(delete(sign_ups).where(sign_ups.c.digest == digest)).rowcount == 1


def count_asked(tx: Connection, since: datetime) -> int:
    """How many links were asked for since a moment, by whomever."""
    requests = link_requests.c
    query = select(func.count()).select_from(link_requests).where((requests.about == LINK) & (requests.at > since))
    return int(tx.execute(query).scalar_one())


def forget_expired(tx: Connection, now: datetime) -> None:
    """Forget what nobody came back for in time."""
    tx.execute(delete(sign_ups).where(sign_ups.c.expires_at < now))
