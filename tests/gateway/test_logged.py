"""What lands in the request log of whom a call is made for, and when?"""

import base64
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import text
from starlette.types import Receive, Send
from structlog.testing import capture_logs

from keysteward.actions import accounts, metrics, request_logs
from keysteward.crypto.hashing import Prefix, new_secret
from keysteward.rules.request_logs import Entry, as_text
from keysteward.store.database import bump_epoch
from keysteward.web.log_files import archive
from tests.cast import ACME, PASSWORD, SAM, UNKNOWN, Made, Town, rsa_keypair
from tests.gateway.peer import JSON, Answer, Asked, Gate, RawApi, answering, gate, gate_before, read
from tests.old_fashioned import bring_to, in_json, in_soap, in_xml


def log_on(opened: Gate) -> None:
    """Let Sam turn logging on."""
    request_logs.turn_on(opened.ctx, accounts.load_user(opened.ctx, SAM.demo))


@pytest.fixture
def logged(opened: Gate) -> Gate:
    """A gateway whose user's requests are logged."""
    log_on(opened)
    return opened


def entries(opened: Gate) -> list[Entry]:
    """Sam's log, as it is in the database right now."""
    return [
        request_logs.open_entry(opened.ctx, SAM.demo, row.id) for row in request_logs.list_entries(opened.ctx, SAM.demo)
    ]


def test_a_call_is_logged_before_its_last_byte(logged: Gate) -> None:
    """Whoever has the whole answer finds the entry: with a length, without one, and without a body."""
    logged.api.answer = answering(201, b'{"envelopeId":"x"}')
    created = logged.call("POST", json={"emailSubject": "Lease"})
    assert len(entries(logged)) == 1
    logged.api.answer = in_parts(b"one", b"two")
    logged.call("GET", "/a")
    assert len(entries(logged)) == 2
    logged.api.answer = answering(204, b"")
    logged.call("DELETE", "/a")
    logged.api.answer = answering()
    logged.call("HEAD", "/a")

    first, second, third, fourth = entries(logged)
    assert first.request.first_line == f"POST {logged.ctx.origin}/restapi/v2.1/accounts/{ACME.demo}/envelopes HTTP/1.1"
    assert json.loads(first.request.body) == {"emailSubject": "Lease"}
    assert (first.answer.first_line, json.loads(first.answer.body)) == ("HTTP/1.1 201 Created", {"envelopeId": "x"})
    assert first.trace == created.headers["X-DocuSign-TraceToken"]
    assert dict(first.answer.headers)["X-DocuSign-TraceToken"] == first.trace
    assert (second.answer.body, third.answer.first_line, fourth.method) == ("onetwo", "HTTP/1.1 204 No Content", "HEAD")


def in_parts(*parts: bytes) -> Answer:
    """Answer without a length, in several parts."""

    async def answer(asked: Asked, receive: Receive, send: Send) -> None:
        await read(asked, receive)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return answer


def test_who_has_it_off_pays_nothing(opened: Gate) -> None:
    """Nothing is written for whoever did not ask for it."""
    opened.call("POST", data=b"{}")

    assert entries(opened) == []


def test_sixty_calls_leave_fifty(logged: Gate) -> None:
    """However many come at once, the log takes as many as it has places; every call is answered."""
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: logged.call().status_code, range(60)))

    assert (answers, len(entries(logged))) == ([200] * 60, 50)
    assert not request_logs.show_logging(logged.ctx, SAM.demo).is_on


def test_files_and_long_bodies_are_summed_up(logged: Gate) -> None:
    """Type, size and digest; the call itself passes as it is."""
    file, long = b"\x00\x01" * 500, json.dumps({"a": "b" * 3_000_000}).encode()
    logged.api.answer = answering(200, file, [(b"content-type", b"application/pdf")])
    got = logged.call("POST", data=long, headers={"Content-Type": "application/json"})

    (entry,) = entries(logged)
    assert (got.content, logged.api.asked[0].body) == (file, long)
    assert entry.request.body == f"[application/json, {len(long):,} bytes, SHA-256 {hashlib.sha256(long).hexdigest()}]"
    assert entry.answer.body == f"[application/pdf, 1,000 bytes, SHA-256 {hashlib.sha256(file).hexdigest()}]"


def test_an_answer_that_breaks_off(town: Town, made: Made) -> None:
    """It is logged as far as it came, with a word that it broke off."""
    said = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\nhalf"
    with RawApi(said) as api, gate_before(api.address, town, made) as opened:
        log_on(opened)
        with pytest.raises(requests.RequestException):
            opened.call()

    (entry,) = entries(opened)
    assert (entry.answer.first_line, entry.note) == ("HTTP/1.1 200 OK", "The answer broke off before it was whole.")


def test_a_refusal_is_logged(logged: Gate) -> None:
    """With what its caller reads."""
    logged.call("GET", account=UNKNOWN)

    (entry,) = entries(logged)
    assert (entry.status, json.loads(entry.answer.body)["errorCode"]) == (
        400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT",
    )  # fmt: skip
    assert logged.api.asked == []


def test_a_log_that_cannot_be_written(logged: Gate) -> None:
    """The call is answered all the same, and the operator reads that an entry is missing, and nothing of the call."""
    with logged.ctx.database.writing() as tx:
        tx.execute(text("ALTER TABLE request_log_entries RENAME TO lost"))

    with capture_logs() as told:
        assert logged.call("POST", data=b"{}").status_code == 200
    assert [(line["event"], set(line)) for line in told] == [
        ("a request log was not written", {"event", "log_level", "trace", "error"}),
    ]  # fmt: skip


