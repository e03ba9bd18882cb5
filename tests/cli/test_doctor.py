"""Does `keysteward doctor` name the cause of an error, and the step at which a connection fails?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keysteward.cli.app import app
from keysteward.cli.checkup import STEPS
from keysteward.crypto.signing import generate_keypair
from keysteward.rules.troubleshooting.connection import Connection, mistakes, read_env
from tests.cast import UNKNOWN
from tests.twin.running import Twin, running

PRIVATE_PEM = generate_keypair()[0]
SECRETS = ("DS_SECRET_KEY", "KEYSTEWARD_TOKEN", "KEYSTEWARD_DEV_TOKEN")


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin to connect to."""
    with running(tmp_path_factory.mktemp("doctor") / "twin") as twin:
        yield twin


def doctor(*arguments: str, typed: str | None = None) -> Result:
    """Ask the doctor."""
    return CliRunner().invoke(app, ["doctor", *arguments], input=typed, env={"COLUMNS": "160"})


def test_an_error_is_named_from_wherever_it_comes(tmp_path: Path) -> None:
    """An argument, a file and standard input are read alike; the likeliest cause comes first, with what mends it."""
    text = '{"error":"invalid_grant","error_description":"user_not_found"}'
    file = tmp_path / "error.json"
    file.write_text(text)
    said = [doctor(text), doctor("--error-file", str(file)), doctor("-", typed=text), doctor(typed=text)]

    assert [each.exit_code for each in said] == [0, 0, 0, 0]
    assert {each.stdout for each in said} == {said[0].stdout}
    assert "Most likely: user_not_found: no such active user here" in said[0].stdout


def test_what_is_not_known_and_nothing_at_all_are_told_apart(tmp_path: Path) -> None:
    """A text about nothing ends with 1, nothing to look at and a file that is not there with 2."""
    said = [doctor("good morning"), doctor(typed=""), doctor("--env-file", str(tmp_path / "none.env"))]

    assert [each.exit_code for each in said] == [1, 2, 2]
    assert "neither an error nor a connection" in said[1].stderr


def test_an_error_text_is_not_repeated() -> None:
    """Whatever is pasted beside the error is printed nowhere."""
    said = doctor('{"error":"consent_required"} Authorization: Bearer eyJzZWNyZXQi https://a:pw@x.example/?key=s3cret')

    assert said.exit_code == 0
    assert [word for word in ("eyJzZWNyZXQi", "pw@", "s3cret") if word in said.output] == []


def connect(twin: Twin, *arguments: str, environment: str = "demo") -> Result:
    """Examine the connection that the twin's own file describes, with something else in it."""
    return doctor("--env-file", str(twin.folder / "dev.env"), "--environment", environment, *arguments)


def marks(said: Result) -> dict[str, str]:
    """The mark of each step."""
    lines = [line for line in said.stdout.splitlines() if line[:1] in {"✓", "✗", "–"}]
    return {name: line[0] for line in lines for name, _ in STEPS if line[3:].startswith(f"{name}  ")}


@pytest.mark.parametrize("environment", ["demo", "production"])
def test_a_good_connection_passes_every_step(twin: Twin, environment: str) -> None:
    """The twin's own file is good for both environments, and no secret of it is printed."""
    said = connect(twin, environment=environment)

    assert (said.exit_code, marks(said)) == (0, {name: "✓" for name, _ in STEPS})
    assert [
        value for name, value in twin.demo.variables.items() if name.endswith(SECRETS) and value in said.output
    ] == []


@pytest.mark.parametrize(
    ("arguments", "step", "article"),
    [
        (["--key", "no-guid"], "Settings", ""),
        (["--server", "localhost:1"], "Reach the server", "Nothing answers there"),
        (["--server", "nowhere.invalid"], "Reach the server", "The host is not found"),
        (["--key", UNKNOWN], "Integration key", "This integration key is not known here"),
        (["--redirect-uri", "https://x.example/cb"], "Integration key", "The redirect URI is not registered"),
        (["--secret-file", "{wrong}"], "Secret key", "invalid_client: the app could not prove itself"),
        (["--private-key-file", "{other}"], "Keypair", "no_valid_keys_or_signatures"),
        (["--private-key-file", "{wrong}"], "Keypair", ""),
        (["--user", UNKNOWN], "User", "user_not_found: no such active user here"),
        (["--account", UNKNOWN], "Userinfo", "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_the_step_that_fails_is_named_with_its_cause(
    twin: Twin, tmp_path: Path, arguments: list[str], step: str, article: str
) -> None:
    """Each thing that is wrong fails at its own step, with its article; what lies behind is not asked."""
    wrong, other = tmp_path / "wrong", tmp_path / "other.pem"
    wrong.write_text("kss_wrong")
    other.write_text(PRIVATE_PEM)
    said = connect(twin, *[each.format(wrong=wrong, other=other) for each in arguments])
    names = [name for name, _ in STEPS]
    shown, place = marks(said), names.index(step)

    assert said.exit_code == 1
    assert [shown[name] for name in names[place:]] == ["✗"] + ["–"] * (len(names) - place - 1)
    assert "✗" not in [shown[name] for name in names[:place]]
    assert f"It fails at: {step}." in said.stdout
    assert article in said.stdout


def test_a_certificate_that_is_not_trusted_is_told(twin: Twin) -> None:
    """Without the twin's authority TLS fails, and the way to trust it is named."""
    said = doctor("--server", twin.demo.variables["DS_AUTH_HOST"], "--key", twin.demo.variables["DS_INTEGRATION_KEY"])

    assert (said.exit_code, marks(said)["TLS certificate"]) == (1, "✗")
    assert "The certificate is not trusted" in said.stdout
    assert "keysteward dev --trust" in said.stdout


def test_an_env_file_is_read_as_shells_read_it() -> None:
    """Quotes, export and comments are understood; production's variables have their prefix; other lines are none."""
    text = "# x\nexport DS_AUTH_HOST='a b'\nDS_USER_ID=\"u\" # who\nPRODUCTION_DS_USER_ID=p\nif x; then\n'\n"

    assert read_env(text, "demo") == {"server": "a b", "user": "u"}
    assert read_env(text, "production") == {"user": "p"}


def test_what_can_be_seen_without_asking_is_said() -> None:
    """Missing values, capital letters and one GUID in two places are told before anybody is asked."""
    wrong = Connection(server="https://x.example/path", key=UNKNOWN.replace("4000", "4AAA"), user="ada", secret="s")
    same = Connection(server="x.example", key=UNKNOWN, user=UNKNOWN, secret=UNKNOWN)

    assert mistakes(Connection())[:1] == ["No account server is named: say --server or DS_AUTH_HOST."]
    assert mistakes(wrong) == [
        "The account server must be a host, such as HOST:PORT.",
        "The integration key has capital letters; write it in lower case.",
        "The user id is no GUID of 36 characters.",
    ]
    assert mistakes(same) == ["Key and user id are the same GUID.", "The secret key is the integration key."]
    assert "secret" not in repr(wrong)


def test_looking_changes_nothing(twin: Twin) -> None:
    """No call of the doctor counts: neither n nor the newest countable call of the key is another afterwards."""
    at = f"/keys/{twin.demo.variables['DS_INTEGRATION_KEY']}/readiness"
    before = twin.demo.get(at)
    said = connect(twin)
    after = twin.demo.get(at)

    assert (said.exit_code, "it does not count towards Go-Live" in said.stdout) == (0, True)
    assert [each[name] for name in ("run", "calls") for each in (before, after)] == [before["run"]] * 2 + [
        before["calls"]
    ] * 2
