"""What does an environment do by itself?

Read JOBS: it is all of it. However many workers run, each job is done by the one that holds its lease.
"""

import functools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Self

import structlog

from keysteward.actions import (
    audit,
    checkpoint_copies,
    custody,
    domains,
    drills,
    evidence,
    expiry_notices,
    golive,
    housekeeping,
    leases,
    mailing,
    moving,
    receipts,
    releases,
    reminders,
    retiring,
    review_notices,
    webhook_deliveries,
    working,
)
from keysteward.actions.context import Context
from keysteward.actions.leases import Lease, LeaseLost
from keysteward.rules.words import ENVIRONMENTS, Environment, new_guid

_SECONDS = 0.5
_KEEP_SECONDS = 1.0
_REST_SECONDS = 5.0
_SEAL = "seal"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Turn:
    """What a job is told: the lease it runs under, and whether it has yet to succeed under it."""

    lease: Lease
    is_first: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A deed that is done again and again; where it answers False or fails, after twice the time each time.

    Where this process is alone, nothing was written and no clock was moved since, one that `rests` looks again after
    some seconds only. At the end it is waited for, or only so many seconds where whoever comes next does it over.
    """

    name: str
    deed: Callable[[Context, Turn], bool]
    environments: tuple[Environment, ...] = ENVIRONMENTS
    every_seconds: float = _SECONDS
    most_seconds: float = 5.0
    end_seconds: float | None = None
    rests: bool = True


def settle_reviews(ctx: Context, turn: Turn) -> bool:
    """Give reviews their verdict."""
    golive.settle_due(ctx)
    return True


def tell_of_expiry(ctx: Context, turn: Turn) -> bool:
    """Tell people of passed reviews that are about to expire."""
    review_notices.tell_of_expiry(ctx)
    return True


def tell_of_credentials(ctx: Context, turn: Turn) -> bool:
    """Tell people of secret keys and keypairs that are about to expire."""
    expiry_notices.tell_of_expiry(ctx)
    return True


def deliver_receipts(ctx: Context, turn: Turn) -> bool:
    """Tell demo of the keys that arrived."""
    return receipts.deliver_receipts(ctx)


def remind(ctx: Context, turn: Turn) -> bool:
    """Remind admins of keys that wait for them."""
    reminders.remind(ctx)
    return True


def settle_transfers(ctx: Context, turn: Turn) -> bool:
    """Move keys whose waiting is over, end transfers that nobody finished, and remind of the others."""
    moving.settle_due(ctx)
    return True


def settle_retirements(ctx: Context, turn: Turn) -> bool:
    """Retire keys whose waiting is over, delete those that nobody can bring back any more, and remind before."""
    retiring.settle_due(ctx)
    retiring.remind_due(ctx)
    return True


def settle_releases(ctx: Context, turn: Turn) -> bool:
    """End requests for sealed credentials whose time is up."""
    releases.settle_due(ctx)
    return True


def remind_of_drills(ctx: Context, turn: Turn) -> bool:
    """Remind people of drills that are due soon or overdue."""
    drills.remind_due(ctx)
    return True


def seal_history(ctx: Context, turn: Turn) -> bool:
    """Seal new events, and sign a checkpoint every minute."""
    if turn.is_first or audit.is_behind(ctx):
        audit.seal_events(ctx, turn.lease, everything=turn.is_first)
        audit.sign_checkpoint(ctx, turn.lease, at_once=False)
    return True


def copy_checkpoints(ctx: Context, turn: Turn) -> bool:
    """Copy new checkpoints to where nobody who writes to the database can change them."""
    return checkpoint_copies.copy_checkpoints(ctx)


def send_mails(ctx: Context, turn: Turn) -> bool:
    """Send what lies in the outbox and was never tried; several jobs do, for a mail server may be slow about one."""
    return _send_mails(ctx, turn, tried=False)


def send_tried_mails(ctx: Context, turn: Turn) -> bool:
    """Send what was tried before; beside the others, so that many of these hold up no new mail."""
    return _send_mails(ctx, turn, tried=True)


def _send_mails(ctx: Context, turn: Turn, *, tried: bool) -> bool:
    way = turn.lease.name
    if turn.is_first:
        mailing.take_over(ctx, way)
    return mailing.send_due(ctx, way, tried=tried)


def sum_calls(ctx: Context, turn: Turn) -> bool:
    """Sum by the hour what was recorded some minutes ago."""
    evidence.sum_calls(ctx)
    return True


def forget_evidence(ctx: Context, turn: Turn) -> bool:
    """Forget calls and sums that the policy keeps no longer."""
    evidence.forget_old_calls(ctx)
    evidence.forget_old_hours(ctx)
    return True


def check_domains(ctx: Context, turn: Turn) -> bool:
    """Ask DNS about the claimed domain that waits for it longest."""
    domains.check_next(ctx)
    return True


def judge_changes(ctx: Context, turn: Turn) -> bool:
    """Judge the custody of whatever the newest sealed events concern."""
    custody.judge_changed(ctx)
    return True


def judge_custody(ctx: Context, turn: Turn) -> bool:
    """Judge the custody of everything once a day, a few accounts at a time; rest where none is due."""
    return custody.judge_due(ctx) > 0


def deliver_webhooks(ctx: Context, turn: Turn) -> bool:
    """Send what was told to the webhooks that take it."""
    webhook_deliveries.hand_over(ctx)
    webhook_deliveries.deliver_due(ctx, failing=False)
    webhook_deliveries.note_waiting(ctx)
    return True


def retry_webhooks(ctx: Context, turn: Turn) -> bool:
    """Try those that did not take what was sent last; beside the others, for many of these make one wait."""
    webhook_deliveries.deliver_due(ctx, failing=True)
    return True


def do_work(ctx: Context, turn: Turn) -> bool:
    """Do the long work that people asked for, one piece after another; two jobs do, for a piece may take minutes."""
    while working.do_next(ctx, turn.lease):
        pass
    return True


def tidy_up(ctx: Context, turn: Turn) -> bool:
    """Forget what nobody can use any more."""
    housekeeping.forget_what_expired(ctx)
    return True


JOBS: tuple[Job, ...] = (
    Job("settle", settle_reviews, ("demo",), rests=False),
    Job("expiry", tell_of_expiry, ("demo",), every_seconds=60.0, most_seconds=60.0),
    Job("credentials", tell_of_credentials, every_seconds=60.0, most_seconds=60.0),
    Job("deliver", deliver_receipts, ("production",), most_seconds=30.0),
    Job("remind", remind, every_seconds=60.0, most_seconds=600.0),
    Job("transfers", settle_transfers, ("production",), every_seconds=15.0, most_seconds=60.0),
    Job("retirements", settle_retirements, ("production",), every_seconds=15.0, most_seconds=60.0),
    Job("releases", settle_releases, every_seconds=15.0, most_seconds=60.0),
    Job("drills", remind_of_drills, every_seconds=60.0, most_seconds=600.0),
    Job(_SEAL, seal_history),
    Job("copies", copy_checkpoints, every_seconds=5.0, most_seconds=60.0),
    Job("mail", send_mails, every_seconds=1.0, end_seconds=10.0),
    Job("mail-2", send_mails, every_seconds=1.0, end_seconds=10.0),
    Job("mail-3", send_mails, every_seconds=1.0, end_seconds=10.0),
    Job("mail-tried", send_tried_mails, every_seconds=1.0, end_seconds=10.0),
    Job("webhooks", deliver_webhooks, every_seconds=1.0),
    Job("webhooks-failing", retry_webhooks, every_seconds=1.0),
    Job("work", do_work, every_seconds=1.0, end_seconds=5.0),
    Job("work-2", do_work, every_seconds=1.0, end_seconds=5.0),
    Job("tidy", tidy_up, every_seconds=600.0, most_seconds=600.0),
    Job("domains", check_domains, every_seconds=1.0, most_seconds=60.0),
    Job("custody", judge_changes, every_seconds=1.0),
    Job("custody-daily", judge_custody, every_seconds=1.0),
    Job("sum", sum_calls, every_seconds=60.0, most_seconds=60.0),
    Job("evidence", forget_evidence, every_seconds=600.0, most_seconds=600.0),
)


class _Sight(NamedTuple):
    """What a job had before it when it began: how much was written, how far the clock is moved, and when that was."""

    written: int
    moved_seconds: int
    at_seconds: float

    def is_as(self, before: Self) -> bool:
        """Whether there is nothing new, and it is not long ago."""
        return self[:2] == before[:2] and self.at_seconds < before.at_seconds + _REST_SECONDS


class Jobs:
    """A thread for each job of an environment, and one that keeps this worker's leases, until they are stopped."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._holder = new_guid()
        self._held: dict[str, Lease] = {}
        self._jobs = tuple(job for job in JOBS if ctx.environment in job.environments)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin."""
        self._begin("leases", self._keep)
        for job in self._jobs:
            self._begin(job.name, functools.partial(self._repeat, job))

    def stop(self) -> None:
        """Finish what runs, seal and sign what is left, and give the leases back."""
        self._stop.set()
        asked_at = time.monotonic()
        patience = {self._called(job.name): job.end_seconds for job in self._jobs}
        for thread in self._threads:
            seconds = patience.get(thread.name)
            thread.join(None if seconds is None else max(0.0, asked_at + seconds - time.monotonic()))
        if self._threads:
            self._attempt("end", self._end)

    def _begin(self, name: str, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=self._called(name), daemon=True)
        thread.start()
        self._threads.append(thread)

    def _called(self, name: str) -> str:
        return f"jobs-{self._ctx.environment}-{name}"

    def _keep(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            self._attempt("leases", self._keep_once)
            pause = _KEEP_SECONDS

    def _keep_once(self) -> bool:
        self._held = leases.keep(self._ctx, self._holder, [job.name for job in self._jobs])
        return True

    def _repeat(self, job: Job) -> None:
        pause, fence = 0.0, 0
        seen: _Sight | None = None
        while not self._stop.wait(pause):
            lease = self._held.get(job.name)
            if lease is None or not leases.is_held(self._ctx, lease):
                pause = _SECONDS
                continue
            sight = self._sight()
            if job.rests and seen is not None and sight.is_as(seen):
                continue
            turn = Turn(lease, is_first=lease.fence != fence)
            if self._attempt(job.name, functools.partial(job.deed, self._ctx, turn)):
                pause, fence, seen = job.every_seconds, lease.fence, sight if self._ctx.database.is_sqlite else None
            else:
                pause, seen = min(2 * max(pause, _SECONDS), job.most_seconds), None

    def _sight(self) -> _Sight:
        moved = self._ctx.now.timestamp() - self._ctx.machine_clock()
        return _Sight(self._ctx.database.written, round(moved), time.monotonic())

    def _attempt(self, name: str, deed: Callable[[], bool]) -> bool:
        try:
            return deed()
        except LeaseLost:
            log.info("another worker does this job now", environment=self._ctx.environment, job=name)
        except Exception:
            log.exception("job failed, it will run again", environment=self._ctx.environment, job=name)
        return False

    def _end(self) -> bool:
        lease = leases.keep(self._ctx, self._holder, [_SEAL]).get(_SEAL)
        if lease is not None:
            audit.seal_events(self._ctx, lease, everything=False)
            audit.sign_checkpoint(self._ctx, lease, at_once=True)
            checkpoint_copies.copy_checkpoints(self._ctx)
        leases.release(self._ctx, self._holder)
        return True
