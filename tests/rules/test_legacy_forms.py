"""What is read of legacy credentials, and what is refused unread?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.rules.legacy_forms import (
    MOST_HEADER_CHARACTERS,
    Login,
    key_of,
    read_header,
    read_soap,
)
from keysteward.rules.refusals import LEGACY_UNREADABLE, TOO_LARGE, Refusal
from keysteward.rules.soap import MOST_BYTES

KEY = "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11"
LOGIN = Login(KEY, "sam@acme.example", "pass")
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"


def soap(user: str = f"[{KEY}]sam@acme.example", *, body: str = "<Ping/>", before: str = "", token: str = "") -> bytes:
    """A SOAP message as old clients send it."""
    fields = token or f"<wsse:Username>{user}</wsse:Username><wsse:Password>pass</wsse:Password>"
    security = f"<wsse:Security><wsse:UsernameToken>{fields}</wsse:UsernameToken></wsse:Security>"
    return (
        f'{before}<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsse="{WSSE}">'
        f"<soap:Header>{security}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(f'{{"Username":"sam@acme.example","Password":"pass","IntegratorKey":"{KEY}"}}', id="json"),
        pytest.param(f'{{"UserName":"sam@acme.example","PASSWORD":"pass","IntegrationKey":"{KEY}","Other":1}}',
                     id="json in another spelling"),
        pytest.param(f'{{"UserName":"sam@acme.example","PASSWORD":"pass","IntegrationKey":"ABCD-{KEY.upper()}"}}',
                     id="json with a key of old"),
        pytest.param("<DocuSignCredentials><Username>sam@acme.example</Username><Password>pass</Password>"
                     f"<IntegratorKey>{KEY}</IntegratorKey></DocuSignCredentials>", id="xml"),
        pytest.param('  <?xml version="1.0"?><d:DocuSignCredentials xmlns:d="urn:x"><d:IntegrationKey>ABCD-'
                     f"{KEY}</d:IntegrationKey>\n<d:Password>pass</d:Password><d:UserName> sam@acme.example "
                     "</d:UserName></d:DocuSignCredentials>", id="xml with a namespace"),
    ],
)  # fmt: skip
def test_a_header_is_read(header: str) -> None:
    """JSON and XML, in either spelling and any letter case, with a key of before the GUIDs."""
    assert read_header(header.strip()) == LOGIN


def test_a_password_is_never_shown() -> None:
    """What is logged by accident of a login holds no password."""
    assert "pass" not in repr(LOGIN).replace("unverified_password", "")


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
UNREADABLE = {
    "nothing": "",
    "no object": '["Username"]',
    "a number": "7",
    "a list of objects": '[{"Username":"a"}]',
    "cut off": '{"Username":"a"',
    "a field twice": '{"Username":"a","username":"b","Password":"p","IntegratorKey":"k"}',
    "no text": '{"Username":"a","Password":7,"IntegratorKey":"k"}',
    "no password": '{"Username":"a","IntegratorKey":"k"}',
    "no key": '{"Username":"a","Password":"p"}',
    "on behalf of another": f'{{"Username":"a","Password":"p","IntegratorKey":"{KEY}","SendOnBehalfOf":"b"}}',
    "xml of something else": "<Credentials><Username>a</Username></Credentials>",
    "xml cut off": "<DocuSignCredentials><Username>a",
    "xml twice": "<DocuSignCredentials><Username>a</Username><Username>b</Username></DocuSignCredentials>",
    "an entity from a file": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><DocuSignCredentials><Username>&e;'
    "</Username><Password>p</Password><IntegratorKey>k</IntegratorKey></DocuSignCredentials>",
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{BOMB}]><DocuSignCredentials><Username>&l9;</Username>'
    "</DocuSignCredentials>",
    "a type from elsewhere": '<!DOCTYPE x SYSTEM "http://evil.example/x.dtd"><DocuSignCredentials/>',
    "an unknown entity": "<DocuSignCredentials><Username>&e;</Username></DocuSignCredentials>",
    "very deep": "<a>" * 1_000,
    "too long": " " * (MOST_HEADER_CHARACTERS + 1),
    "very deep json": "[" * 4_000,
}


@pytest.mark.parametrize("header", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused(header: str) -> None:
    """One refusal for whatever is neither form, and no document type is ever looked into."""
    with pytest.raises(Refusal) as refused:
        read_header(header)

    assert refused.value.kind is LEGACY_UNREADABLE


@given(st.text(max_size=200))
def test_any_header_is_read_or_refused(header: str) -> None:
    """No text makes the reader fail."""
    try:
        read_header(header)
    except Refusal as refusal:
        assert refusal.kind is LEGACY_UNREADABLE  # noqa: PT017 — either way is good


@given(st.text(min_size=1, max_size=50), st.text(max_size=50))
def test_json_says_what_it_says(user: str, password: str) -> None:
    """The password is taken letter by letter, also with blanks around it."""
    login = read_header(json.dumps({"Username": user, "Password": password, "IntegratorKey": KEY}, ensure_ascii=False))

    assert (login.unverified_user, login.unverified_password) == (user.strip(), password)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (KEY, KEY),
        (KEY.upper(), KEY),
        (f"ABCD-{KEY}", KEY),
        (f" abcd-{KEY} ", KEY),
        (f"ABC-{KEY}", ""),
        (f"ABCDE-{KEY}", ""),
        (f"ABCD{KEY}", ""),
        (f"AB*D-{KEY}", ""),
        (f"{KEY}-ABCD", ""),
        (KEY[:-1], ""),
        ("", ""),
    ],
)
def test_a_key_may_have_its_old_prefix(text: str, key: str) -> None:
    """Four letters and a dash before the GUID are left out; anything else is no key."""
    assert key_of(text) == key


def test_a_username_token_is_read_and_cut_out() -> None:
    """The user name carries the key; the message goes on without its Security header, otherwise byte for byte."""
    message = soap(body="<Send>ä ]]&gt; <!-- [x] --></Send>")
    found = read_soap(message)

    assert found is not None
    assert found.login == LOGIN
    begin, end = message.index(b"<wsse:Security>"), message.index(b"</wsse:Security>") + len(b"</wsse:Security>")
    assert found.message == message[:begin] + message[end:]
    assert b"pass" not in found.message


@pytest.mark.parametrize(
    ("user", "login"),
    [
        (f"[ABCD-{KEY}] {KEY}", Login(KEY, KEY, "pass")),
        (f"[{KEY}][x]y", Login(KEY, "[x]y", "pass")),
        ("sam@acme.example", Login("", "sam@acme.example", "pass")),
        ("[nonsense]sam", Login("", "sam", "pass")),
        (f"[{KEY}]<![CDATA[sam@acme.example]]>", LOGIN),
        (f"[{KEY}]sam@acme<!-- not a cut -->.example", LOGIN),
    ],
    ids=range(6),
)
def test_the_key_stands_in_brackets(user: str, login: Login) -> None:
    """With the old prefix or a GUID for the user; where it is missing there is no key."""
    found = read_soap(soap(user))

    assert found is not None
    assert found.login == login


def test_a_message_without_a_token_has_none() -> None:
    """A UsernameToken counts in the Security header of the envelope, nowhere else."""
    assert read_soap(b"<Envelope><Body/></Envelope>") is None
    assert read_soap(b"<x><UsernameToken><Username>a</Username></UsernameToken></x>") is None


BAD_SOAP = {
    "cut off": soap()[:-5],
    "a document type": soap(before="<!DOCTYPE x>"),
    "an entity from a file": soap("&e;", before='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
    "a billion laughs": soap("&l9;", before=f'<!DOCTYPE x [<!ENTITY l0 "ha">{BOMB}]>'),
    "two tokens": soap(token="<a/></wsse:UsernameToken><wsse:UsernameToken><b/>"),
    "two headers": soap(token="<a/></wsse:UsernameToken></wsse:Security><wsse:Security><wsse:UsernameToken><b/>"),
    "very deep": b"<a>" * 10_000,
    "utf-16": "<Envelope/>".encode("utf-16"),
}


@pytest.mark.parametrize("message", BAD_SOAP.values(), ids=BAD_SOAP)
def test_a_bad_message_is_refused(message: bytes) -> None:
    """What could be read in two ways, or reaches outside of itself, is not read."""
    with pytest.raises(Refusal) as refused:
        read_soap(message)

    assert refused.value.kind is LEGACY_UNREADABLE


def test_a_large_message_is_refused() -> None:
    """Only so much is parsed."""
    with pytest.raises(Refusal) as refused:
        read_soap(b" " * (MOST_BYTES + 1))

    assert refused.value.kind is TOO_LARGE
