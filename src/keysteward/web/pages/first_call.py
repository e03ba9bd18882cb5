"""How does a developer come from a new key to the first call that succeeds?"""

from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import first_call as deeds
from keysteward.actions import golive
from keysteward.actions.context import Context
from keysteward.actions.first_call import FirstCall
from keysteward.actions.signin import Visitor
from keysteward.rules.first_call import WAYS, Step, StepCode, Way
from keysteward.rules.first_programs import FILES, LANGUAGES, NAMES, Language, commands, program
from keysteward.rules.keys import GRANT_NAMES
from keysteward.web.pages.visits import for_visitors, looking_at
from keysteward.web.pages.words import pill
from keysteward.web.reading import context
from keysteward.web.showing import show

Shown = dict[str, Any]

_WAYS: dict[Way, str] = {"code": GRANT_NAMES["confidential_code"], "jwt": GRANT_NAMES["jwt"]}
_ABOUT: dict[Way, str] = {
    "code": "People sign in through your app, in their browser.",
    "jwt": "Your app acts without anybody at a browser, for users who allowed it once.",
}
_GRANT: dict[Way, str] = {
    "code": f"{_WAYS['code']}, which an app has from the start.",
    "jwt": f"{_WAYS['jwt']}, and {_WAYS['code']} beside it: on its page people allow the app, once.",
}
_TITLES: dict[StepCode, str] = {
    "app": "Create the app",
    "grant": "Let it use this grant",
    "credential": "",
    "redirect_uri": "Register a redirect URI",
    "consent": "",
    "call": "Make the first call",
}
_CREDENTIAL: dict[Way, tuple[str, str, str, str]] = {
    "code": ("Create a secret key", "Your app proves with it who it is. It is shown once.", "Secret keys", "secrets"),
    "jwt": (
        "Create an RSA keypair", "Your app signs with its private half. It is shown once.", "Keypairs", "keypairs",
    ),
}  # fmt: skip
_CONSENT: dict[Way, tuple[str, str]] = {
    "code": (
        "Sign in through the app",
        "You end at the redirect URI, even where nothing answers yet: copy what stands behind code= in its address.",
    ),
    "jwt": (
        "Allow the app to act for you",
        "You end at the redirect URI, even where nothing answers yet. That is all, and it holds from now on.",
    ),
}


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/first-call`, with `?way=` for the grant and `?language=` for the program."""
    ctx, query = context(request), request.query_params
    way = next((each for each in WAYS if each == query.get("way")), None)
    found = await run_in_threadpool(deeds.look, ctx, visitor.actor, request.path_params["key"], way)
    visitor = await looking_at(request, visitor, found.account.id)
    language = next((each for each in LANGUAGES if each == query.get("language")), LANGUAGES[0])
    status, run = await run_in_threadpool(golive.status_of, ctx, found.facts.app)
    values = _values(ctx, found, language) | {"status": pill(ctx, found.facts.app, status, run)}
    return show(request, "first_call.html", values, visitor=visitor)


def _values(ctx: Context, found: FirstCall, language: Language) -> Shown:
    facts, values = found.facts, found.values
    way, at = facts.way, f"/apps/{facts.app.key}/first-call"
    failed = found.traffic.failed
    return {
        "app": {"name": facts.app.name, "key": facts.app.key},
        "about": _ABOUT[way],
        "ways": [(_WAYS[each], _link(at, each, language), each == way) for each in WAYS],
        "languages": [(NAMES[each], _link(at, way, each) + "#program", each == language) for each in LANGUAGES],
        "language": NAMES[language],
        "steps": [_step(found, step) for step in found.steps],
        "now": next((step.code for step in found.steps if not step.is_done), ""),
        "program": program(way, language, values).rstrip("\n"),
        "file": FILES[language],
        "commands": commands(way, language, values),
        "facts": [
            ("Account server", values.host), ("Base URI", values.origin), ("Integration key", values.key),
            ("User", values.user), ("Account", values.account),
            *([("Certificate authority", values.ca_file)] if values.ca_file else []),
        ],
        "first": {"said": found.traffic.call.said, "at": found.traffic.call.at} if found.traffic.call else None,
        "failed": {"said": failed.said, "at": failed.at} if failed and not found.is_over else None,
        "again": _link(at, way, language),
        "onward": "Go-Live" if ctx.environment == "demo" else "After Go-Live",
        "onward_href": f"/apps/{facts.app.key}/" + ("go-live" if ctx.environment == "demo" else "after-go-live"),
    }  # fmt: skip


def _step(found: FirstCall, step: Step) -> Shown:
    title, text, label, href = _words(found, step.code)
    return {"code": step.code, "is_done": step.is_done, "title": title, "text": text, "label": label, "href": href}


def _words(found: FirstCall, code: StepCode) -> tuple[str, str, str, str]:
    """What a step is called, what it is for, and its button with where that leads."""
    way, at = found.facts.way, f"/apps/{found.facts.app.key}"
    if code == "grant":
        return _TITLES[code], _GRANT[way], "Choose grants", f"{at}/authentication"
    if code == "credential":
        title, text, label, section = _CREDENTIAL[way]
        return title, text, label, f"{at}/authentication#{section}"
    if code == "redirect_uri":
        text = "Where people come back to after they signed in. To try it out, http://localhost:8000/callback will do."
        return _TITLES[code], text, "Redirect URIs", f"{at}/redirect-uris"
    if code == "consent":
        title, text = _CONSENT[way]
        return title, text, "Sign in and allow" if found.consent_url else "", found.consent_url
    if code == "call":
        return _TITLES[code], "Run the program below, then look again.", "The program", "#program"
    return _TITLES[code], f"{found.facts.app.name} has its integration key, and keeps it for good.", "", ""


def _link(at: str, way: Way, language: Language) -> str:
    return f"{at}?{urlencode({'way': way, 'language': language})}"
