"""What does `keysteward review download` do? It takes the signed bundle of a settled review from its environment.

Exit statuses: 0 where the bundle was written; 1 where the environment does not hand it out; 2 where nothing was asked.
"""

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from keysteward.cli.options import stop
from keysteward.outgoing.https import Peer, Refused, Silent
from keysteward.rules.bundles import MOST_BYTES
from keysteward.rules.words import is_guid

_TOKEN_VARIABLE = "KEYSTEWARD_TOKEN"
_PAPERS = "/.well-known/keysteward-papers"
_MISUSED = 2

console = Console(highlight=False, soft_wrap=True)


def download(
    key: Annotated[str, typer.Argument(help="The integration key.")],
    origin: Annotated[
        str, typer.Option("--from", envvar="KEYSTEWARD_ORIGIN", help="Demo: https://HOST.", show_default=False)
    ],
    review: Annotated[str, typer.Option(help="The id of the review. [default: the newest one that is settled]")] = "",
    output: Annotated[
        Path | None, typer.Option(help="Where to write it. [default: review-ID.json]", show_default=False)
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help=f"A file with a personal access token that may read keys. [default: ${_TOKEN_VARIABLE}]"),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(envvar="KEYSTEWARD_CA_FILE", help="An authority to trust beside the system's.")
    ] = None,
) -> None:
    """Download the signed bundle of a review: docs/guides/review-bundles.md."""
    _demand_guids(key, review)
    asker = _Asker(Peer(origin.rstrip("/"), ca_file), key.lower(), _token(token_file))
    chosen = review.lower() or asker.newest()
    file = output or Path(f"review-{chosen}.json")
    _write(file, asker.bundle(chosen))
    console.print(escape(f"{file} holds review {chosen} of key {asker.key}."))
    console.print(escape(f"Check it: keysteward review verify {file} --keys {asker.peer.origin}{_PAPERS}"))


class _Asker:
    """Who asks an environment about the reviews of a key."""

    def __init__(self, peer: Peer, key: str, token: str) -> None:
        self.peer = peer
        self.key = key
        self._reviews = f"/api/v1/keys/{key}/reviews"
        self._headers = {"Authorization": f"Bearer {token}"}

    def newest(self) -> str:
        """The id of the newest review that has its verdict."""
        try:
            found = self.peer.get(self._reviews, self._headers)["reviews"]
            settled = [str(each["id"]) for each in found if each["settled_at"]]
        except (Refused, Silent, KeyError, TypeError) as error:
            _refused(self.peer, error)
        if not settled:
            _stop(f"No review of key {self.key} is settled yet.", "Start one, or look again in a few seconds.")
        if not is_guid(settled[0]):
            _refused(self.peer, Silent("the id of its newest review is none"))
        return settled[0]

    def bundle(self, review: str) -> bytes:
        """The bundle, byte for byte."""
        try:
            return self.peer.read(f"{self._reviews}/{review}/bundle", self._headers, MOST_BYTES)
        except (Refused, Silent) as error:
            _refused(self.peer, error)


def _demand_guids(key: str, review: str) -> None:
    if not is_guid(key.lower()):
        _stop(f"{key} is no integration key.", "An integration key is a GUID.", _MISUSED)
    if review and not is_guid(review.lower()):
        _stop(f"--review {review} is no review.", "The id of a review is a GUID; its results page shows it.", _MISUSED)


def _token(file: Path | None) -> str:
    if file is None:
        found = os.environ.get(_TOKEN_VARIABLE, "")
    else:
        try:
            found = file.read_text()
        except (OSError, UnicodeDecodeError) as error:
            _stop(f"{file}: {error}.", "Name a file that holds the token.", _MISUSED)
    if not found.strip():
        _stop("No personal access token was named.", f"Name --token-file, or set {_TOKEN_VARIABLE}.", _MISUSED)
    return found.strip()


def _write(file: Path, bundle: bytes) -> None:
    try:
        with file.open("xb") as opened:
            opened.write(bundle)
    except FileExistsError:
        _stop(f"{file} is there already, and stays as it is.", "Name another file with --output.", _MISUSED)
    except OSError as error:
        _stop(
            f"{file} cannot be written: {error.strerror}.", "Name a file in a folder that you may write to.", _MISUSED
        )


def _refused(peer: Peer, error: Exception) -> NoReturn:
    said = f"{error}: {error.sentence.rstrip('.')}" if isinstance(error, Refused) and error.sentence else str(error)
    _stop(
        f"{peer.origin} does not hand it out: {said}.",
        "Take a token of somebody who sees the key in demo; /help/refusals there says what each refusal means.",
    )


def _stop(sentence: str, next_step: str, status: int = 1) -> NoReturn:
    stop(sentence, next_step, done="Nothing was written.", status=status)
