"""Does a search find what somebody may see, by whatever they know of it, and nothing else?"""

import pytest

from keysteward.actions import keys, operators, people, profiles, search
from keysteward.actions.keys import Draft
from keysteward.rules.access import HANDLE_ACCOUNTS, READ_APPS, READ_AUDIT, READ_KEYS, READ_MEMBERS, READ_ORGANIZATIONS
from keysteward.rules.refusals import INVALID_FIELD
from keysteward.rules.search import Found, Match
from keysteward.store import search as store
from tests.cast import (
    ACME,
    ADA,
    BO,
    COUNCIL,
    CY,
    MALLORY,
    ORGANIZATION,
    SAM,
    STRANGE,
    VERA,
    Made,
    Person,
    Town,
    refused,
)
from tests.peers.databases import on_both, rows

pytestmark = on_both

Things = list[tuple[str, str]]
NOTHING: Things = []


def searched(town: Town, person: Person, text: str, *permissions: str) -> Found:
    """What somebody finds, or their program that was made for these permissions alone."""
    actor = town.actor(person, permissions=frozenset(permissions) if permissions else None)
    return search.find(town.demo, actor, text)


def found(town: Town, person: Person, text: str, *permissions: str) -> Things:
    """The kind and the title of all of it."""
    return [(hit.kind, hit.title) for hit in searched(town, person, text, *permissions).hits]


def trace_of_a_call(town: Town, made: Made) -> str:
    """The trace token of a call that was made now, by Sam in Acme."""
    town.call(made)
    (row,) = rows(town.demo.database, "SELECT trace FROM calls ORDER BY sequence DESC LIMIT 1")
    return str(row[0])


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("lease", Match("name", "Lease signer")),
        ("SIGNER Lea", Match("name", "Lease signer")),
        ("{key}", Match("key", "{key}")),
        ("{KEY}", Match("key", "{key}")),
        ("{beginning}", Match("key", "{key}")),
        ("TEAM@acme", Match("contact", "team@acme.example")),
    ],
)
def test_a_key_is_found_by_what_one_knows_of_it(town: Town, made: Made, text: str, match: Match) -> None:
    """By words of its name or contact, and by its GUID or how that begins, in any letter case; it is said by which."""
    names = {"key": made.key, "KEY": made.key.upper(), "beginning": made.key[:13]}
    (hit,) = searched(town, ADA, text.format(**names)).hits

    assert (hit.kind, hit.id, hit.title, hit.account, hit.account_name) == (
        "key", made.key, made.app.name, ACME.demo, ACME.name,
    )  # fmt: skip
    assert hit.match == Match(match.field, match.value.format(key=made.key))


@pytest.mark.parametrize("person", [MALLORY, SAM, VERA, CY], ids=lambda each: each.first_name)
def test_a_key_of_others_looks_absent(town: Town, made: Made, person: Person) -> None:
    """Whoever does not read the account's keys finds neither them nor their calls, whatever they know of them."""
    trace = trace_of_a_call(town, made)

    assert [found(town, person, text) for text in (made.key, made.key[:8], "lease", trace)] == [NOTHING] * 4


def test_a_developer_finds_keys_and_no_people(town: Town, made: Made) -> None:
    """A permission profile that reads keys finds these, and their calls, where policy has developers."""
    draft = profiles.Draft("Reader", frozenset({READ_KEYS}))
    profile = profiles.make(town.demo, town.actor(ADA), ACME.demo, draft)
    people.change_profile(town.demo, town.actor(ADA), ACME.demo, SAM.demo, profile.id)
    trace = trace_of_a_call(town, made)

    assert found(town, SAM, "lease") == [("key", made.app.name)]
    assert [kind for kind, _ in found(town, SAM, trace)] == ["call"]
    assert found(town, SAM, "vera") == NOTHING


def test_people_are_found_by_name_address_and_id(town: Town) -> None:
    """In the accounts whose members somebody may read, once for each of them; closed ones last."""
    people.close_member(town.demo, town.actor(ADA), ACME.demo, VERA.demo)
    (vera,) = searched(town, ADA, "Vera V").hits

    assert (vera.kind, vera.title, vera.says, vera.state) == ("user", "Vera Viewer", VERA.email, "closed")
    for text in (VERA.demo, VERA.demo.upper(), VERA.demo[:9], "VERA@ACME.EXAMPLE", "viewer"):
        assert found(town, ADA, text) == [("user", "Vera Viewer")]
    assert {hit.account_name for hit in searched(town, ADA, ADA.email).hits} == {"Acme", "Acme Small"}
    assert found(town, MALLORY, "vera") == found(town, SAM, VERA.email) == found(town, ADA, MALLORY.email) == NOTHING
    assert ("user", "Vera Viewer") not in found(town, ADA, "acme.example")


