"""What is an API call, and does it count?"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from keysteward.rules import packs
from keysteward.rules.policy import Policy
from keysteward.rules.redaction import Redactor
from keysteward.rules.routes import without_names
from keysteward.rules.routing import Route

_SDK_VERSION = re.compile(r"Swagger-Codegen/[^/]+/([^/\s]+)")
_OPERATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:#-]{0,149}")
_PATH = re.compile(r"/(?:[A-Za-z0-9/_.~!$&'()*+,;=:@-]++|%[0-9A-Fa-f]{2})*+")
_DOTS = frozenset({".", ".."})
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_VERSION = re.compile(r"^/restapi/v2(?:\.1)?/")
_ID_SEGMENT = re.compile(r"(?<=/)(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\d+)(?![^/])", re.IGNORECASE | re.ASCII)

_MOST_SDK = 200
_NOT_COUNTED = "a rule pack does not count this operation"

ABANDONED = 499
ECHOING = frozenset({"TRACE", "TRACK"})
"""Methods that no API behind us may hear: it would send the signed word back to the caller."""
_GATEWAY_FAILURES = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Call:
    """One recorded API call. `sequence` orders calls; `at` is when it arrived.

    A call that a proxy carried names its gateway; until its outcome has come, its status is 0 and it does not count.
    """

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
    gateway: str | None = None
    outcome_at: datetime | None = None

    @property
    def succeeded(self) -> bool:
        """A call succeeds below status 400; one without an outcome has not, so far."""
        return 0 < self.status < 400


def is_countable(
    route: Route, status: int, policy: Policy, *, by_upstream: bool, operation: str = ""
) -> tuple[bool, str]:
    """Whether a call counts towards Go-Live, and if not, why: failures of ours and of the API are not the app's.

    A pack of the policy may say of an operation that it counts, or does not, whatever its route says.
    """
    said = packs.is_countable(policy.packs, operation, otherwise=route.countable) if policy.packs else route.countable
    if not said:
        return False, route.why_not or "calls of this route do not count" if not route.countable else _NOT_COUNTED
    return is_countable_here(status, policy, by_upstream=by_upstream)


def is_countable_here(status: int, policy: Policy, *, by_upstream: bool) -> tuple[bool, str]:
    """Whether a call of a countable route counts, by how it ended."""
    if status == ABANDONED and not by_upstream:
        return False, "the caller left before the answer"
    if status in _GATEWAY_FAILURES and not by_upstream:
        return False, "the gateway could not reach the API"
    if status >= 500 and not policy.upstream_errors_count:
        return False, "the API failed, not the app"
    return True, ""


def is_polled(route: Route, method: str, policy: Policy | None = None, operation: str = "") -> bool:
    """Only reads of a polled route poll: GET, and HEAD, which asks the same. A pack may say otherwise of operations."""
    if method not in {"GET", "HEAD"}:
        return False
    if policy is None or not policy.packs:
        return route.polled
    return packs.is_polled(policy.packs, operation, otherwise=route.polled)


def is_plain(raw_path: str) -> bool:
    """Whether a path, as it came, means the same to everybody who reads it.

    Not so: dot segments, an encoded slash, backslash, question mark, hash or percent sign, control characters, and
    whatever is not ASCII. Two readers of such a path may see two resources, and evidence must name one.
    """
    if not _PATH.fullmatch(raw_path):
        return False
    if "%" not in raw_path:
        return "/." not in raw_path or _DOTS.isdisjoint(raw_path.split("/"))
    decoded = unquote_to_bytes(raw_path)
    encoded = {bytes.fromhex(pair) for pair in _ENCODED.findall(raw_path)}
    has_tricks = any(byte in b"/\\?#%" or byte < b" " or byte == b"\x7f" for byte in encoded)
    return not has_tricks and not {b".", b".."} & set(decoded.split(b"/"))


def exact_url(path: str, query: str, *, any_case: bool = True) -> str:
    """What makes two reads the same: the path without the eSignature API's version, and the query as it means.

    The path is in lower case, unless its API tells letter case apart.
    """
    unversioned = _VERSION.sub("/restapi/", path.lower() if any_case else path, count=1)
    return f"{unversioned}?{urlencode(_pairs(query))}"


def operation_of(method: str, path: str, route: Route) -> str:
    """A short name for what a call does: method and path without ids, and with the names that its route gives."""
    named = without_names(route, path.lower() if route.any_case else path)
    shown = "/" + "/".join(filter(None, named.split("/")))
    return f"{method} {_ID_SEGMENT.sub('{id}', shown)}"[:200]


def said_operation(method: str, unverified_said: str) -> str:
    """The name of an operation that a header such as SOAPAction says; empty where that is no name."""
    said = unverified_said.strip().strip('"')
    return f"{method} {said}"[:200] if _OPERATION.fullmatch(said) else ""


def sdk_of(name: str, user_agent: str) -> str:
    """Which client made a call: the official SDKs' name and version, else what the client calls itself."""
    version = _SDK_VERSION.match(user_agent)
    return f"{name} {version[1]}" if name and version else name or user_agent


@lru_cache(maxsize=1024)  # clients are few, and each says it with every call
def shown_sdk(sdk: str) -> str:
    """A client as people read of it, without what looks secret: programs put tokens into the wrong headers."""
    return Redactor().text(sdk[:_MOST_SDK])


def redacted_query(query: str) -> str:
    """The names in a query string, each value replaced by dots.

    A key's managers see its calls in accounts of others too; what was asked there is not theirs to read.
    """
    return "&".join(f"{quote(name, safe='')}=…" for name, _ in _pairs(query))


@lru_cache(maxsize=64)  # asked twice for every call
def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)
