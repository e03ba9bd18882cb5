"""Who stands before each route?

`EXACT` speaks of one path, `BELOW` of a path and all that lies below it; the longest that fits counts. A new route
needs a line here unless it lies below one; the tests say which is missing.
"""

from typing import Literal, NamedTuple

from starlette.routing import Mount, Route

from keysteward.web.routes import ROUTES

Guard = Literal[
    "nobody", "way in", "token", "member", "organization", "session", "in use", "account", "key", "council", "operator"
]

MEANINGS: dict[Guard, str] = {
    "nobody": "nobody: the answer is the same for everybody, signed in or not",
    "way in": "nobody: people on their way in, who are sent on when they are in already",
    "token": "an access token, of any user",
    "member": "an access token of an active member of the path's account",
    "organization": "an access token of an admin of the path's organization",
    "session": "a session or personal access token, of anybody; they see what is their own",
    "in use": "a session of an admin of the account in use",
    "account": "a session or personal access token of an admin of the path's account",
    "key": "a session or personal access token of an admin of the account that manages the path's key",
    "council": "a session or personal access token of an admin of the path's organization",
    "operator": "a session or personal access token of an operator of the environment",
}

EXACT: dict[str, Guard] = {
    "/": "session",
    "/restapi": "nobody",
    "/restapi/{version}": "nobody",
    "/management/v2/organizations": "token",
    "/api/v1/accounts": "operator",
    "/api/v1/accounts/{account}": "operator",
    "/api/v1/accounts/{account}/state": "operator",
    "/api/v1/accounts/{account}/plan": "operator",
    "/apps": "in use",
    "/organizations": "session",
    "/policy": "session",
    "/setup": "way in",
}

BELOW: dict[str, Guard] = {
    "/oauth": "nobody",
    "/oauth/signin/second": "way in",
    "/oauth/userinfo": "token",
    "/oauth/logout": "way in",
    "/logout": "nobody",
    "/.well-known": "nobody",
    "/restapi/service_information": "nobody",
    "/scim": "nobody",
    "/restapi/{version}": "token",
    "/restapi/{version}/oauth2": "nobody",
    "/restapi/{version}/accounts": "member",
    "/management": "organization",
    "/api/v1/openapi.json": "nobody",
    "/api/v1/leak-reports": "nobody",
    "/api/v1/calls": "nobody",
    "/api/v1/tickets": "nobody",
    "/api/v1/receipts": "nobody",
    "/api/v1/me": "session",
    "/api/v1/personal-access-tokens": "session",
    "/api/v1/connected-apps": "session",
    "/api/v1/notices": "session",
    "/api/v1/search": "session",
    "/api/v1/promotions": "session",
    "/api/v1/transfers": "session",
    "/api/v1/replacements": "session",
    "/api/v1/webhooks": "session",
    "/api/v1/credential-requests": "session",
    "/api/v1/drills": "session",
    "/api/v1/advice": "nobody",
    "/api/v1/rules": "session",
    "/api/v1/accounts/{account}": "account",
    "/api/v1/organizations": "session",
    "/api/v1/organizations/{organization}": "council",
    "/api/v1/keys/{key}": "key",
    "/api/v1/reviews": "operator",
    "/api/v1/leavers": "operator",
    "/api/v1/audit": "operator",
    "/api/v1/people": "operator",
    "/api/v1/policy": "operator",
    "/api/v1/usage/keys/{key}": "key",
    "/api/v1/usage/accounts/{account}": "account",
    "/setup": "operator",
    "/signin": "way in",
    "/signout": "nobody",
    "/password": "way in",
    "/account": "session",
    "/account/apps": "in use",
    "/custody": "in use",
    "/custody/releases": "session",
    "/custody/drills/plan": "in use",
    "/custody/drills/{id}": "session",
    "/audit": "in use",
    "/audit/verify": "operator",
    "/work": "session",
    "/account/limits": "in use",
    "/account/webhooks": "in use",
    "/webhooks": "session",
    "/account/organization": "in use",
    "/account/usage": "in use",
    "/security": "session",
    "/connected-apps": "session",
    "/notices": "session",
    "/search": "session",
    "/request-logs": "session",
    "/account/request-logging": "in use",
    "/go-live": "session",
    "/transfers": "session",
    "/replacements": "session",
    "/recovery-contacts": "nobody",
    "/members": "in use",
    "/accounts": "operator",
    "/people": "operator",
    "/policy": "operator",
    "/sign-up": "way in",
    "/sign-up/open/user": "session",
    "/join": "way in",
    "/join/user": "session",
    "/legacy": "in use",
    "/apps/new": "in use",
    "/apps/{key}": "key",
    "/organizations/{organization}": "council",
    "/reviews": "operator",
    "/help": "nobody",
    "/livez": "nobody",
    "/readyz": "nobody",
    "/metrics": "nobody",
}

