"""Are papers believed only from the environment they come from, and only as what they are?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from keysteward.crypto.papers import (
    CHECKPOINT,
    RECEIPT,
    TICKET,
    kept_ticket,
    read_checkpoint,
    read_receipt,
    read_ticket,
    unverified_checkpoint,
    write_checkpoint,
    write_receipt,
    write_ticket,
)
from keysteward.crypto.signing import BadToken, new_signing_key, public_pem
from keysteward.rules.chain import Checkpoint
from keysteward.rules.promotion import Person, Receipt, Sheet, Ticket

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DEMO, PRODUCTION = "https://demo.test:8443/", "https://production.test:9443/"
KEY = new_signing_key("EdDSA")
KEYS = {KEY.kid: KEY.public}
SHEET = Sheet(("https://app.example.com/callback",), ("https://app.example.com",), "https://acme.example/privacy", "",
              ("thumbprint",), ("jwt",))  # fmt: skip
THE_TICKET = Ticket(
    "t", "k", "Łease signer", "team@acme.example", "Private custom integration", "r", "digest",
    Person("ada", "ada@acme.example"), Person("bo", "bo@acme.example"), SHEET, NOW, NOW + timedelta(hours=1), "account",
)  # fmt: skip
THE_RECEIPT = Receipt("t", "k", "Acme", "Business Pro", 3, True, NOW)


def ticket_paper(ticket: Ticket = THE_TICKET, issuer: str = DEMO, audience: str = PRODUCTION) -> str:
    """A ticket as demo signs it."""
    return write_ticket(ticket, KEY, issuer, audience)


def receipt_paper(issuer: str = PRODUCTION, audience: str = DEMO) -> str:
    """A receipt as production signs it."""
    return write_receipt(THE_RECEIPT, KEY, issuer, audience, NOW + timedelta(days=3650))


def test_a_ticket_comes_back_as_it_was() -> None:
    """Every fact of a ticket survives the way, sheet, people and instants too."""
    assert read_ticket(ticket_paper(), KEYS, DEMO, PRODUCTION, NOW) == THE_TICKET
    assert kept_ticket(ticket_paper()) == THE_TICKET


def test_a_ticket_that_names_no_account_comes_back_so() -> None:
    """Nothing is invented where nothing was said."""
    ticket = replace(THE_TICKET, account=None, sheet=Sheet())

    assert read_ticket(ticket_paper(ticket), KEYS, DEMO, PRODUCTION, NOW) == ticket


def test_a_receipt_comes_back_as_it_was() -> None:
    """Every fact of a receipt survives the way."""
    assert read_receipt(receipt_paper(), KEYS, PRODUCTION, DEMO) == THE_RECEIPT


def test_another_library_reads_a_paper() -> None:
    """PyJWT verifies a ticket with the published key, its issuer, audience and typ."""
    later = replace(THE_TICKET, expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    paper = ticket_paper(later)
    claims = jwt.decode(paper, public_pem(KEY.public), ["EdDSA"], audience=PRODUCTION, issuer=DEMO)

    assert (claims["paper"]["key"], jwt.get_unverified_header(paper)["typ"]) == ("k", TICKET)


def test_a_ticket_ends_at_its_expiry() -> None:
    """A ticket is good until its last second, and no longer."""
    end = THE_TICKET.expires_at

    assert read_ticket(ticket_paper(), KEYS, DEMO, PRODUCTION, end - timedelta(seconds=1)) == THE_TICKET
    with pytest.raises(BadToken, match="expired"):
        read_ticket(ticket_paper(), KEYS, DEMO, PRODUCTION, end)


@pytest.mark.parametrize(
    ("issuer", "audience"), [(PRODUCTION, PRODUCTION), (DEMO, DEMO), (DEMO, "https://evil.example/")]
)
def test_a_ticket_is_for_one_place(issuer: str, audience: str) -> None:
    """A ticket of another environment, or for another, is refused."""
    with pytest.raises(BadToken, match="another environment"):
        read_ticket(ticket_paper(issuer=issuer, audience=audience), KEYS, DEMO, PRODUCTION, NOW)


@pytest.mark.parametrize(("issuer", "audience"), [(DEMO, DEMO), (PRODUCTION, PRODUCTION)])
def test_a_receipt_is_for_one_place(issuer: str, audience: str) -> None:
    """A receipt of another environment, or for another, is refused."""
    with pytest.raises(BadToken, match="another environment"):
        read_receipt(receipt_paper(issuer, audience), KEYS, PRODUCTION, DEMO)


def test_papers_are_not_taken_for_one_another() -> None:
    """A receipt is no ticket, and a ticket no receipt, whoever signed them."""
    with pytest.raises(BadToken, match="typ"):
        read_ticket(
            write_receipt(THE_RECEIPT, KEY, DEMO, PRODUCTION, NOW + timedelta(days=1)), KEYS, DEMO, PRODUCTION, NOW
        )
    with pytest.raises(BadToken, match="typ"):
        read_receipt(write_ticket(THE_TICKET, KEY, PRODUCTION, DEMO), KEYS, PRODUCTION, DEMO)


def test_a_paper_of_another_key_is_refused() -> None:
    """Only the other environment's keys sign its papers, even under a kid of theirs."""
    forger = new_signing_key("EdDSA")
    forger.kid = KEY.kid

    with pytest.raises(BadToken, match="signature"):
        read_receipt(write_receipt(THE_RECEIPT, forger, PRODUCTION, DEMO, NOW), KEYS, PRODUCTION, DEMO)
    with pytest.raises(BadToken, match="kid"):
        read_receipt(receipt_paper(), {}, PRODUCTION, DEMO)


