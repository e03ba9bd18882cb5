"""How is a second factor asked for, at either door?"""

from collections.abc import Mapping
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import passkeys, signin
from keysteward.actions.context import Context
from keysteward.actions.factors import Factors
from keysteward.rules.accounts import User
from keysteward.rules.keys import App
from keysteward.rules.refusals import Refusal
from keysteward.rules.signin import Proof
from keysteward.web.reading import context
from keysteward.web.sessions import session_token, with_device
from keysteward.web.showing import show


class Step(NamedTuple):
    """Where the page's forms go, where one begins again, where it leads, and for which app it stands in the way."""

    action: str
    again: str
    onward: str = ""
    app: App | None = None
    form_targets: tuple[str, ...] = ()


async def second_page(request: Request, step: Step, refusal: Refusal | None = None) -> Response:
    """Ask for the second factor; refuses where the sign-in is over."""
    user, has, options = await run_in_threadpool(_asked, context(request), session_token(request))
    values = {
        "action": step.action,
        "again": step.again,
        "next": step.onward,
        "app": step.app,
        "user": user,
        "has_app": has.app is not None,
        "has_recovery_codes": has.recovery_codes > 0,
        "passkey_options": options,
        "error": f"{refusal.sentence} {refusal.next_step}" if refusal else "",
        "error_field": refusal.field if refusal else "",
    }
    status = refusal.kind.status if refusal else 200
    return show(request, "second_step.html", values, status=status, form_targets=step.form_targets)


async def proved(request: Request, sent: Mapping[str, str]) -> tuple[str, str]:
    """The token of the session that a second factor began, and the device to keep with it."""
    source, device = with_device(request)
    proof = Proof(unverified_code=sent.get("code", ""), unverified_passkey=sent.get("passkey", ""))
    half = session_token(request)
    return await run_in_threadpool(signin.pass_second_step, context(request), half, proof, source), device


def _asked(ctx: Context, half_token: str | None) -> tuple[User, Factors, str]:
    user, has = signin.second_step(ctx, half_token)
    return user, has, passkeys.ask(ctx, user, "second step") if has.passkeys else ""
