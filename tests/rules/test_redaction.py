"""Does anything secret ever stand in a request log, wherever and however it was sent?"""

import base64
import html
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keysteward.rules.log_bodies import Captured
from keysteward.rules.redaction import OMITTED, Redactor, is_secret_name
from keysteward.rules.request_logs import Exchange, as_text, survey, write_down
from tests.cast import START, UNKNOWN, rsa_keypair

KEY = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
OTHER_KEY = "6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzYW0ifQ.c2lnbmF0dXJl"
PEM = rsa_keypair()[0]
DER = "".join(PEM.split("-----")[2].split())

Wrap = Callable[[str], str]

few = settings(max_examples=30)

WRAPS: dict[str, Wrap] = {
    "as it is": str,
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "escaped": lambda text: json.dumps(text)[1:-1].replace("-", "\\u002d").replace("_", "\\u005F"),
    "entities": lambda text: "".join(f"&#x{ord(each):x};" for each in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of a pair": lambda text: "x:" + base64.urlsafe_b64encode(b"user:" + text.encode()).decode(),
    "base64 glued": lambda text: "Zz9" + base64.b64encode(b"a note: " + text.encode()).decode(),
    "base64 in lines": lambda text: "\n".join(base64.encodebytes(text.encode()).decode().splitlines()),
    "hexadecimal": lambda text: text.encode().hex(),
    "percent in base64": lambda text: base64.b64encode(quote(text, safe="").encode()).decode(),
    "in a sentence": lambda text: f"See {text}, please.",
}
NAMES = (
    "password", "Password", "api_password", "client-secret", "access_token", "refreshToken", "X-Api-Key", "privateKey",
    "pass%77ord", "id_token_hint", "IntegratorKey", "clientSecret", "sessionId", "accessCode", "hmac_key", "pwd",
)  # fmt: skip

wraps = st.sampled_from(sorted(WRAPS)).map(WRAPS.__getitem__)
random_text = st.text("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789_-", min_size=49, max_size=49)
shaped = st.one_of(
    st.tuples(st.sampled_from(["kss_", "kst_", "ksc_", "ksr_", "ksw_", "ksh_"]), random_text).map("".join),
    st.sampled_from([JWT, PEM, DER, KEY, OTHER_KEY, KEY.upper(), OTHER_KEY.replace("-", "")]),
)
passwords = st.text(
    st.characters(codec="latin-1", exclude_categories=["Cc", "Zs"], exclude_characters=" "), min_size=12, max_size=30
).filter(lambda text: len(set(text)) > 5)


def body(content: bytes) -> Captured:
    """A body that is short enough to be shown."""
    return Captured(content, len(content), "d" * 64)


def one_line(text: str) -> str:
    """Text as it can stand in a header or an address."""
    return text.replace("\r", "").replace("\n", " ").encode("latin-1", "replace").decode("latin-1")


def exchange(kind: str, sent: bytes, *, query: str = "", headers: tuple[tuple[bytes, bytes], ...] = ()) -> Exchange:
    """A request with a body of some kind, answered with the same."""
    typed = (*headers, (b"content-type", kind.encode()))
    return Exchange(
        "POST", "https://demo.test", "/restapi/v2.1/accounts/1/envelopes", query, "1.1", typed, body(sent), 201,
        (*typed, (b"set-cookie", b"k=v")), body(sent), UNKNOWN, START, START, timedelta(milliseconds=3), "whole",
    )  # fmt: skip


def logged(exchange: Exchange) -> str:
    """The entry as text, as the deed writes it: with the keys among the GUIDs that it met."""
    found = survey(exchange)
    keys = {KEY, OTHER_KEY} & found.unverified_guids
    return as_text(write_down(exchange, found.secrets | keys | {KEY}))


def everywhere(name: str, value: str) -> list[Exchange]:
    """A value in a query, header, cookie, form, JSON, XML, part and plain text, of the request and of the answer."""
    line = one_line(value)
    headers = ((b"x-note", f"{line}".encode("latin-1")), (one_line(name).encode("latin-1"), line.encode("latin-1")))
    part = f'--b\r\nContent-Disposition: form-data; name="{one_line(name)}"\r\n\r\n{value}\r\n--b--\r\n'
    tag = html.escape(unquote(name))
    xml = f"<a><{tag} v='1'>{html.escape(value)}</{tag}></a>"
    pair = f"{quote(name)}={quote(value, safe='')}"
    return [
        exchange("text/plain", b"", query=pair, headers=headers),
        exchange("application/json", json.dumps({"a": [{name: value, "b": {value: 1}}]}).encode()),
        exchange("application/json; charset=utf-8", json.dumps([{"name": name, "value": value}]).encode()),
        exchange("application/x-www-form-urlencoded", pair.encode()),
        exchange("multipart/form-data; boundary=b", part.encode("utf-8")),
        exchange("application/xml", xml.encode()),
        exchange("text/plain", f"{name}: {value}".encode()),
    ]


@few
@given(secret=shaped, wrap=wraps, name=st.sampled_from(["note", "emailSubject", "x", *NAMES]))
def test_what_looks_secret_shows_nowhere(secret: str, wrap: Wrap, name: str) -> None:
    """Tokens, secret keys, private keys and integration keys, under any name and any wrapping."""
    for each in everywhere(name, wrap(secret)):
        text = logged(each)
        assert secret not in text
        assert one_line(wrap(secret)) not in text
        assert "".join(wrap(secret).split()) not in "".join(text.split())


@few
@given(password=passwords, wrap=wraps, name=st.sampled_from(NAMES))
def test_what_is_called_secret_shows_nowhere(password: str, wrap: Wrap, name: str) -> None:
    """Passwords and the like have no shape; their names give them away, also where they come back as something else."""
    for each in everywhere(name, wrap(password)):
        entry = logged(each)
        assert password not in entry
        assert one_line(wrap(password)) not in entry


@few
@given(password=passwords, name=st.sampled_from(NAMES))
def test_a_secret_that_comes_back(password: str, name: str) -> None:
    """What was sent as a password and is answered under an innocent name is left out there too."""
    sent = exchange("application/json", json.dumps({name: password, "greeting": f"Hello, {password}!"}).encode())

    assert password not in logged(sent)


@few
@given(value=random_text, scheme=st.sampled_from(["Bearer", "bearer", "Basic", "Digest"]))
def test_a_way_in_that_comes_back(value: str, scheme: str) -> None:
    """Tokens, passwords of Basic and cookies are left out of headers, and of whatever else repeats them."""
    password = value[:20]
    basic = base64.b64encode(f"ada:{password}".encode()).decode()
    headers = (
        (b"authorization", f"{scheme} {basic if scheme == 'Basic' else value}".encode()),
        (b"cookie", f"a=1; id={value}; b=2".encode()),
    )
    entry = logged(exchange("application/json", json.dumps({"echo": [value, password]}).encode(), headers=headers))

    assert value not in entry
    assert scheme != "Basic" or password not in entry
    assert basic not in entry


def test_a_legacy_login_is_left_out() -> None:
    """The old header and the old SOAP header go as a whole; the password in them shows nowhere else."""
    login = json.dumps({"Username": "ada@acme.example", "Password": "hunter2-hunter2", "IntegratorKey": KEY})
    soap = f"<Envelope><Header><w:Security xmlns:w='w'><w:UsernameToken><w:Username>[{KEY}]ada</w:Username>"
    soap += "<w:Password>hunter2-hunter2</w:Password></w:UsernameToken></w:Security></Header>"
    soap += "<Body><Say>hunter2-hunter2</Say><Subject>Lease</Subject></Body></Envelope>"
    entry = logged(exchange("text/xml", soap.encode(), headers=((b"x-docusign-authentication", login.encode()),)))

    assert [secret for secret in ("hunter2", KEY, "ada@") if secret in entry] == []
    assert "<Subject>Lease</Subject>" in entry


@pytest.mark.parametrize(
    "text",
    [
        UNKNOWN, "2026-11-20T09:30:00.0000000Z", "ada@acme.example", "/envelopes/00000000-0000-4000-8000-000000000000",
        "https://app.example.com/callback?event=done", "Please sign the lease 100% today & tomorrow",
        "application/json", "Swagger-Codegen/v2.1/6.1.0/python3/3.11.7", "The password was changed.",
        "Straße 5, 10115 Berlin", "\\o/", "{}",
    ],
)  # fmt: skip
def test_what_is_harmless_stays(text: str) -> None:
    """A log that hides everything helps nobody."""
    assert Redactor({KEY}).text(text) == text


@pytest.mark.parametrize(
    "name", ["note", "envelopeId", "emailSubject", "X-DocuSign-TraceToken", "clientUserId", "status"]
)
def test_harmless_names(name: str) -> None:
    """What goes by these is shown."""
    assert not is_secret_name(name)


def test_json_is_shown_to_be_read() -> None:
    """Pretty-printed, with yes and no where they were, a file in base64 summed up, and secrets named but not told."""
    sent = {"emailSubject": "Lease", "documentBase64": "QUJD" * 500, "accessCode": 1234, "useToken": True}
    entry = logged(exchange("application/json", json.dumps(sent).encode()))

    assert (
        '{\n  "emailSubject": "Lease",\n  "documentBase64": "[base64, 2,000 characters]",\n'
        f'  "accessCode": "{OMITTED}",\n  "useToken": true\n}}'
    ) in entry


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/pdf", b"%PDF-1.4"),
        ("image/png", b"\x89PNG\r\n\x1a\n"),
        ("application/json", b"\xff\xfe{\x00}\x00"),
        ("application/json", b'{"password": "abc'),
        ("text/plain; charset=utf-7", b"abc"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b"none of it"),
        ("text/csv", b"user,password\nada,hunter2"),
        ("application/xml", b"<!DOCTYPE a><password>b"),
    ],
)
def test_what_cannot_be_read_is_summed_up(kind: str, content: bytes) -> None:
    """Type, size and digest: what is no text, or not what it says it is and speaks of secrets."""
    entry = logged(exchange(kind, content))

    assert f"[{kind.partition(';')[0]}, {len(content)} bytes, SHA-256 {'d' * 64}]" in entry


def test_what_is_long_is_summed_up() -> None:
    """A body that was longer than is kept is not cut, for half of it might tell what the whole would hide."""
    sent = exchange("application/json", b"")
    long = replace(sent, body=Captured(None, 3_000_000, "e" * 64))

    assert f"[application/json, 3,000,000 bytes, SHA-256 {'e' * 64}]" in logged(long)
