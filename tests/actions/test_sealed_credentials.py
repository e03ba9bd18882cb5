"""Is a credential sealed only when it is made, to whom the account says, and is it to be read nowhere else?"""

from dataclasses import replace
from pathlib import Path

import pytest

from keysteward.actions import audit, credentials, keys, leaks, leases, mailing, releases, sealed_credentials
from keysteward.actions.sealing import opened as opened_at_rest
from keysteward.actions.sealing import seal_files_anew
from keysteward.crypto.sealing import Sealer
from keysteward.rules.access import WRITE_CUSTODY, Actor
from keysteward.rules.keys import Wish
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NOT_AN_ADMIN,
    NOTHING_SEALS,
    RECIPIENT_EXISTS,
    TOO_MANY_RECIPIENTS,
)
from keysteward.store import sealed_credentials as stored
from tests.cast import ACME, ADA, BO, CY, MALLORY, ROBIN, SAM, Made, Person, Town, refused, rsa_keypair
from tests.mails import letters_to
from tests.peers.databases import rows
from tests.recovering import REASON, SEAL, add_recipient, approved, opened, pair, seal_keypair, seal_secret
from tests.transferring import moved

ABOUT = "sealed-credential"


def of(town: Town, person: Person) -> Actor:
    """Somebody in demo."""
    return town.actor(person)


# ── sealing ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_secret_and_a_private_key_are_sealed(town: Town, made: Made) -> None:
    """To every recipient of that moment; each alone reads what was shown once."""
    add_recipient(town)
    add_recipient(town, "vault")
    secret, keypair = seal_secret(town, made), seal_keypair(town, made)
    add_recipient(town, "late")

    assert (secret.sealed_to, keypair.sealed_to) == (2, 2)
    with town.demo.database.reading() as tx:
        files = [opened_at_rest(town.demo, tx, each) for each in (secret.secret.id, keypair.keypair.id)]
    for name in ("safe", "vault"):
        assert [opened(file or b"", pair(name)) for file in files] == [secret.value, keypair.private_pem]
    view = sealed_credentials.view(town.demo, of(town, ADA), ACME.demo)
    assert {each.sealed.recipients for each in view.sealed} == {("safe", "vault")}
    assert {each.state for each in view.sealed} == {"in use"}


def test_nothing_is_sealed_unasked_or_later(town: Town, made: Made) -> None:
    """What was made without it is listed as not sealed; what is sealed is not."""
    seal_secret(town, made)
    view = sealed_credentials.view(town.demo, of(town, ADA), ACME.demo)

    assert len(view.sealed) == 1
    assert [(each.key, each.kind) for each in view.unsealed] == [(made.key, "secret key"), (made.key, "keypair")]


def test_sealing_needs_a_recipient(town: Town, made: Made) -> None:
    """Otherwise nothing is made, and it says what to do."""
    before = keys.view(town.demo, of(town, ADA), made.key).settings
    with refused(NOTHING_SEALS):
        credentials.add_secret(town.demo, of(town, ADA), made.key, SEAL)
    assert keys.view(town.demo, of(town, ADA), made.key).settings == before


def test_an_uploaded_public_key_cannot_be_sealed(town: Town, made: Made) -> None:
    """Its private half never was here."""
    add_recipient(town)
    with refused(INVALID_FIELD, "seal"):
        credentials.add_public_key(town.demo, of(town, ADA), made.key, rsa_keypair()[1], SEAL)


def test_what_goes_takes_its_file_along(town: Town, made: Made) -> None:
    """Deleting a secret key removes its ciphertext; its request finds nothing any more."""
    release = approved(town, made)
    credentials.delete_secret(town.demo, of(town, ADA), made.key, release.credential)

    assert rows(town.demo.database, "SELECT count(*) FROM sealed_credentials") == [(0,)]
    with refused(NO_SUCH_OBJECT):
        releases.download(town.demo, of(town, ADA), release.id)


def test_rotation_marks_it_old_and_a_leak_seals_its_successor(town: Town, made: Made) -> None:
    """A newer one makes it old; what replaces a leaked one that was sealed is sealed too."""
    first = seal_secret(town, made)
    town.clock.advance(seconds=1)
    second = leaks.report_secret(town.demo, of(town, ADA), made.key, first.secret.id)
    town.clock.advance(seconds=1)
    credentials.add_secret(town.demo, of(town, ADA), made.key, Wish())
    found = sealed_credentials.view(town.demo, of(town, ADA), ACME.demo).sealed

    assert {each.sealed.credential: each.state for each in found} == {second.secret.id: "old", first.secret.id: "dead"}
    assert second.sealed_to == 1


