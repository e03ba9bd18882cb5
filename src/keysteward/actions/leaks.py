"""What is done when a secret became known to others?

An admin of the key says so, and gets another one at once; or anybody who found a value brings it, which proves enough:
whoever holds it could use it. What dies with it, and when, says `rules/leaks.py`.
"""

from collections.abc import Sequence
from datetime import datetime

from keysteward.actions.context import Context
from keysteward.actions.credentials import NewKeypair, NewSecret, keep_keypair, keep_secret
from keysteward.actions.crowds import is_too_much
from keysteward.actions.keys import changeable, demand_changeable, recorded
from keysteward.actions.sealing import may_be_sealed_again, seal
from keysteward.actions.tokens import kill_family
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.crypto.signing import generate_keypair
from keysteward.rules.access import Actor
from keysteward.rules.keys import App, Keypair, Secret, Wish, checked_text
from keysteward.rules.leaks import REPORTER, REPORTS_AN_HOUR, Found, Kind, Leak, checked_death
from keysteward.rules.refusals import ALREADY_LEAKED, NO_SUCH_OBJECT, TOO_MANY_REPORTS, Refusal
from keysteward.rules.signin import demand_fresh_person, network_of
from keysteward.store import audit, keys, leaks, signin, tokens
from keysteward.store.database import Connection, bump_epoch, lock

_MOST_PLACE = 500


# ── the admins say so ───────────────────────────────────────────────────────────────────────────────────────────────
def report_secret(
    ctx: Context, actor: Actor, key: str, secret: str, dies_at: datetime | None = None, reason: str = ""
) -> NewSecret:
    """Replace a secret key that leaked: another one at once, and the old one dies with its tokens at that minute."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    value = new_secret("kss_")
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        old = _present(keys.list_secrets(tx, app.key), secret, "secret key")
        leak = _leak(ctx, app, "secret key", old, checked_death(dies_at, ctx.now), actor.email, reason)
        _let_die(tx, leak)
        wish = Wish(reason=_why(leak), seal=may_be_sealed_again(tx, app, old.id))
        new = keep_secret(ctx, tx, actor, app, value, wish, old.id)
        recorded(ctx, tx, "SecretLeaked", actor, app, successor=new.secret.id, **_said(leak))
        bump_epoch(tx)
    return new


def report_keypair(
    ctx: Context, actor: Actor, key: str, keypair: str, dies_at: datetime | None = None, reason: str = ""
) -> NewKeypair:
    """Replace a keypair whose private half leaked: likewise; the other one is generated."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    demand_changeable(ctx, actor, key)
    private_pem, public_pem = generate_keypair()
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        old = _present(keys.list_keypairs(tx, app.key), keypair, "keypair")
        leak = _leak(ctx, app, "keypair", old, checked_death(dies_at, ctx.now), actor.email, reason)
        _let_die(tx, leak)
        new = keep_keypair(ctx, tx, actor, app, public_pem, Wish(reason=_why(leak)), old.id)
        is_sealed = may_be_sealed_again(tx, app, old.id)
        sealed_to = seal(ctx, tx, actor, app, new, private_pem) if is_sealed else 0
        recorded(ctx, tx, "KeypairLeaked", actor, app, successor=new.id, **_said(leak))
        bump_epoch(tx)
    return NewKeypair(new, private_pem, sealed_to)


def _present(present: Sequence[Secret] | Sequence[Keypair], wanted: str, thing: str) -> Secret | Keypair:
    found = next((each for each in present if each.id == wanted), None)
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing=thing)
    return found


def _leak(ctx: Context, app: App, kind: Kind, old: Secret | Keypair, dies_at: datetime, by: str, reason: str) -> Leak:
    hint = old.hint if isinstance(old, Secret) else old.thumbprint[:8]
    return Leak(old.id, app.key, kind, hint, dies_at, ctx.now, by, checked_text(reason, "reason", least=0), "")


def _let_die(tx: Connection, leak: Leak) -> None:
    if leaks.find(tx, leak.id):
        raise Refusal(ALREADY_LEAKED, thing=leak.kind)
    leaks.save(tx, leak)
    keys.expire(tx, leak.id, leak.dies_at)


def _said(leak: Leak) -> dict[str, str]:
    """What the event of a leak says."""
    name = "secret" if leak.kind == "secret key" else "keypair"
    said = {name: leak.id, "until": leak.dies_at.isoformat(), "reason": leak.reason, "found_at": leak.found_at}
    return {name: value for name, value in said.items() if value}


def _why(leak: Leak) -> str:
    """Why the other one was made."""
    return leak.reason or f"The one known by {leak.hint} leaked."


