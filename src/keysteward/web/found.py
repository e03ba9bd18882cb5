"""Where in the console is something that was found?"""

import re
from urllib.parse import quote

from keysteward.rules.search import Hit

_GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IN_AN_ACCOUNT = re.compile(rf"|members/{_GUID}|account/usage/calls/[1-9][0-9]{{0,14}}|audit\?trace={_GUID}")


def page_of(hit: Hit) -> str:
    """The path of a hit's page. What belongs to an account is opened with that account in use."""
    if hit.kind == "key":
        return f"/apps/{hit.id}"
    if hit.kind == "organization":
        return f"/organizations/{hit.id}"
    if hit.kind == "call" and hit.key:
        return f"/apps/{hit.key}/usage/calls/{hit.id}"
    if hit.account_name:
        return f"/search/in/{hit.account}/{quote(_place_of(hit))}"
    return f"/accounts/{hit.id}" if hit.kind == "account" else f"/audit?everywhere=yes&trace={hit.id}"


def is_in_an_account(unverified_place: str) -> bool:
    """Whether a place is one of those that `page_of` names."""
    return _IN_AN_ACCOUNT.fullmatch(unverified_place) is not None


def _place_of(hit: Hit) -> str:
    if hit.kind == "user":
        return f"members/{hit.id}"
    if hit.kind == "call":
        return f"account/usage/calls/{hit.id}"
    return f"audit?trace={hit.id}" if hit.kind == "events" else ""
