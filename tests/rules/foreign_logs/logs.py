"""Which logs do these tests judge?"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from keysteward.rules.foreign_logs.judging import Asked, Judged, judge_logs
from keysteward.rules.foreign_logs.lines import GZIP, unpacked
from keysteward.rules.foreign_logs.reading import sightings
from keysteward.rules.foreign_logs.recognizing import HEAD_BYTES, kind_of
from keysteward.rules.foreign_logs.sightings import File, Sighting
from keysteward.rules.policy import DEFAULT

START = datetime(2026, 11, 20, 9, 0, 0, 250_000, tzinfo=UTC)
ENVELOPES = "/restapi/v2.1/accounts/7/envelopes"
ENVELOPE = f"{ENVELOPES}/3f1c2a9e-0000-4000-8000-00000000000a"
_BY_DEFAULT = Asked(DEFAULT)


def judged(*logs: tuple[str, bytes], asked: Asked = _BY_DEFAULT, skips: bool = False) -> Judged:
    """The verdict over files of these names and contents."""
    files = [File(number, name, _kind(name, content)) for number, (name, content) in enumerate(logs)]

    def everything() -> Iterator[Sighting]:
        for file, (_, content) in zip(files, logs, strict=True):
            file.forget()
            yield from sightings(file, _unpacked(content), skips=skips)

    return judge_logs(everything, files, asked)


def _kind(name: str, content: bytes) -> Any:  # noqa: ANN401 — a Kind
    head = b"".join(_unpacked(content))[:HEAD_BYTES]
    return kind_of(head, name, is_all=len(head) < HEAD_BYTES)


def _unpacked(content: bytes) -> Iterable[bytes]:
    return unpacked([content], "packed") if content.startswith(GZIP) else [content]


def times(count: int, apart: timedelta = timedelta(seconds=1)) -> list[datetime]:
    """Moments, oldest first."""
    return [START + number * apart for number in range(count)]


# ── request logs ────────────────────────────────────────────────────────────────────────────────────────────────────
def request_log(
    url: str, method: str = "POST", answer: str = "201 Created", at: datetime | None = START, body: str = "{}"
) -> str:
    """A request log as Docusign writes them: what is known of the layout, and nothing that is not needed."""
    stamp = f"Timestamp: {at:%Y-%m-%dT%H:%M:%S.%f}7Z\n" if at else ""
    return (
        f"{method} https://demo.docusign.net{url}\nTraceToken: {uuid4()}\n{stamp}\n"
        f"Accept: application/json\nAuthorization: Bearer [omitted]\n\n\n{answer}\n"
        f"Content-Type: application/json\n\n{body}\n"
    )


def archive(entries: Mapping[str, str | bytes]) -> bytes:
    """A ZIP of these entries."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in entries.items():
            opened.writestr(name, content)
    return written.getvalue()


def twenty_request_logs(count: int = 20, at: bool = True) -> bytes:  # noqa: FBT002 — the only question
    """A ZIP as Docusign's own, with good calls."""
    moments = times(count)
    return archive(
        {
            f"{number:02}_Created_CreateEnvelope.txt": request_log(ENVELOPES, at=moments[number] if at else None)
            for number in range(count)
        }
    )


# ── other formats ───────────────────────────────────────────────────────────────────────────────────────────────────
def access_log(lines: Iterable[Mapping[str, object]]) -> bytes:
    """Lines of JSON."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def access_line(at: datetime, method: str = "POST", url: str = ENVELOPES, status: int = 201) -> dict[str, object]:
    """A line as our nginx configuration writes it."""
    return {"at": at.timestamp(), "method": method, "url": url, "status": status, "seconds": 0.012}


def har(entries: Iterable[Mapping[str, object]]) -> bytes:
    """A HAR."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "test"}, "entries": list(entries)}}).encode()


def har_entry(
    at: datetime, method: str = "POST", url: str = f"https://api.test{ENVELOPES}", status: int = 201, **more: object
) -> dict[str, object]:
    """An entry of a HAR, with as little as HAR 1.2 asks for."""
    headers = more.pop("headers", [])
    return {
        "startedDateTime": at.isoformat(),
        "time": 12.5,
        "request": {"method": method, "url": url, "headers": headers},
        "response": {"status": status, "headers": more.pop("answer_headers", []), "content": more.pop("content", {})},
    }
