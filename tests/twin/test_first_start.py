"""What does a newcomer get from `keysteward dev` on a new folder?"""

import stat
import subprocess
from pathlib import Path

import pytest

from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.twin import cast
from tests.polling import until
from tests.twin.running import Twin, state_of
from tests.twin.wire import ask_at, loopback_addresses

VARIABLES = {
    "DS_AUTH_HOST", "DS_INTEGRATION_KEY", "DS_SECRET_KEY", "DS_USER_ID", "DS_PRIVATE_KEY_FILE", "DS_REDIRECT_URI",
    "DS_LOGIN_EMAIL", "DS_LOGIN_PASSWORD", "DS_CA_FILE", "DS_ADMIN_BASE", "DS_ORG_ID", "KEYSTEWARD_TOKEN",
}  # fmt: skip

each_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


def test_the_panel_tells_all_that_a_newcomer_needs(twin: Twin) -> None:
    """Both consoles, every login with its password, every key, the programs' file, the authority and the next step."""
    people = ("ada", "cy", "keys", "sam")
    wanted = [
        "Keysteward is ready", f"https://{twin.demo.host}", f"https://{twin.production.host}",
        *(f"{name}@northwind.example" for name in people), f"{cast.PASSWORD} for everybody",
        f"{cast.FRESH_START}  Fresh Start, new", f"{cast.THIRTEEN_CALLS}  Thirteen Good Calls, 13 of 20",
        f"{cast.READY_TO_GO}  Ready to Go, Review Passed", f"{cast.TOOLBOX}  Toolbox, Live and configured",
        f"set -a; . {twin.folder}/dev.env; set +a", f"{twin.folder}/tls/ca.pem", "press Go Live", "Ctrl-C",
    ]  # fmt: skip
    until(lambda: twin.said.rstrip().endswith("╯"))

    assert [text for text in wanted if text not in twin.said] == []


def test_ready_json_tells_programs_where_the_twin_is(twin: Twin) -> None:
    """Its state, its process, the authority, the variables' file, and each environment's port and origin."""
    places = {
        place.environment: {"port": place.port, "origin": f"https://localhost:{place.port}"}
        for place in (twin.demo, twin.production)
    }

    assert twin.facts == places | {
        "state": "ready",
        "process": twin.process.pid,
        "ca_file": str(twin.folder.resolve() / "tls" / "ca.pem"),
        "env_file": str(twin.folder.resolve() / "dev.env"),
    }


def test_the_folder_is_its_owners_alone(twin: Twin) -> None:
    """Folders have mode 0700 and every file in them 0600."""
    everything = [twin.folder, *twin.folder.rglob("*")]
    wrong = {path: oct(mode) for path in everything if (mode := mode_of(path)) != (0o700 if path.is_dir() else 0o600)}

    assert wrong == {}


def mode_of(path: Path) -> int:
    """The permissions of a file; those of one that has just gone are right."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0o600


def test_a_shell_can_source_dev_env(twin: Twin) -> None:
    """`dev.env` gives a shell the variables of both environments, and of the clock, with values that are there."""
    script = f"set -a; . '{twin.folder}/dev.env'; set +a; env -0"
    said = subprocess.run(["sh", "-c", script], env={}, capture_output=True, check=True, text=True).stdout
    given = dict(line.split("=", 1) for line in said.split("\0") if line)
    expected = VARIABLES | {f"PRODUCTION_{name}" for name in VARIABLES} | {"KEYSTEWARD_DEV_TOKEN"}

    assert {name for name in given if name.startswith(("DS_", "PRODUCTION_", "KEYSTEWARD_"))} == expected
    assert {name: given[name] for name in expected} == twin.variables()
    assert all(Path(given[name]).is_file() for name in expected if name.endswith("_FILE"))


def test_what_stands_in_dev_env_fits_together(twin: Twin) -> None:
    """Its user is an admin of the default account in both environments, and manages the Toolbox app there."""
    for place in (twin.demo, twin.production):
        me = place.get("/me")
        town, default = cast.TOWNS[place.environment], me["accounts"][0]

        assert me["user"]["id"] == place.variables["DS_USER_ID"]
        assert (default["id"], default["is_admin"], default["is_default"]) == (town.account, True, True)
        assert default["organization"] == place.variables["DS_ORG_ID"]
        assert place.get(f"/keys/{place.variables['DS_INTEGRATION_KEY']}")["account"] == town.account


def test_the_seed_shows_every_station_of_the_way(twin: Twin) -> None:
    """A new app, one with 13 of 20, one that passed and one that is live stand where the panel says."""
    apps = (cast.FRESH_START, cast.THIRTEEN_CALLS, cast.READY_TO_GO, cast.TOOLBOX)

    assert [state_of(twin.demo, key) for key in apps] == [
        ("not ready", 0),
        ("not ready", 13),
        ("Review Passed", 20),
        ("Live", 20),
    ]


def test_the_live_app_is_configured_in_production(twin: Twin) -> None:
    """Nothing is missing after its Go-Live, and it is the only key of production."""
    after = twin.production.get(f"/keys/{cast.TOOLBOX}/after-go-live")
    keys = twin.production.get(f"/accounts/{cast.TOWNS['production'].account}/keys")["keys"]

    assert after["missing"] == []
    assert [key["key"] for key in keys] == [cast.TOOLBOX]


def test_demo_holds_the_receipt_of_the_live_app(twin: Twin) -> None:
    """Demo names the production account and its plan."""
    assert twin.demo.get(f"/keys/{cast.TOOLBOX}")["live_account"] == "Northwind (Business Pro)"


@each_environment
def test_both_loopbacks_answer(twin: Twin, environment: Environment) -> None:
    """IPv4 and, where the machine has it, IPv6 answer on the same port, by name and by address."""
    place = twin.place(environment)

    for address in loopback_addresses():
        by_name = ask_at(address, place.port, "localhost", "/restapi/service_information", place.ca_file)
        by_address = ask_at(address, place.port, address, "/restapi/service_information", place.ca_file)

        assert (by_name, by_address) == (200, 200)


@each_environment
@pytest.mark.parametrize("path", ["/", "/oauth/token", "/restapi/v2.1", "/api/v1/me", "/_dev/clock"])
def test_a_foreign_host_name_is_refused(twin: Twin, environment: Environment, path: str) -> None:
    """A request for another host name gets 421 on every surface, whatever port it says."""
    answer = twin.place(environment).request("GET", path, headers={"Host": f"evil.example:{twin.demo.port}"})

    assert answer.status_code == 421
