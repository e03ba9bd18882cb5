"""Is a bundle what was signed, byte for byte, and does its re-run give the verdict whatever was judged?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keysteward.actions.bundles import Unreadable, verify
from keysteward.crypto.papers import write_manifest
from keysteward.crypto.signing import SigningKey, new_signing_key
from keysteward.rules.bundles import Subject, document_of, manifest_of, rendered
from keysteward.rules.golive import RULES_VERSION, Review, judge
from keysteward.rules.judging import Counted, digest_of, gathered
from keysteward.rules.pack_text import read
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.rerun import Rerun
from tests.packs import ENVELOPES, LISTING, a_document
from tests.rules.examples import KEY, NOW, a_call

PAPER_KEY, OTHER_KEY = new_signing_key("EdDSA"), new_signing_key("EdDSA")
KEYS = {PAPER_KEY.kid: PAPER_KEY.public}
PACK = read(
    a_document(
        {"kind": "required", "code": "creates", "operations": [ENVELOPES], "at_least": 3},
        {"kind": "share", "code": "lists", "operations": [LISTING], "most_percent": 40},
        {"kind": "gap", "code": "hourly", "operations": ["GET *"], "gap": "1h"},
        {"kind": "calls-needed", "code": "many", "calls": 25},
        readings=[{"operations": [LISTING], "success": ["200-299", "404"], "source": "A test."}],
    )
)
POLICIES = st.sampled_from([DEFAULT, replace(DEFAULT, packs=(PACK,)), replace(DEFAULT, version=3, calls_needed=5)])
CALLS = st.lists(
    st.tuples(
        st.sampled_from([ENVELOPES, LISTING, "GET /restapi/v2.1/accounts/{id}/envelopes/{id}"]),
        st.sampled_from([200, 201, 404, 429]),
        st.one_of(st.sampled_from([0, 899, 900, 3_600, 90_000]), st.integers(0, 5_000)),
        st.sampled_from("ab"),
    ),
    max_size=40,
)


def judged(policy: Policy, story: list[tuple[str, int, int, str]]) -> Subject:
    """A review of a story of calls, oldest first."""
    at, seen, made = NOW, dict[str, datetime](), list[Counted]()
    for sequence, (operation, status, pause, resource) in enumerate(story, 1):
        at += timedelta(seconds=pause)
        method, polled = operation.split()[0], operation.startswith("GET")
        call = a_call(
            at=at, sequence=sequence, operation=operation, method=method, status=status, polled=polled,
            url=f"/{resource}?q=…", url_digest=resource * 64,
        )  # fmt: skip
        made.append(Counted(call, seen.get(resource) if polled else None))
        seen |= {resource: at} if polled else {}
    evidence = gathered(tuple(reversed(made))[: policy.calls_looked_at], at, policy)
    findings = judge(evidence, policy)
    review = Review(
        "r", KEY, at, "ada", "ada@acme.example", len(made), policy.version, at, "failed" if findings else "passed",
        len(evidence.run(policy)), findings, digest_of(evidence),
    )  # fmt: skip
    return Subject("Łease signer", review, policy, RULES_VERSION, evidence.every)


def signed(document: dict[str, Any], key: SigningKey = PAPER_KEY) -> bytes:
    """A bundle as an environment with this key hands it out."""
    return rendered(document | {"paper": write_manifest(manifest_of(document), key, "https://demo.test/", NOW)})


def bundle(policy: Policy = DEFAULT, story: list[tuple[str, int, int, str]] | None = None) -> bytes:
    """A good bundle."""
    told = [(ENVELOPES, 201, 1, "a")] * 20 if story is None else story
    return signed(document_of(judged(policy, told), "demo", "https://demo.test/", NOW))


def complaints(raw: bytes) -> tuple[str, ...]:
    """What is wrong with a file."""
    try:
        return verify(raw, KEYS).broken
    except Unreadable as error:
        return (str(error),)


GOOD = bundle(replace(DEFAULT, packs=(PACK,)), [(ENVELOPES, 201, 1, "a"), (LISTING, 404, 7, "b")] * 15)


@given(POLICIES, CALLS)
def test_the_rules_find_the_same_again(policy: Policy, story: list[tuple[str, int, int, str]]) -> None:
    """Whatever was called and by whichever numbers and packs it was judged."""
    verdict = verify(bundle(policy, story), KEYS)

    assert (verdict.broken, verdict.again) == ((), Rerun("same"))


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(at: int, by: int) -> None:
    """Anywhere in the file, to anything, it is found out."""
    raw = bytearray(GOOD)
    raw[at] ^= by

    assert complaints(GOOD) == ()
    assert complaints(bytes(raw))


@given(st.integers(0, len(GOOD)), st.sampled_from([b" ", b"\n", b"0", b",", b"{}"]))
def test_no_byte_can_be_added(at: int, more: bytes) -> None:
    """Not even a space."""
    assert complaints(GOOD[:at] + more + GOOD[at:])


@given(st.integers(0, len(GOOD) - 1))
def test_no_byte_can_be_taken(at: int) -> None:
    """Nor the last line's end."""
    assert complaints(GOOD[:at] + GOOD[at + 1 :])


