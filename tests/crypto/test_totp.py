"""Are an authenticator app's codes what RFC 6238 says?"""

from urllib.parse import parse_qs, urlsplit

import pytest

from keysteward.crypto.totp import app_address, code_at, in_letters, new_totp_secret, steps_of
from tests.factors import code_of

SECRET = b"12345678901234567890"
VECTORS = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
           (2000000000, "279037"), (20000000000, "353130")]  # fmt: skip


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The vectors of RFC 6238, appendix B, cut to six digits; and the tests' own way says the same."""
    assert code_at(SECRET, seconds // 30) == code
    assert code_of(in_letters(SECRET), seconds) == code
    assert steps_of(SECRET, code, seconds) == [seconds // 30]


@pytest.mark.parametrize(("late", "steps"), [(-31, []), (-30, [4]), (0, [4]), (30, [4]), (59, [4]), (60, [])])
def test_a_clock_may_be_half_a_minute_wrong(late: int, steps: list[int]) -> None:
    """The code of the step before and of the one after are good; those further away are not."""
    assert steps_of(SECRET, code_at(SECRET, 4), 120 + late) == steps


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "\uff12\uff18\uff17\uff10\uff18\uff12", "287082\x00"]
)
def test_garbage_is_no_code(code: str) -> None:
    """Whatever is typed, it is compared and nothing more."""
    assert steps_of(SECRET, code, 59) == []


def test_an_app_reads_its_address() -> None:
    """Secret, issuer and address are in it, and odd characters break nothing."""
    secret = new_totp_secret()
    parts = urlsplit(app_address(secret, "a+b@acme.example", "Keysteward demo"))

    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Keysteward%20demo:a%2Bb%40acme.example")
    assert parse_qs(parts.query) == {"secret": [in_letters(secret)], "issuer": ["Keysteward demo"]}
    assert "+" not in parts.query
