"""Which shapes do requests and answers have once a key is in production?"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from keysteward.rules.sheet import LineKind
from keysteward.rules.smoke import StepCode
from keysteward.web.api.shapes import Instant, Request, Uri


class Sheet(Struct):
    """The settings that the key has in demo; never a secret."""

    redirect_uris: list[str]
    origins: list[str]
    privacy_url: str
    terms_url: str
    thumbprints: list[str]
    grants: list[str]


class SheetLine(Struct):
    """A setting in demo beside production's; either may be empty.

    `danger` says why it should not be taken over without a thought, `impossible` why production does not take it.
    """

    kind: LineKind
    demo: str
    production: str
    danger: str
    impossible: str


class DemoKnows(Struct):
    """Whether demo knows that the key is live: when it acknowledged, or when and why it refused for good."""

    promoted_at: Instant
    acknowledged_at: Instant | None
    refused_at: Instant | None
    refusal: str


class AfterGoLive(Struct):
    """What a promoted key still lacks here, beside the settings it has in demo; `told` is null where none was due."""

    key: str
    missing: list[str]
    sheet: Sheet
    lines: list[SheetLine]
    told: DemoKnows | None


class LineToTake(Request):
    """A line of the settings sheet, as `after-go-live` lists it."""

    kind: LineKind
    value: Uri


class LinesToTake(Request):
    """The lines that somebody confirmed."""

    lines: Annotated[list[LineToTake], Meta(min_length=1, max_length=500)]


class TakenLine(Struct):
    """What became of a line: it is in force, now or since before, unless a refusal says why not."""

    kind: LineKind
    value: str
    refusal: str | None
    reason: str


class TakenLines(Struct):
    """What became of each line."""

    lines: list[TakenLine]


class SmokeStep(Struct):
    """One step of a smoke test: when it was last seen, and what that was or why there is nothing."""

    code: StepCode
    seen_at: Instant | None
    said: str


class SmokeTest(Struct):
    """What was seen of a key when somebody kept it."""

    id: str
    key: str
    at: Instant
    kept_by: str
    verdict: Literal["passed", "not yet"]
    steps: list[SmokeStep]


class SmokeTests(Struct):
    """What is seen of a key now, and the newest smoke tests that were kept."""

    key: str
    verdict: Literal["passed", "not yet"]
    steps: list[SmokeStep]
    kept: list[SmokeTest]
