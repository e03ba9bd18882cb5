"""Which route does a call take?

The policy's routes are read from top to bottom, and the first whose pattern takes the whole path says how the call
passes and is judged. Below them stand OURS_ALONE: what Keysteward answers itself and no policy routes elsewhere.
"""

import re
from itertools import chain

from keysteward.rules.patterns import ACCOUNT, Pattern, parsed
from keysteward.rules.policy import Policy
from keysteward.rules.routing import OURS, Route

_PARAMETERS = re.compile(r";[^/]*")
_PAGES = re.compile(r"/restapi/v2\.1/accounts/[^/]")
_SLASHES = re.compile(r"/{2,}")


def _uncounted(name: str, path: str, why_not: str) -> Route:
    return Route(name, path, OURS, countable=False, any_case=True, why_not=why_not)


OURS_ALONE: tuple[Route, ...] = (
    _uncounted("login-information", "/restapi/v2|v2.1/login_information", "logins do not count"),
    _uncounted("diagnostics", "/restapi/v2|v2.1/diagnostics/**", "diagnostics do not count"),
    _uncounted("admin-api", "/management/**", "Admin API calls do not count"),
    _uncounted("account", "/restapi/v2|v2.1/accounts/{account}/**", "calls of this route do not count"),
)
OTHER = _uncounted("other", "/other/**", "calls outside an account do not count")

_PLACES = (
    "oauth|logout|.well-known|management|scim|_dev|static|livez|readyz|metrics|favicon.ico|robots.txt",
    "setup|signin|sign-up|signout|account|accounts|security|password|members|apps|go-live|join|connected-apps|organizations|legacy",
    "help|usage|logs|request-logs|operations|evidence|limits|policy|reviews|audit|people|custody|transfers|replacements|recovery-contacts|notices|keysteward",
    "search|webhooks|work",
)
_OURS_BELOW_AN_ACCOUNT = "settings|permission_profiles|groups|billing_plan|users"
RESERVED: tuple[Pattern, ...] = tuple(
    parsed(path)
    for path in (
        *(f"/{places}/**" for places in _PLACES),
        "/api",
        "/api/v1/**",
        "/restapi",
        "/restapi/service_information/**",
        "/restapi/v2|v2.1",
        "/restapi/v2|v2.1/login_information|oauth2|billing_plans|diagnostics/**",
        "/restapi/v2|v2.1/accounts",
        "/restapi/v2|v2.1/accounts/*",
        f"/restapi/v2|v2.1/accounts/*/{_OURS_BELOW_AN_ACCOUNT}/**",
    )
)


def route_of(policy: Policy, path: str) -> Route:
    """The route of a path, which every path has."""
    for route in chain(policy.routes, OURS_ALONE):
        if route.expression.fullmatch(path):
            return route
    return OTHER


def forwarded(policy: Policy, path: str) -> Route | None:
    """The route of a path that an API behind the gateway answers; None where we answer ourselves."""
    for route in policy.routes:
        if route.expression.fullmatch(path):
            return route if route.is_forwarded else None
    return None


def first_words(policy: Policy) -> frozenset[str]:
    """How the paths begin that an API behind the gateway answers, in lower case."""
    words = (route.pattern.segments[0].words for route in policy.routes if route.is_forwarded)
    return frozenset(word.lower() for each in words for word in each)


def is_unmistakable(policy: Policy, path: str, route: Route) -> bool:
    """Whether a lenient reader of the path would find the same route.

    Some servers take no notice of letter case, of doubled slashes or of `;parameters`. Where such a reader would be
    led to what another route guards, a call of the path is not forwarded.
    """
    reading = path.lower()
    if ";" in path:
        reading = _PARAMETERS.sub("", reading)
    if "//" in path:
        reading = _SLASHES.sub("/", reading)
    return _leniently(policy, reading) is route


def answers_pages(policy: Policy, path: str) -> bool:
    """Whether pages of other origins may call a path: accounts of the eSignature API, and every API of one's own."""
    lowered = path.lower()
    if lowered.startswith(("/restapi/", "/api/")):
        return _PAGES.match(lowered) is not None
    return forwarded(policy, path) is not None


def is_reserved(pattern: Pattern) -> bool:
    """Whether a pattern takes a path that Keysteward answers itself."""
    return any(pattern.overlaps(ours) for ours in RESERVED)


def account_of(route: Route, path: str) -> str:
    """The account that a path names, by GUID or number; empty where the route names none."""
    at = route.pattern.account_at
    return "" if at is None else path.split("/")[at + 1]


def canonical(route: Route, path: str, account: str) -> str:
    """A path of a route in one form, however its caller wrote it.

    Words in lower case where letter case does not matter, and the account by its GUID, if it is known. Whatever else
    there is stays byte for byte.
    """
    parts = path[1:].split("/")
    for at in route.lowered_at:
        parts[at] = parts[at].lower()
    account_at = route.pattern.account_at
    if account_at is not None and account:
        parts[account_at] = account
    return "/" + "/".join(parts)


def without_names(route: Route, path: str) -> str:
    """A path with the names of its route in the place of what stood there: what is called, without of whom."""
    parts = path.split("/")
    for at, segment in enumerate(route.pattern.segments, start=1):
        if segment.name:
            parts[at] = "{id}" if segment.name == ACCOUNT else f"{{{segment.name}}}"
    return "/".join(parts)


def _leniently(policy: Policy, reading: str) -> Route | None:
    for route in policy.routes:
        if route.lenient.fullmatch(reading):
            return route
    return None
