"""How does an operator lead an empty environment to one that people work in?

Every step may be done again, left and found again. What is looked at is looked at live, and nothing secret is shown.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.mailing import house
from keysteward.actions.operators import demand_operator
from keysteward.crypto.signing import public_keys_of
from keysteward.outgoing.https import Refused, Silent
from keysteward.outgoing.mail import Mail, Unsent
from keysteward.outgoing.probing import Unanswered
from keysteward.rules.access import HANDLE_POLICY, Actor
from keysteward.rules.first_run import Done, Mark, Progress
from keysteward.rules.letters import mail_arrives
from keysteward.rules.refusals import NO_MAIL_SERVER, Refusal
from keysteward.rules.words import new_guid
from keysteward.store import audit, first_run
from keysteward.store.database import lock

_PAPERS = "/.well-known/keysteward-papers"
_ENDS_SOON = timedelta(days=21)
_SECONDS, _ANSWER_SECONDS = 10.0, 20.0
_TLS = "https:"


class Looked(NamedTuple):
    """What came of a look: the sentence that says what is wrong, or that all is well."""

    sentence: str
    is_good: bool = False


class Ending(NamedTuple):
    """A certificate: when it ends, and whether that is soon."""

    at: datetime
    is_soon: bool


def progress(ctx: Context, actor: Actor) -> Progress:
    """How far the first run is."""
    with ctx.database.reading() as tx:
        demand_operator(tx, actor, HANDLE_POLICY)
        return first_run.load(tx)


def finish(ctx: Context, actor: Actor, mark: Mark, result: str = "") -> Progress:
    """Note that a step is done, or that nobody needs the walk any more; whatever was noted before stays."""
    with ctx.database.writing() as tx:
        lock(tx, "user", actor.user)
        lock(tx, "record", "first run")
        demand_operator(tx, actor, HANDLE_POLICY)
        if first_run.save(tx, Done(mark, actor.email, ctx.now, result)):
            audit.record(tx, ctx.event("SetupStepDone", actor.email, step=mark))
        return first_run.load(tx)


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def look_at_origin(ctx: Context) -> Looked:
    """Whether this environment's origin leads here, as everybody else would ask it."""
    try:
        address = ctx.itself.reach()
        answer = ctx.itself.ask("GET", _PAPERS)
        found = public_keys_of(json.loads(answer.body)) if answer.status == 200 else {}
    except Unanswered as error:
        return Looked(f"Nobody answers at {ctx.origin}: {error}.")
    except ValueError:
        found = {}
    if ctx.paper_key.kid in found:
        return Looked(f"{ctx.origin} leads here, over {address}.", is_good=True)
    return Looked(f"Somebody else answers at {ctx.origin}: {address} said {answer.status}.")


def look_at_certificate(ctx: Context) -> tuple[Looked, Ending | None]:
    """Whether the certificate at the origin is trusted, and when it ends."""
    if not ctx.origin.startswith(_TLS):
        return Looked(f"{ctx.origin} has no TLS: browsers keep no session without it."), None
    try:
        at = ctx.itself.ends_at()
    except Unanswered as error:
        return Looked(f"It is not trusted: {error}."), None
    ending = Ending(at, at - ctx.now < _ENDS_SOON)
    said = "It ends soon." if ending.is_soon else "It is trusted."
    return Looked(said, is_good=not ending.is_soon), ending


def look_at_other(ctx: Context) -> Looked:
    """Whether the other environment answers, and is another one."""
    there = ctx.counterpart.origin
    try:
        found = ctx.counterpart.paper_keys()
    except Silent as error:
        return Looked(f"Nobody answers: {error}.")
    except Refused as error:
        return Looked(f"{there} answers, and not as Keysteward does: {error}.")
    if ctx.paper_key.kid in found:
        return Looked(f"{there} leads to this environment, and not to the other one.")
    if not found:
        return Looked(f"{there} answers, and shows no keys.")
    return Looked(f"{there} answers.", is_good=True)


# ── mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def send_test_mail(ctx: Context, actor: Actor) -> Looked:
    """Hand a mail for the operator to the mail server, here and now, and say what it answered."""
    with ctx.database.reading() as tx:
        demand_operator(tx, actor, HANDLE_POLICY)
    if ctx.mail_server is None:
        raise Refusal(NO_MAIL_SERVER)
    letter = mail_arrives(house(ctx))
    server = replace(ctx.mail_server, seconds=_SECONDS, answer_seconds=_ANSWER_SECONDS)
    try:
        server.send(Mail(new_guid(), actor.email, letter.subject, letter.text, ctx.now))
    except Unsent as error:
        return Looked(f"The mail server did not take it: {error}")
    said = f"{server.host} took a mail for {actor.email}."
    finish(ctx, actor, "mail", said)
    return Looked(said, is_good=True)