# ── and where ───────────────────────────────────────────────────────────────────────────────────────────────────────
def document() -> dict[str, Any]:
    """The good bundle, to be changed."""
    return msgspec.json.decode(GOOD, type=dict[str, Any])


@given(st.integers(0, 24), st.sampled_from(["status", "at", "operation", "url_digest", "sequence", "countable"]))
def test_a_forged_call_is_named(at: int, field: str) -> None:
    """By its place in the list, whatever was changed of it."""
    changed = document()
    changed["calls"][at][field] = "forged"

    assert complaints(rendered(changed)) == (f"calls, entry {at + 1}, is not as it was signed.",)


def test_a_removed_and_an_added_call_are_named() -> None:
    """All others are still where they were."""
    removed, added = document(), document()
    removed["calls"][6]["sequence"] = 1_000
    gone = removed["calls"].pop(6)
    added["calls"].insert(3, gone)

    assert complaints(rendered(removed)) == ("calls, entry 7 of what was signed, was removed.",)
    assert complaints(rendered(added)) == ("calls, entry 4, was added: nobody signed it.",)


def test_calls_in_another_order_are_named() -> None:
    """A call cannot move, for the newest run decides."""
    swapped = document()
    swapped["calls"][0], swapped["calls"][1] = swapped["calls"][1], swapped["calls"][0]

    assert complaints(rendered(swapped))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("review.verdict", "passed!", "review.verdict is not as it was signed."),
        ("policy.numbers.calls_needed", 2, "policy.numbers.calls_needed is not as it was signed."),
        ("rules.packs.0.rules.0.at_least", 1, "rules.packs, entry 1, is not as it was signed."),
        ("review.approved", True, "review.approved was added: nobody signed it."),
        ("note", "good", "note was added: nobody signed it."),
        ("bundle.issuer", "https://evil.test/", "bundle.issuer is not as it was signed."),
    ],
)
def test_each_part_is_named(path: str, value: object, said: str) -> None:
    """What the rules, the numbers and the verdict were is no less signed than the calls."""
    changed = document()
    *way, last = path.split(".")
    holder: Any = changed
    for step in way:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    holder[last] = value

    assert complaints(rendered(changed)) == (said,)


def test_a_part_that_is_gone_is_named() -> None:
    """Whole parts cannot be left out."""
    less = document()
    del less["promotion"], less["review"]["ruling"]

    assert complaints(rendered(less)) == ("review.ruling was removed.", "promotion was removed.")


def test_another_spelling_is_found() -> None:
    """The same said in another way is no bundle either; the line is named."""
    spelled = GOOD.replace(b'"app": "\xc5\x81ease signer"', b'"app": "\\u0141ease signer"')

    assert len(spelled) == len(GOOD) + 4
    (said,) = complaints(spelled)
    assert said.startswith("Line ")
    assert said.endswith("is written in another way, though it says the same.")
    assert complaints(msgspec.json.encode(document(), order="sorted"))


def test_nobody_else_signs() -> None:
    """A forger who signs with a key of their own is told apart, and one who takes another paper along."""
    forged, other = document(), document()
    forged["calls"].pop()
    del forged["paper"]
    other["paper"] = msgspec.json.decode(bundle())["paper"]

    assert complaints(signed(forged, OTHER_KEY)) == ("paper: the signature is not good: no key has this kid.",)
    assert "review.started_at is not as it was signed." in complaints(rendered(other))


def test_a_wrong_key_of_the_same_name_is_none() -> None:
    """The signature is checked, not the name of the key."""
    assert verify(GOOD, {PAPER_KEY.kid: OTHER_KEY.public}).broken == (
        "paper: the signature is not good: the signature is wrong.",
    )


def test_without_keys_the_signature_is_not_checked() -> None:
    """And nothing says that it was."""
    verdict = verify(GOOD, None)

    assert (verdict.signed_by, verdict.broken, verdict.again) == ("", (), Rerun("same"))


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b"not json", b'{"paper": 3}', b'{"paper": "a.b.c"}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_bundle_is_refused(raw: bytes) -> None:
    """With a reason, and never with a traceback."""
    with pytest.raises(Unreadable):
        verify(raw, KEYS)


def test_what_lies_too_deep_is_refused() -> None:
    """A file that nests its parts without end ends nothing."""
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    with pytest.raises(Unreadable):
        verify(GOOD.rstrip().removesuffix(b"}") + b',"more":' + deep + b"}", KEYS)
