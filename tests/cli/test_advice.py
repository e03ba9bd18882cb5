"""Does `keysteward advice` say who needs a key, in words and as JSON?"""

import json

from typer.testing import CliRunner, Result

from keysteward.cli.app import app


def _advise(*answers: str, also: tuple[str, ...] = ()) -> Result:
    said = [part for answer in answers for part in ("--answer", answer)]
    return CliRunner().invoke(app, ["advice", *said, *also])


def test_it_advises() -> None:
    """In words, with the sources, and what to register the app as."""
    result = _advise("calls=api", "owner=own", "place=client")

    assert result.exit_code == 0
    assert "Your organization owns the application" in result.output
    assert "Private custom integration; Authorization Code Grant with PKCE." in " ".join(result.output.split())


def test_it_prints_json() -> None:
    """For programs: the answers, and what follows from them."""
    found = json.loads(_advise("calls=powerform", also=("--json",)).output)

    assert (found["needs_key"], found["integration_type"], found["grants"]) == (False, None, [])
    assert found["answers"] == {"calls": "powerform"}


def test_what_is_missing_or_wrong_is_said() -> None:
    """An open question where nobody can be asked, an answer that is no option, a question that there is not."""
    missing, wrong, unknown = _advise("calls=api"), _advise("calls=maybe"), _advise("color=red")

    assert [each.exit_code for each in (missing, wrong, unknown)] == [1, 1, 1]
    assert "Whose application is it?" in missing.output
    assert "choose among api, powerform, clickwrap, listener" in wrong.output
    assert "No question is called color." in unknown.output
