"""What does `keysteward webhooks` do? It shows what became of deliveries, and lets them be sent again.

It is a client of the API with a personal access token; a person makes webhooks and ends them in the console.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keysteward.cli.asking import asker_of
from keysteward.cli.options import stop

webhooks = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Look after deliveries to webhooks: docs/guides/webhooks.md."
)
console = Console(highlight=False, soft_wrap=True)

Webhook = Annotated[str, typer.Argument(help="The webhook, by its id: the console's address of it ends so.")]
To = Annotated[
    str, typer.Option("--to", envvar="KEYSTEWARD_ORIGIN", help="The environment: https://HOST.", show_default=False)
]
TokenFile = Annotated[Path, typer.Option(help="A file with a personal access token for webhooks.", show_default=False)]
CaFile = Annotated[
    Path | None, typer.Option(envvar="KEYSTEWARD_CA_FILE", help="An authority to trust beside the system's.")
]


@webhooks.command()
def deliveries(webhook: Webhook, origin: To, token_file: TokenFile, ca_file: CaFile = None) -> None:
    """List the newest deliveries of a webhook, with what was answered last."""
    found = asker_of(origin, token_file, ca_file).get(f"/webhooks/{webhook}/deliveries")
    for each in found["deliveries"]:
        tries = each["tries"]
        last = (tries[-1]["failure"] or f"answered {tries[-1]['status']}") if tries else "not tried yet"
        console.print(escape(f"{each['id']}  {each['made_at']}  {each['kind']}: {each['stage']}, {last}"))
    console.print(f"{found['waiting']} waiting.")


@webhooks.command()
def replay(
    webhook: Webhook,
    origin: To,
    token_file: TokenFile,
    delivery: Annotated[str, typer.Option(help="One delivery, by its id.")] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="All since a moment, in UTC.")
    ] = None,
    ca_file: CaFile = None,
) -> None:
    """Let one delivery be sent again, or all since a moment; each keeps its id."""
    if bool(delivery) == bool(since):
        stop(
            "Neither or both of --delivery and --since were said.",
            "Say one of them.",
            done="Nothing was sent.",
            status=2,
        )
    body = {"delivery": delivery} if since is None else {"since": since.replace(tzinfo=UTC).isoformat()}
    found = asker_of(origin, token_file, ca_file).make(f"/webhooks/{webhook}/replays", body)
    console.print(f"On their way again: {found['deliveries']}.")
    if found["next_since"]:
        console.print(f"No more may be sent within an hour. Then go on with --since {found['next_since'][:16]}.")
