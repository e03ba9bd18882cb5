"""How do the declared apps make their calls, and how are they reviewed?"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions import calls as recording
from keysteward.actions import golive, seeding
from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked
from keysteward.rules.golive import Review as Judged
from keysteward.rules.words import new_guid
from keysteward.twin.declared.approving import demand_a_person, hear, rule, ruling_of
from keysteward.twin.declared.moments import read_duration
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.references import ENVELOPES, account_in, key_of, named_in
from keysteward.twin.declared.shapes_apps import Calls, DemoApp, Review
from keysteward.twin.declared.stage import Stage, at

_UNTIL_REVIEW = timedelta(minutes=5)
_UNTIL_VERDICT = timedelta(minutes=1)
_MOST_WAITING = 1_000


class Planned(NamedTuple):
    """One call to be made: where the file says so, what it says, and when."""

    path: str
    calls: Calls
    when: datetime


class Line(NamedTuple):
    """A caller's token, for as long as it is good."""

    caller: Caller
    since: datetime


def live_through(stage: Stage, path: str, key: str, app: DemoApp, ends: datetime) -> datetime:
    """Make an app's calls and reviews in their order; answer with when the last of it happened."""
    groups = app.calls or _calls_needed(stage, app, ends)
    planned = plan(stage, path, groups, ends)
    reviews = app.reviews or _reviews_asked(app)
    done, last = 0, ends
    for number, review in enumerate(reviews):
        after = len(planned) if review.after_calls is None else review.after_calls
        make_calls(stage, key, planned[done:after])
        before = planned[after - 1].when if after else last
        where = f"{path}.reviews[{number}].verdict" if app.reviews else f"{path}.review"
        done, last = after, _review(stage, where, app, review, before)
    make_calls(stage, key, planned[done:])
    return last


def plan(stage: Stage, path: str, groups: Sequence[Calls], ends: datetime) -> list[Planned]:
    """When each call is made: what does not say when stands right before what follows it."""
    planned: list[Planned] = []
    for number, calls in reversed(list(enumerate(groups))):
        spacing = read_duration(calls.spacing)
        last = stage.when(calls.last, ends)
        where = f"{path}.calls[{number}]"
        planned[:0] = [Planned(where, calls, last - back * spacing) for back in reversed(range(calls.count))]
        ends = planned[0].when - spacing
    return planned


def make_calls(stage: Stage, key: str, planned: Sequence[Planned]) -> None:
    """Make calls and wait until they are durable."""
    lines: dict[str | None, Line] = {}
    for start in range(0, len(planned), _MOST_WAITING):
        waiting = [_make(stage, key, lines, each) for each in planned[start : start + _MOST_WAITING]]
        for each in waiting:
            each.result()


def usual_status(method: str) -> int:
    """What a good call is answered where the file does not say."""
    return 201 if method == "POST" else 200


def _make(stage: Stage, key: str, lines: "dict[str | None, Line]", planned: Planned) -> "Future[Mapping[str, str]]":
    calls, ctx = planned.calls, stage.on(planned.when)
    with at(planned.path):
        caller = _caller(stage, key, lines, planned)
        path, _, query = _path(stage, key, calls).partition("?")
        account = _account(stage, calls, path)
        status = calls.status or usual_status(calls.method)
        if status < 400 and named_in(path) and path.lower().startswith("/restapi/"):
            recording.demand_member(ctx, caller, account or named_in(path))
        path = recording.canonical_path(ctx, path, account)
        asked = Asked(calls.method, path, query, calls.sdk, new_guid(), planned.when)
        answered = Answered(status, calls.error_code, account, by_upstream=not calls.by_gateway)
        return recording.record(ctx, caller, asked, answered)


def _caller(stage: Stage, key: str, lines: "dict[str | None, Line]", planned: Planned) -> Caller:
    """Whoever calls, with a token that is good when the call is made."""
    said, when = planned.calls.user, planned.when
    user = stage.creators[key] if said is None else stage.known.users.load(said) if said else None
    line = lines.get(user)
    if line is None or not timedelta() <= when - line.since < stage.policy_at(line.since).user_token_life:
        line = lines[user] = Line(seeding.speak_for(stage.on(when), key, user), when)
    return line.caller


def _path(stage: Stage, key: str, calls: Calls) -> str:
    return (calls.path or ENVELOPES).replace("{account}", stage.accounts[key])


def _account(stage: Stage, calls: Calls, path: str) -> str:
    """The account that a call names: the declared one, or the one in its path, where it is known here."""
    if calls.account is None:
        return account_in(path, stage.known.accounts)
    return stage.known.accounts.load(calls.account) if calls.account else ""


def _calls_needed(stage: Stage, app: DemoApp, ends: datetime) -> list[Calls]:
    """The calls of an app that shall pass and says nothing of its calls."""
    verdicts = {review.verdict for review in app.reviews or _reviews_asked(app)}
    return [Calls(count=stage.policy_at(ends).calls_needed)] if "passed" in verdicts else []


def _reviews_asked(app: DemoApp) -> list[Review]:
    if app.review is None or app.review == "none":
        return []
    return [Review(verdict="failed" if app.review == "failed" else "passed")]


def _review(stage: Stage, path: str, app: DemoApp, declared: Review, before: datetime) -> datetime:
    key = key_of(app)
    started = stage.when(declared.started, before + _UNTIL_REVIEW)
    settled = stage.when(declared.settled, started + max(_UNTIL_VERDICT, stage.policy_at(started).review_delay))
    user = stage.creators[key] if declared.by is None else stage.known.users.load(declared.by)
    actor = stage.actor(user, started)
    with at(path, is_field=True):
        review = golive.start_review(stage.on(started, declared.policy), actor, key)
        golive.settle_due(stage.on(settled))
        judged = golive.load_review(stage.on(settled), actor, key, review.id)[1]
    if judged.verdict != declared.verdict:
        raise Mistakes([Problem(path, _why_not(judged))])
    demand_a_person(path, declared, judged)
    heard = hear(stage, f"{path.removesuffix('.verdict')}.questions", judged, declared.questions, settled)
    is_last = not app.reviews or declared is app.reviews[-1]
    ruling = ruling_of(app, declared, judged, is_last=is_last)
    return heard if ruling is None else rule(stage, path, judged, ruling, heard)


def _why_not(judged: Judged) -> str:
    """Why a review does not have the declared verdict."""
    if judged.verdict is None:
        return "it has no verdict by then; settle it after the policy's review_delay."
    findings = " ".join(f"{each.sentence} {each.next_step}" for each in judged.findings)
    return f"its calls make the review {judged.verdict}. {findings}".strip()
