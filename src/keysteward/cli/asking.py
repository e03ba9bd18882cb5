"""How does a command ask the API of an environment, and say what was refused?"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import msgspec

from keysteward.cli.options import stop
from keysteward.outgoing.https import Peer, Refused, Silent

Answer = Mapping[str, Any]


class Asker(NamedTuple):
    """Who asks, with a personal access token."""

    peer: Peer
    token: str

    def get(self, path: str) -> Answer:
        """Read something."""
        try:
            return self.peer.get(f"/api/v1{path}", self._headers)
        except (Refused, Silent) as error:
            _failed(self.peer, error)

    def make(self, path: str, body: object) -> Answer:
        """Do something."""
        headers = self._headers | {"Content-Type": "application/json"}
        try:
            return self.peer.send(f"/api/v1{path}", msgspec.json.encode(body), headers)
        except (Refused, Silent) as error:
            _failed(self.peer, error)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def asker_of(origin: str, token_file: Path, ca_file: Path | None) -> Asker:
    """Whoever's token lies in a file."""
    return Asker(Peer(origin.rstrip("/"), ca_file), text_of(token_file))


def text_of(file: Path) -> str:
    """What a file holds, in one line."""
    try:
        return file.read_text().strip()
    except OSError as error:
        stop(str(error), "Name a file that can be read.", done="Nothing was sent.", status=2)


def keep_paper(asker: Asker, path: str, file: Path) -> None:
    """Download a signed record into a file."""
    paper = asker.get(path)["paper"]
    try:
        file.write_text(f"{paper}\n")
    except OSError as error:
        stop(str(error), "Name a file that can be written.", done="Nothing was kept.", status=2)


def _failed(peer: Peer, error: Refused | Silent) -> NoReturn:
    if isinstance(error, Silent):
        next_step = "Look at --to, and name with --ca-file the authority that signed its certificate, such as a twin's."
        stop(f"{error}.", next_step, done="Nothing was changed.")
    said = f"{error}: {error.sentence.rstrip('.')}" if error.sentence else str(error)
    stop(
        f"{peer.origin} said no: {said}.",
        f"What each refusal means, and what to do, stands at {peer.origin}/help/refusals.",
        done="Nothing was changed.",
    )
