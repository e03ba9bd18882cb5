"""How does a program see what is sealed, and a person in the console ask for it, approve and download it?"""

from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import releases as deeds
from keysteward.actions import sealed_credentials as sealing
from keysteward.actions.context import Context
from keysteward.actions.sealed_credentials import ReleaseSeen
from keysteward.rules.access import Actor
from keysteward.rules.sealed_credentials import Recipient
from keysteward.rules.transfers import Act
from keysteward.web.api import sealed_shapes as as_
from keysteward.web.api.asking import account_of, actor_of, answered, id_of, nothing_more, person_of, said
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, read_json

RECIPIENTS = "/api/v1/accounts/{account}/recovery-recipients"
SEALED = "/api/v1/accounts/{account}/sealed-credentials"
REQUESTS = "/api/v1/credential-requests"
_May = Literal["approve", "cancel", "download", "refuse"]
_MAY: tuple[_May, ...] = ("approve", "cancel", "download", "refuse")
_THING = "request"


# ── of an account ───────────────────────────────────────────────────────────────────────────────────────────────────
async def list_recovery_recipients(request: Request) -> Response:
    """`GET …/recovery-recipients`: to whom the account seals."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(sealing.view, ctx, actor, account_of(request))
    return answered(said(as_.RecoveryRecipients([_recipient(each) for each in found.recipients])))


async def add_recovery_recipient(request: Request) -> Response:
    """`POST …/recovery-recipients`: seal to another public key from now on."""
    ctx, actor = context(request), await person_of(request)
    body, account = await read_json(request, as_.NewRecoveryRecipient), account_of(request)
    added = await run_in_threadpool(sealing.add_recipient, ctx, actor, account, body.label, body.public_key)
    return answered(said(_recipient(added), 201))


async def remove_recovery_recipient(request: Request) -> Response:
    """`DELETE …/recovery-recipients/{id}`: seal nothing more to it."""
    ctx, actor, recipient = context(request), await person_of(request), id_of(request, "recovery recipient")
    await run_in_threadpool(sealing.remove_recipient, ctx, actor, account_of(request), recipient)
    return nothing_more()


async def list_sealed_credentials(request: Request) -> Response:
    """`GET …/sealed-credentials`: what is sealed, and what is not."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(sealing.view, ctx, actor, account_of(request))
    sealed = [
        as_.SealedCredential(
            id=each.sealed.credential,
            key=each.sealed.key,
            name=each.app.name,
            kind=each.sealed.kind,
            hint=each.sealed.hint,
            recipients=list(each.sealed.recipients),
            state=each.state,
            sealed_at=each.sealed.sealed_at,
            sealed_by=each.sealed.sealed_by,
            request=each.pending or None,
        )
        for each in found.sealed
    ]
    return answered(said(as_.SealedCredentials(sealed, [as_.UnsealedCredential(*each) for each in found.unsealed])))


async def ask_for_credential(request: Request) -> Response:
    """`POST …/sealed-credentials/{id}/requests`: ask to be given it."""
    ctx, actor, credential = context(request), await person_of(request), id_of(request, "sealed credential")
    body = await read_json(request, as_.NewCredentialRequest)
    begun = await run_in_threadpool(deeds.ask, ctx, actor, account_of(request), credential, body.reason)
    return answered(said(await _seen(ctx, actor, begun.id), 201))


# ── requests ────────────────────────────────────────────────────────────────────────────────────────────────────────
async def list_credential_requests(request: Request) -> Response:
    """`GET /api/v1/credential-requests`: those of your accounts and organizations."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(sealing.list_releases, ctx, actor)
    return answered(said(as_.CredentialRequests([_request(each) for each in found])))


async def show_credential_request(request: Request) -> Response:
    """`GET /api/v1/credential-requests/{id}`: where it stands, and what you may do."""
    ctx, actor = context(request), await actor_of(request)
    return answered(said(await _seen(ctx, actor, id_of(request, _THING))))


async def approve_credential_request(request: Request) -> Response:
    """`POST /api/v1/credential-requests/{id}/approvals`: a second person's word."""
    ctx, actor, release = context(request), await person_of(request), id_of(request, _THING)
    await read_json(request, Nothing)
    await run_in_threadpool(deeds.approve, ctx, actor, release)
    return answered(said(await _seen(ctx, actor, release), 201))


async def refuse_credential_request(request: Request) -> Response:
    """`POST /api/v1/credential-requests/{id}/refusals`: end it."""
    ctx, actor, release = context(request), await person_of(request), id_of(request, _THING)
    body = await read_json(request, as_.WhyRefused)
    await run_in_threadpool(deeds.refuse, ctx, actor, release, body.reason)
    return answered(said(await _seen(ctx, actor, release), 201))


async def cancel_credential_request(request: Request) -> Response:
    """`POST /api/v1/credential-requests/{id}/cancellations`: take your own back."""
    ctx, actor, release = context(request), await person_of(request), id_of(request, _THING)
    await read_json(request, Nothing)
    await run_in_threadpool(deeds.cancel, ctx, actor, release)
    return answered(said(await _seen(ctx, actor, release), 201))


async def download_sealed_credential(request: Request) -> Response:
    """`POST /api/v1/credential-requests/{id}/downloads`: the file, once."""
    ctx, actor, release = context(request), await person_of(request), id_of(request, _THING)
    await read_json(request, Nothing)
    armored = await run_in_threadpool(deeds.download, ctx, actor, release)
    return answered(said(as_.SealedFile(armored.decode()), 201))


async def _seen(ctx: Context, actor: Actor, release: str) -> as_.CredentialRequest:
    return _request(await run_in_threadpool(sealing.load_release, ctx, actor, release))


def _recipient(found: Recipient) -> as_.RecoveryRecipient:
    return as_.RecoveryRecipient(found.id, found.label, found.public_key, found.added_at, found.added_by)


def _request(seen: ReleaseSeen) -> as_.CredentialRequest:
    release = seen.case.release
    return as_.CredentialRequest(
        id=release.id,
        account=release.account,
        credential=release.credential,
        key=release.key,
        name=seen.case.app.name,
        kind=release.kind,
        hint=release.hint,
        status=seen.status,
        reason=release.reason,
        asked=as_.StepTaken(release.asked.email, release.asked.at),
        approvers=[each.email for each in seen.approvers],
        approved=_step(release.approved),
        expires_at=release.expires_at,
        ended=_step(release.ending.act if release.ending else None),
        ending_reason=release.ending.reason if release.ending else "",
        you_may=[each for each in _MAY if each in seen.steps],
    )


def _step(act: Act | None) -> as_.StepTaken | None:
    return as_.StepTaken(act.email, act.at) if act else None
