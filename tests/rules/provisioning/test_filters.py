"""Does a SCIM filter mean what RFC 7644 says, and is whatever else refused?"""

import json
import string
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keysteward.rules.provisioning.filters import LONGEST, equalities, read_filter
from keysteward.rules.refusals import SCIM_FILTER_NOT_GOOD, Refusal
from tests.cast import refused

ADA = {
    "id": "a",
    "userName": "Ada@acme.example",
    "externalId": "X1",
    "name": {"givenName": "Ada", "familyName": "Åström"},
    "emails": [{"value": "ada@acme.example", "type": "work", "primary": True}],
    "active": True,
}
BO = {
    "id": "b",
    "userName": "bo@acme.example",
    "name": {"givenName": "Bo"},
    "emails": [
        {"value": "bo@acme.example", "type": "work", "primary": False},
        {"value": "bo@home.acme.example", "type": "home"},
    ],
    "active": False,
}
PEOPLE: tuple[Mapping[str, Any], ...] = (ADA, BO)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('userName eq "ada@ACME.example"', "a"),
        ('USERNAME Eq "ada@acme.example"', "a"),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "bo@acme.example"', "b"),
        ('externalId eq "x1"', ""),
        ('externalId eq "X1"', "a"),
        ("externalId pr", "a"),
        ("externalId eq null", "b"),
        ("externalId ne null", "a"),
        ('externalId ne "X1"', "b"),
        ('id eq "b"', "b"),
        ("active eq true", "a"),
        ('active eq "False"', "b"),
        ("active ne true", "b"),
        ('name.familyName eq "åSTRÖM"', "a"),
        ("name pr", "ab"),
        ('emails co "home"', "b"),
        ('emails.value sw "bo@"', "b"),
        ('emails.value ew "acme.example"', "ab"),
        ('emails.type eq "home"', "b"),
        ("emails.primary eq true", "a"),
        ('emails[type eq "work" and value sw "bo"]', "b"),
        ('emails[type eq "home" and value eq "bo@acme.example"]', ""),
        ('emails[not (type eq "work")]', "b"),
        ('userName gt "b"', "b"),
        ('userName ge "bo@acme.example"', "b"),
        ('userName lt "b"', "a"),
        ('userName le "ada@acme.example"', "a"),
        ('not (active eq true) or externalId pr and userName sw "z"', "b"),
        ('(active eq true or active eq false) and userName co "acme"', "ab"),
        ('userName eq "a\\u0064a@acme.example"', "a"),
        ('(((userName eq "x")))', ""),
    ],
)
def test_whom_a_filter_means(text: str, expected: str) -> None:
    """Each operator, each kind of attribute, and what binds how much."""
    found = read_filter(text)

    assert expected == "".join(each["id"] for each in PEOPLE if found.fits(each))


NO_FILTERS = (
    "", "   ", "userName", "userName eq", 'userName is "a"', 'title eq "x"', 'userName eq "a" "b"', "userName eq a",
    "userName eq 1", "active gt true", 'active eq "perhaps"', 'name eq "Ada"', '(userName eq "a"', "not userName pr",
    'userName eq "a" and', 'userName eq "a" xor id pr', 'userName[type eq "x"] pr', "emails[value[type pr]]",
    'emails[userName eq "a"]', 'emails[type eq "work"', 'userName eq "\\x"', "userName co null", "userName eq 'a'",
    "(" * 30 + "id pr" + ")" * 30, 'id eq "' + "x" * LONGEST + '"', 'meta.created gt "2026"', "id pr)", "; drop",
)  # fmt: skip


@pytest.mark.parametrize("text", NO_FILTERS, ids=range(len(NO_FILTERS)))
def test_what_no_filter_is(text: str) -> None:
    """It is refused with a reason; an empty answer would be taken for the truth."""
    with refused(SCIM_FILTER_NOT_GOOD):
        read_filter(text)


def test_what_a_query_may_look_for() -> None:
    """Only what every fitting document must have: parts that `and` joins, nothing below `or` and `not`."""
    text = 'userName eq "Ada" and (externalId eq "1" and active eq true) and (id eq "a" or id eq "b")'

    assert equalities(read_filter(text)) == {"username": "Ada", "externalid": "1"}
    assert equalities(read_filter('not (userName eq "Ada")')) == {}
    assert equalities(None) == {}


@settings(max_examples=30)
@given(st.text(alphabet=string.ascii_letters + string.digits + '"()[]\\.:-_ $\u00e5\ud800', max_size=60))
@example('userName eq "\\ud800"')
@example("emails[emails pr]")
@example('userName eq "\ud800"')
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is sent, it is a filter that answers, or a refusal."""
    found = _read(text)

    assert found is SCIM_FILTER_NOT_GOOD or set(found) <= {True, False}


def _read(text: str) -> Any:  # noqa: ANN401 — a kind of refusal, or whom it fits
    try:
        wanted = read_filter(text)
    except Refusal as refusal:
        return refusal.kind
    return [wanted.fits(each) for each in PEOPLE]


WORDS = st.sampled_from(["ada", "bo", "acme.example", "", "X1", 'quo"te', "å"])
OPERATORS = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])
SIMPLE = st.one_of(
    st.builds("{} {} {}".format, st.sampled_from(["userName", "externalId", "id", "emails.value", "name.givenName"]),
              OPERATORS, WORDS.map(json.dumps)),
    st.sampled_from(["active eq true", "active ne false", "displayName pr", 'emails[type eq "work"]', "id eq null"]),
)  # fmt: skip
FILTERS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=30)
@given(FILTERS, FILTERS)
def test_filters_are_logic(left: str, right: str) -> None:
    """`not`, `and` and `or` mean what they mean, and whatever fits has what a query would look for."""
    one, other = read_filter(left), read_filter(right)
    both, either, no = (
        read_filter(each) for each in (f"({left}) and ({right})", f"({left}) or ({right})", f"not ({left})")
    )

    for each in PEOPLE:
        assert both.fits(each) == (one.fits(each) and other.fits(each))
        assert either.fits(each) == (one.fits(each) or other.fits(each))
        assert no.fits(each) != one.fits(each)
        wanted = equalities(both).get("username")
        assert not both.fits(each) or wanted is None or wanted.casefold() == each["userName"].casefold()
