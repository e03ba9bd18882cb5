"""Who races over the policy, over legacy calls, and over waivers?"""

from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from itertools import pairwise

from keysteward.actions import legacy, policy
from keysteward.rules.legacy_forms import HEADER
from keysteward.rules.policy_text import names
from tests.cast import ADA, SAM
from tests.old_fashioned import HERE, api_calls, bring_to, counted, in_json, in_soap
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]


@race(policy.apply)
def every_version_has_one_number(on: Ground) -> Story:
    """A hundred operators who each change one number: a hundred versions in a row, and no change is lost."""
    came = yield lambda number: policy.apply(
        on.demo,
        {"keys_per_account": 1_000 + number} if number % 2 else {"hourly_calls": 4_000 + number},
        author=f"Operator {number}",
        reason="A race.",
    )

    versions = policy.list_versions(on.demo)
    assert (came.refusals, events_of(on.demo, "PolicyApplied")) == (Counter(), 100)
    assert [version.policy.version for version in versions] == list(range(101, 0, -1))
    assert on.demo.policy == versions[0].policy
    for after, before in pairwise(versions):
        assert len([name for name in names() if getattr(after.policy, name) != getattr(before.policy, name)]) == 1


@race(legacy.admit_header, legacy.admit_soap)
def no_legacy_call_is_lost(on: Ground) -> Story:
    """A hundred legacy calls of one user at once, in every form, are counted as a hundred, and are no API calls."""
    bring_to(on.demo, ("measure", ""))
    header, message = in_json(on.made)[HEADER], in_soap(on.made)
    came = yield taking_turns(
        lambda _: legacy.admit_header(on.demo, header, HERE, "Java 4"),
        lambda _: legacy.admit_soap(on.demo, message, HERE, "A till"),
    )

    assert (len(came.answers), came.refusals, api_calls(on.demo)) == (100, Counter(), 0)
    assert counted(on.demo) == [(SAM.demo, 100, 0)]


@race(legacy.waive, legacy.revoke_waiver)
def a_key_has_one_waiver(on: Ground) -> Story:
    """While operators waive and revoke, at most one waiver holds, and each deed that was done is told."""
    until = on.demo.now + timedelta(days=1)
    came = yield taking_turns(
        lambda number: legacy.waive(on.demo, on.key, "Olga", ADA.email, f"Reason {number}.", until),
        lambda _: legacy.revoke_waiver(on.demo, on.key, "Otto"),
    )

    assert set(came.refusals) <= {"no-such-object"}
    assert sum(waiver.holds(on.demo.now) for waiver in legacy.list_waivers(on.demo)) <= 1
    assert len(legacy.list_waivers(on.demo)) == events_of(on.demo, "LegacyWaived") == 50
    assert events_of(on.demo, "LegacyWaiverRevoked") == 50 - came.refusals["no-such-object"]
