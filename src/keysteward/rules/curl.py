"""How is a recorded call made again with curl, without the credentials it was made with?"""

import re
import shlex
from collections.abc import Iterable

ACCESS_TOKEN = "<ACCESS_TOKEN>"
BODY = "<BODY>"
VALUE = "<VALUE>"

_CREDENTIALS = {
    "authorization": f"Bearer {ACCESS_TOKEN}",
    "proxy-authorization": "<CREDENTIALS>",
    "x-docusign-authentication": "<CREDENTIALS>",
    "cookie": "<COOKIE>",
    "x-api-key": "<CREDENTIALS>",
}
_OF_CURL = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "expect"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NEVER_IN_A_HEADER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def curl_of(method: str, url: str, headers: Iterable[tuple[str, str]] = (), body: str | None = None) -> str:
    """One line for a POSIX shell that makes a call again; `url` is absolute.

    Headers that carry credentials hold placeholders instead, and `Authorization` is always there. What curl says by
    itself is left out; a body that no argument can hold becomes a placeholder.
    """
    return " ".join(shlex.quote(part) for part in curl_parts(method, url, headers, body))


def curl_parts(method: str, url: str, headers: Iterable[tuple[str, str]] = (), body: str | None = None) -> list[str]:
    """The same as a list of arguments."""
    asks_for_head = method.upper() == "HEAD"
    parts = ["curl", "--globoff", "--path-as-is", *(["--head"] if asks_for_head else ["--request", method])]
    for name, value in (("Authorization", ""), *_without_authorization(headers)):
        parts += ["--header", _header(name, value)]
    if body is not None:
        parts += ["--data-raw", BODY if "\x00" in body else body]
    return [*parts, "--url", without_values(url).replace("\x00", "%00")]


def without_values(url: str) -> str:
    """The URL with a placeholder wherever the evidence keeps dots instead of a value."""
    return url.replace("=…", f"={VALUE}")


def _without_authorization(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    left_out = _OF_CURL | {"authorization"}
    return [(name, value) for name, value in headers if name.lower() not in left_out and _NAME.fullmatch(name)]


def _header(name: str, value: str) -> str:
    said = _CREDENTIALS.get(name.lower(), _NEVER_IN_A_HEADER.sub("", value).strip())
    return f"{name}: {said}" if said else f"{name};"
