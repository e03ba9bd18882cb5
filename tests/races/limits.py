"""Who races over an account's limits?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import limits
from keysteward.rules.limits import Wish
from tests.cast import ACME
from tests.races.course import Came, Ground, Runner, events_of, race

Story = Generator[Runner, Came, None]


@race(limits.set_limits)
def no_change_of_limits_is_lost(on: Ground) -> Story:
    """A hundred operators who each say one number: a hundred changes in a row, each built on the one before."""
    came = yield lambda number: limits.set_limits(
        on.demo,
        ACME.demo,
        Wish(hourly=1_000 + number) if number % 2 else Wish(burst=1_000 + number),
        f"Operator {number}",
        "A race.",
    )

    made = limits.show(on.demo, ACME.demo).overrides
    assert (came.refusals, events_of(on.demo, "LimitsChanged")) == (Counter(), 100)
    assert [each.number for each in made] == list(range(100, 0, -1))
    assert len({(each.hourly, each.burst) for each in made}) == 100
