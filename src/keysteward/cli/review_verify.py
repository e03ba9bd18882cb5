"""What does `keysteward review verify` do? It checks a review's bundle, with nothing running.

Exit statuses: 0 where the signature is good and the rules find the same again; 1 where the bundle is not as it was
signed, or the rules find something else; 2 where it cannot be read; 3 where nothing is wrong, but the signature or the
rules could not be checked here.
"""

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape

from keysteward.actions import bundles
from keysteward.actions.bundled_papers import BundledPaper
from keysteward.actions.bundles import Unreadable, Verdict
from keysteward.cli.options import stop
from keysteward.crypto.signing import PublicKey, public_keys_of
from keysteward.outgoing.https import Peer, Refused, Silent
from keysteward.rules.bundles import MOST_BYTES

_GUIDE = "docs/guides/review-bundles.md"
_BROKEN, _MISUSED, _NOT_ALL = 1, 2, 3

console = Console(highlight=False, soft_wrap=True)


def verify(
    bundle: Annotated[Path, typer.Argument(help="The bundle, as it was downloaded.")],
    keys: Annotated[
        list[str] | None,
        typer.Option(
            help="The paper keys: a file, or the https address of /.well-known/keysteward-papers; repeatable."
        ),
    ] = None,
    ca_file: Annotated[Path | None, typer.Option(help="Trust these authorities beside the system's.")] = None,
) -> None:
    """Check the bundle of a review: its signature, each of its parts, and its rules again."""
    raw = _read(bundle)
    try:
        verdict = bundles.verify(raw, _keys(keys, ca_file) if keys else None)
    except Unreadable as error:
        _stop(f"{bundle} is no good bundle: {error}.", "Download it again, and change nothing in it.")
    if verdict.broken:
        _say("[bold red]Not good[/]", verdict)
        for sentence in verdict.broken:
            console.print(f"  [red]✗[/] {escape(sentence)}")
        raise typer.Exit(_BROKEN)
    raise typer.Exit(_say_result(verdict))


def _say_result(verdict: Verdict) -> int:
    """Say what was found of a bundle that is as it was signed; return the exit status."""
    again = verdict.again
    if again is not None and again.result == "other":
        _say("[bold red]Signature good, verdict not[/]" if verdict.signed_by else "[bold red]Not good[/]", verdict)
        console.print(f"  [red]✗[/] {escape(again.why)}")
        return _BROKEN
    signature = f"Signature good, by key {verdict.signed_by}." if verdict.signed_by else "Signature not checked."
    is_same = again is not None and again.result == "same"
    rules = "The rules were asked again and find the same." if is_same else "Rules not re-run."
    is_all = is_same and verdict.signed_by
    _say("[bold green]Good[/]" if is_all else "[bold yellow]Not all checked[/]", verdict)
    console.print(f"  {escape(signature)}\n  {rules}")
    for paper in verdict.papers:
        console.print(escape(f"  {_said_of(paper)}"))
    if not verdict.signed_by:
        console.print("  Name the paper keys with --keys: a file, or the environment's own address for them.")
    if again is not None and not is_same:
        console.print(f"  {escape(again.why)}")
    return 0 if is_all else _NOT_ALL


def _say(headline: str, verdict: Verdict) -> None:
    said = verdict.manifest
    console.print(f"{headline}: review {escape(said.review)} of key {escape(said.key)}, {escape(said.verdict)}.")
    console.print(f"  {verdict.calls} calls. What each part says: {_GUIDE}.")


def _said_of(paper: BundledPaper) -> str:
    kind = paper.kind.capitalize()
    if paper.is_checked:
        return f"{kind}: signature good, by key {paper.kid}."
    whose = "production's" if paper.kind == "receipt" else "the environment's"
    return f"{kind}: speaks of this review. Signature not checked: name {whose} keys too, for it needs {paper.kid}."


def _read(bundle: Path) -> bytes:
    try:
        with bundle.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        _stop(f"{bundle} cannot be read: {error.strerror}.", "Name the file of a bundle.")


def _keys(named: list[str], ca_file: Path | None) -> dict[str, PublicKey]:
    found: dict[str, PublicKey] = {}
    for name in named:
        held = _fetched(name, ca_file) if name.startswith("https://") else _held(Path(name))
        try:
            keys = public_keys_of(held)
        except (ValueError, AttributeError, TypeError, KeyError):
            keys = {}
        if not keys:
            _stop(f"{name} holds no paper keys.", "It should be what /.well-known/keysteward-papers answered.")
        found |= keys
    return found


def _fetched(address: str, ca_file: Path | None) -> dict[str, Any]:
    parts = urlsplit(address)
    try:
        return Peer(f"https://{parts.netloc}", ca_file).get(parts.path or "/")
    except (Refused, Silent, OSError, ValueError) as error:
        _stop(f"{address} does not answer with keys: {error}.", "Save the keys to a file, and name that.")


def _held(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        _stop(f"{file} cannot be read as keys.", "It should be what /.well-known/keysteward-papers answered.")


def _stop(sentence: str, next_step: str) -> NoReturn:
    stop(sentence, next_step, done="Not verified.", status=_MISUSED)
