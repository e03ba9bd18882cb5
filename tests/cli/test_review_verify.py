"""Does `keysteward review verify` say what is wrong, where, and end as it promises?"""

import contextlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from keysteward.cli.app import app
from keysteward.crypto.papers import write_manifest
from keysteward.rules.bundles import manifest_of, rendered
from tests.actions.test_bundle_tampering import GOOD, OTHER_KEY, PAPER_KEY, bundle, document
from tests.rules.examples import KEY, NOW


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The paper keys, saved to a file."""
    file = tmp_path / "papers.json"
    file.write_text(json.dumps({"keys": [OTHER_KEY.jwk(), PAPER_KEY.jwk()]}))
    return file


def verified(folder: Path, raw: bytes, *arguments: object) -> Result:
    """Run the command on a file with this content."""
    file = folder / "bundle.json"
    file.write_bytes(raw)
    with contextlib.chdir("/"):
        return CliRunner().invoke(app, ["review", "verify", str(file), *map(str, arguments)], env={"COLUMNS": "300"})


def test_a_good_bundle_ends_with_0(tmp_path: Path, keys: Path) -> None:
    """The signature is good, and the rules find the same."""
    said = verified(tmp_path, bundle(), "--keys", keys)

    assert (said.exit_code, said.stdout.splitlines()) == (0, [
        f"Good: review r of key {KEY}, passed.",
        "  20 calls. What each part says: docs/guides/review-bundles.md.",
        f"  Signature good, by key {PAPER_KEY.kid}.",
        "  The rules were asked again and find the same.",
    ])  # fmt: skip


def test_a_changed_bundle_ends_with_1_and_says_where(tmp_path: Path, keys: Path) -> None:
    """A line for each place."""
    changed = document()
    changed["calls"][4]["status"] = 200
    changed["review"]["verdict"] = "passed?"
    said = verified(tmp_path, rendered(changed), "--keys", keys)

    assert (said.exit_code, said.stdout.splitlines()[2:]) == (
        1, ["  ✗ review.verdict is not as it was signed.", "  ✗ calls, entry 5, is not as it was signed."],
    )  # fmt: skip


def test_a_signed_untruth_ends_with_1(tmp_path: Path, keys: Path) -> None:
    """A good signature under a verdict that the rules do not find."""
    untrue = document()
    del untrue["paper"]
    untrue["review"]["verdict"] = "passed" if untrue["review"]["verdict"] == "failed" else "failed"
    untrue["paper"] = write_manifest(manifest_of(untrue), PAPER_KEY, "https://demo.test/", NOW)
    said = verified(tmp_path, rendered(untrue), "--keys", keys)

    assert (said.exit_code, said.stdout.startswith("Signature good, verdict not: ")) == (1, True)
    assert "The rules find that the review" in said.stdout


def test_rules_that_cannot_be_asked_end_with_3(tmp_path: Path, keys: Path) -> None:
    """Signature good, rules not re-run, and why."""
    other = document()
    del other["paper"]
    other["rules"]["built_in"]["version"] = 7
    other["paper"] = write_manifest(manifest_of(other), PAPER_KEY, "https://demo.test/", NOW)
    said = verified(tmp_path, rendered(other), "--keys", keys)

    assert (said.exit_code, said.stdout.splitlines()[2:]) == (3, [
        f"  Signature good, by key {PAPER_KEY.kid}.",
        "  Rules not re-run.",
        "  It was judged by version 7 of the built-in rules, and this program knows 1.",
    ])  # fmt: skip


def test_without_keys_it_ends_with_3(tmp_path: Path) -> None:
    """Nobody takes an unchecked signature for a good one."""
    said = verified(tmp_path, GOOD)

    assert (said.exit_code, "Signature not checked." in said.stdout, "--keys" in said.stdout) == (3, True, True)


@pytest.mark.parametrize("raw", [b"", b"{}", GOOD[:-30]], ids=["nothing", "no paper", "cut off"])
def test_what_cannot_be_read_ends_with_2(tmp_path: Path, keys: Path, raw: bytes) -> None:
    """With the reason and what to do."""
    said = verified(tmp_path, raw, "--keys", keys)

    assert (said.exit_code, "Not verified." in said.stderr, "Download it again" in said.stderr) == (2, True, True)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": [{"kty": "RSA"}]}', '{"keys": 3}'])
def test_keys_that_are_none_end_with_2(tmp_path: Path, content: str) -> None:
    """A file without paper keys checks nothing."""
    held = tmp_path / "keys.json"
    held.write_text(content)
    said = verified(tmp_path, GOOD, "--keys", held)

    assert (said.exit_code, "keysteward-papers" in said.stderr) == (2, True)


def test_keys_that_nobody_answers_with_end_with_2(tmp_path: Path) -> None:
    """An address that is silent is no key."""
    said = verified(tmp_path, GOOD, "--keys", "https://localhost:1/.well-known/keysteward-papers")

    assert (said.exit_code, "does not answer with keys" in said.stderr) == (2, True)


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    """It is named."""
    with contextlib.chdir("/"):
        said = CliRunner().invoke(app, ["review", "verify", str(tmp_path / "none.json")], env={"COLUMNS": "300"})

    assert (said.exit_code, "cannot be read: No such file" in said.stderr) == (2, True)
