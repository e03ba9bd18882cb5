"""Which shapes has what a search found, for programs?"""

from msgspec import Struct

from keysteward.rules.search import Field, HitKind


class MatchedBy(Struct):
    """Why something was found: in which field, and what stands there."""

    field: Field
    value: str


class FoundThing(Struct):
    """Something that was found. `id` is its GUID, the number of a call, or the trace token of events.

    `key` and `account` are where it belongs, `page` is its page in the console.
    """

    kind: HitKind
    id: str
    title: str
    text: str
    state: str | None
    matched_by: MatchedBy
    account: str | None
    account_name: str | None
    key: str | None
    page: str


class FoundThings(Struct):
    """What was found, at most five of a kind, the best first; `more` names the kinds of which there is more.

    `complete` is false where there are more names than a search looks at; whole addresses and GUIDs are always found.
    """

    found: list[FoundThing]
    more: list[HitKind]
    complete: bool