# ── somebody found a value ──────────────────────────────────────────────────────────────────────────────────────────
def demand_patience(ctx: Context, address: str, count: int) -> None:
    """Refuse a network that brings more than some hundred values an hour to this worker."""
    if is_too_much(ctx, f"reports from {network_of(address)}", count, REPORTS_AN_HOUR):
        raise Refusal(TOO_MANY_REPORTS)


def take_report(ctx: Context, found: Sequence[Found]) -> list[bool]:
    """Revoke at once whatever of this is good here; says of each value whether it was recognized, and no more.

    No other secret key is made: nobody is there to see it.
    """
    return [_is_recognized(ctx, each) for each in found]


def _is_recognized(ctx: Context, found: Found) -> bool:
    value = found.unverified_value
    if has_shape("kss_", value):
        return _end_secret(ctx, found)
    if has_shape("kst_", value):
        return _end_personal_token(ctx, found)
    if has_shape("ksr_", value):
        return _end_refresh_token(ctx, found)
    if has_shape("ksw_", value):
        return _end_session(ctx, found)
    return False


def _end_secret(ctx: Context, found: Found) -> bool:
    digests = ctx.digester.digests(found.unverified_value)
    with ctx.database.reading() as tx:
        owner = keys.find_owner_of_secret(tx, digests)
    if owner is None:
        return False
    key, secret = owner
    with ctx.database.writing() as tx:
        lock(tx, "key", key)
        leak = _reported(ctx, key, "secret key", secret, found)
        keys.expire(tx, secret, leak.dies_at)
        if _dies_by(tx, leak):
            _recorded(ctx, tx, leak)
            bump_epoch(tx)
    return True


def _dies_by(tx: Connection, leak: Leak) -> bool:
    """Whether this report lets it die earlier: nobody knew of the leak, or somebody had given it time."""
    if leaks.find(tx, leak.id):
        return leaks.hasten(tx, leak.id, leak.dies_at)
    leaks.save(tx, leak)
    return True


def _recorded(ctx: Context, tx: Connection, leak: Leak) -> None:
    app = keys.find(tx, leak.key)
    account = app.account if app else ""
    audit.record(tx, ctx.event("SecretLeaked", REPORTER, key=leak.key, account=account, **_said(leak)))


def _end_refresh_token(ctx: Context, found: Found) -> bool:
    digests = ctx.digester.digests(found.unverified_value)
    with ctx.database.reading() as tx:
        kept = next(filter(None, (tokens.find_refresh_token(tx, digest) for digest in digests)), None)
        family = tokens.find_family(tx, kept.family) if kept else None
        app = keys.find(tx, family.key) if family else None
    if family is None or app is None:
        return False
    with ctx.database.writing() as tx:
        lock(tx, "record", family.id)
        now = tokens.find_family(tx, family.id)
        if now is not None and now.died_at is None:
            _dies_by(tx, _reported(ctx, app.key, "refresh token", family.id, found))
            kill_family(ctx, tx, app, family.id, "leaked")
    return True


def _reported(ctx: Context, key: str, kind: Kind, leaked: str, found: Found) -> Leak:
    return Leak(leaked, key, kind, found.unverified_value[-4:], ctx.now, ctx.now, REPORTER, "", _place(found))


def _end_personal_token(ctx: Context, found: Found) -> bool:
    digests = ctx.digester.digests(found.unverified_value)
    with ctx.database.reading() as tx:
        token = signin.find_personal_token(tx, digests)
    if token is None:
        return False
    with ctx.database.writing() as tx:
        if signin.revoke_personal_token(tx, token.user, token.id, ctx.now):
            said = {"token": token.id, "why": "leaked", "found_at": _place(found)}
            audit.record(tx, ctx.event("PersonalTokenRevoked", REPORTER, **said))
    return True


def _end_session(ctx: Context, found: Found) -> bool:
    digests = ctx.digester.digests(found.unverified_value)
    with ctx.database.reading() as tx:
        session = next(filter(None, (signin.find_session(tx, digest) for digest in digests)), None)
    if session is None:
        return False
    with ctx.database.writing() as tx:
        if signin.end_sessions(tx, session.user, only=session.id):
            said = {"session": session.id, "why": "leaked", "found_at": _place(found)}
            audit.record(tx, ctx.event("SessionsEnded", REPORTER, **said))
    return True


def _place(found: Found) -> str:
    """Where a value was found, as far as somebody said, on one line."""
    said = " ".join(f"{found.url} {found.source}".split())
    return "".join(letter for letter in said if letter.isprintable())[:_MOST_PLACE]
