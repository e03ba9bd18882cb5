"""Who gets tokens with which secret key or keypair, and who is told?"""

from datetime import datetime
from typing import NamedTuple

from keysteward.actions.clients import Client
from keysteward.actions.context import Context
from keysteward.actions.keys import seen
from keysteward.rules.access import Actor
from keysteward.rules.leaks import Leak
from keysteward.rules.refusals import NO_SUCH_OBJECT, Refusal
from keysteward.rules.usage import HOUR_SECONDS, MOST_USES_SHOWN, SHOWN_FOR, Asker, Program, Use
from keysteward.store import keys, leaks, usage


class Usage(NamedTuple):
    """How the credentials of a key are used: each one's last use ever, its programs of late, and what leaked.

    Credentials go by their ids; `deaths` says when what was made with a leaked one dies.
    """

    last_uses: dict[str, datetime]
    programs: dict[str, list[Program]]
    leaks: list[Leak]

    @property
    def deaths(self) -> dict[str, datetime]:
        """When each leaked credential dies."""
        return {leak.id: leak.dies_at for leak in self.leaks}


def note_use(ctx: Context, client: Client, user: str | None, grant: str, asker: Asker) -> None:
    """Count a token that was issued just now. It is no event, and may be counted 50 ms after its answer."""
    now = int(ctx.now.timestamp())
    use = Use(client.app.key, client.credential or "", user or "", grant, asker, now // HOUR_SECONDS)
    ctx.usage.note(use, now)


def view(ctx: Context, actor: Actor, key: str) -> Usage:
    """How the credentials of a key are used, for those who manage it."""
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        last_uses, since = usage.list_last_uses(tx, app.key), ctx.now - SHOWN_FOR
        programs = {
            credential: usage.list_programs(tx, app.key, credential, since, MOST_USES_SHOWN)
            for credential, at in last_uses.items()
            if credential and at >= since
        }
        return Usage(last_uses, programs, leaks.list_of_key(tx, app.key))


def list_programs(ctx: Context, actor: Actor, key: str, credential: str) -> list[Program]:
    """The programs that got tokens with a secret key or keypair within 30 days, the latest first."""
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        secrets, keypairs = keys.list_secrets(tx, app.key), keys.list_keypairs(tx, app.key)
        if credential not in {each.id for each in secrets} | {each.id for each in keypairs}:
            raise Refusal(NO_SUCH_OBJECT, thing="secret key or keypair")
        return usage.list_programs(tx, app.key, credential, ctx.now - SHOWN_FOR, MOST_USES_SHOWN)
