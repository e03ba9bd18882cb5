"""Does `keysteward gateways` make a credential, show it once, and end it?"""

from pathlib import Path

from typer.testing import CliRunner, Result

from keysteward.actions import gateways
from keysteward.assembly import assemble, close, found
from keysteward.cli.app import app
from keysteward.settings import Settings


def run(settings: Settings, *arguments: str) -> Result:
    """Run the command on an environment."""
    variables = {
        "COLUMNS": "300",
        "KEYSTEWARD_ENVIRONMENT": "demo",
        "KEYSTEWARD_DATABASE": settings.database,
        "KEYSTEWARD_MASTER_KEY_FILE": str(settings.master_key_files[0]),
    }
    return CliRunner().invoke(app, ["gateways", *arguments], env=variables)


def test_a_gateway_comes_and_goes(tmp_path: Path) -> None:
    """Its credential is printed when it is made and never again; a name that is taken, or unknown, is refused."""
    nowhere = "https://localhost"
    settings = Settings(
        "demo", "serve", f"sqlite:///{tmp_path / 'demo.db'}", (tmp_path / "demo.key",), nowhere, nowhere
    )
    found(settings)
    added = run(settings, "add", "edge", "--by", "Olga")
    credential = added.stdout.split()[-1]
    ctx = assemble(settings)
    assert gateways.recognize(ctx, credential).name == "edge"
    close(ctx)

    assert run(settings, "add", "edge", "--by", "Olga").exit_code == 1
    listed = run(settings, "list").stdout
    assert ("edge: added" in listed, credential in listed) == (True, False)
    assert run(settings, "remove", "edge", "--by", "Olga").exit_code == 0
    assert run(settings, "remove", "edge", "--by", "Olga").exit_code == 1
    assert run(settings, "list").stdout == "No gateway was added.\n"
