"""Is what lies in the twin's folder whole, private and readable by programs?"""

import subprocess
from pathlib import Path

import pytest

from keysteward.rules.words import ENVIRONMENTS, Environment
from keysteward.twin.files import write_private
from keysteward.twin.folder import Busy, Damaged, Folder, NotOurs
from keysteward.twin.seed import Credential, Played
from tests.twin.running import read_env

HOSTS: dict[Environment, str] = {"demo": "localhost:8443", "production": "localhost:9443"}
PLAYED = Played(Credential("kss_demo", "demo pem"), Credential("kss_production", "production pem"))
TOKENS: dict[Environment, str] = {"demo": "kst_demo", "production": "kst_production"}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A prepared folder whose path a careless shell would take apart."""
    folder = Folder(tmp_path / "Ada's twin $HOME")
    folder.prepare()
    return folder


@pytest.fixture
def filled(folder: Folder) -> Folder:
    """The same with what a seed leaves in it."""
    folder.keep(PLAYED, TOKENS)
    for environment in ENVIRONMENTS:
        write_private(folder.database(environment), "data")
        write_private(folder.master_key(environment), "key")
    folder.write_env(HOSTS, folder.certificates / "ca.pem")
    return folder


def test_only_one_holds_it(folder: Folder) -> None:
    """Who comes second learns which process was first; once that one lets go, the next may hold it."""
    with folder.held():
        holder = (folder.path / ".keysteward-twin").read_text().strip()
        with pytest.raises(Busy, match=f"^{holder}$"), folder.held():
            pass

    with folder.held():
        assert holder.isdigit()


def test_it_is_recognized_again(folder: Folder) -> None:
    """A folder that was prepared may be prepared again; a wider mode is narrowed."""
    folder.path.chmod(0o755)

    folder.prepare()

    assert oct(folder.path.stat().st_mode) == oct(0o40700)


def test_a_folder_with_other_things_is_not_ours(tmp_path: Path) -> None:
    """Something else in it and no mark of ours: it is left alone."""
    (tmp_path / "thesis.txt").touch()

    with pytest.raises(NotOurs):
        Folder(tmp_path).prepare()


def test_what_is_shown_once_is_kept_for_programs(filled: Folder) -> None:
    """`dev.env` holds each environment's own secret, private key file, host and token."""
    variables = read_env(filled.env)

    for environment, prefix in (("demo", ""), ("production", "PRODUCTION_")):
        assert variables[f"{prefix}DS_SECRET_KEY"] == f"kss_{environment}"
        assert Path(variables[f"{prefix}DS_PRIVATE_KEY_FILE"]).read_text() == f"{environment} pem"
        assert variables[f"{prefix}DS_AUTH_HOST"] == HOSTS[environment]  # type: ignore[index]
        assert variables[f"{prefix}KEYSTEWARD_TOKEN"] == f"kst_{environment}"


def test_a_shell_reads_values_whole(filled: Folder) -> None:
    """Quotes, blanks and dollar signs in the path of the folder arrive as they are."""
    script = 'set -a; . "$1"; printf %s "$DS_PRIVATE_KEY_FILE"'
    said = subprocess.run(["sh", "-c", script, "sh", filled.env], capture_output=True, check=True, text=True).stdout

    assert said == str(filled.path.resolve() / "demo-private-key.pem")


def test_another_token_replaces_the_one_before(filled: Folder) -> None:
    """A renewed token stands in `dev.env` after the next start, and the other environment's stays."""
    filled.renew_token("demo", "kst_renewed")
    filled.write_env(HOSTS, filled.certificates / "ca.pem")

    variables = read_env(filled.env)
    assert (variables["KEYSTEWARD_TOKEN"], variables["PRODUCTION_KEYSTEWARD_TOKEN"]) == (
        "kst_renewed",
        "kst_production",
    )


def test_clearing_forgets_data_and_keeps_trust(filled: Folder) -> None:
    """Data, keys and the mark of a whole seed go; the authority and the control's token stay."""
    token = filled.token()
    write_private(filled.certificates / "ca.pem", "authority")

    filled.clear()

    assert filled.is_seeded() is False
    assert sorted(path.name for path in filled.path.iterdir()) == [".keysteward-twin", "dev.token", "tls"]
    assert (filled.token(), (filled.certificates / "ca.pem").read_text()) == (token, "authority")


def test_the_token_of_the_control_is_made_once(folder: Folder) -> None:
    """It is the same each time it is read."""
    assert folder.token() == folder.token()
    assert len(folder.token()) >= 43


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """Who reads meanwhile has the old content or the new one, and no draft is left behind."""
    file = tmp_path / "ready.json"
    write_private(file, "old")
    with file.open() as reading:
        write_private(file, b"new")

        assert (reading.read(), file.read_text()) == ("old", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["ready.json"]
    assert oct(file.stat().st_mode) == oct(0o100600)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A clock and a note of the seed that hold something else are told by their paths, and not guessed at."""
    folder = Folder(tmp_path)
    for file, look in ((folder.clock, folder.load_clock), (tmp_path / "seed.json", folder.applied)):
        file.write_text("{this was something else}")
        with pytest.raises(Damaged) as caught:
            look()
        assert str(caught.value) == str(file)
