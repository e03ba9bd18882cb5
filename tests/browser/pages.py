"""Which pages has the console, and in which states are they looked at? On the twin of `everywhere.toml`.

A new page needs a line here; `test_pages.py` says which is missing. Names in braces stand for what `everywhere.py`
finds in the twin.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from starlette.routing import Match, Route

from keysteward.rules.words import Environment
from keysteward.web.routes import ROUTES
from tests.matrices.guards import is_form

NOBODY, ADA, CY, SAM = "", "ada@northwind.example", "cy@northwind.example", "sam@northwind.example"
LOU, TESS, OLIVE = "lou@litware.example", "tess@tailspin.example", "olive@fabrikam.example"
_ASKED = "/oauth/auth?client_id={live}&response_type=code&redirect_uri={callback}"


class Shown(NamedTuple):
    """One page in one state: who looks at it, and what they type and press first."""

    environment: Environment
    who: str
    name: str
    path: str
    status: int = 200
    typed: tuple[tuple[str, str], ...] = ()
    press: str = ""

    @property
    def file(self) -> str:
        """What a picture of it is called."""
        words = f"{self.environment} {self.name}"
        return re.sub(r"\W+", "-", words.lower()).strip("-")


def _seen(environment: Environment, who: str, *pages: tuple[str, str] | tuple[str, str, int]) -> tuple[Shown, ...]:
    return tuple(Shown(environment, who, *page) for page in pages)


_STRANGERS = (
    *_seen(
        "demo", NOBODY,
        ("sign in", "/signin"),
        ("sign in again", "/signin?reason=expired&next=/apps"),
        ("sign in with the organization", "/signin/organization"),
        ("forgotten password", "/password/forgot"),
        ("new password", "/password/new?link=nonsense", 410),
        ("joining with a bad link", "/join?link=nonsense", 410),
        ("joining", "/join?link={invitation}"),
        ("opening a demo account", "/sign-up"),
        ("opening it with the link", "/sign-up/open?link={sign_up}"),
        ("opening it with a bad link", "/sign-up/open?link=nonsense", 410),
        ("recovery contact agrees", "/recovery-contacts/confirm?link={agreement}"),
        ("recovery contact asks", "/recovery-contacts/ask?link=nonsense", 410),
        ("help for anybody", "/help"),
        ("style page", "/_dev/style"),
        ("refusals", "/help/refusals"),
        ("refusal", "/help/refusals/invalid-client"),
        ("OAuth error", "/oauth/auth?client_id=nonsense&response_type=code", 400),
        ("app asks to sign in", _ASKED + "&scope=signature"),
        ("signing out for an app", "/oauth/logout"),
    ),
    Shown("demo", NOBODY, "sign in refused", "/signin", 401, (("Email address", ADA), ("Password", "no")), "Sign in"),
    Shown("demo", NOBODY, "link sent", "/password/forgot", 200, (("Email address", SAM),), "Send the link"),
    *_seen(
        "production", NOBODY,
        ("sign in", "/signin"), ("help for anybody", "/help"), ("opening no account", "/sign-up", 403),
    ),
)  # fmt: skip

_APP_IN_DEMO = _seen(
    "demo", ADA,
    ("app live", "/apps/{live}"),
    ("app saved", "/apps/{live}?done=saved"),
    ("app fresh", "/apps/{fresh}"),
    ("app stopped", "/apps/{stopped}"),
    ("app deleted", "/apps/{deleted}"),
    ("app with long words", "/apps/{long}"),
    ("first call", "/apps/{fresh}/first-call"),
    ("first call made", "/apps/{live}/first-call?way=jwt&language=node"),
    ("app authentication", "/apps/{live}/authentication"),
    ("app authentication fresh", "/apps/{fresh}/authentication"),
    ("app authentication public", "/apps/{brochure}/authentication"),
    ("app authentication deleted", "/apps/{deleted}/authentication"),
    ("app redirect URIs", "/apps/{live}/redirect-uris"),
    ("app redirect URIs fresh", "/apps/{fresh}/redirect-uris"),
    ("app redirect URIs with long words", "/apps/{long}/redirect-uris"),
    ("app custody", "/apps/{live}/custody"),
    ("app custody fresh", "/apps/{fresh}/custody"),
    ("app history", "/apps/{live}/history"),
    ("app history fresh", "/apps/{fresh}/history"),
    ("app go-live none", "/apps/{fresh}/go-live"),
    ("app go-live thirteen", "/apps/{brochure}/go-live"),
    ("app go-live ready", "/apps/{ready}/go-live"),
    ("app go-live under review", "/apps/{under_review}/go-live"),
    ("app go-live failed", "/apps/{failed}/go-live"),
    ("app go-live passed", "/apps/{passed}/go-live"),
    ("app go-live expired", "/apps/{expired}/go-live"),
    ("app go-live pending", "/apps/{pending}/go-live"),
    ("app go-live declined", "/apps/{declined}/go-live"),
    ("app go-live live", "/apps/{live}/go-live"),
    ("review failed", "/apps/{failed}/reviews/{failed_review}"),
    ("review passed", "/apps/{passed}/reviews/{passed_review}"),
    ("review pending", "/apps/{pending}/reviews/{pending_review}"),
    ("review declined", "/apps/{declined}/reviews/{declined_review}"),
    ("app advice", "/apps/{fresh}/advice"),
    ("app first call made", "/apps/{live}/first-call"),
    ("app diagnose", "/apps/{live}/diagnose"),
    ("app usage", "/apps/{live}/usage?period=30d"),
    ("app usage none", "/apps/{fresh}/usage"),
    ("app calls", "/apps/{live}/usage/calls"),
    ("app calls none", "/apps/{fresh}/usage/calls"),
    ("app call", "/apps/{live}/usage/calls/{call}"),
)  # fmt: skip

_DEMO_ADMIN = _seen(
    "demo", ADA,
    ("home", "/"),
    ("apps", "/apps"),
    ("new app", "/apps/new"),
    ("new app replacing", "/apps/new?predecessor={old}"),
    ("search", "/search"),
    ("search found", "/search?q=northwind"),
    ("search found nothing", "/search?q=zebra"),
    ("notices", "/notices"),
    ("notices page out of range", "/notices?page=9000"),
    ("members", "/members"),
    ("member", "/members/{sam}"),
    ("member who is oneself", "/members/{ada}"),
    ("permission profiles", "/members/profiles"),
    ("recovery contacts", "/members/recovery-contacts"),
    ("usage", "/account/usage?period=30d"),
    ("usage of an hour", "/account/usage"),
    ("calls", "/account/usage/calls"),
    ("call", "/account/usage/calls/{call}"),
    ("limits", "/account/limits"),
    ("apps acting here", "/account/apps"),
    ("legacy", "/legacy"),
    ("custody", "/custody"),
    ("sealed credentials", "/custody/sealed"),
    ("sealed credentials asked for", "/custody/releases"),
    ("sealed credential asked for", "/custody/releases/{release}"),
    ("drills", "/custody/drills"),
    ("drill", "/custody/drills/{drill}"),
    ("drill over", "/custody/drills/{drill_over}"),
    ("account organization", "/account/organization"),
    ("webhooks", "/account/webhooks"),
    ("webhook failing", "/webhooks/{webhook}"),
    ("audit", "/audit"),
    ("organizations", "/organizations"),
    ("organization", "/organizations/{organization}"),
    ("organization custody", "/organizations/{organization}/custody"),
    ("organization apps", "/organizations/{organization}/apps"),
    ("organization new app", "/organizations/{organization}/apps/new"),
    ("organization identity provider", "/organizations/{organization}/identity-provider"),
    ("organization directory", "/organizations/{organization}/scim"),
    ("organization leavers", "/organizations/{organization}/leavers"),
    ("organization webhooks", "/organizations/{organization}/webhooks"),
    ("organization audit", "/audit?organization={organization}"),
    ("work", "/work"),
    ("work of a while", "/work/{work}"),
    ("connected apps", "/connected-apps"),
    ("request logs", "/request-logs"),
    ("request log", "/request-logs/{request_log}"),
    ("security", "/security"),
    ("security confirm", "/security/confirm"),
    ("password", "/security/password"),
    ("address", "/security/address"),
    ("address with a bad link", "/security/address/confirm?link=nonsense", 410),
    ("authenticator app", "/security/authenticator-app"),
    ("passkeys", "/security/passkeys"),
    ("tokens", "/security/tokens"),
    ("help", "/help"),
    ("help found", "/help?q=consent"),
    ("help found nothing", "/help?q=zebra"),
    ("help article", "/help/articles/{article}"),
    ("help finding", "/help/findings/no-polling?key={failed}"),
    ("help refusal", "/help/refusals/invalid-client?key={live}"),
    ("help rules", "/help/rules"),
    ("help advice", "/help/advice"),
    ("help legacy authentication", "/help/legacy-authentication"),
    ("consent", _ASKED + "&scope=signature+extended"),
    ("not found", "/nothing", 404),
    ("app not found", "/apps/00000000-0000-4000-8000-000000000000", 404),
)  # fmt: skip

_DEMO_DEEDS = (
    Shown("demo", ADA, "secret made", "/apps/{live}/authentication", 201, press="Add Secret Key"),
    Shown("demo", ADA, "keypair made", "/apps/{live}/authentication", 201, press="Generate RSA"),
    Shown("demo", ADA, "token refused", "/security/tokens", 422, (("Name", "Build server"),), "Create token"),
    Shown("demo", ADA, "diagnosed", "/apps/{live}/diagnose", 200, (("Error text", "consent_required"),), "Diagnose"),
    Shown("demo", ADA, "what if", "/custody", 200, (("Who leaves", SAM),), "Ask"),
    Shown("demo", ADA, "new app refused", "/apps/new", 422, (("App Name", " "), ("Contact", ADA)), "Create App"),
)

_OTHERS_IN_DEMO = (
    *_seen(
        "demo", CY,
        ("sealed credential to approve", "/custody/releases/{release}"),
    ),
    *_seen(
        "demo", SAM,
        ("home of a sender", "/"),
        ("apps of a sender", "/apps", 403),
        ("connected apps of a sender", "/connected-apps"),
        ("request logs of a sender", "/request-logs"),
    ),
    *_seen(
        "demo", LOU,
        ("home empty", "/"),
        ("apps empty", "/apps"),
        ("members alone", "/members"),
        ("notices empty", "/notices"),
        ("usage empty", "/account/usage"),
        ("calls empty", "/account/usage/calls"),
        ("legacy empty", "/legacy"),
        ("custody empty", "/custody"),
        ("sealed credentials empty", "/custody/sealed"),
        ("sealed credentials asked for empty", "/custody/releases"),
        ("drills empty", "/custody/drills"),
        ("webhooks empty", "/account/webhooks"),
        ("recovery contacts empty", "/members/recovery-contacts"),
        ("apps acting here empty", "/account/apps"),
        ("connected apps empty", "/connected-apps"),
        ("account organization empty", "/account/organization"),
        ("tokens empty", "/security/tokens"),
        ("audit short", "/audit"),
    ),
    *_seen(
        "demo", OLIVE,
        ("home of an operator", "/"),
        ("reviews", "/reviews"),
        ("review case", "/reviews/{pending_review}"),
        ("review case decided", "/reviews/{declined_review}"),
        ("accounts", "/accounts"),
        ("account", "/accounts/{account}"),
        ("accounts leavers", "/accounts/leavers"),
        ("audit of everywhere", "/audit?everywhere=1"),
        ("policy", "/policy"),
        ("policy history", "/policy/history"),
        ("policy edit", "/policy/edit"),
        ("policy proposal", "/policy/proposals/{proposal}"),
        ("work none", "/work"),
        ("people", "/people"),
        ("person", "/people?email=" + SAM),
        ("person not found", "/people?email=nobody@northwind.example", 404),
    ),
)  # fmt: skip

_PRODUCTION = (
    *_seen(
        "production", ADA,
        ("home", "/"),
        ("apps", "/apps"),
        ("no new app", "/apps/new", 409),
        ("app", "/apps/{live}"),
        ("app authentication", "/apps/{live}/authentication"),
        ("app custody", "/apps/{live}/custody"),
        ("app history", "/apps/{live}/history"),
        ("app after go-live", "/apps/{live}/after-go-live"),
        ("app after go-live unconfigured", "/apps/{offered}/after-go-live"),
        ("app go-live", "/apps/{live}/go-live", 409),
        ("app usage", "/apps/{live}/usage?period=30d"),
        ("app transfer", "/apps/{live}/transfer"),
        ("app replacement", "/apps/{old}/replacement"),
        ("going live with a bad handle", "/go-live?handle=nonsense", 410),
        ("transfers", "/transfers"),
        ("transfer offered", "/transfers/{transfer_offered}"),
        ("transfer half confirmed", "/transfers/{transfer_half}"),
        ("transfer standing in", "/transfers/{transfer_stand_in}"),
        ("transfer expired", "/transfers/{transfer_expired}"),
        ("transfer cancelled", "/transfers/{transfer_cancelled}"),
        ("transfer vetoed", "/transfers/{transfer_vetoed}"),
        ("transfer moved", "/transfers/{transfer_moved}"),
        ("replacements", "/replacements"),
        ("replacement", "/replacements/{successor}"),
        ("custody", "/custody"),
        ("organization", "/organizations/{organization}"),
        ("organization custody", "/organizations/{organization}/custody"),
        ("stand in", "/organizations/{organization}/stand-in"),
        ("members", "/members"),
        ("audit", "/audit"),
        ("usage", "/account/usage?period=30d"),
        ("limits", "/account/limits"),
        ("legacy", "/legacy"),
    ),
    *_seen("production", CY, ("transfer to confirm", "/transfers/{transfer_half}")),
    *_seen("production", TESS, ("transfer to accept", "/transfers/{transfer_offered}")),
    *_seen(
        "production", LOU,
        ("home empty", "/"),
        ("apps empty", "/apps"),
        ("transfers empty", "/transfers"),
        ("replacements empty", "/replacements"),
        ("custody empty", "/custody"),
    ),
    *_seen("production", OLIVE, ("accounts", "/accounts"), ("reviews", "/reviews", 409)),
)  # fmt: skip

PAGES: tuple[Shown, ...] = (
    *_STRANGERS,
    *_DEMO_ADMIN,
    *_APP_IN_DEMO,
    *_DEMO_DEEDS,
    *_OTHERS_IN_DEMO,
    *_PRODUCTION,
)

BEST: dict[str, str] = {
    "home": "demo-home",
    "apps-and-keys": "demo-apps",
    "app": "demo-app-live",
    "go-live": "demo-app-go-live-thirteen",
    "review": "demo-review-failed",
    "after-go-live": "production-app-after-go-live",
    "usage": "demo-app-usage",
    "custody": "production-organization-custody",
    "transfer": "production-transfer-half-confirmed",
    "replacement": "production-replacement",
}  # the pictures that stand in the documents, by their name in docs/images

_FIRST_RUN = "only on the first run; tests/web/pages/test_first_run.py looks at it"
NO_PAGES: dict[str, str] = {
    **{f"/setup/{step}": _FIRST_RUN for step in ("addresses", "policy", "mail", "people", "done")},
    "/setup": "only while nobody is here; test_first_run.py and test_setup.py look at it",
    "/signin/second": "needs a half session; test_second_factor.py looks at it",
    "/search/found": "a piece of the dialog that searches while somebody types",
    "/search/in/{account}/{place}": "leads to a page of another account",
    "/notices/unread": "a piece of the top of every page",
    "/signin/organization/{organization}": "leads to the identity provider",
    "/signin/organization/{organization}/callback": "leads home from the identity provider",
}
_FILES = ("/data", "/personal-data", "/download", "/file", "/bundle", "/record", ".csv", ".toml", "/file")
_PROGRAMS = (
    "/.well-known", "/api/", "/livez", "/logout", "/management", "/metrics", "/oauth", "/readyz", "/restapi", "/scim/",
)  # fmt: skip


def pages_of_the_console() -> set[str]:
    """The path of every page that somebody can open: no program's, no file, no address of a form."""
    gets = (route for route in ROUTES if isinstance(route, Route) and "GET" in (route.methods or ()))
    return {
        route.path_format
        for route in gets
        if not (is_form(route) or route.path_format.startswith(_PROGRAMS) or route.path_format.endswith(_FILES))
    }


def routes_looked_at() -> Iterator[str]:
    """The paths, as the routes have them, that the list leads to."""
    for shown in PAGES:
        path = re.sub(r"\{\w+\}", "1", shown.path.partition("?")[0])
        scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
        yield from (
            route.path_format for route in ROUTES if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL
        )
