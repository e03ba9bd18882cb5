"""Is a policy applied as one version, by whom, and does everybody go by it?"""

from dataclasses import replace

import pytest

from keysteward.actions import golive, policy
from keysteward.actions.context import Context
from keysteward.rules.policy import DEFAULT
from keysteward.rules.refusals import (
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NOTHING_CHANGES,
    SECOND_OPERATOR_NEEDED,
    Refusal,
)
from keysteward.store.database import current_epoch
from tests.cast import ADA, Made, Town


def test_a_new_environment_has_version_1(demo: Context) -> None:
    """It is the defaults, dated, and kept: a later program's defaults do not change what was judged under it."""
    (first,) = policy.list_versions(demo)

    assert (first.policy, first.author, first.second) == (DEFAULT, "system", "")
    assert first.reason.startswith("The defaults of Keysteward ")
    assert (demo.policy, policy.load(demo, 0), policy.load(demo, 1)) == (DEFAULT, first, first)


def test_a_document_makes_a_version(demo: Context) -> None:
    """Numbered, dated, with author and reason; what the document does not name stays."""
    before = demo.directory.epoch
    made = policy.apply(demo, {"calls_needed": 30}, author="Olga", reason="More proof.")

    assert made.policy == replace(DEFAULT, version=2, calls_needed=30)
    assert (made.applied_at, made.author, made.second, made.reason) == (demo.now, "Olga", "", "More proof.")
    assert demo.policy == made.policy
    assert [version.policy.version for version in policy.list_versions(demo)] == [2, 1]
    with demo.database.reading() as tx:
        assert current_epoch(tx) == before + 1


def test_versions_build_on_one_another(demo: Context) -> None:
    """The third keeps what the second changed."""
    policy.apply(demo, {"calls_needed": 30}, author="Olga", reason="More proof.")
    third = policy.apply(demo, {"keys_per_account": 5}, author="Olga", reason="Fewer keys.").policy

    assert (third.version, third.calls_needed, third.keys_per_account) == (3, 30, 5)


@pytest.mark.parametrize("second", ["", "Olga", "OLGA", "  olga "])
def test_what_loosens_needs_somebody_else(demo: Context, second: str) -> None:
    """Nobody, and the author in other letters, are no second operator; nothing is applied."""
    with pytest.raises(Refusal) as refused:
        policy.apply(demo, {"calls_needed": 5}, author="Olga", reason="Less proof.", second=second)

    assert (refused.value.kind, refused.value.values["numbers"]) == (SECOND_OPERATOR_NEEDED, "calls_needed")
    assert demo.policy == DEFAULT


def test_a_second_operator_is_named(demo: Context) -> None:
    """The version says who approved it."""
    made = policy.apply(demo, {"calls_needed": 5}, author="Olga", reason="Less proof.", second="Otto")

    assert (made.policy.calls_needed, made.second) == (5, "Otto")


def test_nothing_is_no_version(demo: Context) -> None:
    """A document that says what applies already is refused."""
    with pytest.raises(Refusal) as refused:
        policy.apply(demo, {"calls_needed": 20}, author="Olga", reason="The same.")

    assert refused.value.kind is NOTHING_CHANGES


@pytest.mark.parametrize(
    ("document", "author", "reason", "field"),
    [
        ({"calls_needed": 0}, "Olga", "Why not.", "calls_needed"),
        ({"calls_needed": 30}, " ", "Why not.", "author"),
        ({"calls_needed": 30}, "Olga", "", "reason"),
        ({"calls_needed": 30}, "Olga", "x" * 501, "reason"),
    ],
)
def test_what_is_wrong_is_named(
    demo: Context, document: dict[str, object], author: str, reason: str, field: str
) -> None:
    """A wrong number, and an author or a reason that says nothing, are refused by name."""
    with pytest.raises(Refusal) as refused:
        policy.apply(demo, document, author=author, reason=reason)

    assert (refused.value.kind, refused.value.field) == (INVALID_FIELD, field)


def test_an_unknown_version_is_not_there(demo: Context) -> None:
    """Only what applied once can be shown."""
    with pytest.raises(Refusal) as refused:
        policy.load(demo, 2)

    assert refused.value.kind is NO_SUCH_OBJECT


def test_another_process_catches_up(town: Town, demo: Context) -> None:
    """A process that did not apply a version goes by it once it looks, and never back to an older one."""
    elsewhere = demo.under(DEFAULT)
    made = policy.apply(demo, {"calls_needed": 30}, author="Olga", reason="More proof.").policy
    assert elsewhere.policy == DEFAULT
    policy.catch_up(elsewhere)
    newer = demo.under(replace(made, version=9))
    policy.catch_up(newer)

    assert elsewhere.policy == made
    assert newer.policy.version == 9


def test_a_review_is_judged_by_the_version_it_names(town: Town, demo: Context, made: Made) -> None:
    """Numbers that change between start and verdict change nothing of this review, and all of the next."""
    town.call(made, 20)
    started = golive.start_review(demo, town.actor(ADA), made.key)
    policy.apply(demo, {"calls_needed": 21}, author="Olga", reason="More proof.")
    town.clock.advance(seconds=1)
    golive.settle_due(demo)
    _, settled = golive.load_review(demo, town.actor(ADA), made.key, started.id)

    assert (settled.policy_version, settled.verdict, settled.run) == (1, "passed", 20)
    assert golive.readiness(demo, town.actor(ADA), made.key).policy.version == 2
