"""What is remembered of a request in an app's name that was refused?

Whoever sent it may be anybody: a refused request proves nothing of who made it. Nothing secret is remembered of it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.rules.troubleshooting.clues import bare
from keysteward.rules.usage import NOBODY, Asker
from keysteward.rules.words import is_guid

KEPT_PER_KEY = 20
KEPT_FOR = timedelta(days=30)

_GRANTS = {
    "authorization_code": "Authorization code",
    "refresh_token": "Refresh token",
    "urn:ietf:params:oauth:grant-type:jwt-bearer": "JWT",
}
_MOST_DETAIL = 100


class Attempt(NamedTuple):
    """A refused request that named a key: what it asked for, why it was refused, and where it came from."""

    key: str
    at: datetime
    grant: str
    code: str
    detail: str = ""
    redirect_uri: str = ""
    asker: Asker = NOBODY
    number: int = 0


def grant_asked(form: Mapping[str, str]) -> str:
    """What a token request asks for, in our words: what it says itself may be anything."""
    return _GRANTS.get(form.get("grant_type", ""), "Another grant")


def attempt(unverified_key: str, at: datetime, grant: str, code: str, detail: str) -> Attempt | None:
    """A refused request, where it names what could be a key."""
    return Attempt(unverified_key, at, grant, code, detail[:_MOST_DETAIL]) if is_guid(unverified_key) else None


def redirected_to(unverified_address: str) -> str:
    """The redirect URI that was sent, as far as it may be remembered."""
    return bare(unverified_address)
