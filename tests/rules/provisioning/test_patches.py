"""Does a SCIM PATCH or PUT make of a user what RFC 7644 says, in every provider's dialect?"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysteward.rules.provisioning.documents import CORE, NAMES, Document, read_document
from keysteward.rules.provisioning.patches import changed, patching, read_operations, replacing
from keysteward.rules.refusals import (
    INVALID_FIELD,
    MALFORMED,
    SCIM_ATTRIBUTE_STAYS,
    SCIM_FILTER_NOT_GOOD,
    SCIM_NO_TARGET,
    SCIM_PATH_NOT_GOOD,
    Kind,
    Refusal,
)
from tests.cast import refused

WORK = {"value": "ada@acme.example", "type": "work", "primary": True}
HOME = {"value": "ada@home.example", "type": "home"}
ADA: Document = {
    "userName": "ada@acme.example",
    "externalId": "1",
    "name": {"givenName": "Ada", "familyName": "Admin"},
    "emails": [WORK],
    "active": True,
}


def patched(*operations: dict[str, Any]) -> Document:
    """Ada after operations."""
    return changed(ADA, read_operations(operations))


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "replace", "path": "active", "value": False}, {"active": False}),
        ({"op": "Replace", "path": "active", "value": "False"}, {"active": False}),
        ({"op": "replace", "value": {"active": False}}, {"active": False}),
        ({"op": "Add", "path": "externalId", "value": "2"}, {"externalId": "2"}),
        ({"op": "remove", "path": "externalId"}, {"externalId": None}),
        ({"op": "replace", "path": "EXTERNALID", "value": None}, {"externalId": None}),
        ({"op": "replace", "path": f"{CORE}:userName", "value": " a@b.example "}, {"userName": "a@b.example"}),
        (
            {"op": "replace", "path": "name.givenName", "value": "Eda"},
            {"name": {"givenName": "Eda", "familyName": "Admin"}},
        ),
        (
            {"op": "add", "path": "name", "value": {"givenName": "E"}},
            {"name": {"givenName": "E", "familyName": "Admin"}},
        ),
        ({"op": "remove", "path": "name.familyName"}, {"name": {"givenName": "Ada"}}),
        (
            {"op": "Add", "value": {"name.givenName": "Eda", 'emails[type eq "work"].value': "e@acme.example"}},
            {
                "name": {"givenName": "Eda", "familyName": "Admin"},
                "emails": [{"value": "e@acme.example", "type": "work", "primary": True}],
            },
        ),
        ({"op": "add", "value": {CORE: {"displayName": "Ada A."}, "schemas": [CORE]}}, {"displayName": "Ada A."}),
        ({"op": "replace", "path": "emails", "value": [HOME]}, {"emails": [HOME]}),
        ({"op": "add", "path": "emails", "value": HOME}, {"emails": [WORK, HOME]}),
        (
            {"op": "replace", "path": "emails.value", "value": "x@y.example"},
            {"emails": [{**WORK, "value": "x@y.example"}]},
        ),
        (
            {"op": "replace", "path": 'emails[type eq "work"]', "value": {"value": "x@y.example"}},
            {"emails": [{**WORK, "value": "x@y.example"}]},
        ),
        (
            {"op": "add", "path": 'emails[type eq "home"].value', "value": "ada@home.example"},
            {"emails": [WORK, HOME]},
        ),
        ({"op": "remove", "path": "emails.primary"}, {"emails": [{"value": "ada@acme.example", "type": "work"}]}),
        ({"op": "replace", "path": "title", "value": "Boss"}, {}),
        ({"op": "add", "path": "roles", "value": [{"value": "DS Admin"}]}, {}),
        (
            {
                "op": "add",
                "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                "value": "X",
            },
            {},
        ),
        ({"op": "add", "path": "name.honorificPrefix", "value": "Dr."}, {}),
    ],
    ids=range(22),
)
def test_what_an_operation_does(operation: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each kind of attribute, with and without path, filter and part; what is not kept is passed over."""
    wanted = {name: value for name, value in {**ADA, **expected}.items() if value is not None}

    assert wanted == patched(operation)


