"""Who wants whom signed out, and where does the browser go then?"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from keysteward.actions.context import Context
from keysteward.actions.id_tokens import read_id_token
from keysteward.rules.keys import App, is_registered
from keysteward.rules.refusals import BAD_ID_TOKEN, REDIRECT_URI_NOT_REGISTERED, UNKNOWN_CLIENT, Refusal
from keysteward.rules.words import is_guid
from keysteward.store import keys


@dataclass(frozen=True, slots=True)
class Leaving:
    """A wish to sign out that was checked: by which app, of which user where an id token says so, and where to."""

    app: App | None
    user: str | None
    redirect_uri: str | None
    state: str | None

    @property
    def address(self) -> str:
        """Where the browser goes, with the app's state; only where there is a redirect URI."""
        uri = self.redirect_uri or "/"
        if self.state is None:
            return uri
        return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': self.state})}"


def read_leaving(ctx: Context, given: Mapping[str, str]) -> Leaving:
    """Check a wish to sign out. The browser is sent to registered redirect URIs of a known app, and nowhere else."""
    given = {name: value for name, value in given.items() if value}
    hint = read_id_token(ctx, given["id_token_hint"]) if "id_token_hint" in given else None
    key = given.get("client_id") or (hint.key if hint else None)
    if hint is not None and hint.key != key:
        raise Refusal(BAD_ID_TOKEN, detail="another app's")
    app, registered = _app(ctx, key) if key else (None, ())
    redirect_uri = given.get("post_logout_redirect_uri")
    if redirect_uri is not None and not is_registered(redirect_uri, registered):
        raise Refusal(REDIRECT_URI_NOT_REGISTERED)
    return Leaving(app, hint.user if hint else None, redirect_uri, given.get("state"))


def _app(ctx: Context, key: str) -> tuple[App, tuple[str, ...]]:
    with ctx.database.reading() as tx:
        app = keys.find(tx, key) if is_guid(key) else None
        registered = keys.list_redirect_uris(tx, key) if app else ()
    if app is None or not app.works:
        raise Refusal(UNKNOWN_CLIENT)
    return app, registered
