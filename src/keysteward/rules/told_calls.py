"""How is a judged call told to others, and read again?

As bundles show it, checks in Python hear it, and the house keeps it with the verdict: nothing secret, and nobody's id.
"""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from keysteward.rules.calls import Call
from keysteward.rules.judging import Counted
from keysteward.rules.packs import Facts
from keysteward.rules.shapes import known


class Told(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call as it is told."""

    sequence: int
    at: datetime
    method: str
    operation: str
    route: str
    url: str
    url_digest: str
    status: int
    error_code: str
    countable: bool
    polled: bool
    previous_same_get: datetime | None


def facts_of(counted: Counted) -> dict[str, Any]:
    """A call as others are told of it."""
    call, shared = counted.call, [name for name in Told.__struct_fields__ if name != "previous_same_get"]
    said = Told(**{name: getattr(call, name) for name in shared}, previous_same_get=counted.previous_same_get)
    return dict(msgspec.to_builtins(said))


def read_facts(told: Facts) -> Counted:
    """A call as a rule judges it; raises ValidationError where something else was told."""
    said = msgspec.convert(told, known(Told))
    facts = {name: getattr(said, name) for name in said.__struct_fields__ if name != "previous_same_get"}
    call = Call(key="", user="", account="", why_not="", sdk="", trace="", **facts)
    return Counted(call, said.previous_same_get)
