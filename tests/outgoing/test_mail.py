"""Is mail handed over only as the operator said: encrypted, authenticated, to the right server?"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keysteward.assembly import CannotStart, assemble, found
from keysteward.outgoing.mail import Mail, MailServer, Unsent, mail_server
from keysteward.settings import Settings
from keysteward.twin import certificates
from tests.peers.mailbox import mailbox

MAIL = Mail("id-1", "ada@acme.example", "Subject", "Text\n", datetime(2026, 11, 20, tzinfo=UTC))
LOGIN = ("keys", "a p%ssword")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for loopback."""
    return certificates.ensure(tmp_path, "demo", ())


def test_starttls_and_login(certificate: Path) -> None:
    """The session is encrypted before anything is said, and the user and password are the operator's."""
    with mailbox(certificate, LOGIN) as box:
        server = mail_server(
            f"smtp://keys@localhost:{box.port}", "k@acme.example", LOGIN[1], certificate.parent / "ca.pem"
        )
        server.send(MAIL)

    assert box.recipients == ["ada@acme.example"]


def test_a_server_that_offers_no_encryption_gets_nothing() -> None:
    """Whoever strips STARTTLS from the answer gets neither password nor mail."""
    with mailbox() as box:
        with pytest.raises(Unsent) as caught:
            mail_server(f"smtp://keys@127.0.0.1:{box.port}", "k@acme.example", "secret", None).send(MAIL)
        assert (box.messages, caught.value.is_final) == ([], False)


def test_a_certificate_must_be_good(certificate: Path) -> None:
    """A server with a certificate that nobody vouches for gets nothing."""
    with mailbox(certificate) as box:
        with pytest.raises(Unsent) as caught:
            mail_server(f"smtp://localhost:{box.port}", "k@acme.example", "", None).send(MAIL)
        assert (box.messages, caught.value.is_final) == ([], False)


def test_a_wrong_password_is_no_reason_to_give_a_mail_up(certificate: Path) -> None:
    """The operator will mend it."""
    with mailbox(certificate, LOGIN) as box:
        server = mail_server(
            f"smtp://keys@localhost:{box.port}", "k@acme.example", "wrong", certificate.parent / "ca.pem"
        )
        with pytest.raises(Unsent) as caught:
            server.send(MAIL)
        assert (box.messages, caught.value.is_final) == ([], False)
        assert "535" in str(caught.value)


def test_a_mail_that_nobody_can_write_is_given_up() -> None:
    """A line break in a header would be another header."""
    bad = replace(MAIL, recipient="a@b.example\nBcc: c@d.example")
    with pytest.raises(Unsent) as caught:
        MailServer("127.0.0.1", 1, "none", "k@acme.example").send(bad)

    assert caught.value.is_final


@pytest.mark.parametrize(
    ("address", "sender"),
    [("", "k@a.example"), ("mail.example.com", "k@a.example"), ("http://mail.example.com", "k@a.example"),
     ("smtp://", "k@a.example"), ("smtp://mail.example.com/x", "k@a.example"), ("smtp://mail.example.com", "nobody"),
     ("smtp://mail.example.com:0x", "k@a.example")],
)  # fmt: skip
def test_what_is_no_mail_server(address: str, sender: str) -> None:
    """It is refused with what to say instead, before anything starts."""
    with pytest.raises(ValueError, match=r".+"):
        mail_server(address, sender, "", None)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("smtp://mail.example.com", ("starttls", 587)), ("smtps://mail.example.com", ("tls", 465)),
     ("smtp+plain://mail.example.com", ("none", 25)), ("smtp://mail.example.com:2525", ("starttls", 2525))],
)  # fmt: skip
def test_how_a_server_is_reached(address: str, expected: tuple[str, int]) -> None:
    """The scheme says how the session is protected, and which port is usual."""
    server = mail_server(address, "k@a.example", "", None)

    assert (server.security, server.port) == expected


@pytest.mark.parametrize(
    ("smtp", "password_file", "sender"),
    [("nonsense", None, "k@a.example"), ("smtp://mail.example.com", Path("not-there"), "k@a.example"),
     ("smtp://mail.example.com", None, "")],
    ids=["no server", "no password", "no sender"],
)  # fmt: skip
def test_an_environment_does_not_start_with_half_a_mail_server(
    tmp_path: Path, smtp: str, password_file: Path | None, sender: str
) -> None:
    """Whoever starts it is told what is wrong, before the first mail is lost."""
    address, keys = f"sqlite:///{tmp_path / 'demo.db'}", (tmp_path / "demo.key",)
    settings = Settings("demo", "serve", address, keys, "https://a.example", "https://b.example")
    found(settings)
    with pytest.raises(CannotStart, match="No mail can be sent with these settings"):
        assemble(replace(settings, smtp=smtp, smtp_password_file=password_file, mail_from=sender))
