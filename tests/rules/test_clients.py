"""How does a client say who it is?"""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.clients import JWT_ASSERTION, Credentials, read_credentials
from keysteward.rules.refusals import INVALID_CLIENT, MISSING_PARAMETER, TWO_PROOFS, Refusal
from tests.cast import refused
from tests.rules.examples import KEY, OTHER_KEY

SECRET = "kss_a+b%c"


def basic(text: str | bytes, scheme: str = "Basic") -> str:
    """An Authorization header."""
    return f"{scheme} {base64.b64encode(text.encode() if isinstance(text, str) else text).decode()}"


def encoded(text: str) -> str:
    """Percent-encode as openid-client does, hyphens too."""
    return quote(text, safe="").replace("-", "%2D")


READ: list[tuple[str, str | None, dict[str, str], Credentials]] = [
    ("basic", basic(f"{KEY}:secret"), {}, Credentials(KEY, "secret", "basic")),
    ("basic in lower case", basic(f"{KEY}:secret", "basic"), {}, Credentials(KEY, "secret", "basic")),
    ("basic, encoded", basic(f"{encoded(KEY)}:{encoded(SECRET)}"), {}, Credentials(KEY, SECRET, "basic")),
    ("basic, a plus in the secret", basic(f"{KEY}:a+b/c="), {}, Credentials(KEY, "a+b/c=", "basic")),
    ("basic, a colon in the secret", basic(f"{KEY}:a:b"), {}, Credentials(KEY, "a:b", "basic")),
    ("basic, no secret", basic(f"{KEY}:"), {}, Credentials(KEY, "", "basic")),
    ("basic beside the same key", basic(f"{KEY}:s"), {"client_id": KEY}, Credentials(KEY, "s", "basic")),
    ("basic beside the same secret", basic(f"{KEY}:s"), {"client_secret": "s"}, Credentials(KEY, "s", "basic")),
    (
        "assertion",
        None,
        {"client_assertion_type": JWT_ASSERTION, "client_assertion": "a.b.c"},
        Credentials("", None, "assertion", "a.b.c"),
    ),
    ("form", None, {"client_id": KEY, "client_secret": SECRET}, Credentials(KEY, SECRET, "post")),
    ("form, an empty secret", None, {"client_id": KEY, "client_secret": ""}, Credentials(KEY, "", "post")),
    ("key alone", None, {"client_id": KEY}, Credentials(KEY, None, "none")),
    ("a bearer token is none", "Bearer x", {"client_id": KEY}, Credentials(KEY, None, "none")),
]
UNREADABLE = [
    ("no base64", "Basic !!!", {}),
    ("no UTF-8", basic(b"\xff\xfe:x"), {}),
    ("no colon", basic(KEY), {}),
    ("nothing", "Basic ", {}),
    ("another key in the form", basic(f"{KEY}:s"), {"client_id": OTHER_KEY}),
    ("an empty key in the form", basic(f"{KEY}:s"), {"client_id": ""}),
]


@pytest.mark.parametrize(("how", "authorization", "form", "expected"), READ, ids=[row[0] for row in READ])
def test_credentials_are_read(how: str, authorization: str | None, form: dict[str, str], expected: Credentials) -> None:
    """Basic, form and no authentication are told apart; both halves of Basic are percent-decoded."""
    assert read_credentials(authorization, form) == expected


@pytest.mark.parametrize(("how", "authorization", "form"), UNREADABLE, ids=[row[0] for row in UNREADABLE])
def test_unreadable_credentials_are_refused(how: str, authorization: str, form: dict[str, str]) -> None:
    """What is no Basic, or contradicts the form, is an unauthenticated client, told in Basic's own way."""
    with refused(INVALID_CLIENT):
        read_credentials(authorization, form)
    with pytest.raises(Refusal) as caught:
        read_credentials(authorization, form)
    assert caught.value.values["method"] == "basic"


@pytest.mark.parametrize("form", [{}, {"client_id": ""}, {"client_secret": "x"}])
def test_whoever_names_no_key_is_asked_for_one(form: dict[str, str]) -> None:
    """Without Basic the form must name the integration key."""
    with refused(MISSING_PARAMETER):
        read_credentials(None, form)


_ASSERTED = {"client_assertion_type": JWT_ASSERTION, "client_assertion": "a.b.c"}
TWICE = [
    ("basic and another secret", basic(f"{KEY}:s"), {"client_secret": "x"}),
    ("basic and an assertion", basic(f"{KEY}:s"), _ASSERTED),
    ("an assertion and a secret", None, _ASSERTED | {"client_id": KEY, "client_secret": "s"}),
]


@pytest.mark.parametrize(("how", "authorization", "form"), TWICE, ids=[row[0] for row in TWICE])
def test_a_client_proves_itself_in_one_way(how: str, authorization: str | None, form: dict[str, str]) -> None:
    """Two proofs that could disagree are none (RFC 6749 §2.3)."""
    with refused(TWO_PROOFS):
        read_credentials(authorization, form)


@pytest.mark.parametrize(
    "form",
    [
        {"client_assertion": "a.b.c"},
        {"client_assertion_type": JWT_ASSERTION},
        {
            "client_assertion": "a.b.c",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        },
    ],
    ids=["no type", "no assertion", "another type"],
)
def test_an_assertion_says_what_it_is(form: dict[str, str]) -> None:
    """Assertion and type come together, and there is one type."""
    with refused(INVALID_CLIENT):
        read_credentials(None, form)


@given(st.text(min_size=1), st.text())
def test_what_is_percent_encoded_comes_back(key: str, secret: str) -> None:
    """Any key and secret that a client encodes are read as they were (RFC 6749 §2.3.1)."""
    assert read_credentials(basic(f"{encoded(key)}:{encoded(secret)}"), {}) == Credentials(key, secret, "basic")


@given(st.text())
def test_a_secret_is_not_shown(secret: str) -> None:
    """Credentials in a log show no secret."""
    assert "unverified_secret" not in repr(Credentials(KEY, secret, "post"))
