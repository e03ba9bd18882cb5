"""What does `keysteward ingest` do? It brings how calls ended, from a gateway's log to its environment."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape

from keysteward.cli.following import LINGER_SECONDS, Lines, Log
from keysteward.cli.options import complaints, stop
from keysteward.outgoing.https import Peer, Refused, Silent
from keysteward.web.api.call_shapes import CallEnded

_AT_ONCE = 500
_POLL_SECONDS = 0.25
_SHOWN_SECONDS = 10.0
_LONGEST_PAUSE_SECONDS = 15.0


console = Console(highlight=False, soft_wrap=True)


def ingest(
    log: Annotated[Path, typer.Argument(help="The gateway's log, a JSON object to a line.")],
    origin: Annotated[
        str, typer.Option("--to", envvar="KEYSTEWARD_ORIGIN", help="The environment: https://HOST.", show_default=False)
    ],
    credential_file: Annotated[
        Path,
        typer.Option(envvar="KEYSTEWARD_CREDENTIAL_FILE", help="A file with the ingest credential of this gateway."),
    ],
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what is written, across rotations.")] = False,
    ca_file: Annotated[
        Path | None, typer.Option(envvar="KEYSTEWARD_CA_FILE", help="An authority to trust beside the system's.")
    ] = None,
    position_file: Annotated[
        Path | None, typer.Option(help="Where it stands how far the log was read. [default: LOG.position]")
    ] = None,
) -> None:
    """Bring how calls ended to Keysteward: docs/guides/check-mode.md."""
    try:
        credential = credential_file.read_text().strip()
    except OSError as error:
        stop(str(error), "Name a file that holds the credential.", done="Nothing was sent.", status=2)
    followed = Log(log, position_file or log.with_name(log.name + ".position"))
    carrier = _Carrier(Peer(origin.rstrip("/"), ca_file), credential)
    try:
        with _told_to_stop(carrier):
            carrier.carry(followed, follow=follow)
    except _Stopped:
        console.print("Stopped; it goes on from here when it is started again.")
    finally:
        followed.close()
    if carrier.unwanted:
        raise typer.Exit(1)


class _Stopped(Exception):
    """Somebody asked this program to end."""


@contextmanager
def _told_to_stop(carrier: "_Carrier") -> Iterator[None]:
    """Let the carrier hear of Ctrl-C and service managers; an exception out of a signal may land where it is lost."""

    def tell(*_: object) -> None:
        carrier.is_stopping = True

    before = {each: signal.signal(each, tell) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Carrier:
    """Carries lines to an environment until it has acknowledged them, and says what became of them."""

    def __init__(self, peer: Peer, credential: str) -> None:
        self._peer = peer
        self._headers = {"Authorization": f"Bearer {credential}", "Content-Type": "application/x-ndjson"}
        self._shown_at = time.monotonic()
        self.taken = self.repeated = self.unwanted = 0
        self.is_stopping = False

    def carry(self, log: Log, *, follow: bool) -> None:
        """Carry what is there; then, to follow, whatever comes."""
        while True:
            lines = log.read(_AT_ONCE, LINGER_SECONDS if follow else 0)
            if log.is_lost:
                log.is_lost = False
                _complain("The file that was read last is gone: what it held further is lost, and stays unknown.")
            if not lines.lines and not follow:
                break
            if lines.lines:
                self._deliver(self._chosen(lines))
                log.keep()
            self._pause(0 if lines.lines else _POLL_SECONDS)
            self._show(log, at_once=False)
        self._show(log, at_once=True)

    def _chosen(self, lines: Lines) -> list[dict[str, Any]]:
        """What of each line is sent: no more than is asked; lines without a decision are nobody's calls."""
        chosen, offset = [], lines.offset
        for line in lines.lines:
            try:
                said = msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.MsgspecError:
                self.unwanted += 1
                _complain(f"{lines.file}, byte {offset}: the line is no JSON object.")
            else:
                if said.get("decision") not in (None, "", "-"):
                    chosen.append({name: said[name] for name in CallEnded.__struct_fields__ if name in said})
            offset += len(line)
        return chosen

    def _deliver(self, chosen: list[dict[str, Any]]) -> None:
        if not chosen:
            return
        answer = self._until_acknowledged(msgspec.json.Encoder().encode_lines(chosen))
        self.taken += answer["taken"]
        self.repeated += answer["repeated"]
        self.unwanted += len(answer["refused"])
        for each in answer["refused"]:
            _complain(f"{chosen[each['line'] - 1]['decision']}: {each['sentence']} ({each['code']})")

    def _until_acknowledged(self, body: bytes) -> dict[str, Any]:
        pause = _POLL_SECONDS
        while True:
            try:
                return self._peer.send("/api/v1/calls", body, self._headers)
            except Refused as refused:
                if refused.status != 429:
                    stop(
                        f"{self._peer.origin} refused the log: {refused}.", "Mend that, then start again.",
                        done="What was acknowledged is kept.", status=2,
                    )  # fmt: skip
            except Silent as silent:
                if pause == _POLL_SECONDS:
                    _complain(f"{silent}. It is tried until it answers.")
            pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)
            self._pause(pause)

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.is_stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_SECONDS))
        if self.is_stopping:
            raise _Stopped

    def _show(self, log: Log, *, at_once: bool) -> None:
        now = time.monotonic()
        if not at_once and now - self._shown_at < _SHOWN_SECONDS:
            return
        self._shown_at = now
        behind = f"{log.behind_bytes() // 1_000:,} kB behind"
        console.print(
            f"{self.taken:,} outcomes taken, {self.repeated:,} known before, {self.unwanted:,} not taken; {behind}"
        )


def _complain(sentence: str) -> None:
    complaints.print(escape(sentence), highlight=False)
