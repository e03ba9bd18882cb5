"""How does a program say whom to tell when an account loses its last admin?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import recovery_contacts as deeds
from keysteward.rules import recovery_contacts as rules
from keysteward.web.api.asking import account_of, actor_of, answered, nothing_more, only_query, said
from keysteward.web.api.replacement_shapes import NewRecoveryContact, RecoveryContact, RecoveryContacts
from keysteward.web.reading import context, read_json


async def list_recovery_contacts(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/recovery-contacts`."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(deeds.list_contacts, ctx, actor, account_of(request))
    shown = [RecoveryContact(each.email, each.named_by, each.named_at, rules.state_of(each, ctx.now)) for each in found]
    return answered(said(RecoveryContacts(shown)))


async def name_recovery_contact(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/recovery-contacts`: they are sent a link to agree."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    body = await read_json(request, NewRecoveryContact)
    named = await run_in_threadpool(deeds.name_contact, ctx, actor, account, body.email)
    state = rules.state_of(named, ctx.now)
    return answered(said(RecoveryContact(named.email, named.named_by, named.named_at, state), 201))


async def remove_recovery_contact(request: Request) -> Response:
    """`DELETE /api/v1/accounts/{account}/recovery-contacts?email=…`."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    await run_in_threadpool(deeds.remove_contact, ctx, actor, account, only_query(request, "email"))
    return nothing_more()
