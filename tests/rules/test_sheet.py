"""Which settings of demo may production take over, and what speaks against them?"""

import pytest

from keysteward.rules.keys import Settings
from keysteward.rules.promotion import Sheet
from keysteward.rules.sheet import LineKind, danger_of, lines_of
from tests.rules.examples import an_app

SAFE = [
    "https://app.example.com/cb", "https://acme.example", "https://devices.acme.example/cb", "com.example.app:/cb",
    "https://latest.acme.example", "https://8.8.8.8/cb",
]  # fmt: skip
DANGEROUS = [
    ("https://*.example.com/cb", "A wildcard"),
    ("http://localhost:3000/cb", "It leads to whichever machine"),
    ("https://localhost/cb", "It leads to whichever machine"),
    ("http://127.0.0.1/cb", "It leads to whichever machine"),
    ("https://[::1]:8443/cb", "It leads to whichever machine"),
    ("https://app.localhost/cb", "It leads to whichever machine"),
    ("http://app.example.com/cb", "Everybody on the way"),
    ("https://10.1.2.3/cb", "It is an address inside"),
    ("https://192.168.0.7", "It is an address inside"),
    ("https://build/cb", "It is an address inside"),
    ("https://wiki.internal/cb", "It is an address inside"),
    ("https://ab12.ngrok-free.app/cb", "It is a tunnel"),
    ("https://staging.acme.example/cb", "It looks like a host for trying"),
    ("https://app-dev.acme.example/cb", "It looks like a host for trying"),
    ("https://test2.acme.example/cb", "It looks like a host for trying"),
]


@pytest.mark.parametrize("value", SAFE)
def test_a_public_https_address_is_ticked(value: str) -> None:
    """Nothing speaks against it."""
    assert danger_of("redirect_uri", value) == ""


@pytest.mark.parametrize(("value", "reason"), DANGEROUS)
def test_what_belongs_to_demo_is_explained(value: str, reason: str) -> None:
    """The worst reason is said."""
    assert danger_of("origin", value).startswith(reason)


def test_an_older_grant_is_explained() -> None:
    """Only the implicit one is."""
    said = {grant: bool(danger_of("grant", grant)) for grant in ("jwt", "public_code", "confidential_code", "implicit")}

    assert said == {"jwt": False, "public_code": False, "confidential_code": False, "implicit": True}


def test_both_sides_stand_beside_each_other() -> None:
    """Each line says what is the same, what may be taken over, what production refuses and what only it has."""
    local = "http://localhost:1/cb"
    sheet = Sheet(("https://a.example/cb", local), ("https://a.example",), "https://a.example/p", "", (), ("jwt",))
    settings = Settings(redirect_uris=("https://a.example/cb", "https://b.example/cb"))
    app = an_app(grants=frozenset({"jwt"}), terms_url="https://b.example/t", privacy_url="https://b.example/p")
    found = {
        (line.kind, line.demo or line.production): (line.is_taken, line.is_open, line.is_advised)
        for line in lines_of(app, settings, sheet)
    }
    taken, advised, shown = (True, False, False), (False, True, True), (False, False, False)

    expected: dict[tuple[LineKind, str], tuple[bool, bool, bool]] = {
        ("grant", "jwt"): taken,
        ("redirect_uri", "https://a.example/cb"): taken,
        ("redirect_uri", local): shown,
        ("redirect_uri", "https://b.example/cb"): shown,
        ("origin", "https://a.example"): advised,
        ("privacy_url", "https://a.example/p"): advised,
        ("terms_url", "https://b.example/t"): shown,
    }
    assert found == expected


def test_an_address_that_cannot_be_read_breaks_nothing() -> None:
    """It is shown, and production says that it does not take it."""
    (line,) = lines_of(an_app(grants=frozenset()), Settings(), Sheet(origins=("https://[",)))

    assert (line.is_open, bool(line.impossible)) == (False, True)
