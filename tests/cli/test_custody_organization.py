"""Does `keysteward custody organization` show an organization's admin what its page shows?"""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from keysteward.actions import custody, signin
from keysteward.cli.custody import custody as command
from keysteward.rules.access import READ_CUSTODY
from tests.cast import ADA, CY, ORGANIZATION, Made, Person, Town
from tests.web.api.program import answering


def test_its_admin_sees_findings_and_scores(town: Town, made: Made, tmp_path: Path) -> None:
    """As text with the key and what to do, and as JSON; whoever administers it not is refused, as for an odd filter."""
    town.clock.advance(days=91)
    for _ in custody.judge_all(town.demo):
        pass
    with answering(town.demo) as address:

        def run(by: Person, *options: str) -> Result:
            token = tmp_path / by.first_name
            kept = frozenset({READ_CUSTODY})
            token.write_text(signin.issue_personal_token(town.demo, town.actor(by), "CLI", kept, 30))
            asked = ["organization", ORGANIZATION["demo"], "--to", address, "--token-file", str(token), *options]
            return CliRunner().invoke(command, asked, env={"COLUMNS": "400"})

        shown, told, refused = run(CY), run(CY, "--json", "--severity", "low"), run(ADA)
        odd = run(CY, "--status", "odd")

    assert shown.exit_code == 0
    assert f"({ORGANIZATION['demo']}): score" in shown.output
    assert f"key {made.app.name}; {made.key}" in shown.output
    assert {each["severity"] for each in json.loads(told.output)["findings"]} == {"low"}
    assert (refused.exit_code, "no-such-organization" in refused.output) == (1, True)
    assert (odd.exit_code, "Choose among open, accepted, fixed." in odd.output) == (1, True)
