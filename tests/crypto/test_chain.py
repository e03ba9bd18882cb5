"""Do the two spellings of the chain's format, the sealer's and the auditor's, say the same?"""

from datetime import UTC, datetime
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from keysteward.crypto.chain import digest_of, salted, salted_fields, seal
from keysteward.rules import chain as auditor
from keysteward.rules.chain import Link
from keysteward.rules.events import PLAIN, Entry, Event, Name, without

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SALTS = {"actor": "00112233445566778899aabbccddeeff", "data.name": "ffeeddccbbaa99887766554433221100"}
EXAMPLE = Entry(
    7, Event("KeyCreated", AT, "ada@acme.example", "1e90a5e0-0000-4000-8000-000000000001",
             "acc00001-de30-4000-8000-000000000000", {"name": "Łease signer", "uri": "https://app.example.com/"}),
    SALTS, {},
)  # fmt: skip

texts = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.one_of(st.sampled_from(sorted(PLAIN)), st.sampled_from(["name", "contact", "reason", "ключ", 'quo"te']))
salts = st.binary(min_size=16, max_size=16).map(bytes.hex)
instants = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 — the zone is beside it


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """An event as it may be kept, with some of its personal fields erased."""
    data = draw(st.dictionaries(names, texts, max_size=5))
    event = Event(draw(st.sampled_from(get_args(Name))), draw(instants), draw(texts), draw(texts), draw(texts), data)
    fields = ["actor", *(f"data.{name}" for name in data if name not in PLAIN)]
    entry = Entry(draw(st.integers(1, 2**62)), event, {field: draw(salts) for field in fields}, {})
    gone = draw(st.lists(st.sampled_from(fields), unique=True))
    hashes = salted_fields(entry)
    return without(entry, {field: hashes[field] for field in gone})


@given(entries())
def test_both_digests_are_one(entry: Entry) -> None:
    """Whatever an event says, whatever of it was erased, the auditor works out what the sealer wrote."""
    assert auditor.digest_of(entry) == digest_of(entry)


@given(entries(), st.lists(entries(), max_size=4))
def test_what_is_sealed_verifies(first: Entry, more: list[Entry]) -> None:
    """A chain that the sealer made has no break."""
    previous, broken = None, []
    for entry in (first, *more):
        made = seal(previous, entry.sequence, digest_of(entry))
        broken.append(auditor.first_break(Link(made, entry, previous)))
        previous = made

    assert broken == [None] * (1 + len(more))


@given(entries())
def test_erasing_leaves_the_digest(entry: Entry) -> None:
    """What was erased is gone, its salt too, and the digest stays what it was."""
    erased = without(entry, salted_fields(entry))

    assert digest_of(erased) == digest_of(entry)
    assert (erased.event.actor, erased.salts, erased.event.data.keys() <= PLAIN) == ("", {}, True)


# The numbers below were worked out with sha256sum from the words of docs/decisions/0008.
def test_a_personal_field_is_hashed_as_the_decision_says() -> None:
    """Salt, name, a zero byte, value."""
    assert salted(SALTS["actor"], "actor", "ada@acme.example") == (
        "d762adbb89b3000c5f79dc99eba5452bf5d12ab0cdfa610a3c52d2557d74bb61"
    )


def test_an_event_is_hashed_as_the_decision_says() -> None:
    """Keys sorted, no spaces, UTF-8."""
    assert digest_of(EXAMPLE) == "34581f3a168bd2c6c6b195d10b0259e8c4483752e6c5e461990fe50c927524bc"


def test_a_seal_is_hashed_as_the_decision_says() -> None:
    """The hash before, the digest, the position as eight bytes; before the first one stand zeros."""
    first = seal(None, 7, digest_of(EXAMPLE))
    second = seal(first, 8, digest_of(EXAMPLE))

    assert (first.position, first.hash) == (1, "e8b51a22bd8523b67cc8fc08717c37ad2ef1ff0ecc758654bd6e0e9095b43eea")
    assert (second.position, second.hash) == (2, "acbaf58b5f2d65215896b24e66425e224a2b47d23831ea095a741fda6c5b213a")
