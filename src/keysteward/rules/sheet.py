"""Which settings of demo may production take over, and which of them are dangerous there?

Nothing crosses by itself: the settings sheet of a promoted key is laid beside what it has in production, line by line,
and somebody confirms each.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from keysteward.rules.keys import App, Settings, checked_link, checked_origin, checked_redirect_uri
from keysteward.rules.promotion import Sheet
from keysteward.rules.refusals import Refusal

LineKind = Literal["grant", "redirect_uri", "origin", "privacy_url", "terms_url"]
LINE_KINDS: tuple[LineKind, ...] = get_args(LineKind)

_HERE = frozenset({"localhost", "localhost.localdomain"})
_TUNNELS = ("ngrok.io", "ngrok.app", "ngrok.dev", "ngrok-free.app", "loca.lt", "trycloudflare.com", "serveo.net")
_NOT_PUBLIC = ("local", "localhost", "test", "internal", "lan", "home")
_TRYING = re.compile(r"(?:^|[.-])(?:dev|develop|test|testing|staging|stage|sandbox|demo|uat|qa)(?=\d*[.-])")


@dataclass(frozen=True, slots=True)
class Line:
    """A setting in demo beside production's.

    `demo` is empty where only production has it. `danger` says why it should not be taken over without a thought, and
    `impossible` why production does not take it at all.
    """

    kind: LineKind
    demo: str
    production: str
    danger: str = ""
    impossible: str = ""

    @property
    def is_taken(self) -> bool:
        """Production has what demo had."""
        return self.demo == self.production

    @property
    def is_open(self) -> bool:
        """It may be taken over."""
        return bool(self.demo) and not self.is_taken and not self.impossible

    @property
    def is_advised(self) -> bool:
        """It may be taken over, and nothing speaks against it."""
        return self.is_open and not self.danger


def lines_of(app: App, settings: Settings, sheet: Sheet) -> tuple[Line, ...]:
    """Every setting of either side, those of demo first within each kind."""
    return (
        *_beside("grant", sheet.grants, tuple(sorted(app.grants))),
        *_beside("redirect_uri", sheet.redirect_uris, settings.redirect_uris),
        *_beside("origin", sheet.origins, settings.origins),
        *_link("privacy_url", sheet.privacy_url, app.privacy_url),
        *_link("terms_url", sheet.terms_url, app.terms_url),
    )


def danger_of(kind: LineKind, value: str) -> str:
    """Why a setting that was fine in demo may be none for production; empty where nothing speaks against it."""
    if kind == "grant":
        return "An older grant, which production takes only with a waiver." if value == "implicit" else ""
    return next((reason for reason in _reasons(value) if reason), "")


def _beside(kind: LineKind, demo: tuple[str, ...], production: tuple[str, ...]) -> Iterator[Line]:
    for value in demo:
        yield Line(kind, value, value if value in production else "", danger_of(kind, value), _impossible(kind, value))
    yield from (Line(kind, "", value) for value in production if value not in demo)


def _link(kind: LineKind, demo: str, production: str) -> Iterator[Line]:
    if demo or production:
        yield Line(kind, demo, production, danger_of(kind, demo) if demo else "", _impossible(kind, demo))


def _impossible(kind: LineKind, value: str) -> str:
    checks: dict[LineKind, Callable[[str], object]] = {
        "redirect_uri": lambda uri: checked_redirect_uri(uri, "production"),
        "origin": checked_origin,
        "privacy_url": lambda link: checked_link(link, "privacy_url"),
        "terms_url": lambda link: checked_link(link, "terms_url"),
    }
    try:
        checks.get(kind, len)(value)
    except Refusal as refusal:
        return str(refusal.values["reason"])
    return ""


def _reasons(value: str) -> Iterator[str]:
    """What speaks against an address, worst first."""
    scheme, host = _parts(value)
    is_local = _is_local(host)
    yield "A wildcard lets addresses in that nobody looked at." if "*" in value else ""
    yield "It leads to whichever machine opens it." if is_local else ""
    yield "Everybody on the way can read it: http is not encrypted." if scheme == "http" else ""
    yield "It is an address inside somebody's network." if _is_inside(host) else ""
    yield "It is a tunnel to somebody's own machine." if host.endswith(_TUNNELS) else ""
    yield "It looks like a host for trying things out." if _TRYING.search(host) else ""


def _parts(value: str) -> tuple[str, str]:
    try:
        parts = urlsplit(value)
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""


def _is_local(host: str) -> bool:
    return host in _HERE or host.endswith(".localhost") or _address(host, "is_loopback")


def _is_inside(host: str) -> bool:
    return _address(host, "is_private") or host.rpartition(".")[2] in _NOT_PUBLIC or bool(host and "." not in host)


def _address(host: str, question: str) -> bool:
    try:
        return cast(bool, getattr(ip_address(host), question))
    except ValueError:
        return False
