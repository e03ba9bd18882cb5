"""What is noted of a request in an app's name that is refused, so that the app's admins can find out why?

The request is anybody's: what it says is read as carefully as if it were hostile, and nothing secret of it is noted.
"""

from collections.abc import Mapping, Sequence

from starlette.requests import Request

from keysteward.actions import troubleshooting
from keysteward.rules.clients import read_credentials
from keysteward.rules.refusals import MISSING_PARAMETER, Refusal
from keysteward.rules.troubleshooting.attempted import attempt, grant_asked, redirected_to
from keysteward.web.reading import asker_of, context

_CONSENT_PAGE = "Sign-in and consent page"


def note_token_refusal(request: Request, form: Mapping[str, str], refusal: Refusal) -> None:
    """A token request was refused."""
    key, uri = _unverified_key(request, form), form.get("redirect_uri", "")
    _note(request, key, grant_asked(form), refusal, uri)


def note_authorization_refusal(request: Request, pairs: Sequence[tuple[str, str]], refusal: Refusal) -> None:
    """An authorization request was refused."""
    sent = dict(pairs)
    _note(request, sent.get("client_id", ""), _CONSENT_PAGE, refusal, sent.get("redirect_uri", ""))


def _note(request: Request, unverified_key: str, grant: str, refusal: Refusal, unverified_uri: str) -> None:
    ctx = context(request)
    noted = attempt(unverified_key, ctx.now, grant, refusal.kind.code, _detail(refusal))
    if noted is not None and refusal.kind.status < 500:
        troubleshooting.note(ctx, noted._replace(redirect_uri=redirected_to(unverified_uri), asker=asker_of(request)))


def _detail(refusal: Refusal) -> str:
    """What only the log sees, and which parameter was missing: both are our own words."""
    return refusal.detail or (str(refusal.values["name"]) if refusal.kind is MISSING_PARAMETER else "")


def _unverified_key(request: Request, form: Mapping[str, str]) -> str:
    """Which app a token request says it comes from."""
    try:
        if form.get("assertion"):
            return troubleshooting.named_issuer(form["assertion"])
        credentials = read_credentials(request.headers.get("authorization"), dict(form))
    except Refusal:
        return form.get("client_id", "")
    return credentials.unverified_key or troubleshooting.named_issuer(credentials.unverified_assertion)
