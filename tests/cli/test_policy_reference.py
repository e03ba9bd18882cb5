"""Does the reference page of the policy say what the numbers say, and does the guide's plan work?"""

import re
import tomllib
from pathlib import Path

from keysteward.cli import policy_reference
from keysteward.rules.phases import PHASES
from keysteward.rules.policy import DEFAULT
from keysteward.rules.policy_text import names, read

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "guides" / "retiring-legacy-authentication.md").read_text()


def test_the_reference_is_printed_from_the_numbers() -> None:
    """The page is what `python -m keysteward.cli.policy_reference docs/reference` writes."""
    assert (DOCS / "reference" / policy_reference.PAGE).read_text() == policy_reference.page()


def test_the_reference_names_every_number() -> None:
    """A line for each, in the order of the policy."""
    assert re.findall(r"^\| `(\w+)` \|", policy_reference.page(), re.MULTILINE) == names()


def test_the_plan_of_the_guide_is_a_policy() -> None:
    """What the guide shows can be applied, and has every phase."""
    (plan,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    policy = read(tomllib.loads(plan), DEFAULT)

    assert tuple(step.phase for step in policy.legacy_phases) == PHASES
    assert len(policy.legacy_brown_outs) == 1


def test_the_guide_explains_every_phase() -> None:
    """Each has its line."""
    assert re.findall(r"^\| `([\w ]+|brown-out)` \|", GUIDE, re.MULTILINE) == list(PHASES)
