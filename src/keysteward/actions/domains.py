"""How does an organization claim a domain, and how is its proof looked for in DNS?

DNS is asked before a transaction and never within one: whoever holds a write lock waits for nobody outside.
"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.mailing import house
from keysteward.actions.notices import council_of, tell
from keysteward.outgoing.dns import Dns, Unanswered
from keysteward.rules import domains as rules
from keysteward.rules import organization_letters as letters
from keysteward.rules.access import CHECK_DOMAINS, READ_ORGANIZATIONS, Actor, demand_permission
from keysteward.rules.accounts import Domain
from keysteward.rules.domains import Record, Seen
from keysteward.rules.letters import Letter
from keysteward.rules.notices import notice, told_by
from keysteward.rules.refusals import (
    DOMAIN_CLAIMED,
    DOMAIN_NOT_ACTIVE,
    DOMAIN_TAKEN,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    TOO_MANY_DOMAINS,
    Refusal,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, domains
from keysteward.store.database import Connection, bump_epoch, lock

_DECLARED = "A twin asks no network: the state stays as declared until PUT /_dev/dns says what DNS answers here."


class Confirmed(NamedTuple):
    """What DNS said of an organization's domain just before a deed that relies on it."""

    domain: Domain
    seen: Seen


# ── what other deeds rely on ────────────────────────────────────────────────────────────────────────────────────────
def confirm(ctx: Context, organization: str, host_name: str) -> Confirmed:
    """Ask DNS for an organization's domain, and keep what it said: call it right before the transaction of a deed."""
    name = rules.ascii_name(host_name)
    with ctx.database.reading() as tx:
        domain = domains.find_named(tx, organization, name)
    if domain is None:
        raise Refusal(DOMAIN_NOT_ACTIVE, domain=name, reason="it claims no such domain")
    seen = look(ctx, domain)
    return Confirmed(keep(ctx, domain, seen), seen)


def demand_active(ctx: Context, tx: Connection, confirmed: Confirmed) -> Domain:
    """Within a deed's transaction: the domain is the organization's and active, and DNS showed its proof just now.

    Here a resolver that gave no answer confirms nothing.
    """
    was, seen = confirmed
    domain = domains.find(tx, was.organization, was.id)
    if domain is None or domain.state != "active":
        state = "it is no longer claimed" if domain is None else f"it is {domain.state}"
        raise Refusal(DOMAIN_NOT_ACTIVE, domain=was.host_name, reason=state)
    if not rules.is_confirmed(seen, ctx.now, ctx.policy):
        raise Refusal(DOMAIN_NOT_ACTIVE, domain=was.host_name, reason=f"DNS does not confirm it now ({seen.said})")
    return domain


def demand_proved(tx: Connection, organization: str, host_name: str) -> None:
    """The same, as DNS answered when it was last asked: what a page says of a step that waits for it."""
    found = domains.find_named(tx, organization, host_name)
    if found is None or found.state != "active":
        raise Refusal(DOMAIN_NOT_ACTIVE, domain=host_name, reason=f"it is {found.state if found else 'not claimed'}")
    if found.outcome == "unanswered":
        raise Refusal(DOMAIN_NOT_ACTIVE, domain=host_name, reason="DNS does not answer")


def look(ctx: Context, domain: Domain) -> Seen:
    """Ask DNS for the proof of a domain, outside of any transaction. The twin goes by what was said or declared."""
    at, records = ctx.now, rules.records_of(domain, ctx.proving)
    if ctx.resolver is None or not ctx.resolver.knows(record.name for record in records):
        return Seen("right" if domain.state == "active" else "none", _DECLARED, at)
    found: dict[Record, tuple[str, ...] | str] = {}
    for record in records:
        found[record] = _asked(ctx.resolver, record)
        if rules.judged(found, ctx.proving, at).outcome == "right":
            break
    return rules.judged(found, ctx.proving, at)


def keep(ctx: Context, domain: Domain, seen: Seen, by: str = "system") -> Domain:
    """Keep what DNS said of a claim, and go by it; what a later look learned meanwhile stands."""
    with ctx.database.writing() as tx:
        lock(tx, "organization", domain.organization)
        held = _held_by_others(tx, domain.organization, domain.host_name)
        before = _load(tx, domain.organization, domain.id)
        if before.checked_at is not None and rules.is_later_look(before.checked_at, seen, ctx.now, ctx.policy):
            return before
        kept = rules.after(before, seen, ctx.policy, held)
        if kept.state == "active" and before.state != "active":
            domains.hold(tx, kept)
        else:
            domains.change(tx, kept)
        if kept.state != before.state:
            _tell(ctx, tx, kept, by)
    return kept