SENT: dict[str, object] = {
    "POST /api/v1/organizations/{organization}/admins": {"email": "nobody@northwind.example"},
    "POST /api/v1/organizations/{organization}/domains": {"host_name": "localhost"},
    "POST /api/v1/organizations/{organization}/account-requests": {
        "account": "d0000000-0000-4000-8000-0000000000ff",
        "wish": "link",
    },
    "POST /api/v1/organizations/{organization}/account-requests/{account}/agreement": {"wish": "link"},
    "POST /api/v1/accounts/{account}/organization": {"name": "One more"},
    "POST /api/v1/accounts/{account}/organization/requests/{id}/agreement": {"wish": "link"},
    "PUT /api/v1/organizations/{organization}/authorizations/{key}": {"scopes": ["signature"]},
    "POST /api/v1/accounts/{account}/keys": {"name": "One more", "contact": "team@northwind.example"},
    "PUT /api/v1/keys/{key}/implicit-waiver": {"reason": "We move in March.", "until": "2099-01-01T00:00:00Z"},
    "POST /api/v1/accounts/{account}/custody/what-if": {"changes": [{"event": "leaves", "subject": "bo@acme.example"}]},
    "PUT /api/v1/organizations/{organization}/custody/findings/{id}/acceptance": {
        "until": "2026-12-20T00:00:00Z",
        "reason": "A new admin comes in December.",
    },
    "PUT /api/v1/accounts/{account}/custody/findings/{id}/acceptance": {
        "until": "2026-12-31T00:00:00Z",
        "reason": "For the fair.",
    },
    "POST /api/v1/accounts/{account}/would-pass": {"key": "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11"},
    "POST /api/v1/accounts": {
        "name": "Newco",
        "plan": "Developer",
        "email": "first@newco.example",
        "first_name": "First",
    },
    "PUT /api/v1/accounts/{account}/state": {"deed": "reopen", "reason": "Paid."},
    "PUT /api/v1/accounts/{account}/plan": {"plan": "Developer", "reason": "Bought."},
    "PATCH /api/v1/accounts/{account}/members/{user}": {"profile": 10001},
    "POST /api/v1/accounts/{account}/invitations": {"email": "nell@northwind.example", "profile": 10002},
    "POST /api/v1/accounts/{account}/profiles": {"name": "Key watcher", "permissions": []},
    "PUT /api/v1/accounts/{account}/profiles/{profile}": {"name": "Key watcher", "permissions": []},
    "POST /api/v1/policy/changes": {"numbers": {}, "reason": "More proof."},
    "POST /api/v1/leavers": {"email": "nobody@northwind.example", "reason": "Left in June."},
    "POST /api/v1/organizations/{organization}/leavers": {"email": "nobody@x.example", "reason": "Left in June."},
    "POST /api/v1/keys/{key}/reviews/{id}/answers": {"answer": "Ours."},
    "POST /api/v1/reviews/{id}/questions": {"question": "Whose?"},
    "POST /api/v1/reviews/{id}/decisions": {"choice": "approved"},
    "POST /api/v1/keys/{key}/redirect-uris": {"uri": "https://one.example/cb"},
    "DELETE /api/v1/keys/{key}/redirect-uris": "?uri=https://one.example/cb",
    "POST /api/v1/keys/{key}/transfers": {"destination": "d0000000-0000-4000-8000-00000000000a"},
    "POST /api/v1/organizations/{organization}/stand-ins": {
        "key": "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11",
        "destination": "d0000000-0000-4000-8000-00000000000a",
    },
    "POST /api/v1/accounts/{account}/webhooks": {"url": "https://hooks.example.com/"},
    "POST /api/v1/organizations/{organization}/webhooks": {"url": "https://hooks.example.com/"},
    "POST /api/v1/webhooks/{id}/replays": {"since": "2026-11-20T00:00:00Z"},
    "POST /api/v1/accounts/{account}/recovery-recipients": {
        "label": "Safe",
        "public_key": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
    },
    "POST /api/v1/accounts/{account}/sealed-credentials/{id}/requests": {"reason": "Lost."},
    "POST /api/v1/accounts/{account}/drills": {
        "kind": "reach-second-admin",
        "first": "d0000000-0000-4000-8000-0000000000e1",
        "second": "d0000000-0000-4000-8000-0000000000e2",
        "due_at": "2027-01-31T00:00:00Z",
    },
    "POST /api/v1/drills/{id}/results": {"result": "done"},
    "POST /api/v1/transfers/{id}/confirmations": {"side": "source", "statement": "x"},
    "POST /api/v1/replacements/{id}/proofs": {"secret": "x"},
    "POST /api/v1/accounts/{account}/recovery-contacts": {"email": "recovery@northwind.example"},
    "DELETE /api/v1/accounts/{account}/recovery-contacts": "?email=recovery@northwind.example",
    "POST /api/v1/keys/{key}/settings-sheet": {"lines": [{"kind": "grant", "value": "jwt"}]},
    "PUT /api/v1/keys/{key}/advice": {"answers": {"calls": "powerform"}},
    "POST /api/v1/keys/{key}/origins": {"origin": "https://one.example"},
    "DELETE /api/v1/keys/{key}/origins": "?origin=https://one.example",
    "GET /management/v2/organizations/{organization}/users": "?account_id=d0000000-0000-4000-8000-00000000000a",
    "GET /management/v2/organizations/{organization}/users/profile": "?email=ada@northwind.example",
    "GET /management/v2.1/organizations/{organization}/users/dsprofile": "?email=ada@northwind.example",
}  # what a route needs before it looks at who asks: a query, or a body

