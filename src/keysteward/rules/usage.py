"""Who gets tokens, with what, and how is that counted?"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

HOUR_SECONDS = 3_600
OTHERS = "others"
USERINFO = "userinfo"
"""Stands in place of a grant where an app asked userinfo: counted like tokens, and not shown as such."""

SHOWN_FOR = timedelta(days=30)
MOST_USES_SHOWN = 50

_MOST_AGENT = 200
_MOST_SDK = 100
_MOST_ADDRESS = 64


CODE, CODE_WITH_PKCE, REFRESH, IMPLICIT, JWT = GRANTS_USED = (
    "authorization_code",
    "authorization_code_pkce",
    "refresh_token",
    "implicit",
    "jwt",
)
"""By which grants tokens are counted; a code that was bound by a challenge is told apart from one that was not."""


class Asker(NamedTuple):
    """A program that asks for tokens: its network address, what it calls itself, and the SDK that it says it uses."""

    address: str = ""
    agent: str = ""
    sdk: str = ""


NOBODY = Asker()


class Use(NamedTuple):
    """What is counted together: tokens of one key, credential, user and grant that one asker got in one hour.

    `credential` is empty for a public client, `user` for an application token; `hour` counts from 1970.
    """

    key: str
    credential: str
    user: str
    grant: str
    asker: Asker
    hour: int

    @property
    def begins_at(self) -> datetime:
        """When its hour began."""
        return datetime.fromtimestamp(self.hour * HOUR_SECONDS, UTC)

    @property
    def among_others(self) -> "Use":
        """The same use, its user and asker no longer told apart: what is counted where there are too many."""
        return self._replace(user=OTHERS, asker=Asker(OTHERS, OTHERS, OTHERS))


class Program(NamedTuple):
    """A program that got tokens with a credential: how many, and when the last one."""

    asker: Asker
    grant: str
    tokens: int
    last_at: datetime


def asker(address: str, unverified_agent: str, unverified_sdk: str) -> Asker:
    """A program as it is remembered: what it says of itself, in visible ASCII and not at length."""
    agent, sdk = unverified_agent[:_MOST_AGENT], unverified_sdk[:_MOST_SDK]
    return Asker(address[:_MOST_ADDRESS], _plain(agent), _plain(sdk))


@lru_cache(maxsize=4_096)
def _plain(text: str) -> str:
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)
