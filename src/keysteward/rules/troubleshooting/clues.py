"""What does an error text say: an answer, the address of an error page, the trace of an SDK, what curl printed?

Nothing of the text is kept or repeated but words that we know ourselves, a key's GUID, and addresses without their
query: people paste tokens and passwords with it.
"""

import html
import re
from typing import NamedTuple
from urllib.parse import unquote_plus, urlsplit

from keysteward.rules.words import is_guid

_MOST_CHARACTERS = 32_768
_MOST_ADDRESS = 200
_SPACES = re.compile(r"\s+")
_STATUS = re.compile(
    r"(?:HTTP/\d(?:\.\d)?\s+|status(?:[ _]?code)?[\"']?\s*[:=]?\s*|\()([1-5]\d\d)(?!\d)", re.IGNORECASE
)
_HELP = re.compile(r"/help/refusals[/#]([a-z0-9-]{1,60})")
_PROBLEM = re.compile(r"[\"']code[\"']\s*:\s*[\"']([a-z0-9-]{1,60})[\"']")
_SENT = r"[?&;\s\"']{}=([^&\s\"'<>]{{1,2000}})"
_REDIRECT_URI = re.compile(_SENT.format("redirect_uri"))
_CLIENT_ID = re.compile(_SENT.format("client_id"))
_HOST = re.compile(r"https?://([A-Za-z0-9.-]{1,253}(?::\d{1,5})?)", re.IGNORECASE)


class Clues(NamedTuple):
    """What was found in a text; `words` is all of it, ready to be searched, and for nothing else."""

    words: str
    codes: frozenset[str]
    statuses: frozenset[int]
    keys: frozenset[str]
    hosts: frozenset[str]
    redirect_uri: str


def read(unverified_text: str) -> Clues:
    """What a text says. Of a long one the beginning and the end are read, where traces say what matters."""
    text = _shortened(unverified_text)
    plain = " ".join(_readings(text))
    addresses = [unquote_plus(found) for found in _REDIRECT_URI.findall(text)]
    keys = {unquote_plus(found).lower() for found in _CLIENT_ID.findall(text)}
    return Clues(
        words=_SPACES.sub(" ", plain).lower(),
        codes=frozenset(_HELP.findall(plain)) | frozenset(_PROBLEM.findall(plain)),
        statuses=frozenset(int(found) for found in _STATUS.findall(text)),
        keys=frozenset(key for key in keys if is_guid(key)),
        hosts=frozenset(host.lower() for host in _HOST.findall(plain)),
        redirect_uri=bare(addresses[0]) if addresses else "",
    )


def bare(unverified_address: str) -> str:
    """An address without what could be secret in it: no name, no password, no query, no fragment; or nothing."""
    try:
        parts = urlsplit(unverified_address[:_MOST_ADDRESS])
        host = parts.netloc.rpartition("@")[2]
        text = parts._replace(netloc=host, query="", fragment="").geturl()
    except ValueError:
        return ""
    return text if parts.scheme and text.isprintable() else ""


def _shortened(text: str) -> str:
    if len(text) <= _MOST_CHARACTERS:
        return text
    half = _MOST_CHARACTERS // 2
    return f"{text[:half]}\n{text[-half:]}"


def _readings(text: str) -> tuple[str, ...]:
    """The text as it is, and as it was before somebody escaped it."""
    found = (text, unquote_plus(text), html.unescape(text), text.replace('\\"', '"').replace("\\n", " "))
    return tuple(dict.fromkeys(found))
