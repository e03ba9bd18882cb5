"""Does `keysteward organizations` show them, check their domains in DNS, and help one without admins?"""

from pathlib import Path

from typer.testing import CliRunner, Result

from keysteward.actions import domains, organizations, setup
from keysteward.actions.accounts import add_user
from keysteward.assembly import assemble, close, found
from keysteward.cli.app import app
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, NewUser
from keysteward.rules.domains import records_of
from keysteward.settings import Settings
from tests.cast import ADA, BO, MALLORY, PASSWORD, UNKNOWN
from tests.peers.names import names

_ORIGIN = "https://keys.example"


def run(settings: Settings, *arguments: str) -> Result:
    """Run the command on an environment."""
    variables = {
        "COLUMNS": "300",
        "KEYSTEWARD_ENVIRONMENT": "demo",
        "KEYSTEWARD_DATABASE": settings.database,
        "KEYSTEWARD_MASTER_KEY_FILE": str(settings.master_key_files[0]),
        "KEYSTEWARD_ORIGIN": _ORIGIN,
        "KEYSTEWARD_DOMAIN_PREFIX": "acme-proof",
    }
    return CliRunner().invoke(app, ["organizations", *arguments], env=variables)


def test_organizations_are_shown_checked_and_helped(tmp_path: Path) -> None:
    """They are listed and shown; DNS is asked by the settings of serve; another admin is somebody of its accounts."""
    keys, database = (tmp_path / "demo.key",), f"sqlite:///{tmp_path / 'demo.db'}"
    settings = Settings("demo", "serve", database, keys, _ORIGIN, _ORIGIN, domain_prefix="acme-proof")
    found(settings)
    ctx = assemble(settings)
    assert run(settings, "list").stdout.startswith("There is no organization.")
    first = setup.bootstrap(ctx, "Acme", "Developer", NewUser(ADA.email, "Ada", "Admin", ADMIN, PASSWORD))
    add_user(ctx, first.account.id, NewUser(BO.email, "Bo", "Admin", ADMIN, PASSWORD), "system")
    ada = Actor(first.user.id, ADA.email, ctx.now)
    made = organizations.create(ctx, ada, first.account.id, "Acme Group").id
    domain = domains.claim(ctx, ada, made, "acme.example")

    assert "Acme Group: 1 account, 1 admin;" in run(settings, "list").stdout
    assert "domain acme.example: pending; DNS was not asked yet" in run(settings, "show", made).stdout
    with names() as server:
        server.publish(records_of(domain, ctx.proving)[0])
        checked = run(settings, "check", made, "--by", "Olga", "--dns-servers", server.resolver.servers[0])
    assert (checked.exit_code, "domain acme.example: active" in checked.stdout) == (0, True)
    assert f"admin {ADA.email} (Ada Admin): active" in run(settings, "show", made).stdout
    assert f"({BO.email}) administers" in run(settings, "add-admin", made, BO.email, "--by", "Olga").stdout
    assert "this verified address" in run(settings, "add-admin", made, MALLORY.email, "--by", "Olga").stderr
    assert "no such organization" in run(settings, "show", UNKNOWN).stderr
    assert run(settings, "check", UNKNOWN, "--by", "Olga").exit_code == 1
    close(ctx)
