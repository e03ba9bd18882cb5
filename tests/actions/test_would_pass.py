"""Is it known beforehand whether a call would pass?"""

from collections.abc import Callable

import pytest

from keysteward.actions import accounts, acting_apps, keys, limits, would_pass
from keysteward.actions.context import Context
from keysteward.actions.would_pass import Preview
from keysteward.rules.access import READ_APPS, READ_KEYS
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.limits import Wish
from keysteward.rules.refusals import NO_SUCH_ACCOUNT, NOT_AN_ADMIN, TOKEN_LACKS_PERMISSION
from tests.cast import ACME, ADA, BO, MALLORY, SAM, UNKNOWN, Made, Town, refused

NO_KEY = "No app with this key works here."
NO_CONSENT = "The user does not allow this app to act for them, so it gets no token."


def ask(town: Town, key: str, user: str = SAM.demo) -> Preview:
    """Ada asks whether a call of a key for somebody would pass."""
    return would_pass.preview(town.demo, town.actor(ADA), ACME.demo, key, user)


def told(found: Preview) -> tuple[str, str]:
    """Code and reason of the refusal, or nothing."""
    return (found.refusal.kind.error_code, found.why) if found.refusal else ("", found.why)


def test_a_good_call_would_pass_and_counts_nowhere(town: Town, made: Made) -> None:
    """However often somebody asks, nothing is used up, and no call is recorded."""
    town.consent(town.demo, made, SAM)
    found = [ask(town, made.key.upper(), SAM.demo.upper()) for _ in range(5)]

    assert {told(each) for each in found} == {("", "")}
    assert limits.measure(town.demo, ACME.demo).headers["X-RateLimit-Remaining"] == "2999"


def test_without_a_user_it_is_about_whoever_asks(town: Town, made: Made) -> None:
    """Ada did not allow the app, then she did."""
    before = told(ask(town, made.key, ""))
    town.consent(town.demo, made, ADA)

    assert (before, told(ask(town, made.key, ""))) == (("AUTHORIZATION_INVALID_TOKEN", NO_CONSENT), ("", ""))


def stop(town: Town, made: Made) -> str:
    """The key is stopped."""
    keys.stop(town.demo, town.actor(ADA), made.key)
    return made.key


def unknown(town: Town, made: Made) -> str:
    """The key is nobody's."""
    return UNKNOWN


def block(town: Town, made: Made) -> str:
    """The account blocked the app."""
    acting_apps.block_app(town.demo, town.actor(ADA), ACME.demo, made.key)
    return made.key


def suspend(town: Town, made: Made) -> str:
    """The account is suspended, which is not the only one of its users."""
    accounts.open_account(town.demo, "Sam's own", "Free", NewUser(SAM.email, "Sam", "Sender", ADMIN))
    accounts.change_account(town.demo, ACME.demo, "operator", state="suspended")
    return made.key


def suspend_all(town: Town, made: Made) -> str:
    """The only account of the user is suspended."""
    accounts.change_account(town.demo, ACME.demo, "operator", state="suspended")
    return made.key


def leave(town: Town, made: Made) -> str:
    """The user left the account."""
    accounts.close_membership(town.demo, ACME.demo, SAM.demo, ADA.email)
    return made.key


def call_enough(town: Town, made: Made) -> str:
    """The account's burst is over its limit."""
    limits.set_limits(town.demo, ACME.demo, Wish(burst=1), "Olga", "Little.")
    limits.measure(town.demo, ACME.demo)
    return made.key


IN_THE_WAY: list[tuple[Callable[[Town, Made], str], str]] = [
    (stop, "AUTHORIZATION_INVALID_TOKEN"),
    (unknown, "AUTHORIZATION_INVALID_TOKEN"),
    (block, "USER_LACKS_PERMISSIONS"),
    (suspend, "ACCOUNT_LACKS_PERMISSIONS"),
    (suspend_all, "AUTHORIZATION_INVALID_TOKEN"),
    (leave, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"),
    (call_enough, "BURST_APIINVOCATION_LIMIT_EXCEEDED"),
]


@pytest.mark.parametrize(("happen", "code"), IN_THE_WAY)
def test_what_stands_in_the_way_is_said(town: Town, made: Made, happen: Callable[[Town, Made], str], code: str) -> None:
    """The refusal is the one that the call would get, in the order of a call."""
    town.consent(town.demo, made, SAM)
    key = happen(town, made)
    found = ask(town, key)

    assert found.refusal is not None
    assert found.refusal.kind.error_code == code
    assert found.why


def test_of_keys_that_do_not_work_nothing_more_is_said(town: Town, made: Made) -> None:
    """A stopped key, a deleted one and one that never was look alike."""
    town.consent(town.demo, made, SAM)
    keys.delete(town.demo, town.actor(ADA), made.key)

    assert told(ask(town, made.key)) == told(ask(town, UNKNOWN)) == ("AUTHORIZATION_INVALID_TOKEN", NO_KEY)


def test_of_strangers_nothing_more_is_said(town: Town, made: Made) -> None:
    """Users of other accounts, and nobody at all, are no members."""
    assert told(ask(town, made.key, MALLORY.demo)) == told(ask(town, made.key, UNKNOWN))
    assert told(ask(town, made.key, MALLORY.demo))[0] == "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"


def test_only_admins_of_the_account_may_ask(town: Town, demo: Context, made: Made) -> None:
    """Members, strangers, and programs without the permission to read keys may not; nor may they see the limits."""
    for deed in (lambda actor: would_pass.preview(demo, actor, ACME.demo, made.key),
                 lambda actor: limits.show_to_admin(demo, actor, ACME.demo)):  # fmt: skip
        deed(town.actor(BO, permissions=frozenset({READ_KEYS})))
        with refused(NOT_AN_ADMIN):
            deed(town.actor(SAM))
        with refused(NO_SUCH_ACCOUNT):
            deed(town.actor(MALLORY))
        with refused(TOKEN_LACKS_PERMISSION):
            deed(town.actor(ADA, permissions=frozenset({READ_APPS})))
