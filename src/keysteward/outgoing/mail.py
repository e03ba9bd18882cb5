"""How does a mail leave the house? By SMTP, to the one server that the operator names."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

Security = Literal["starttls", "tls", "none"]

_SECONDS = 15
_SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("starttls", 587),
    "smtps": ("tls", 465),
    "smtp+plain": ("none", 25),
}


class Unsent(Exception):
    """A mail was not sent; the message is for the log. `is_final` where trying again would change nothing."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes out. Its id stays the same however often it is tried, so that a mailbox knows it again."""

    id: str
    recipient: str
    subject: str
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our mail. `sender` is the address that all mail comes from, with a name or without."""

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    def send(self, mail: Mail) -> None:
        """Hand a mail over; raises Unsent."""
        message = _message(self.sender, mail)
        try:
            with self._session() as smtp:
                smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            raise Unsent(f"the address was refused: {code} {_said(reply)}", is_final=code >= 500) from None
        except smtplib.SMTPDataError as error:
            raise Unsent(f"{error.smtp_code} {_said(error.smtp_error)}", is_final=error.smtp_code >= 500) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Unsent(f"{self.host}:{self.port}: {type(error).__name__}: {error}"[:500]) from None

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A session that is encrypted and authenticated as the operator said, or none."""
        context = ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
        if self.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        with smtp:
            if self.security == "starttls":
                smtp.starttls(context=context)
            if self.user:
                smtp.login(self.user, self.password)
            yield smtp


def mail_server(address: str, sender: str, password: str, ca_file: Path | None) -> MailServer:
    """The server of an address such as `smtp://USER@HOST:587`; raises ValueError with the reason."""
    parts = urlsplit(address)
    if parts.scheme not in _SCHEMES or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("say smtp://HOST (STARTTLS), smtps://HOST (TLS) or smtp+plain://HOST (neither)")
    if "@" not in sender:
        raise ValueError("the address that mail comes from is missing")
    security, port = _SCHEMES[parts.scheme]
    user = unquote(parts.username or "")
    return MailServer(parts.hostname, parts.port or port, security, sender, user, password, ca_file)


def _message(sender: str, mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = sender
        message["To"] = mail.recipient
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(mail.written_at)
        message["Message-ID"] = f"<{mail.id}@{_domain(sender)}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text, cte="quoted-printable")
    except (MessageError, ValueError) as error:
        raise Unsent(f"it cannot be written: {error}", is_final=True) from None
    return message


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].strip("> ")


def _said(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:300]
