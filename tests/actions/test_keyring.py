"""Which keys does a worker go on publishing when the database falls silent?"""

import time
from collections.abc import Iterator
from functools import partial

import pytest

from keysteward.actions import signing_keys, tokens
from keysteward.actions.context import Context
from keysteward.assembly import watcher
from keysteward.rules.refusals import OUT_OF_REACH
from tests.cast import Town, refused
from tests.polling import until


@pytest.fixture
def listening(town: Town, demo: Context) -> Iterator[Context]:
    """Demo, as a worker serves it: with somebody who listens for changes."""
    listener = watcher(demo)
    listener.start()
    try:
        until(partial(demo.directory.heard_within, 1))
        yield demo
    finally:
        listener.stop()


def kids(keys: list[dict[str, object]]) -> set[str]:
    """Which keys they are."""
    return {str(key["kid"]) for key in keys}


def test_what_the_listener_knows_is_what_is_published(listening: Context) -> None:
    """Before anybody asked, and after each change."""
    until(lambda: listening.keyring.known(listening.directory, listening.now, listening.longest_token_life))
    assert tokens.last_known_keys(listening) == tokens.published_keys(listening)
    new = signing_keys.distrust(listening, listening.access_key.kid, "Olga", "A laptop was lost.").signs

    until(lambda: kids(tokens.last_known_keys(listening)) == {new})


def test_it_is_published_for_a_minute_of_silence(demo: Context) -> None:
    """Long after whatever else is refused; not for longer, for somebody may have distrusted a key meanwhile."""
    demo.keyring.catch_up(demo.database)
    published, now = tokens.published_keys(demo), time.monotonic()
    demo.directory.heard(demo.directory.epoch, now - 50)
    with refused(OUT_OF_REACH):
        tokens.published_keys(demo)
    assert tokens.last_known_keys(demo) == published

    demo.directory.heard(demo.database.known_epoch, now - 61)
    with refused(OUT_OF_REACH):
        tokens.last_known_keys(demo)


def test_who_never_heard_publishes_nothing_of_before(demo: Context) -> None:
    """A worker that the database never spoke to knows no keys."""
    demo.keyring.catch_up(demo.database)
    with refused(OUT_OF_REACH):
        tokens.last_known_keys(demo)
