"""How does an app sign its user out here?

By OpenID Connect's RP-Initiated Logout, or by Docusign's `/logout`.
"""

from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import signin, signout
from keysteward.actions.signout import Leaving
from keysteward.web.answers import NO_STORE
from keysteward.web.oauth.returning import form_target
from keysteward.web.reading import context, query_pairs, read_pairs, single
from keysteward.web.sessions import forget, session_token, visitor_or_none
from keysteward.web.showing import show


async def leave(request: Request) -> Response:
    """`GET /oauth/logout`: at once where an id token names who is signed in, else after asking them."""
    leaving = await _read(request)
    visitor = await visitor_or_none(request)
    if visitor is None or leaving.user == visitor.user.id:
        return await _left(request, leaving)
    values = {"action": f"/oauth/signout?{request.url.query}", "user": visitor.user, "app": leaving.app}
    targets = () if leaving.redirect_uri is None else (form_target(leaving.redirect_uri),)
    return show(request, "signout.html", values, form_targets=targets)


async def leave_posted(request: Request) -> Response:
    """`POST /oauth/logout`: the same as a form, which comes from another site and so without our cookie."""
    return RedirectResponse(f"/oauth/logout?{urlencode(await read_pairs(request))}", 303, NO_STORE)


async def leave_after_all(request: Request) -> Response:
    """`POST /oauth/signout`: our own page's answer."""
    return await _left(request, await _read(request))


async def leave_as_docusign(request: Request) -> Response:
    """`GET /logout`: Docusign's form, which names the app and one of its redirect URIs and asks nobody."""
    renamed = {"redirect_uri": "post_logout_redirect_uri"}
    pairs = [(renamed.get(name, name), value) for name, value in query_pairs(request)]
    return await _left(request, await run_in_threadpool(signout.read_leaving, context(request), single(pairs)))


async def _read(request: Request) -> Leaving:
    return await run_in_threadpool(signout.read_leaving, context(request), single(query_pairs(request)))


async def _left(request: Request, leaving: Leaving) -> Response:
    """End the session, and go where the app wants the browser."""
    if session := session_token(request):
        await run_in_threadpool(signin.sign_out, context(request), session)
    if leaving.redirect_uri is None:
        return forget(request, show(request, "signed_out.html", {"sign_in_url": "/signin"}))
    headers = {**NO_STORE, "Referrer-Policy": "no-referrer", "Location": leaving.address}
    return forget(request, Response(status_code=303, headers=headers))