def test_a_receipt_of_any_age_is_read() -> None:
    """Demo accepts a receipt however late it comes."""
    old = write_receipt(THE_RECEIPT, KEY, PRODUCTION, DEMO, datetime(2000, 1, 1, tzinfo=UTC))

    assert read_receipt(old, KEYS, PRODUCTION, DEMO) == THE_RECEIPT


@pytest.mark.parametrize("paper", [None, {}, [], "ticket", {"id": 7}])
def test_a_signed_paper_of_another_shape_is_refused(paper: object) -> None:
    """A good signature over what is no ticket makes none."""
    signed = KEY.sign(TICKET, {"iss": DEMO, "aud": PRODUCTION, "exp": 4_102_444_800, "paper": paper})

    with pytest.raises(BadToken):
        read_ticket(signed, KEYS, DEMO, PRODUCTION, NOW)


def test_a_sheet_as_large_as_policy_lets_it_be_travels() -> None:
    """A key with as many long redirect URIs and origins as it may have can still be promoted."""
    sheet = Sheet(
        tuple(f"https://app{number}.example.com/{'a' * 1_900}" for number in range(100)),
        tuple(f"https://{'a' * 200}{number}.example.com" for number in range(100)),
    )
    ticket = replace(THE_TICKET, sheet=sheet)

    assert read_ticket(ticket_paper(ticket), KEYS, DEMO, PRODUCTION, NOW) == ticket
    assert kept_ticket(ticket_paper(ticket)) == ticket


def test_kinds_of_papers_are_named_apart() -> None:
    """Each kind of paper has its own typ."""
    assert TICKET != RECEIPT


# ── checkpoints ─────────────────────────────────────────────────────────────────────────────────────────────────────
THE_CHECKPOINT = Checkpoint("demo", 3, 120, "ab" * 32, NOW + timedelta(microseconds=7))


def test_a_checkpoint_comes_back_as_it_was() -> None:
    """To the microsecond, whenever it is read; whoever has no key sees what it claims and which key it names."""
    paper = write_checkpoint(THE_CHECKPOINT, KEY, DEMO)

    assert read_checkpoint(paper, KEYS) == THE_CHECKPOINT
    assert unverified_checkpoint(paper) == (KEY.kid, THE_CHECKPOINT)


def test_a_checkpoint_is_nothing_else() -> None:
    """No other paper is taken for one, nor one of another key, and it is taken for no other paper."""
    paper = write_checkpoint(THE_CHECKPOINT, KEY, DEMO)
    stranger = write_checkpoint(THE_CHECKPOINT, new_signing_key("EdDSA"), DEMO)

    for other in (ticket_paper(), receipt_paper(), stranger, "x.y.z"):
        with pytest.raises(BadToken):
            read_checkpoint(other, KEYS)
    with pytest.raises(BadToken, match="typ or alg is another"):
        read_receipt(paper, KEYS, DEMO, PRODUCTION)
    assert len({TICKET, RECEIPT, CHECKPOINT}) == 3
