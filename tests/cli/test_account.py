"""Do `keysteward account` and `keysteward operator` handle accounts and people on the host?"""

from pathlib import Path

from typer.testing import CliRunner, Result

from keysteward.actions import account_states, setup
from keysteward.assembly import assemble, close, found
from keysteward.cli.app import app
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.settings import Settings
from tests.cast import ADA, PASSWORD

BY = ("--author", "Olga")
WHY = ("--reason", "As asked.")


def run(settings: Settings, *arguments: str) -> Result:
    """Run a command on an environment."""
    variables = {
        "COLUMNS": "300",
        "KEYSTEWARD_ENVIRONMENT": "demo",
        "KEYSTEWARD_DATABASE": settings.database,
        "KEYSTEWARD_MASTER_KEY_FILE": str(settings.master_key_files[0]),
        "KEYSTEWARD_ORIGIN": "https://keys.example.com",
    }
    return CliRunner().invoke(app, list(arguments), env=variables)


def test_an_operator_on_the_host(tmp_path: Path) -> None:
    """Accounts are opened, suspended, closed and reopened; a user who left is closed, and reactivated."""
    keys, nowhere = (tmp_path / "demo.key",), "https://localhost"
    settings = Settings("demo", "serve", f"sqlite:///{tmp_path / 'demo.db'}", keys, nowhere, nowhere)
    found(settings)
    ctx = assemble(settings)
    setup.bootstrap(ctx, "Acme", "Developer", NewUser(ADA.email, "Ada", "Admin", ADMIN, PASSWORD))

    opening = ("--plan", "Standard", "--admin", "first@newco.example", "--first-name", "First", *BY)
    assert "Newco (10000002) is open." in run(settings, "account", "open", "Newco", *opening).stdout
    assert "Newco" in run(settings, "account", "list", "newc").stdout
    assert run(settings, "account", "list", "nowhere").stdout.startswith("No such account.")
    for deed, state in (("suspend", "suspended"), ("close", "closed"), ("reopen", "open")):
        assert f"is {state}." in run(settings, "account", deed, "10000002", *WHY, *BY).stdout
    refused = run(settings, "account", "reopen", "10000002", *WHY, *BY)
    assert (refused.exit_code, "This account is open" in refused.stderr) == (1, True)
    assert "plan Enhanced" in run(settings, "account", "change-plan", "10000002", "Enhanced", *WHY, *BY).stdout

    left = run(settings, "operator", "close-user", ADA.email, *WHY, *BY)
    assert "has no access any more" in left.stdout
    (acme,) = account_states.list_accounts(ctx, "Olga", "acme")
    assert f"No active admin is left in the account {acme.id}" in left.stdout
    assert "may sign in again" in run(settings, "operator", "reactivate-user", ADA.email, *BY).stdout
    assert run(settings, "operator", "reactivate-user", ADA.email, *BY).exit_code == 1
    close(ctx)
