"""Is a ZIP of request logs read safely, whoever made it?"""

import io
import zipfile

import pytest

from keysteward.rules.foreign_logs import archives
from keysteward.rules.foreign_logs.archives import read
from keysteward.rules.foreign_logs.sightings import Sighting, Unreadable
from tests.rules.foreign_logs.logs import ENVELOPE, ENVELOPES, archive, request_log

LOG = request_log(ENVELOPES)


def refusals(content: bytes) -> list[tuple[str, str]]:
    """What is wrong with a ZIP, and where."""
    try:
        found = list(read(content, "logs.zip", 0))
    except Unreadable as unreadable:
        found = [unreadable]
    return [(each.where, each.sentence) for each in found if isinstance(each, Unreadable)]


def test_entries_in_the_order_of_their_numbers() -> None:
    """The number in the name is the order, wherever an entry stands; what other programs add is no entry."""
    content = archive(
        {
            "10_OK_GetEnvelope.txt": request_log(ENVELOPE, "GET", "200 OK"),
            "__MACOSX/._02_Created_CreateEnvelope.txt": b"\0\1",
            "folder/02_Created_CreateEnvelope.txt": LOG,
            ".DS_Store": b"\0",
        }
    )

    calls = [each for each in read(content, "logs.zip", 3) if isinstance(each, Sighting)]
    assert [(call.file, call.entry, call.label, call.status) for call in calls] == [
        (3, 1, "02_Created_CreateEnvelope.txt", 201),
        (3, 2, "10_OK_GetEnvelope.txt", 200),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/00_Created_X.txt",
        "/abs/00_Created_X.txt",
        "C:\\x\\00_Created_X.txt",
        "00_Created_\x1b[31mX.txt",
        "x" * 500,
    ],
)
def test_names_lead_nowhere(name: str) -> None:
    """Nothing is written anywhere, and what is shown of a name is plain."""
    (call,) = read(archive({name: LOG}), "logs.zip", 0)

    assert isinstance(call, Sighting)
    assert call.label in {"00_Created_X.txt", "entry 1"}


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry, and all entries together, are read up to a limit, whatever they say of their size."""
    monkeypatch.setattr(archives, "MOST_ENTRY_BYTES", 100_000)
    monkeypatch.setattr(archives, "MOST_UNPACKED_BYTES", 250_000)
    large = LOG + " " * 90_000

    assert refusals(archive({"00_Created_X.txt": b" " * 10_000_000})) == [
        ("logs.zip: 00_Created_X.txt", "it unpacks to more than a request log ever is")
    ]
    assert [where for where, _ in refusals(archive({f"0{number}_Created_X.txt": large for number in range(4)}))] == [
        "logs.zip: 02_Created_X.txt", "logs.zip: 03_Created_X.txt",
    ]  # fmt: skip


def test_too_many_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ZIP of a million entries is refused before any is read."""
    monkeypatch.setattr(archives, "MOST_ENTRIES", 3)

    assert refusals(archive({f"{number}_OK_X.txt": LOG for number in range(4)})) == [
        ("logs.zip", "it holds more than 3 entries")
    ]


@pytest.mark.parametrize("name", ["inner.zip", "inner.tar.gz", "00_Created_X.txt"])
def test_an_archive_within_the_archive(name: str) -> None:
    """It is named by what it is, whatever it is called, and not unpacked."""
    ((_, sentence),) = refusals(archive({name: archive({"00_Created_X.txt": LOG})}))

    assert sentence == "it is an archive within the archive"


def test_a_damaged_one() -> None:
    """Cut short, overwritten in the middle, or encrypted: each is refused, and says where."""
    content = archive({"00_Created_X.txt": LOG * 50})
    encrypted = bytearray(content)
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(sign) + offset] |= 1

    assert refusals(content[: len(content) // 2]) == [("logs.zip", "the ZIP is cut short or damaged")]
    assert refusals(content[:60] + b"\xff" * 20 + content[80:]) == [
        ("logs.zip: 00_Created_X.txt", "it is cut short or damaged")
    ]
    assert refusals(bytes(encrypted)) == [("logs.zip: 00_Created_X.txt", "it is encrypted")]


def test_another_log_in_a_zip() -> None:
    """A HAR or an access log is told from a request log, with what to do."""
    assert refusals(archive({"calls.har": '{"log":{"entries":[]}}'})) == [
        ("logs.zip: calls.har", "it is no request log, but JSON")
    ]


def test_an_unusual_packing() -> None:
    """Only what every unpacker knows is unpacked."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_LZMA) as opened:
        opened.writestr("00_Created_X.txt", LOG)

    assert refusals(written.getvalue()) == [("logs.zip: 00_Created_X.txt", "it is packed in an unusual way")]
