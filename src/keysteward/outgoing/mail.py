"""How does a mail leave the house? By SMTP, to the one server that the operator names.

A server has a minute to let us say what a mail says, and ten minutes to answer that it has it (RFC 5321 4.5.3.2.6):
whoever hangs up sooner may have it taken, and sends it again.
"""

import contextlib
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

Security = Literal["starttls", "tls", "none"]

_SECONDS = 60.0
_ANSWER_SECONDS = 600.0
_GOODBYE_SECONDS = 5.0
_MARGIN_SECONDS = 1.0
_GO_ON = 354
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
    """The server that takes our mail. `sender` is the address that all mail comes from, with a name or without.

    It has `seconds` until it hears what a mail says, and then `answer_seconds` to say that it took it.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    seconds: float = _SECONDS
    answer_seconds: float = _ANSWER_SECONDS

    @property
    def longest(self) -> timedelta:
        """How long handing over a mail can take at most."""
        return timedelta(seconds=2 * self.seconds + self.answer_seconds + _GOODBYE_SECONDS)

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
            smtp: _Session = _SecureSession(self.host, self.port, timeout=self.seconds, context=context)
        else:
            smtp = _Session(self.host, self.port, timeout=self.seconds)
        smtp.answer_seconds = self.answer_seconds
        try:
            if self.security == "starttls":
                smtp.starttls(context=context)
            if self.user:
                smtp.login(self.user, self.password)
            yield smtp
        finally:
            smtp.part()


class _Session(smtplib.SMTP):
    """A session that is cut when the server takes too long, however slowly it goes on saying something."""

    answer_seconds = _ANSWER_SECONDS
    _timer: threading.Timer | None = None
    _is_cut = False

    def connect(self, *address: Any, **more: Any) -> tuple[int, bytes]:  # noqa: ANN401 — whatever smtplib takes
        """Begin; the server's time begins too."""
        self._allow(self.timeout)
        try:
            greeting = super().connect(*address, **more)
        except OSError:
            self.close()
            raise
        if self._is_cut:  # while there was nothing to cut yet
            self.close()
            raise smtplib.SMTPServerDisconnected("it took too long")
        return greeting

    def data(self, msg: Any) -> tuple[int, bytes]:  # noqa: ANN401 — likewise
        """Say what the mail says. From here on the server may have it, so we wait long for its answer."""
        code, said = self.docmd("DATA")
        if code != _GO_ON:
            raise smtplib.SMTPDataError(code, said)
        self._allow(self.answer_seconds)
        self.send(_quoted(msg.encode() if isinstance(msg, str) else bytes(msg)))
        return self.getreply()

    def getreply(self) -> tuple[int, bytes]:
        """What the server says."""
        try:
            return super().getreply()
        except smtplib.SMTPServerDisconnected:
            if self._is_cut:
                raise smtplib.SMTPServerDisconnected("it took too long") from None
            raise

    def part(self) -> None:
        """Say goodbye. Whatever the server says to that: what it took before, it took."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self._allow(_GOODBYE_SECONDS)
                self.docmd("QUIT")
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def _allow(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self.sock is not None:
            self.sock.settimeout(seconds + _MARGIN_SECONDS)  # the timer is first, and knows what was said meanwhile
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _cut(self) -> None:
        self._is_cut = True
        if self.sock is not None:
            with contextlib.suppress(OSError):  # it may have ended by itself meanwhile
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # beneath TLS, which another thread reads from


class _SecureSession(_Session, smtplib.SMTP_SSL):
    """Likewise, with TLS from the first byte."""


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


def _quoted(text: bytes) -> bytes:
    """A mail as it is sent: a line that begins with a dot has another before it, and a dot alone is the end."""
    return re.sub(rb"(?m)^\.", b"..", text.removesuffix(b"\r\n")) + b"\r\n.\r\n"


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].strip("> ")


def _said(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:300]
