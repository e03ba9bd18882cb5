"""What becomes of a form whose sender has to sign in first? It waits, and comes back to the page that they go on to."""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keysteward.actions import kept_forms
from keysteward.actions.signin import Visitor
from keysteward.rules.kept_forms import without_secrets
from keysteward.rules.refusals import FORM_OF_ANOTHER, Refusal
from keysteward.web.reading import TYPED_BY, context, media_type, read_all_pairs
from keysteward.web.showing import Told
from keysteward.web.typed_by import typist
from keysteward.web.uploads import MULTIPART, read_parts

_NAME = "kept"
_NOT_KEPT = "nothing"
_GONE = Told("info", "What you had filled in was not kept", "It is kept for half an hour, for whoever typed it.")


async def read_sent(request: Request) -> list[tuple[str, str]]:
    """The fields of a form that was sent, as far as they can be read; whoever takes the form refuses what cannot."""
    if request.method != "POST":
        return []
    try:
        if media_type(request) == MULTIPART:
            return list((await read_parts(request)).items())
        return await read_all_pairs(request)
    except Refusal:
        return []


async def demand_own(request: Request, visitor: Visitor) -> None:
    """Refuse a form that was made for somebody else, who was signed in in this browser before."""
    user = _typist(request, await read_sent(request))
    if user is not None and user != visitor.user.id:
        raise Refusal(FORM_OF_ANOTHER, email=visitor.user.email)


async def keep(request: Request, back: str) -> str:
    """Where to go on to after signing in: back to the page, where the form waits if it can be kept."""
    sent = await read_sent(request)
    user, form = _typist(request, sent), without_secrets(request.url.path, sent)
    if user is None or not form.fields:
        return back
    name = await run_in_threadpool(kept_forms.keep, context(request), user, form)
    return with_query(back, _NAME, name or _NOT_KEPT)


async def bring_back(request: Request, visitor: Visitor) -> None:
    """Let the page that is asked for show the form that waits for it."""
    name = request.query_params.get(_NAME, "")
    if not name or request.method != "GET":
        return
    found = await run_in_threadpool(kept_forms.find, context(request), visitor.user.id, name)
    if found is None:
        request.state.told = _GONE
    else:
        request.state.kept = found


def with_query(path: str, name: str, value: str) -> str:
    """An address with one more parameter."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode({name: value})}"


def _typist(request: Request, sent: list[tuple[str, str]]) -> str | None:
    said = next((value for name, value in sent if name == TYPED_BY), "")
    return typist(context(request), said)
