"""Who calls, and what did they send?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response

from keysteward.sample.database import Store


@dataclass(frozen=True)
class Caller:
    """Whom the gateway vouches for: account, user and integration key are GUIDs of this environment."""

    account: str
    user: str
    user_name: str
    email: str
    key: str
    environment: str


@dataclass(frozen=True)
class Call:
    """One admitted call: the whole of what a deed may look at. The moment is text as the wire has it."""

    caller: Caller
    store: Store
    now: str
    path: Mapping[str, str]
    query: QueryParams
    headers: Headers
    body: bytes

    def says_yes_to(self, parameter: str) -> bool:
        """Tell whether a query parameter is `true`, in any case; the last of repeated ones counts."""
        return self.query.get(parameter, "").strip().lower() == "true"


Deed = Callable[[Call], Response]