def test_whether_it_is_logged_cannot_be_read(opened: Gate) -> None:
    """The call is answered as if it were not logged, and the operator reads so: no log is worth an answer."""
    with opened.ctx.database.writing() as tx:
        tx.execute(text("ALTER TABLE request_logging RENAME TO gone"))
        bump_epoch(tx)
    opened.ctx.directory.forget()
    with capture_logs() as said:
        answer = opened.call("GET", "/a")

    assert answer.status_code == 200
    assert [line["event"] for line in said] == ["a request log was not written"]


@pytest.mark.parametrize("form", ["json", "xml", "soap"])
def test_a_legacy_call_is_logged_without_its_login(logged: Gate, form: str) -> None:
    """Neither password nor key nor who signs in; also where the API repeats the password."""
    bring_to(logged.ctx, ("measure", ""))
    logged.api.answer = answering(200, json.dumps({"said": PASSWORD, "key": logged.made.key}).encode())
    header = {"json": in_json, "xml": in_xml}.get(form)
    sent = {"data": in_soap(logged.made), "headers": {"Content-Type": "text/xml"}} if header is None else {
        "headers": header(logged.made)
    }  # fmt: skip
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(logged.url(""), timeout=30, **sent)

    assert answer.status_code == 200
    (entry,) = entries(logged)
    shown = as_text(entry)
    assert [secret for secret in (PASSWORD, logged.made.key, SAM.email) if secret in shown] == []


# ── nothing secret ──────────────────────────────────────────────────────────────────────────────────────────────────
def planted(opened: Gate) -> dict[str, str]:
    """One of everything that must never be seen."""
    prefixes: tuple[Prefix, ...] = ("kss_", "kst_", "ksc_", "ksr_", "ksh_", "ksw_", "ksd_", "ksl_")
    shaped = {f"shape {prefix}": new_secret(prefix) for prefix in prefixes}
    return shaped | {
        "token": opened.token,
        "key": opened.made.key,
        "secret key": opened.made.secret,
        "private key": rsa_keypair()[0].replace("\r", ""),
        "password": "Correct-Horse/Battery+9",
        "cookie": "c00kie-0f-somebody-else",
    }


WRAPS: tuple[Callable[[str], str], ...] = (
    str,
    lambda secret: quote(secret, safe=""),
    lambda secret: base64.b64encode(secret.encode()).decode(),
    lambda secret: json.dumps(secret)[1:-1],
)


def test_nothing_secret_is_seen_anywhere(logged: Gate) -> None:
    """Planted in every header, query, form and body, and repeated by the API: in no entry, ZIP, log line or record."""
    secrets = planted(logged)
    with capture_logs() as told:
        for wrap in WRAPS:
            plant(logged, {name: wrap(secret) for name, secret in secrets.items()})

    ctx = logged.ctx
    files = zipfile.ZipFile(io.BytesIO(archive(request_logs.open_files(ctx, SAM.demo))))
    seen = "\n".join(files.read(name).decode() for name in files.namelist())
    with ctx.database.reading() as tx:
        calls = str(tx.execute(text("SELECT url, operation, sdk, error_code, trace FROM calls")).all())
        rows = str(tx.execute(text("SELECT method, path, operation FROM request_log_entries")).all())
    assert len(files.namelist()) == 4 * len(WRAPS)
    found = [
        name
        for name, secret in secrets.items()
        for wrap in WRAPS
        for kept in (seen, rows, str(told), calls, metrics.page(ctx))
        if wrap(secret) in kept
    ]
    assert found == []
    assert re.search(r"Bearer [\w.-]{5}", seen) is None


def plant(opened: Gate, fields: dict[str, str]) -> None:
    """Send all of them everywhere, to an API that says them again in its headers and under innocent names."""
    lines = {name.replace(" ", "-"): value.replace("\n", "") for name, value in fields.items()}
    cookie = "; ".join(f"{name}={value}" for name, value in lines.items())
    echo = [(f"x-echo-{name}".encode(), value.encode()) for name, value in lines.items()]
    opened.api.answer = answering(200, json.dumps(list(fields.values())).encode(), [*JSON, *echo])
    body = {"fields": [fields, {"deep": [{name: {"again": value}} for name, value in fields.items()]}]}
    pairs = {"pairs": [{"name": name, "value": value} for name, value in fields.items()]}
    small = {name: value for name, value in lines.items() if name != "private-key"}
    agent = " ".join(value for name, value in lines.items() if name.startswith("shape") or name == "token")
    headers = lines | {"Cookie": cookie, "User-Agent": agent, "X-DocuSign-SDK": agent}
    opened.call("POST", json=body | pairs, params=small, headers=headers)
    opened.call("POST", data=fields)
    opened.call("POST", files={name: (None, value) for name, value in fields.items()})
    opened.call("POST", data="\n".join(f"{name}: {value}" for name, value in lines.items()).encode())


@pytest.fixture
def opened(town: Town, made: Made) -> Iterator[Gate]:
    """A gateway in front of an API of the test's own, and an app whose user may call."""
    with gate(town, made) as opened:
        yield opened
