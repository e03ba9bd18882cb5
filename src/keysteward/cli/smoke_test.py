"""What does `keysteward smoke-test` do? It takes a key's three first steps in production, with its private key at hand.

The private key stays on this machine: what leaves is one assertion that it signed, for one token.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import typer
from rich.console import Console
from rich.markup import escape

from keysteward.cli.options import stop
from keysteward.crypto.assertions import BadPrivateKey, sign_assertion
from keysteward.outgoing.https import Peer, Refused, Silent

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_ASSERTION_SECONDS = 600
_PAUSES_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6)

console = Console(highlight=False, soft_wrap=True)


class _Asker(NamedTuple):
    """Who asks for a token, and for whom."""

    key: str
    user: str
    private_pem: str


def smoke_test(
    key: Annotated[str, typer.Argument(help="The integration key.")],
    origin: Annotated[
        str, typer.Option("--to", envvar="KEYSTEWARD_ORIGIN", help="Production: https://HOST.", show_default=False)
    ],
    user: Annotated[str, typer.Option(help="The GUID of the user to impersonate, in production.")],
    private_key_file: Annotated[Path, typer.Option(help="The private key of the app; it stays on this machine.")],
    token_file: Annotated[
        Path | None, typer.Option(help="A file with a personal access token: keeps the result with the key.")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(envvar="KEYSTEWARD_CA_FILE", help="An authority to trust beside the system's.")
    ] = None,
) -> None:
    """Get a token, ask userinfo and make one call: docs/guides/after-go-live.md."""
    peer = Peer(origin.rstrip("/"), ca_file)
    token = _token(peer, _Asker(key, user, _read(private_key_file)))
    account = _account(peer, token)
    _step("One call", peer, f"/restapi/v2.1/accounts/{account['account_id']}", token)
    console.print("The key works: token, userinfo and one call.")
    if token_file is not None:
        _keep(peer, key, _read(token_file).strip())


def _token(peer: Peer, asker: _Asker) -> str:
    now, host = int(time.time()), urlsplit(peer.origin).netloc
    claims: dict[str, str | int] = {
        "iss": asker.key, "sub": asker.user, "aud": host, "iat": now, "exp": now + _ASSERTION_SECONDS,
        "scope": "signature impersonation",
    }  # fmt: skip
    try:
        assertion = sign_assertion(asker.private_pem, claims)
    except BadPrivateKey as error:
        stop(f"The private key cannot be used: {error}.", "Name the file that has the PEM.", done="Nothing was sent.")
    form = urlencode({"grant_type": _GRANT, "assertion": assertion}).encode()
    try:
        answer = peer.send("/oauth/token", form, _FORM)
    except (Refused, Silent) as error:
        _failed("Token", peer, error)
    console.print("Token: issued by the JWT Grant")
    return str(answer["access_token"])


def _account(peer: Peer, token: str) -> Mapping[str, Any]:
    """The default account that userinfo names; its base URI is where the app calls."""
    accounts = _step("Userinfo", peer, "/oauth/userinfo", token)["accounts"]
    found: Mapping[str, Any] = next(each for each in accounts if each["is_default"])
    console.print(escape(f"  base URI {found['base_uri']}, account {found['account_id']}"))
    return found


def _step(name: str, peer: Peer, path: str, token: str) -> Mapping[str, Any]:
    try:
        answer = peer.get(path, {"Authorization": f"Bearer {token}"})
    except (Refused, Silent) as error:
        _failed(name, peer, error)
    console.print(f"{name}: GET {path} answered 200")
    return answer


def _keep(peer: Peer, key: str, personal_token: str) -> None:
    """Keep the result once production has counted it, which may trail its answers a moment."""
    path, headers = f"/api/v1/keys/{key}/smoke-tests", {"Authorization": f"Bearer {personal_token}"}
    try:
        for pause in _PAUSES_SECONDS:
            if peer.get(path, headers)["verdict"] == "passed":
                break
            time.sleep(pause)
        kept = peer.send(path, b"{}", headers | {"Content-Type": "application/json"})
    except (Refused, Silent) as error:
        _failed("Keeping the result", peer, error)
    console.print(f"Kept with the key: {kept['verdict']}")


def _failed(step: str, peer: Peer, error: Refused | Silent) -> None:
    said = f"{error}: {error.sentence.rstrip('.')}" if isinstance(error, Refused) and error.sentence else str(error)
    stop(
        f"{step} failed at {peer.origin}: {said}.",
        "The page After Go-Live says what is still missing, and /help/refusals what each refusal means.",
        done="What came before it worked.",
    )


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError as error:
        stop(str(error), "Name a file that can be read.", done="Nothing was sent.", status=2)