# ── what an organization's admins do ────────────────────────────────────────────────────────────────────────────────
def claim(ctx: Context, actor: Actor, organization: str, unverified_name: str) -> Domain:
    """Claim a domain: it stays pending until DNS shows the proof."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        _demand_admin(tx, actor, organization)
        name = rules.checked_host_name(unverified_name)
        claimed = domains.list_of_organization(tx, organization)
        if name in {each.host_name for each in claimed}:
            raise Refusal(DOMAIN_CLAIMED)
        if len(claimed) >= ctx.policy.domains_per_organization:
            raise Refusal(TOO_MANY_DOMAINS, limit=ctx.policy.domains_per_organization)
        _demand_free(tx, organization, name)
        domain = Domain(new_guid(), organization, name, new_guid(), "pending", ctx.now)
        domains.save(tx, domain)
        said = {"organization": organization, "domain": name, "state": "pending"}
        audit.record(tx, ctx.event("DomainClaimed", actor.email, **said))
    return domain


def check(ctx: Context, actor: Actor, organization: str, domain: str) -> Domain:
    """Ask DNS for the proof of a claimed domain now, and go by it."""
    demand_permission(actor, CHECK_DOMAINS)
    with ctx.database.reading() as tx:
        _demand_admin(tx, actor, organization)
        found = _load(tx, organization, domain)
    return keep(ctx, found, look(ctx, found), actor.email)


def give_up(ctx: Context, actor: Actor, organization: str, domain: str) -> None:
    """Claim a domain no more: whoever was covered by it is not any more."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        _demand_admin(tx, actor, organization)
        found = _load(tx, organization, domain)
        domains.remove(tx, found.id)
        said = {"organization": organization, "domain": found.host_name, "state": found.state}
        audit.record(tx, ctx.event("DomainGivenUp", actor.email, **said))
        bump_epoch(tx)


def list_claimed(ctx: Context, actor: Actor, organization: str) -> list[Domain]:
    """The domains that an organization of the actor claims, the oldest first."""
    demand_permission(actor, READ_ORGANIZATIONS)
    with ctx.database.reading() as tx:
        _demand_admin(tx, actor, organization)
        return domains.list_of_organization(tx, organization)


# ── what the house does by itself ───────────────────────────────────────────────────────────────────────────────────
def check_next(ctx: Context) -> bool:
    """Ask DNS for the claim that waits for it longest, if any is due; True when there was one."""
    with ctx.database.reading() as tx:
        due = domains.find_due(tx, ctx.now)
    if due is None:
        return False
    keep(ctx, due, look(ctx, due))
    return True


def check_all(ctx: Context, organization: str, by: str) -> list[Domain]:
    """Ask DNS for every claim of an organization, and go by it: an operator's deed."""
    with ctx.database.reading() as tx:
        if accounts.find_organization(tx, organization) is None:
            raise Refusal(NO_SUCH_ORGANIZATION)
        claimed = domains.list_of_organization(tx, organization.lower())
    return [keep(ctx, each, look(ctx, each), by) for each in claimed]


def _asked(dns: Dns, record: Record) -> tuple[str, ...] | str:
    try:
        return dns.ask(record.name, record.type)
    except Unanswered as error:
        return str(error)


def _tell(ctx: Context, tx: Connection, domain: Domain, by: str) -> None:
    said = {"organization": domain.organization, "domain": domain.host_name, "dns": domain.said}
    audit.record(tx, ctx.event("DomainProved" if domain.state == "active" else "DomainLapsed", by, **said))
    if domain.state == "lapsed":
        _tell_lapse(ctx, tx, domain)
    bump_epoch(tx)


def _tell_lapse(ctx: Context, tx: Connection, domain: Domain) -> None:
    def write(name: str) -> Letter:
        return letters.domain_lapsed(house(ctx), name, domain)

    own, page = domain.organization, f"/organizations/{domain.organization}"
    said = {"domain": domain.host_name, "page": page, **told_by(write(""))}
    tell(ctx, tx, notice("domain-lapsed", ctx.now, about=None, organization=own, **said), council_of(tx, own), write)


def _held_by_others(tx: Connection, organization: str, host_name: str) -> str:
    """The name that keeps an organization from holding another, and nobody takes or leaves it until this deed ends."""
    names = rules.with_parents(host_name)
    lock(tx, "record", *(f"domain {name}" for name in names))
    return rules.taken(host_name, organization, domains.find_active(tx, names))


def _demand_free(tx: Connection, organization: str, host_name: str) -> None:
    if held := _held_by_others(tx, organization, host_name):
        raise Refusal(DOMAIN_TAKEN, domain=held)


def _load(tx: Connection, organization: str, domain: str) -> Domain:
    found = domains.find(tx, organization, domain)
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="domain")
    return found


def _demand_admin(tx: Connection, actor: Actor, organization: str) -> None:
    if actor.user not in accounts.list_organization_admins(tx, organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
