"""Is a refused request remembered for the app's admins, and nothing secret of it?"""

from datetime import timedelta

from keysteward.actions import housekeeping, troubleshooting
from keysteward.actions.context import Context
from keysteward.rules.refusals import NO_SUCH_KEY, NO_SUCH_OBJECT
from keysteward.rules.troubleshooting.attempted import KEPT_FOR, KEPT_PER_KEY, Attempt
from tests.cast import ADA, MALLORY, UNKNOWN, Made, Town, refused
from tests.peers.databases import rows
from tests.polling import until


def kept(ctx: Context) -> int:
    """How many refused requests are written."""
    ((number,),) = rows(ctx.database, "SELECT count(*) FROM app_attempts")
    return int(number)


def note(town: Town, key: str, times: int, code: str = "issuer-not-found") -> None:
    """So many requests in a key's name are refused, a second apart."""
    for _ in range(times):
        town.clock.advance(seconds=1)
        troubleshooting.note(town.demo, Attempt(key, town.demo.now, "JWT", code))


def test_the_newest_of_a_key_are_kept(town: Town, demo: Context, made: Made) -> None:
    """Whoever sends many leaves the newest ones, of keys that exist, the newest first."""
    note(town, UNKNOWN, 1)
    note(town, made.key, KEPT_PER_KEY)
    until(lambda: kept(demo) == KEPT_PER_KEY)
    note(town, made.key, 3, "user-not-found")
    until(lambda: rows(demo.database, "SELECT count(*) FROM app_attempts WHERE code = 'user-not-found'") == [(3,)])
    _, found = troubleshooting.list_attempts(demo, town.actor(ADA), made.key)

    assert kept(demo) == KEPT_PER_KEY
    assert [attempt.code for attempt in found[:4]] == ["user-not-found"] * 3 + ["issuer-not-found"]
    assert found[0].at - found[3].at == timedelta(seconds=3)


def test_what_is_old_is_forgotten(town: Town, demo: Context, made: Made) -> None:
    """After 30 days a refused request is gone."""
    note(town, made.key, 1)
    until(lambda: kept(demo) == 1)
    town.clock.now += KEPT_FOR + timedelta(seconds=1)
    housekeeping.forget_what_expired(demo)

    assert kept(demo) == 0


def test_nobody_else_reads_them(town: Town, demo: Context, made: Made) -> None:
    """Who may not read the key finds neither its facts nor what was refused in its name."""
    actor = town.actor(MALLORY)

    with refused(NO_SUCH_KEY):
        troubleshooting.list_attempts(demo, actor, made.key)
    with refused(NO_SUCH_KEY):
        troubleshooting.facts_of(demo, actor, made.key)


def test_one_that_is_not_there_is_refused(town: Town, demo: Context, made: Made) -> None:
    """A number of nothing, or of another key's request, is answered alike."""
    other = town.create_app(name="Another")
    note(town, other.key, 1)
    until(lambda: kept(demo) == 1)
    ((number,),) = rows(demo.database, "SELECT number FROM app_attempts")

    for absent in (int(number), 999_999):
        with refused(NO_SUCH_OBJECT):
            troubleshooting.load_attempt(demo, town.actor(ADA), made.key, absent)
    assert troubleshooting.load_attempt(demo, town.actor(ADA), other.key, int(number))[1].code == "issuer-not-found"


def test_an_assertion_names_its_key_or_nothing() -> None:
    """What cannot be read names nobody."""
    assert [troubleshooting.named_issuer(text) for text in ("", "a.b.c", "é")] == ["", "", ""]