@pytest.mark.parametrize(
    ("operation", "kind", "field"),
    [
        ({"op": "remove"}, SCIM_NO_TARGET, "path"),
        ({"op": "move", "path": "active"}, MALFORMED, ""),
        ({"op": "add", "value": "x"}, MALFORMED, ""),
        ({"op": "add", "path": 7, "value": "x"}, MALFORMED, ""),
        ({"op": "remove", "path": "userName"}, SCIM_ATTRIBUTE_STAYS, ""),
        ({"op": "remove", "path": "active"}, SCIM_ATTRIBUTE_STAYS, ""),
        ({"op": "remove", "path": "name"}, SCIM_ATTRIBUTE_STAYS, ""),
        ({"op": "remove", "path": "emails"}, SCIM_ATTRIBUTE_STAYS, ""),
        ({"op": "remove", "path": 'emails[type eq "work"].value'}, SCIM_ATTRIBUTE_STAYS, ""),
        ({"op": "replace", "path": "id", "value": "x"}, SCIM_ATTRIBUTE_STAYS, ""),
        ({"op": "replace", "path": 'emails[type eq "home"].value', "value": "x"}, SCIM_NO_TARGET, "path"),
        ({"op": "remove", "path": 'emails[type eq "home"]'}, SCIM_NO_TARGET, "path"),
        ({"op": "replace", "path": "a b", "value": "x"}, SCIM_PATH_NOT_GOOD, "path"),
        ({"op": "replace", "path": "urn:x y", "value": "x"}, SCIM_PATH_NOT_GOOD, "path"),
        ({"op": "replace", "path": "userName.value", "value": "x"}, SCIM_PATH_NOT_GOOD, "path"),
        ({"op": "replace", "path": 'name[givenName eq "Ada"]', "value": "x"}, SCIM_PATH_NOT_GOOD, "path"),
        ({"op": "replace", "path": 'emails[kind eq "x"]', "value": "x"}, SCIM_FILTER_NOT_GOOD, "filter"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, INVALID_FIELD, "active"),
        ({"op": "replace", "path": "active", "value": 1}, INVALID_FIELD, "active"),
        ({"op": "replace", "path": "userName", "value": 1}, INVALID_FIELD, "userName"),
        ({"op": "replace", "path": "name", "value": "Ada"}, INVALID_FIELD, "name"),
        ({"op": "replace", "path": "emails.primary", "value": "x"}, INVALID_FIELD, "emails.primary"),
    ],
    ids=range(22),
)  # fmt: skip
def test_what_no_operation_does(operation: dict[str, Any], kind: Kind, field: str) -> None:
    """It is refused in the kind that SCIM has a word for."""
    with refused(kind, field):
        patched(operation)


def test_operations_have_bounds() -> None:
    """None is as wrong as too many."""
    for operations in ([], [{"op": "remove", "path": "externalId"}] * 101):
        with refused(MALFORMED):
            read_operations(operations)


def test_what_a_put_leaves_out_goes_where_it_may() -> None:
    """Optional texts go; a name, an address and active stay as they were."""
    said = read_document({"userName": "a@b.example", "name": {"givenName": "A"}, "title": "Boss", "ACTIVE": "True"})

    assert changed(ADA, replacing(said).operations) == {
        "userName": "a@b.example", "name": {"givenName": "A"}, "emails": [WORK], "active": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "replace", "path": "active", "value": "False"}], True),
        ([{"op": "add", "value": {"ACTIVE": False, "title": "x"}}], True),
        ([{"op": "replace", "path": f"{CORE}:active", "value": False}], True),
        (
            [{"op": "replace", "path": "active", "value": False}, {"op": "replace", "path": "active", "value": True}],
            False,
        ),
        ([{"op": "replace", "path": "externalId", "value": "False"}], False),
        ([{"op": "remove", "path": "active"}], False),
    ],
    ids=range(6),
)
def test_who_is_reported_gone(operations: list[dict[str, Any]], expected: bool) -> None:
    """It is known before anything else of the request is looked at, for nothing else may stop it."""
    assert expected == patching(read_operations(operations)).leaves


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PATHS = st.sampled_from(
    ["userName", "active", "name", "name.givenName", "emails", "emails.value", 'emails[type eq "work"].value', "", "x",
     "emails[value pr and primary eq true].type", "emails[", "urn:a:b", CORE, f"{CORE}:name.familyName", "id"]
) | st.text(max_size=20)  # fmt: skip
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Replace", "remove", "?"])}, optional={"path": PATHS | JSON, "value": JSON}
)


@settings(max_examples=30)
@given(st.lists(OPERATIONS, max_size=4))
def test_no_operations_break_anything(operations: list[dict[str, Any]]) -> None:
    """Whatever is sent, it is a document or a refusal; and the document that was there stays as it was."""
    before = repr(ADA)
    try:
        found = patched(*operations)
    except Refusal:
        found = ADA
    assert {"userName", "emails", "active"} <= found.keys()
    assert repr(ADA) == before


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(["userName", "name", "emails", "active", "Title"]) | st.text(max_size=8), JSON))
def test_no_object_breaks_the_reader(said: dict[str, Any]) -> None:
    """Whatever is sent as a user, what is kept of it has its shape, or it is refused."""
    found = _read(said)

    assert found is INVALID_FIELD or found.keys() <= set(NAMES.values())


def _read(said: dict[str, Any]) -> Any:  # noqa: ANN401 — a kind of refusal, or a document
    try:
        return read_document(said)
    except Refusal as refusal:
        return refusal.kind
