"""Does `keysteward operator` name the people who settle reviews?"""

from pathlib import Path

from typer.testing import CliRunner, Result

from keysteward.actions import operators, setup
from keysteward.assembly import assemble, close, found
from keysteward.cli.app import app
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.settings import Settings
from tests.cast import ADA, PASSWORD


def run(settings: Settings, *arguments: str) -> Result:
    """Run the command on an environment."""
    variables = {
        "COLUMNS": "300",
        "KEYSTEWARD_ENVIRONMENT": "demo",
        "KEYSTEWARD_DATABASE": settings.database,
        "KEYSTEWARD_MASTER_KEY_FILE": str(settings.master_key_files[0]),
    }
    return CliRunner().invoke(app, ["operator", *arguments], env=variables)


def test_an_operator_comes_and_goes(tmp_path: Path) -> None:
    """Somebody of the environment is named, listed and removed; somebody unknown, or named already, is refused."""
    keys, nowhere = (tmp_path / "demo.key",), "https://localhost"
    settings = Settings("demo", "serve", f"sqlite:///{tmp_path / 'demo.db'}", keys, nowhere, nowhere)
    found(settings)
    ctx = assemble(settings)
    user = setup.bootstrap(ctx, "Acme", "Developer", NewUser(ADA.email, "Ada", "Admin", ADMIN, PASSWORD)).user

    assert run(settings, "list").stdout.startswith("Nobody is an operator.")
    added = run(settings, "add", ADA.email, "--by", "Olga")
    assert (added.exit_code, "Ada Admin (ada@acme.example) is an operator" in added.stdout) == (0, True)
    assert operators.is_operator(ctx, user.id)
    assert "they are an operator already" in run(settings, "add", ADA.email, "--by", "Olga").stderr
    assert "There is no such user here." in run(settings, "add", "x@acme.example", "--by", "Olga").stderr
    assert "by Olga" in run(settings, "list").stdout
    assert run(settings, "remove", ADA.email, "--by", "Olga").exit_code == 0
    assert not operators.is_operator(ctx, user.id)
    assert run(settings, "remove", ADA.email, "--by", "Olga").exit_code == 1
    close(ctx)