def test_accounts_and_organizations_are_found_by_whoever_belongs_there(town: Town) -> None:
    """Accounts of one's own by name, number and GUID; organizations by whoever administers them."""
    (account,) = searched(town, MALLORY, "strange").hits[-1:]
    number = account.says.split()[1]

    assert account.kind == "account"
    assert found(town, MALLORY, number) == found(town, MALLORY, STRANGE.demo) == [("account", "Strange")]
    assert found(town, ADA, number) == found(town, ADA, STRANGE.demo) == NOTHING
    assert [kind for kind, _ in found(town, CY, ORGANIZATION["demo"])] == ["organization"]
    assert found(town, ADA, ORGANIZATION["demo"]) == NOTHING


def test_an_operator_finds_every_account_and_no_key_of_it(town: Town, made: Made) -> None:
    """What an operator runs is the environment: its accounts are found, what lies in them is not."""
    operators.add(town.demo, MALLORY.email, "root")

    assert found(town, MALLORY, ACME.demo) == [("account", "Acme")]
    assert [title for kind, title in found(town, MALLORY, "acme") if kind == "account"] == [
        "Acme", "Acme Council", "Acme Small",
    ]  # fmt: skip
    assert found(town, MALLORY, made.key) == found(town, MALLORY, ADA.email) == NOTHING
    assert found(town, MALLORY, ACME.demo, READ_KEYS) == NOTHING
    assert found(town, MALLORY, ACME.demo, HANDLE_ACCOUNTS) == [("account", "Acme")]


def test_a_call_is_found_by_its_trace_token(town: Town, made: Made) -> None:
    """By the whole token or its first characters, with the key where one reads that, or else with the account."""
    trace = trace_of_a_call(town, made)
    (hit,) = searched(town, ADA, trace.upper()).hits
    (in_account,) = searched(town, ADA, trace, READ_APPS).hits

    assert (hit.kind, hit.key, hit.account, hit.match) == ("call", made.key, ACME.demo, Match("trace", trace))
    assert (in_account.kind, in_account.key, in_account.account, in_account.id) == ("call", "", ACME.demo, hit.id)
    assert found(town, BO, trace[:8]) == found(town, ADA, trace)
    assert found(town, ADA, trace[:7]) == found(town, ADA, trace, READ_MEMBERS) == NOTHING


def test_a_program_finds_what_its_token_was_made_for(town: Town, made: Made) -> None:
    """Each kind has its permission; the names of one's own accounts need none."""
    assert found(town, ADA, made.key, READ_MEMBERS) == NOTHING
    assert found(town, ADA, SAM.email, READ_KEYS) == NOTHING
    assert found(town, ADA, SAM.email, READ_MEMBERS) == [("user", "Sam Sender")]
    assert found(town, CY, ORGANIZATION["demo"], READ_KEYS) == NOTHING
    assert [kind for kind, _ in found(town, CY, ORGANIZATION["demo"], READ_ORGANIZATIONS)] == ["organization"]
    assert found(town, CY, COUNCIL.name, READ_AUDIT) == [("account", COUNCIL.name)]


def test_letters_beyond_ascii_have_a_case_too(town: Town) -> None:
    """In both databases, however a name was written."""
    keys.create(town.demo, town.actor(ADA), ACME.demo, Draft("Čeština ÜBER alles", "team@acme.example"))

    for text in ("čeština", "ČEŠTINA", "über", "Über"):
        assert found(town, ADA, text) == [("key", "Čeština ÜBER alles")]


@pytest.mark.parametrize("text", ["%%", "__", "le_se", "lease%", "\x00\x00ab\\", "' OR 1=1 --"])
def test_signs_mean_themselves(town: Town, made: Made, text: str) -> None:
    """Nothing in a text is a pattern or a command."""
    assert made.key
    assert found(town, ADA, text) == NOTHING


@pytest.mark.parametrize("text", ["", " a ", "x" * 101])
def test_too_short_and_too_long(town: Town, text: str) -> None:
    """One letter finds everything, and nobody types a hundred."""
    with refused(INVALID_FIELD, "q"):
        searched(town, ADA, text)


def test_more_than_are_shown(town: Town, made: Made) -> None:
    """Five of a kind are shown, those that begin so first; that there are more is said."""
    for name in ("A lease", "B lease", "C lease", "D lease", "E lease"):
        keys.create(town.demo, town.actor(ADA), ACME.demo, Draft(name, "team@acme.example"))
    seen = searched(town, ADA, "lease")

    assert seen.hits[0].title == made.app.name
    assert len(seen.hits) == search.MOST
    assert (sorted(seen.more), seen.is_whole) == (["key"], True)


def test_very_many_names(town: Town, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many names are looked at, and that is said; a GUID and a whole address are found all the same."""
    monkeypatch.setattr(store, "SIFTED", 1)
    for number in range(3):
        keys.create(town.demo, town.actor(ADA), ACME.demo, Draft(f"Zeta {number}", "team@acme.example"))
    seen = searched(town, ADA, "zeta")

    assert not seen.is_whole
    assert len(seen.hits) <= 1
    assert found(town, ADA, made.key) == [("key", made.app.name)]
    assert ("user", "Vera Viewer") in found(town, ADA, VERA.email)
