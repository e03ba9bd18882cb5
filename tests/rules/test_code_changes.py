"""Are the three changes in the code said whole, in every language?"""

import ast
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from keysteward.rules.code_changes import CHANGES, LANGUAGES, NAMES, Language, Values, filled

VALUES = Values("production.test:9443", "7d1c9e9e-1f0a-4b52-9a55-3a0d6f8f0c11", "c0de0001-90d0-4000-8000-000000000000")


def whole(language: Language) -> str:
    """All three snippets of a language, one after the other."""
    return "\n".join(filled(change, language, VALUES) for change in CHANGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_three_with_the_key_s_values(language: Language) -> None:
    """Nothing is left open, and account server, key and user stand there."""
    said = whole(language)

    assert NAMES[language]
    assert [each in said for each in (VALUES.host, VALUES.key, VALUES.user)] == [True, True, True]
    assert [name for name in ("@HOST@", "@KEY@", "@USER@") if name in said] == []
    assert all(change.snippets.keys() == set(LANGUAGES) for change in CHANGES)


def test_the_python_is_python() -> None:
    """It compiles."""
    ast.parse(whole("python"))


def test_the_shell_is_shell(tmp_path: Path) -> None:
    """A POSIX shell reads it, and the claims that it would have jq make are JSON once jq's words are filled in."""
    script = tmp_path / "changes.sh"
    script.write_text(whole("curl"))
    subprocess.run([shutil.which("sh") or "sh", "-n", script], check=True)
    claims = whole("curl").split("'")[1].replace("(now | floor)", "1").replace("(1 + 3600)", "3601")

    assert json.loads(_quoted(claims))["iss"] == VALUES.key


def _quoted(claims: str) -> str:
    """What jq takes without quotes."""
    for name in ("iss", "sub", "aud", "iat", "exp", "scope"):
        claims = claims.replace(f"{name}:", f'"{name}":')
    return claims
