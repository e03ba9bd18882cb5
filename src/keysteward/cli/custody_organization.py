"""What does `keysteward custody organization` do? It shows an organization's admins what puts its keys at risk.

It is a client of the API with a personal access token of an organization admin, and shows what the console's page does.
"""

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer
from rich.console import Console

from keysteward.cli.asking import Answer, asker_of
from keysteward.cli.options import stop
from keysteward.rules.custody.findings import SEVERITIES

_STATUSES = ("open", "accepted", "fixed")
_OPEN = ", ".join(_STATUSES)
console = Console(highlight=False, soft_wrap=True)


def organization(
    organization: Annotated[str, typer.Argument(help="The organization, by its GUID.")],
    origin: Annotated[
        str, typer.Option("--to", envvar="KEYSTEWARD_ORIGIN", help="The environment: https://HOST.", show_default=False)
    ],
    token_file: Annotated[
        Path, typer.Option(help="A file with a personal access token that may read custody.", show_default=False)
    ],
    ca_file: Annotated[
        Path | None, typer.Option(envvar="KEYSTEWARD_CA_FILE", help="An authority to trust beside the system's.")
    ] = None,
    status: Annotated[str, typer.Option(help=f"How the findings stand: {_OPEN}.")] = "open",
    severity: Annotated[str, typer.Option(help="Findings of one severity only.", show_default=False)] = "",
    account: Annotated[str, typer.Option(help="Findings of one account only, by its GUID.", show_default=False)] = "",
    owner: Annotated[str, typer.Option(help="Findings of one person, by GUID, or nobody.", show_default=False)] = "",
    page: Annotated[int, typer.Option(min=1, help="Which page of them.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON instead.")] = False,
) -> None:
    """Show what puts the keys of an organization at risk, in all of its accounts, for its admins."""
    _demand_known("--status", status, _STATUSES)
    _demand_known("--severity", severity, ("", *SEVERITIES))
    asked = {"status": status, "severity": severity, "account": account, "owner": owner, "page": str(page)}
    query = urlencode({name: value for name, value in asked.items() if value})
    found = asker_of(origin, token_file, ca_file).get(f"/organizations/{organization}/custody?{query}")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    _print(found, origin.rstrip("/"))


def _demand_known(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        choices = ", ".join(filter(None, known))
        stop(f"{option} {value} is not known.", f"Choose among {choices}.", done="Nothing was asked.")


def _print(found: Answer, origin: str) -> None:
    counts = ", ".join(f"{count} {severity}" for severity, count in found["open"].items())
    _say(f"{found['name']} ({found['organization']}): score {found['score']} of 100; open: {counts}")
    for each in found["accounts"]:
        _say(f"account {each['name']}: score {each['score']}, {each['keys']} keys; {each['account']}")
    custodians = {each["user"]: each["name"] for each in found["custodians"]}
    for each in found["findings"]:
        _say_finding(each, custodians, origin)
    if not found["findings"]:
        _say("Nothing here.")
    elif found["pages"] > 1:
        _say(f"Page {found['page']} of {found['pages']}: --page shows another.")


def _say_finding(each: dict[str, Any], custodians: dict[str, str], origin: str) -> None:
    where = each["account_name"] or each["account"] or "the organization itself"
    seen_to = f"; {custodians.get(each['owner'], each['owner'])} sees to it" if each["owner"] else ""
    _say(f"{each['severity']:<9}{each['sentence']}")
    _say(f"         {where}; {each['status']} since {each['found_at'][:10]}{seen_to}; {each['id']}")
    for key in each["named"]:
        _say(f"         key {key['name'] or key['key']}; {key['key']}")
    if each["status"] == "open":
        _say(f"         {each['who']}: {each['next_step']}")
        for door in each["mended_at"]:
            _say(f"         {door['label']}: {origin}{door['page']}")


def _say(words: str) -> None:
    console.print(words, markup=False)
