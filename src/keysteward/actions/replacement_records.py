"""Who gets the signed record of a key that retired because another took its place?"""

from keysteward.actions.context import Context
from keysteward.actions.replacement_cases import (
    Pair,
    case_of,
    demand_production,
    find_pair,
    is_proven,
    no_such_replacement,
)
from keysteward.crypto.replacement_papers import write_record
from keysteward.rules.access import READ_KEYS, Actor, demand_permission
from keysteward.rules.refusals import KEY_NOT_RETIRED, Refusal
from keysteward.rules.replacement_records import record_of
from keysteward.rules.replacements import Case, sight_of
from keysteward.store import accounts
from keysteward.store.database import Connection


def load_record(ctx: Context, actor: Actor, successor: str) -> str:
    """The record as it stands now, signed, for whoever sees the cut-over, and for admins of the new key."""
    demand_permission(actor, READ_KEYS)
    with ctx.database.reading() as tx:
        demand_production(ctx)
        pair = find_pair(tx, successor)
        if pair is None:
            raise no_such_replacement()
        case = case_of(ctx, tx, pair, actor.user)
        asked = case.retirement
        record = record_of(pair.replacement, pair.old, pair.account, pair.new, asked, ctx.policy) if asked else None
        is_shown = _sees(ctx, tx, actor, pair, case)
        if not is_shown and (record is None or not _manages_new(tx, actor, pair)):
            raise no_such_replacement()
    if record is None:
        raise Refusal(KEY_NOT_RETIRED)
    return write_record(record, ctx.paper_key, ctx.issuer)


def _sees(ctx: Context, tx: Connection, actor: Actor, pair: Pair, case: Case) -> bool:
    return sight_of(case, is_proven=is_proven(ctx, tx, pair, actor.user)) != "nothing"


def _manages_new(tx: Connection, actor: Actor, pair: Pair) -> bool:
    """They were told that the old key retired, so its record is no news to them."""
    standing = accounts.find_standing(tx, actor.user, pair.new.account)
    return standing is not None and standing.is_admin
