"""Does `keysteward review download` bring a bundle as the server signed it, and say why where it does not?"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keysteward.cli.app import app
from keysteward.twin import cast
from tests.cast import UNKNOWN
from tests.twin.running import Twin, running


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin whose Toolbox went the whole way."""
    with running(tmp_path_factory.mktemp("download") / "twin") as twin:
        yield twin


def review(folder: Path, *arguments: object, token: str = "") -> Result:
    """Run a command of `keysteward review` in a folder."""
    with contextlib.chdir(folder):
        variables = {"COLUMNS": "300", "KEYSTEWARD_TOKEN": token}
        return CliRunner().invoke(app, ["review", *map(str, arguments)], env=variables)


def download(twin: Twin, folder: Path, *arguments: object, token: str | None = None) -> Result:
    """Ask demo for a bundle, with Ada's token unless another is given."""
    place = twin.demo
    options = ("--from", place.origin, "--ca-file", place.ca_file)
    return review(folder, "download", *arguments, *options, token=place.token if token is None else token)


def papers(twin: Twin) -> tuple[str, ...]:
    """The options that name the paper keys of both environments."""
    addresses = [f"{place.origin}/.well-known/keysteward-papers" for place in (twin.demo, twin.production)]
    return ("--keys", addresses[0], "--keys", addresses[1], "--ca-file", twin.demo.ca_file)


def test_the_newest_settled_review_comes_and_verifies(twin: Twin, tmp_path: Path) -> None:
    """The file has its review's name; with the keys of both environments ticket and receipt are good too."""
    newest = twin.demo.get(f"/keys/{cast.TOOLBOX}/reviews")["reviews"][0]["id"]
    said = download(twin, tmp_path, cast.TOOLBOX.upper())
    assert (said.exit_code, [each.name for each in tmp_path.iterdir()]) == (0, [f"review-{newest}.json"]), said.output
    assert said.stdout.splitlines()[0] == f"review-{newest}.json holds review {newest} of key {cast.TOOLBOX}."
    verified = review(tmp_path, "verify", f"review-{newest}.json", *papers(twin))

    assert (verified.exit_code, verified.stdout.count("signature good, by key")) == (0, 2), verified.output


def test_a_review_and_a_file_may_be_named(twin: Twin, tmp_path: Path) -> None:
    """The token comes from a file then; a file that is there stays as it is."""
    named = twin.demo.get(f"/keys/{cast.TOOLBOX}/reviews")["reviews"][-1]["id"]
    token, file = tmp_path / "token", tmp_path / "proof.json"
    token.write_text(f"{twin.demo.token}\n")
    asked = (cast.TOOLBOX, "--review", named, "--output", file, "--token-file", token)
    said = [download(twin, tmp_path, *asked, token="") for _ in range(2)]

    assert [each.exit_code for each in said] == [0, 2], said[0].output
    assert "is there already, and stays as it is" in said[1].stderr
    assert file.read_bytes().startswith(b"{\n")


@pytest.mark.parametrize(
    ("arguments", "token", "status", "sentence"),
    [
        (("no-guid",), None, 2, "no-guid is no integration key."),
        ((cast.TOOLBOX, "--review", "3"), None, 2, "--review 3 is no review."),
        ((cast.TOOLBOX,), "", 2, "No personal access token was named."),
        ((cast.TOOLBOX, "--token-file", "none"), None, 2, "Name a file that holds the token."),
        ((cast.TOOLBOX,), "kst_wrong", 1, "401 not-signed-in"),
        ((UNKNOWN,), None, 1, "404 no-such-key"),
        ((cast.TOOLBOX, "--review", UNKNOWN), None, 1, "404 no-such-object"),
        ((cast.TOOLBOX, "--output", "none/x.json"), None, 2, "none/x.json cannot be written: No such file"),
    ],
    ids=["key", "review", "no token", "token file", "token", "unknown key", "unknown review", "folder"],
)
def test_what_does_not_come_is_said(
    twin: Twin, tmp_path: Path, arguments: tuple[str, ...], token: str | None, status: int, sentence: str
) -> None:
    """With the refusal of the server, and nothing is written."""
    said = download(twin, tmp_path, *arguments, token=token)

    assert (said.exit_code, sentence in said.stderr, "Nothing was written." in said.stderr) == (status, True, True), (
        said.output
    )
    assert list(tmp_path.iterdir()) == []


def test_a_key_without_a_verdict_has_no_bundle(twin: Twin, tmp_path: Path) -> None:
    """It is said, with what to do."""
    fresh = twin.demo.make(f"/accounts/{cast.TOWNS['demo'].account}/keys", {"name": "New", "contact": "a@b.example"})
    said = download(twin, tmp_path, fresh["key"])

    assert (said.exit_code, "is settled yet" in said.stderr) == (1, True), said.output
