"""Does every way through the interview end, and does it advise what the sources say?"""

from collections.abc import Iterator

import pytest

from keysteward.rules.interview import COUNSELS, QUESTIONS, TOPICS, Advice, advise, next_question, read
from keysteward.rules.keys import GRANTS, INTEGRATION_TYPES
from keysteward.rules.refusals import INVALID_FIELD
from tests.cast import refused

PRODUCT = {"calls": "api", "owner": "product"}
SERVER = {"place": "server", "people": "present"}


def every_way(answers: dict[str, str]) -> Iterator[dict[str, str]]:
    """All complete interviews that begin with some answers."""
    question = next_question(answers)
    if question is None:
        yield answers
        return
    for option in question.options:
        yield from every_way(answers | {question.code: option.code})


WAYS = [*every_way({})]


def test_every_way_ends_with_advice() -> None:
    """Each asks each question once at most, and says at its end whether a key is needed, and whose it should be."""
    for answers in WAYS:
        found = advise(answers)
        topics = {counsel.topic for counsel in found.counsels}
        assert read(answers) == answers
        assert ({"need", "owner", "type", "grants", "custody"} <= topics) == found.needs_key, answers
        assert (found.integration_type is None, not found.grants) == (not found.needs_key, not found.needs_key), answers
    assert {answers["calls"] for answers in WAYS if not advise(answers).needs_key} == {
        "powerform", "clickwrap", "listener",
    }  # fmt: skip


def test_every_question_and_counsel_comes_up() -> None:
    """None is there that no way leads to, and every one names its source."""
    assert {code for answers in WAYS for code in answers} == {question.code for question in QUESTIONS}
    assert {counsel for answers in WAYS for counsel in advise(answers).counsels} == set(COUNSELS)
    assert all(counsel.source and counsel.topic in TOPICS for counsel in COUNSELS)


def test_a_listener_needs_no_key() -> None:
    """What calls nothing needs none, and nothing more is asked."""
    assert advise({"calls": "listener"})[:1] == (False,)
    assert next_question({"calls": "listener"}) is None


@pytest.mark.parametrize(
    ("answers", "expected_type", "expected_grants"),
    [
        ({"calls": "api", "owner": "own"} | SERVER, "Private custom integration", ("confidential_code",)),
        ({"calls": "api", "owner": "consultant", "place": "client"}, "Private custom integration", ("public_code",)),
        (
            PRODUCT | {"instances": "shared", "embedded": "theirs"} | SERVER,
            "Public integration",
            ("confidential_code",),
        ),
        (
            PRODUCT | {"instances": "dedicated", "embedded": "ours", "place": "server", "people": "both"},
            "Embedded integration",
            ("confidential_code", "jwt"),
        ),
        (
            PRODUCT | {"instances": "controlled", "place": "server", "people": "away"},
            "Third-party integration key",
            ("jwt",),
        ),
    ],
)
def test_what_an_app_is_registered_as(
    answers: dict[str, str], expected_type: str, expected_grants: tuple[str, ...]
) -> None:
    """Its integration type and its grants follow from whose it is and where it runs; never the implicit grant."""
    found = advise(answers)
    assert (found.integration_type, found.grants) == (expected_type, expected_grants)
    assert expected_type in INTEGRATION_TYPES
    assert set(expected_grants) < set(GRANTS) - {"implicit"}


def test_an_isv_has_one_key_and_asks_for_a_review() -> None:
    """One key for the whole product, hidden from customers, and the app review first."""
    shared = advise(PRODUCT | {"instances": "shared", "embedded": "theirs"} | SERVER)
    controlled = advise(PRODUCT | {"instances": "controlled"} | SERVER)

    assert {"number", "review"} <= _topics(shared)
    assert not {"number", "review"} & _topics(controlled)


def _topics(found: Advice) -> set[str]:
    return {counsel.topic for counsel in found.counsels}


def test_what_is_no_option_is_refused() -> None:
    """With the options to choose from; an answer that is not asked for is left out."""
    with refused(INVALID_FIELD, field="calls"):
        read({"calls": "maybe"})
    assert read({"calls": "listener", "owner": "own", "other": "thing"}) == {"calls": "listener"}


def test_an_open_question_is_asked_before_there_is_advice() -> None:
    """The refusal names it."""
    with refused(INVALID_FIELD, field="owner"):
        advise({"calls": "api"})
