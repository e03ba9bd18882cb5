"""How does the browser go back to the app, with an answer or a refusal?"""

from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import authorize, tokens
from keysteward.actions.authorize import Redirectable
from keysteward.actions.signin import Visitor
from keysteward.rules import authorize as rules
from keysteward.rules.refusals import Refusal
from keysteward.web.answers import NO_STORE
from keysteward.web.reading import asker_of, context
from keysteward.web.showing import show


def tell(request: Request, error: Redirectable) -> Response:
    """A refusal that the app is told of."""
    return send_back(request, error.request, told(error.refusal))


def send_back(request: Request, asked: rules.Request, values: dict[str, str]) -> Response:
    """The browser goes back to the app, in the way that the app asked for.

    The registered address stays as it is, character for character; `iss` tells the app who answers (RFC 9207).
    """
    values = {**values, "iss": context(request).issuer}
    if asked.state is not None:
        values["state"] = asked.state
    uri = asked.redirect_uri
    if asked.answer_mode == "form_post":
        return show(request, "form_post.html", {"action": uri, "fields": values}, form_targets=(form_target(uri),))
    separator = "#" if asked.answer_mode == "fragment" else "&" if "?" in uri else "?"
    headers = {**NO_STORE, "Referrer-Policy": "no-referrer", "Location": f"{uri}{separator}{urlencode(values)}"}
    return Response(status_code=303, headers=headers)


def told(refusal: Refusal) -> dict[str, str]:
    """A refusal in the words of OAuth."""
    return {"error": refusal.kind.error, "error_description": refusal.kind.description or refusal.sentence}


def form_target(redirect_uri: str) -> str:
    """What a form's redirect may end at; without it Chromium blocks the way back to the app.

    A content security policy has no form for IPv6 hosts and private schemes but the bare scheme.
    """
    parts = urlsplit(redirect_uri)
    is_nameable = bool(parts.netloc) and "[" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}" if is_nameable else f"{parts.scheme}:"


def host_of(redirect_uri: str) -> str:
    """Where the browser goes, as people read it: a host, or the scheme of an app on the device."""
    parts = urlsplit(redirect_uri)
    return parts.netloc or parts.scheme


async def answer(request: Request, asked: rules.Request, visitor: Visitor) -> Response:
    """What the app asked for: a code, or tokens."""
    ctx = context(request)
    if not asked.is_implicit:
        code = await run_in_threadpool(authorize.issue_code, ctx, asked, visitor.actor)
        return send_back(request, asked, {"code": code})
    issued = await run_in_threadpool(tokens.issue_implicit, ctx, asked, visitor.actor, asker_of(request))
    values = {"id_token": issued.id_token} if issued.id_token else {}
    if issued.access_token:
        values |= {
            "access_token": issued.access_token,
            "token_type": "bearer",
            "expires_in": str(issued.expires_in),
            "scope": issued.scope,
        }
    return send_back(request, asked, values)


def once_signed_in(pairs: list[tuple[str, str]]) -> str:
    """The query of the same request for who signed in for it just now: what asked for that is satisfied."""
    kept = [(name, _satisfied(value) if name == "prompt" else value) for name, value in pairs if name != "max_age"]
    return urlencode(kept)


def _satisfied(prompt: str) -> str:
    return " ".join(each for each in prompt.split() if each not in rules.SIGN_IN_PROMPTS)
