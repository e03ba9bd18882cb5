"""Does the command take a key's first three steps, and keep what came of them?"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from keysteward.crypto.assertions import BadPrivateKey, sign_assertion
from keysteward.twin import cast
from tests.cast import rsa_keypair
from tests.twin.running import COMMAND, Twin, running


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A running twin, whose Toolbox app is live and configured in production."""
    with running(tmp_path_factory.mktemp("smoke") / "twin") as twin:
        yield twin


def smoke_test(twin: Twin, folder: Path, private_pem: str, *options: str) -> tuple[int, str]:
    """Run the command: its exit status, and what it said."""
    pem = folder / "private.pem"
    pem.write_text(private_pem)
    place = twin.production
    done = subprocess.run(
        [COMMAND, "smoke-test", cast.TOOLBOX, "--to", place.origin, "--user", str(cast.ada("production").id),
         "--private-key-file", pem, "--ca-file", place.ca_file, *options],
        env=os.environ | {"COLUMNS": "500"}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout


def test_a_live_key_works_and_its_result_is_kept(twin: Twin, tmp_path: Path) -> None:
    """Token, userinfo, one call; and production has seen all three, as its page then shows."""
    private_pem = twin.production.variables["DS_PRIVATE_KEY_FILE"]
    token = tmp_path / "token"
    token.write_text(twin.production.token)
    status, said = smoke_test(twin, tmp_path, Path(private_pem).read_text(), "--token-file", str(token))

    assert (status, said.splitlines()[0]) == (0, "Token: issued by the JWT Grant"), said
    assert "The key works: token, userinfo and one call." in said
    kept = twin.production.get(f"/keys/{cast.TOOLBOX}/smoke-tests")["kept"]
    assert [(each["verdict"], each["kept_by"]) for each in kept] == [("passed", cast.ada("production").email)], kept


def test_another_private_key_is_refused_with_the_words_of_the_server(twin: Twin, tmp_path: Path) -> None:
    """What went wrong and where to read on; nothing else is asked."""
    status, said = smoke_test(twin, tmp_path, rsa_keypair()[0])

    assert (status, "Token failed at" in said, "no_valid_keys_or_signatures" in said) == (1, True, True), said
    assert "/help/refusals" in said


def test_a_file_that_holds_no_private_key_sends_nothing(twin: Twin, tmp_path: Path) -> None:
    """It is said before anybody is asked."""
    status, said = smoke_test(twin, tmp_path, rsa_keypair()[1])

    assert (status, "it holds no RSA private key" in said) == (1, True), said


def test_an_assertion_is_what_the_sdks_make() -> None:
    """Three parts, the header first; garbage signs nothing."""
    assert sign_assertion(rsa_keypair()[0], {"iss": "key"}).count(".") == 2
    with pytest.raises(BadPrivateKey):
        sign_assertion("garbage", {})
