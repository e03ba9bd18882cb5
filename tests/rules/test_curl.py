"""Does a call exported as curl say what was asked, and none of the credentials?"""

import shlex

from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.curl import ACCESS_TOKEN, BODY, curl_of, curl_parts

URL = "https://demo.test:8443/restapi/v2.1/accounts/1/envelopes"
NAMES = st.text("abcXYZ09-_", min_size=1, max_size=12)
ANY = st.text(max_size=40)
SECRETS = ("Authorization", "authorization", "Cookie", "COOKIE", "X-DocuSign-Authentication", "Proxy-Authorization")


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
    path=ANY,
    headers=st.lists(st.tuples(NAMES, ANY), max_size=5),
    body=st.none() | ANY,
)
def test_a_shell_reads_back_every_part(
    method: str, path: str, headers: list[tuple[str, str]], body: str | None
) -> None:
    """Whatever a call holds, quotes and line ends included, the shell hands curl exactly the parts."""
    line = curl_of(method, URL + path, headers, body)

    assert shlex.split(line) == curl_parts(method, URL + path, headers, body)
    assert "\x00" not in line


@given(name=st.sampled_from(SECRETS), secret=st.text("abcdefgh0123456789._-", min_size=12, max_size=60))
def test_credentials_are_placeholders(name: str, secret: str) -> None:
    """No header that carries credentials keeps its value, however its name is spelled."""
    line = curl_of("GET", URL, [(name, f"Bearer {secret}"), ("Accept", "application/json")])

    assert secret not in line
    assert f"Authorization: Bearer {ACCESS_TOKEN}" in shlex.split(line)


def test_a_call_with_a_body() -> None:
    """What was sent is sent again as it was, and what curl says by itself is left to curl."""
    headers = [("Content-Type", "application/json"), ("Content-Length", "2"), ("Host", "elsewhere"), ("X-Empty", "")]

    assert curl_parts("POST", URL, headers, "@{}") == [
        "curl", "--globoff", "--path-as-is", "--request", "POST",
        "--header", f"Authorization: Bearer {ACCESS_TOKEN}",
        "--header", "Content-Type: application/json",
        "--header", "X-Empty;",
        "--data-raw", "@{}",
        "--url", URL,
    ]  # fmt: skip


def test_what_no_argument_can_hold() -> None:
    """A zero byte ends an argument, a line end ends a header, and a value that was never recorded has a name."""
    parts = curl_parts("PUT", URL + "?from_date=…&a\x00b=1", [("X-Odd", "a\r\nb"), ("Bad Name", "x")], "a\x00b")

    assert parts[-3:] == [BODY, "--url", URL + "?from_date=<VALUE>&a%00b=1"]
    assert "X-Odd: ab" in parts
    assert not any("Bad Name" in part for part in parts)


def test_a_head_asks_for_no_body() -> None:
    """`--request HEAD` would leave curl waiting for a body that never comes."""
    assert curl_parts("HEAD", URL)[3:5] == ["--head", "--header"]