def test_a_key_that_moves_leaves_nothing_sealed_behind(town: Town, made: Made) -> None:
    """The other account has recipients of its own."""
    live = town.go_live(made)
    seal_secret(town, live, ctx=town.production)
    moved(town, live)

    assert rows(town.production.database, "SELECT count(*) FROM sealed_credentials") == [(0,)]


# ── recipients ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_recipients_come_and_go_and_all_are_told(town: Town) -> None:
    """Every admin of the account and of its organization."""
    added = add_recipient(town)
    with refused(RECIPIENT_EXISTS):
        add_recipient(town)
    sealed_credentials.remove_recipient(town.demo, of(town, BO), ACME.demo, added.id)

    for person in (ADA, BO, ROBIN, CY):
        assert letters_to(town.demo, person.email).count(ABOUT) == 2
    assert letters_to(town.demo, SAM.email) == []
    with refused(NO_SUCH_OBJECT):
        sealed_credentials.remove_recipient(town.demo, of(town, BO), ACME.demo, added.id)


def test_who_changes_recipients(town: Town) -> None:
    """An admin, in person and freshly signed in; strangers find no account."""
    public_key = pair().public_key
    with refused(NOT_AN_ADMIN):
        sealed_credentials.add_recipient(town.demo, of(town, SAM), ACME.demo, "Safe", public_key)
    with refused(NO_SUCH_ACCOUNT):
        sealed_credentials.add_recipient(town.demo, of(town, MALLORY), ACME.demo, "Safe", public_key)
    stale, program = of(town, ADA), town.actor(ADA, permissions=frozenset({WRITE_CUSTODY}))
    town.clock.advance(minutes=11)
    for actor in (stale, program):
        with refused(FRESH_SIGN_IN_NEEDED):
            sealed_credentials.add_recipient(town.demo, actor, ACME.demo, "Safe", public_key)
    with refused(INVALID_FIELD, "public_key"):
        sealed_credentials.add_recipient(town.demo, of(town, ADA), ACME.demo, "Safe", pair().identity)


def test_there_are_only_so_many(town: Town) -> None:
    """As many as the policy lets be."""
    for number in range(town.demo.policy.recovery_recipients_per_account):
        add_recipient(town, f"number {number}")
    with refused(TOO_MANY_RECIPIENTS):
        add_recipient(town, "one more")


# ── what is nowhere ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_no_plain_text_anywhere(town: Town, made: Made, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the value nor the armored file is in the database, a mail, an event or the log."""
    new, keypair = seal_secret(town, made), seal_keypair(town, made)
    release = releases.ask(town.demo, of(town, ADA), ACME.demo, new.secret.id, REASON)
    releases.approve(town.demo, of(town, BO), release.id)
    armored = releases.download(town.demo, of(town, ADA), release.id).decode()
    audit.seal_events(town.demo, leases.keep(town.demo, "test", ["seal"])["seal"], everything=True)
    lines = keypair.private_pem.splitlines()
    hidden = [
        new.value,
        lines[1],
        lines[10],
        armored.splitlines()[1],
        pair().identity,
        "AGE ENCRYPTED",
        "age-encryption",
    ]

    told = " ".join(mail.letter.text for mail in mailing.list_newest(town.demo) if mail.letter)
    said = "".join(capfd.readouterr())
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert town.demo.database.url.get_backend_name() != "sqlite" or REASON.encode() in kept
    for each in hidden:
        assert each not in told
        assert each not in said
        assert each.encode() not in kept


def test_another_master_key_seals_it_anew(town: Town, made: Made) -> None:
    """It opens under the new one alone."""
    old, new = b"o" * 32, b"n" * 32
    sealed, label = seal_secret(town, made).secret.id, "sealed credential "
    with town.demo.database.writing() as tx:
        armored = opened_at_rest(town.demo, tx, sealed) or b""
        stored.change_ciphertext(tx, sealed, Sealer(old).seal(armored, label + sealed))
        seal_files_anew(tx, Sealer(new, old))

        assert opened_at_rest(replace(town.demo, sealer=Sealer(new)), tx, sealed) == armored
