"""Does the command show what became of deliveries, and let them be sent again?"""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keysteward.actions import signin, webhook_deliveries
from keysteward.actions import webhooks as deeds
from keysteward.actions.webhooks import Draft
from keysteward.cli.webhooks import webhooks
from keysteward.rules.access import READ_WEBHOOKS, REPLAY_WEBHOOKS
from keysteward.rules.webhooks import Owner
from tests.cast import ACME, ADA, UNKNOWN, Town
from tests.web.api.program import answering


@dataclass
class Desk:
    """Demo, answering, with a webhook of Acme."""

    address: str
    webhook: str
    token: Path

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run the command: its exit status, and what it said."""
        options = ["--to", self.address, "--token-file", str(self.token)]
        done = CliRunner().invoke(webhooks, [*arguments, *options], env={"COLUMNS": "400"})
        return done.exit_code, done.output


def test_deliveries_are_listed_and_sent_again(town: Town, tmp_path: Path) -> None:
    """One by its id, or all since a day as far as the hour allows; what is wrong is said before anything is sent."""
    ctx, actor = town.demo, town.actor(ADA)
    webhook = deeds.keep(ctx, actor, Owner(account=ACME.demo), Draft("https://localhost:9/", ("new-admin",))).webhook.id
    webhook_deliveries.send_test(ctx, actor, webhook)
    webhook_deliveries.deliver_due(ctx, failing=False)
    token = tmp_path / "token"
    kept = frozenset({READ_WEBHOOKS, REPLAY_WEBHOOKS})
    token.write_text(signin.issue_personal_token(ctx, actor, "CLI", kept, 30))
    with ExitStack() as doors:
        desk = Desk(doors.enter_context(answering(ctx)), webhook, token)
        status, said = desk.run("deliveries", webhook)
        assert (status, "webhook-test: trying again, localhost: " in said, "1 waiting." in said) == (0, True, True), (
            said
        )
        assert desk.run("replay", webhook, "--delivery", said.split()[0]) == (0, "On their way again: 1.\n")
        assert desk.run("replay", webhook, "--since", "2026-11-20") == (0, "On their way again: 1.\n")
        webhook_deliveries.send_test(ctx, actor, webhook)
        ctx.in_force.policy = replace(ctx.policy, webhook_repeats_per_hour=5)
        status, said = desk.run("replay", webhook, "--since", "2026-11-20")
        assert (status, said.splitlines()) == (
            0,
            ["On their way again: 1.", "No more may be sent within an hour. Then go on with --since 2026-11-20T09:30."],
        )
        status, said = desk.run("deliveries", UNKNOWN)
        assert (status, "There is no such webhook" in said) == (1, True), said
        assert desk.run("replay", webhook)[0] == 2


def test_a_token_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is sent."""
    done = CliRunner().invoke(
        webhooks, ["deliveries", UNKNOWN, "--to", "https://localhost:9", "--token-file", str(tmp_path / "none")]
    )
    capsys.readouterr()

    assert (done.exit_code, "Name a file that can be read." in done.output) == (2, True)
