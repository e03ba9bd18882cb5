"""Do four workers together count every token that they issue?"""

from collections import Counter

import pytest

from keysteward.actions import keys, usage
from tests.cast import ADA, SAM, Made
from tests.racing import at_once
from tests.serving.estate import Estate
from tests.serving.running import Home, lines_to_each_worker, serving

EACH = 10
TIMES = 5


@pytest.mark.long
def test_what_four_workers_issue_adds_up(home: Home, estate: Estate, made: Made) -> None:
    """Two hundred tokens are counted, in one row where they are alike; who stops the workers right away loses none."""
    estate.consent(estate.ctx, made, SAM)
    with serving(home, "--workers", "4") as server, lines_to_each_worker(server, EACH) as crowd:
        answers, _ = at_once(
            lambda number: [estate.grant(crowd[number], made).status for _ in range(TIMES)], len(crowd)
        )

    assert Counter(status for each in answers for status in each) == {200: 4 * EACH * TIMES}
    (pair,) = keys.view(estate.ctx, estate.actor(ADA), made.key).settings.keypairs
    programs = usage.list_programs(estate.ctx, estate.actor(ADA), made.key, pair.id)
    assert [(program.grant, program.tokens) for program in programs] == [("jwt", 4 * EACH * TIMES)]