_ROBIN = "d0000000-0000-4000-8000-0000000000e3"
LEAVING: dict[str, str] = {
    "POST /members/{user}/close": _ROBIN,
    "POST /members/{user}/profile": _ROBIN,
    "PATCH /api/v1/accounts/{account}/members/{user}": _ROBIN,
    "DELETE /api/v1/accounts/{account}/members/{user}": _ROBIN,
}  # whom a route may take away from the estate: somebody nobody here signs in as

MOUNTS = {"/static": "files that everybody may read"}


OF_ADMINS_TOO = frozenset({"POST /setup/people/invitations"})
"""What an operator asks for who has to be an admin of the account in use beside."""


class Ask(NamedTuple):
    """A route with one of its methods. `leads_home` says that it is the address of a form, opened by GET."""

    method: str
    path: str
    leads_home: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def guard_of(path: str) -> Guard | None:
    """Who stands before a path; None where nobody said."""
    if path in EXACT:
        return EXACT[path]
    fitting = [each for each in BELOW if path == each or path.startswith(each + "/")]
    return BELOW[max(fitting, key=len)] if fitting else None


def asks() -> list[Ask]:
    """Every route with each of its methods; HEAD is what GET says, without a body."""
    found = [
        Ask(method, route.path_format, method == "GET" and is_form(route))
        for route in ROUTES
        if isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    return list(dict.fromkeys(found))


def mounts() -> set[str]:
    """Every path below which something else answers."""
    return {route.path for route in ROUTES if isinstance(route, Mount)}


def is_form(route: Route) -> bool:
    """Whether a route is a page's form, whose address leads to its page."""
    return {"GET", "POST"} <= (route.methods or set()) and not route.path.startswith(
        ("/oauth", "/api", "/restapi", "/scim")
    )
