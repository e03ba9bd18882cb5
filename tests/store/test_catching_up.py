"""Does a running worker hear of a policy that another process applied?"""

import threading
from functools import partial

from keysteward.actions import policy
from keysteward.actions.context import Context
from keysteward.rules.policy import DEFAULT
from keysteward.store.database import bump_epoch
from keysteward.store.directory import Directory, Watcher
from tests.polling import until


def test_a_watcher_catches_up_whenever_the_epoch_rose(demo: Context) -> None:
    """Once when it begins to listen, and again after each change; never while nothing changes."""
    heard = threading.Semaphore(0)
    watcher = Watcher(demo.database, demo.directory, heard.release)
    watcher.start()
    try:
        assert heard.acquire(timeout=10)
        with demo.database.writing() as tx:
            bump_epoch(tx)
        assert heard.acquire(timeout=10)
        assert not heard.acquire(timeout=0.6)
    finally:
        watcher.stop()


def test_a_worker_goes_by_the_policy_of_another_process(demo: Context) -> None:
    """What one process applies, another that only listens goes by soon after."""
    worker = demo.under(DEFAULT)
    watcher = Watcher(demo.database, Directory(demo.database), partial(policy.catch_up, worker))
    watcher.start()
    try:
        policy.apply(demo, {"calls_needed": 30}, author="Olga", reason="More proof.")
        until(lambda: worker.policy.calls_needed == 30)
    finally:
        watcher.stop()

    assert worker.policy == demo.policy


def test_a_watcher_outlives_what_it_cannot_read(demo: Context) -> None:
    """What fails for whatever reason is logged and tried again: a thread that ended would never hear of anything."""
    tries, caught_up = 0, threading.Event()

    def stumble() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise ValueError("a policy of a newer release")
        caught_up.set()

    watcher = Watcher(demo.database, demo.directory, stumble)
    watcher.start()
    try:
        assert caught_up.wait(10)
    finally:
        watcher.stop()
