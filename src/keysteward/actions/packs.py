"""How does a rule pack come into force, and how does it go?

Each change is a new version of the policy, which names the packs in force with it: a review that starts is judged under
them, whatever is installed or removed meanwhile. A version of a pack stays on record for ever.
"""

from collections.abc import Mapping
from dataclasses import replace

from keysteward.actions import policy as policies
from keysteward.actions.context import Context
from keysteward.rules.events import Name
from keysteward.rules.keys import checked_text
from keysteward.rules.pack_changes import loosened
from keysteward.rules.pack_text import demand_examples, read
from keysteward.rules.packs import MOST_PACKS, Check, Pack, checks_named
from keysteward.rules.policy import Policy
from keysteward.rules.refusals import (
    CHECK_NOT_INSTALLED,
    NO_SUCH_OBJECT,
    PACK_IN_FORCE,
    PACK_VERSION_TAKEN,
    TOO_MANY_PACKS,
    Refusal,
)
from keysteward.store import audit, checks, packs, policy
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.packs import Kept as Kept  # noqa: PLC0414 — what pages and commands show
from keysteward.store.policy import Version


def check(document: Mapping[str, object]) -> Pack:
    """Read a pack and hold it against its own examples, with the checks that are installed here."""
    pack = read(document)
    demand_examples(pack, _demand_checks(pack))
    return pack


def install(ctx: Context, document: Mapping[str, object], *, author: str, reason: str) -> Version:
    """Bring a version of a pack into force, in the place of another version of it; all workers go by it in a second."""
    pack = check(document)
    who, why = checked_text(author, "author", most=100), checked_text(reason, "reason", most=500)
    with ctx.database.writing() as tx:
        lock(tx, "record", "policy")
        before = _newest(ctx, tx)
        _demand_new(tx, before, pack)
        if packs.find(tx, pack.name, pack.version) is None:
            packs.save(tx, Kept(pack, ctx.now, who, why))
        others = tuple(each for each in before.packs if each.name != pack.name)
        if len(others) >= MOST_PACKS:
            raise Refusal(TOO_MANY_PACKS, limit=MOST_PACKS)
        made = _apply(ctx, tx, before, (*others, pack), Version(before, ctx.now, who, "", why))
        _record(ctx, tx, "PackInstalled", made, pack.headline, loosened(_named(before, pack.name), pack))
        bump_epoch(tx)
    policies.catch_up(ctx)
    return made


def remove(ctx: Context, name: str, *, author: str, reason: str) -> Version:
    """Take a pack out of force; its versions stay, for reviews name them."""
    who, why = checked_text(author, "author", most=100), checked_text(reason, "reason", most=500)
    with ctx.database.writing() as tx:
        lock(tx, "record", "policy")
        before = _newest(ctx, tx)
        gone = _named(before, name)
        if gone is None:
            raise Refusal(NO_SUCH_OBJECT, thing="pack in force")
        others = tuple(each for each in before.packs if each is not gone)
        made = _apply(ctx, tx, before, others, Version(before, ctx.now, who, "", why))
        _record(ctx, tx, "PackRemoved", made, gone.headline, loosened(gone, None))
        bump_epoch(tx)
    policies.catch_up(ctx)
    return made


def list_versions(ctx: Context) -> list[Kept]:
    """Every version of every pack that was ever in force."""
    with ctx.database.reading() as tx:
        return packs.list_versions(tx)


def _demand_checks(pack: Pack) -> dict[str, Check]:
    installed = checks.installed_for([pack])
    for name in checks_named([pack]):
        if name not in installed:
            raise Refusal(CHECK_NOT_INSTALLED, check=name)
    return installed


def _demand_new(tx: Connection, before: Policy, pack: Pack) -> None:
    kept = packs.find(tx, pack.name, pack.version)
    if kept is not None and kept.pack != pack:
        raise Refusal(PACK_VERSION_TAKEN, version=pack.version, name=pack.name)
    if pack in before.packs:
        raise Refusal(PACK_IN_FORCE)


def _newest(ctx: Context, tx: Connection) -> Policy:
    newest = policy.find_newest(tx)
    return newest.policy if newest else ctx.policy


def _named(before: Policy, name: str) -> Pack | None:
    return next((each for each in before.packs if each.name == name), None)


def _apply(ctx: Context, tx: Connection, before: Policy, after: tuple[Pack, ...], said: Version) -> Version:
    made = said._replace(policy=replace(before, version=before.version + 1, packs=after))
    policy.save(tx, made)
    return made


def _record(ctx: Context, tx: Connection, name: Name, made: Version, pack: str, looser: tuple[str, ...]) -> None:
    said = {"policy": str(made.policy.version), "pack": pack, "reason": made.reason}
    told = said | ({"loosened": " ".join(looser)} if looser else {})
    audit.record(tx, ctx.event(name, made.author, **told))
