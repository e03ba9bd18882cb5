"""What is an API call, and does it count?

ROUTES is read from top to bottom; the first pattern that matches a path says how a call of it is judged.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from keysteward.rules.policy import Policy

_SDK_VERSION = re.compile(r"Swagger-Codegen/[^/]+/([^/\s]+)")
_PATH = re.compile(r"/(?:[A-Za-z0-9/_.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_VERSION = re.compile(r"^/restapi/v2(?:\.1)?/")
_ID_SEGMENT = re.compile(r"(?<=/)(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d+)(?![^/])")


@dataclass(frozen=True, slots=True)
class Route:
    """How calls of one kind of path are judged. `pattern` sees the path in lower case."""

    name: str
    pattern: re.Pattern[str]
    countable: bool
    polled: bool
    why_not: str = ""


def _route(name: str, pattern: str, *, countable: bool = True, polled: bool = False, why_not: str = "") -> Route:
    return Route(name, re.compile(pattern, re.DOTALL), countable, polled, why_not)


ROUTES: tuple[Route, ...] = (
    _route("envelope-resource", r"/restapi/v2(?:\.1)?/accounts/[^/]+/envelopes/(?!status(?:/|$))[^/]+.*", polled=True),
    _route("account-resource", r"/restapi/v2(?:\.1)?/accounts/[^/]+(?:/.*)?"),
    _route(
        "login-information", r"/restapi/v2(?:\.1)?/login_information", countable=False, why_not="logins do not count"
    ),
    _route("diagnostics", r"/restapi/v2(?:\.1)?/diagnostics/.*", countable=False, why_not="diagnostics do not count"),
    _route("admin-api", r"/management/.*", countable=False, why_not="Admin API calls do not count"),
    _route("other", r".*", countable=False, why_not="calls outside an account do not count"),
)

ABANDONED = 499
_GATEWAY_FAILURES = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded API call. `sequence` orders calls; `at` is when it arrived."""

    key: str
    user: str
    account: str
    at: datetime
    method: str
    url: str
    url_digest: str
    route: str
    operation: str
    status: int
    error_code: str
    countable: bool
    polled: bool
    why_not: str
    sdk: str
    trace: str
    sequence: int = 0

    @property
    def succeeded(self) -> bool:
        """A call succeeds below status 400."""
        return self.status < 400


def route_of(path: str) -> Route:
    """The route of a path; letter case does not matter."""
    lowered = path.lower()
    return next(route for route in ROUTES if route.pattern.fullmatch(lowered))


def is_countable(route: Route, status: int, policy: Policy, *, by_upstream: bool) -> tuple[bool, str]:
    """Whether a call counts towards Go-Live, and if not, why: failures of ours and of the API are not the app's."""
    if not route.countable:
        return False, route.why_not
    if status == ABANDONED and not by_upstream:
        return False, "the caller left before the answer"
    if status in _GATEWAY_FAILURES and not by_upstream:
        return False, "the gateway could not reach the API"
    if status >= 500 and not policy.upstream_errors_count:
        return False, "the API failed, not the app"
    return True, ""


def is_polled(route: Route, method: str) -> bool:
    """Only reads of a polled route poll: GET, and HEAD, which asks the same."""
    return route.polled and method in {"GET", "HEAD"}


def is_plain(raw_path: str) -> bool:
    """Whether a path, as it came, means the same to everybody who reads it.

    Not so: dot segments, an encoded slash, backslash, question mark, hash or percent sign, control characters, and
    whatever is not ASCII. Two readers of such a path may see two resources, and evidence must name one.
    """
    if not _PATH.fullmatch(raw_path):
        return False
    decoded = unquote_to_bytes(raw_path)
    encoded = {bytes.fromhex(pair) for pair in _ENCODED.findall(raw_path)}
    has_tricks = any(byte in b"/\\?#%" or byte < b" " or byte == b"\x7f" for byte in encoded)
    return not has_tricks and not {b".", b".."} & set(decoded.split(b"/"))


def exact_url(path: str, query: str) -> str:
    """What makes two reads the same: path in lower case without the API's version, and the query as it means."""
    unversioned = _VERSION.sub("/restapi/", path.lower(), count=1)
    return f"{unversioned}?{urlencode(_pairs(query))}"


def operation_of(method: str, path: str) -> str:
    """A short name for what a call does: method and path without ids."""
    shown = "/" + "/".join(filter(None, path.lower().split("/")))
    return f"{method} {_ID_SEGMENT.sub('{id}', shown)}"[:200]


def sdk_of(name: str, user_agent: str) -> str:
    """Which client made a call: the official SDKs' name and version, else what the client calls itself."""
    version = _SDK_VERSION.match(user_agent)
    return f"{name} {version[1]}" if name and version else name or user_agent


def redacted_query(query: str) -> str:
    """The names in a query string, each value replaced by dots.

    A key's managers see its calls in accounts of others too; what was asked there is not theirs to read.
    """
    return "&".join(f"{quote(name, safe='')}=…" for name, _ in _pairs(query))


@lru_cache(maxsize=64)  # asked twice for every call
def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)
