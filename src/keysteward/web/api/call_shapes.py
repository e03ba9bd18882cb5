"""Which shapes do the outcomes of calls have, that gateways bring?"""

from typing import Annotated

from msgspec import Meta, Struct

Count = Annotated[int, Meta(ge=0, le=2**53)]
Duration = Annotated[float, Meta(ge=-1, le=1e9)]


class CallEnded(Struct):
    """How a call ended: a line of the gateway's log, which may say more. `answered_by` is `upstream`, or `proxy`.

    A status below 100 is a caller who left before the answer; so is a `termination` that begins with HAProxy's `C`
    where the proxy answered. Any other than `--` is a call that was cut.
    """

    decision: Annotated[
        str, Meta(pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z")
    ]
    status: Annotated[int, Meta(ge=-1, le=599)]
    error_code: Annotated[str, Meta(max_length=100)] = ""
    seconds: Duration = 0
    milliseconds: Duration = 0
    request_bytes: Count = 0
    answer_bytes: Count = 0
    completed: bool = True
    termination: Annotated[str, Meta(max_length=8)] = ""
    answered_by: Annotated[str, Meta(max_length=20)] = "upstream"


class RefusedLine(Struct):
    """A line that was not taken, by its number from 1, and why."""

    line: int
    code: str
    sentence: str


class CallsTaken(Struct):
    """What became of the lines: new ones, ones that were known, and those that were not taken."""

    taken: int
    repeated: int
    refused: list[RefusedLine]
