"""How does a program finish what begins once a key is in production?"""

from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import after_go_live as deeds
from keysteward.actions import receipts, smoke
from keysteward.actions.after_go_live import Chosen, Taken, Told
from keysteward.rules.promotion import Sheet as SheetOfRules
from keysteward.rules.sheet import Line
from keysteward.rules.smoke import SmokeTest as Kept
from keysteward.rules.smoke import Step, passes
from keysteward.web.api.after_shapes import (
    AfterGoLive,
    DemoKnows,
    LinesToTake,
    Sheet,
    SheetLine,
    SmokeStep,
    SmokeTest,
    SmokeTests,
    TakenLine,
    TakenLines,
)
from keysteward.web.api.asking import actor_of, answered, key_of, nothing_more, said
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, read_json


async def show_after_go_live(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/after-go-live` in production: what a promoted key lacks, beside what demo had."""
    actor = await actor_of(request)
    found = await run_in_threadpool(deeds.show, context(request), actor, key_of(request))
    lines = [_line(line) for line in found.lines]
    shown = AfterGoLive(found.view.app.key, list(found.missing), _sheet(found.sheet), lines, _told(found.told))
    return answered(said(shown))


async def take_over(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/settings-sheet` in production: take confirmed lines over, as often as you like."""
    actor, key = await actor_of(request), key_of(request)
    body = await read_json(request, LinesToTake)
    chosen = [Chosen(line.kind, line.value) for line in body.lines]
    taken = await run_in_threadpool(deeds.take_over, context(request), actor, key, chosen)
    return answered(said(TakenLines([_taken(each) for each in taken])))


async def send_receipt_again(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/receipt` in production: let demo be told once more that the key is live."""
    actor, key = await actor_of(request), key_of(request)
    await read_json(request, Nothing)
    await run_in_threadpool(receipts.send_again, context(request), actor, key)
    return nothing_more()


async def list_smoke_tests(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/smoke-tests` in production: what is seen of a key now, and what was kept."""
    actor = await actor_of(request)
    seen = await run_in_threadpool(smoke.look, context(request), actor, key_of(request))
    kept = [_kept(seen.app.key, test) for test in seen.kept]
    return answered(said(SmokeTests(seen.app.key, _verdict(seen.steps), _steps(seen.steps), kept)))


async def keep_smoke_test(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/smoke-tests` in production: keep what is seen of a key now."""
    actor, key = await actor_of(request), key_of(request)
    await read_json(request, Nothing)
    test = await run_in_threadpool(smoke.keep, context(request), actor, key)
    return answered(said(_kept(key, test), 201))


def _sheet(sheet: SheetOfRules) -> Sheet:
    return Sheet(
        list(sheet.redirect_uris), list(sheet.origins), sheet.privacy_url, sheet.terms_url, list(sheet.thumbprints),
        list(sheet.grants),
    )  # fmt: skip


def _line(line: Line) -> SheetLine:
    return SheetLine(line.kind, line.demo, line.production, line.danger, line.impossible)


def _told(told: Told | None) -> DemoKnows | None:
    return None if told is None else DemoKnows(*told)


def _taken(taken: Taken) -> TakenLine:
    refusal = taken.refusal
    reason = "" if refusal is None else f"{refusal.sentence} {refusal.next_step}".strip()
    return TakenLine(taken.line.kind, taken.line.value, refusal.kind.code if refusal else None, reason)


def _kept(key: str, test: Kept) -> SmokeTest:
    return SmokeTest(test.id, key, test.at, test.kept_by, _verdict(test.steps), _steps(test.steps))


def _steps(steps: tuple[Step, ...]) -> list[SmokeStep]:
    return [SmokeStep(step.code, step.seen_at, step.said) for step in steps]


def _verdict(steps: tuple[Step, ...]) -> Literal["passed", "not yet"]:
    return "passed" if passes(steps) else "not yet"
