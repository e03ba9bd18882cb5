"""Which mail server takes the mail of the tests? A real one, on loopback, whose mailbox can be looked into."""

import asyncio
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass
class Mailbox:
    """What came in, and what is said to who brings it: `answer` in the place of 250, `refused` addresses 550.

    Of a mail to a `held` address nothing more is said until `released`: to one of `held_early` not even that it may be
    sent. `greylisted` and `dropped` count the tries that are refused for now, and taken in without an answer. `then` is
    done once a mail is taken, before that is said.
    """

    port: int
    answer: str = "250 Taken"
    refused: set[str] = field(default_factory=set)
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    held_early: set[str] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)
    greylisted: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    goodbye: str = "221 Bye"
    then: Callable[[], None] = lambda: None

    @property
    def ids(self) -> list[str]:
        """The Message-IDs of what came, in its order."""
        return [str(each["Message-ID"]) for each in list(self.messages)]

    @property
    def texts(self) -> list[str]:
        """What the mails say."""
        return [str(each.get_content()).replace("\r\n", "\n") for each in self.messages]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: ANN401, N802 — as aiosmtpd calls it
        """One recipient."""
        if address in self.refused:
            return "550 No such mailbox"
        if self.greylisted[address] > 0:
            self.greylisted[address] -= 1
            return "451 Greylisted, try again later"
        await self._wait(address in self.held_early)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 — likewise
        """One mail."""
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.messages.append(message)
            self.recipients.extend(envelope.rcpt_tos)
            self.then()
        (address,) = envelope.rcpt_tos
        await self._wait(address in self.held)
        if self.dropped[address] > 0:
            self.dropped[address] -= 1
            server.transport.abort()
        return self.answer

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: ANN401, N802 — likewise
        """The end of a session."""
        return self.goodbye

    async def _wait(self, is_held: bool) -> None:
        while is_held and not self.released.is_set():  # noqa: ASYNC110 — another thread sets it
            await asyncio.sleep(0.01)


@contextmanager
def mailbox(certificate: Path | None = None, login: tuple[str, str] | None = None) -> Iterator[Mailbox]:
    """A mail server for as long as the block lasts; with a certificate it demands STARTTLS, with a login that too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        box = Mailbox(listener.getsockname()[1])
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=_serve, args=(loop, listener, box, _options(certificate, login)))
        thread.start()
        try:
            yield box
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()


def _options(certificate: Path | None, login: tuple[str, str] | None) -> dict[str, Any]:
    if certificate is None:
        return {}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    options: dict[str, Any] = {"tls_context": context, "require_starttls": True}
    if login is not None:
        wanted = LoginPassword(login[0].encode(), login[1].encode())
        options |= {
            "auth_required": True,
            "authenticator": lambda _server, _session, _envelope, _mechanism, given: AuthResult(
                success=given == wanted,
                handled=given == wanted,  # what is not handled is answered with 535
            ),
        }
    return options


def _serve(loop: asyncio.AbstractEventLoop, listener: socket.socket, box: Mailbox, options: dict[str, Any]) -> None:
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(box, loop=loop, **options), sock=listener))
    loop.run_forever()
    server.close()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0.01))
