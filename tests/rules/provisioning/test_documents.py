"""What is kept of what a provider says of somebody, and what do they see of it?"""

from datetime import UTC, datetime
from typing import Any

import pytest

from keysteward.rules.accounts import User
from keysteward.rules.provisioning.documents import Kept, Wanted, document_of, version_of, wanted_of
from keysteward.rules.provisioning.patches import changed, moves_along, read_operations
from keysteward.rules.provisioning.showing import read_names, shown
from keysteward.rules.refusals import INVALID_FIELD, INVALID_PARAMETER, OUTSIDE_CLAIMED_DOMAINS, Kind
from tests.cast import refused

ADA = User("a", "ada@acme.example", "Ada", "Admin", "active", datetime(2026, 11, 20, tzinfo=UTC))
OURS = ("acme.example",)


def wanted(document: dict[str, Any]) -> Wanted:
    """What a document asks for."""
    return wanted_of(document, OURS)


def test_somebody_whom_no_provider_mentioned() -> None:
    """Their address is their name."""
    assert document_of(ADA, None) == {
        "userName": "ada@acme.example",
        "name": {"givenName": "Ada", "familyName": "Admin"},
        "emails": [{"value": "ada@acme.example", "type": "work", "primary": True}],
        "active": True,
    }


@pytest.mark.parametrize(
    ("emails", "expected"),
    [
        ([{"value": "a@acme.example"}, {"value": "b@acme.example", "primary": True}], "b@acme.example"),
        ([{"value": "a@acme.example"}, {"value": "b@acme.example", "type": "Work"}], "b@acme.example"),
        ([{"value": "a@acme.example"}, {"value": "b@acme.example"}], "a@acme.example"),
        ([{"type": "work"}, {"value": ""}], "nell@acme.example"),
        ([], "nell@acme.example"),
    ],
    ids=range(5),
)
def test_which_address_is_kept(emails: list[dict[str, Any]], expected: str) -> None:
    """The primary one, or that for work, or the first, or the name."""
    assert expected == wanted({"userName": "nell@acme.example", "emails": emails}).email


@pytest.mark.parametrize(
    ("name", "operation", "expected"),
    [
        ("ada@acme.example", {"path": "userName", "value": "eda@acme.example"}, "eda@acme.example"),
        ("ADA@acme.example", {"path": "userName", "value": "eda@acme.example"}, "eda@acme.example"),
        ("upn@acme.example", {"path": "userName", "value": "eda@acme.example"}, "ada@acme.example"),
        ("ADA@acme.example", {"path": "externalId", "value": "1"}, "ada@acme.example"),
        (
            "ada@acme.example",
            {"value": {"userName": "eda@acme.example", "emails": [{"value": "ada@acme.example"}]}},
            "ada@acme.example",
        ),
    ],
    ids=["renamed", "in capitals", "another name", "not renamed", "address said"],
)
def test_a_name_that_is_the_address_stays_it(name: str, operation: dict[str, Any], expected: str) -> None:
    """Whoever is renamed moves along, unless the provider says otherwise."""
    before, operations = document_of(ADA, Kept(name)), read_operations([{"op": "replace", **operation}])
    after = changed(before, operations)

    assert expected == wanted_of(after, OURS, moves=moves_along(before, after, operations)).email


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"name": {"givenName": "Nell", "familyName": "New"}}, ("Nell", "New")),
        ({"displayName": "Nell New"}, ("Nell New", "")),
        ({}, ("nell", "")),
    ],
    ids=range(3),
)
def test_how_somebody_is_called(document: dict[str, Any], expected: tuple[str, str]) -> None:
    """As is said, or as is shown, or as the address begins."""
    found = wanted({"userName": "nell@acme.example", **document})

    assert expected == (found.first_name, found.last_name)


@pytest.mark.parametrize(
    ("document", "kind", "field"),
    [
        ({}, INVALID_FIELD, "userName"),
        ({"userName": "nell"}, INVALID_FIELD, "userName"),
        ({"userName": "nell@other.example"}, OUTSIDE_CLAIMED_DOMAINS, "userName"),
        ({"userName": "nell@sub.acme.example"}, OUTSIDE_CLAIMED_DOMAINS, "userName"),
        (
            {"userName": "nell@acme.example", "emails": [{"value": "x@y.example"}]},
            OUTSIDE_CLAIMED_DOMAINS,
            "emails.value",
        ),
        ({"userName": "nell@acme.example", "emails": [{"value": "x"}]}, INVALID_FIELD, "emails.value"),
        ({"userName": "nell@acme.example", "externalId": "x" * 257}, INVALID_FIELD, "externalId"),
        ({"userName": "nell@acme.example", "name": {"givenName": "\x07"}}, INVALID_FIELD, "name.givenName"),
    ],
    ids=range(8),
)
def test_what_is_not_taken(document: dict[str, Any], kind: Kind, field: str) -> None:
    """Names and addresses lie in claimed domains, exactly; texts are short and printable."""
    with refused(kind, field):
        wanted(document)


def test_versions_follow_what_is_seen() -> None:
    """The same user has the same version, however often it is made; any difference is another one."""
    known = version_of(document_of(ADA, None))

    assert known == version_of(dict(reversed(list(document_of(ADA, None).items()))))
    assert known != version_of(document_of(ADA, Kept("ada@acme.example", external_id="1")))


@pytest.mark.parametrize(
    ("only", "without", "expected"),
    [
        ("userName", "", {"schemas", "id", "userName"}),
        ("USERNAME,name.givenName", "", {"schemas", "id", "userName", "name"}),
        ("", "userName,emails,id", {"schemas", "id", "name", "active"}),
        ("title", "", {"schemas", "id"}),
        ("", "", {"schemas", "id", "userName", "name", "emails", "active"}),
    ],
    ids=range(5),
)
def test_what_is_shown(only: str, without: str, expected: set[str]) -> None:
    """What was asked for, and always the id and the schemas."""
    resource = {"schemas": ["x"], "id": "a", **document_of(ADA, None)}

    assert expected == shown(resource, read_names(only), read_names(without)).keys()


def test_parts_are_shown_alone() -> None:
    """Of an object and of each value of a list."""
    resource = {"id": "a", **document_of(ADA, None)}
    kept = shown(resource, read_names("name.givenName,emails.value"), frozenset())

    assert kept == {"id": "a", "name": {"givenName": "Ada"}, "emails": [{"value": "ada@acme.example"}]}
    assert shown(resource, frozenset(), read_names("name.familyName"))["name"] == {"givenName": "Ada"}
    with refused(INVALID_PARAMETER):
        read_names("x," * 60)
